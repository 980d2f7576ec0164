/**
 * Conditions that further events can only make truer are decided as events arrive.
 *
 * An event that comes late lands where it belongs: the windows that end with it and with the events after it are looked at
 * again, and a window that turns true so fires with the event it ends with, as if all had come in order.
 */

import type { TelemetryEvent } from "../core/event.ts";
import type { Rule } from "../rules/rule.ts";
import { type Decider, groupOf, type Meeting, type Shared, type WindowGroup, type WindowRule } from "./decider.ts";
import type { Draft } from "./firing.ts";
import { groupKey, GroupTable, groupValues } from "./group.ts";
import { Heap } from "./heap.ts";
import type { OpenDetection } from "./outbox.ts";
import { closeIfOver, enforceLimit, hold, turnTrue } from "./turn.ts";
import { type Entry, isBefore } from "./window.ts";

/** A group to look at when its window has shrunk, or its silence is over. */
interface Watch {
  readonly dueMs: number;
  readonly group: WindowGroup;
}

/** A window that was found to turn true as a late event landed, kept until it is clear that it is news. */
interface Crossing {
  readonly draft: Draft;
  readonly entries: readonly Entry[];
}

export class EagerDecider implements Decider {
  /** Nothing waits here. */
  readonly dueMs = Infinity;
  readonly waits = false;
  /** The rule with its windows, which whoever feeds others by it shares. */
  readonly windowed: WindowRule;
  readonly #shared: Shared;
  readonly #timespanMs: number;
  readonly #groups: GroupTable<WindowGroup>;
  readonly #watches = new Heap<Watch>((a, b) => a.dueMs < b.dueMs);
  /** No event before this is expected. */
  #watermarkMs = -Infinity;

  constructor(rule: WindowRule) {
    this.windowed = rule;
    this.#shared = rule.shared;
    this.#timespanMs = rule.correlation.timespanMs;
    this.#groups = new GroupTable(rule.shared.census, (group) => this.#forget(group));
  }

  accept(meeting: Meeting): void {
    const key = this.windowed.keyOf(meeting);
    if (key === undefined) {
      this.#shared.turned.ungrouped++;
      return;
    }
    const entry = this.windowed.entryOf(meeting);
    const group = this.#groupFor(key);
    const { window } = group;
    if (window.to === undefined || isBefore(window.to.timeMs, window.to.id, entry)) this.#append(group, entry);
    else this.#land(group, entry);
    this.#shared.entries -= window.trim(this.#watermarkMs - this.#timespanMs);
    enforceLimit(this.#shared, window);
    this.#sweep(2);
  }

  settle(): void {}

  keepUp(watermarkMs: number): void {
    this.#watermarkMs = watermarkMs;
    for (let watch = this.#watches.peek(); watch !== undefined && watch.dueMs < watermarkMs;) {
      this.#watches.pop();
      this.#look(watch);
      watch = this.#watches.peek();
    }
    this.#sweep(SWEEP_GROUPS_MAX);
  }

  resume(open: OpenDetection): boolean {
    const values = this.windowed.groupBy.map((name) => open.first.group[name] ?? null);
    const group = this.#groupFor(groupKey(values));
    if (group.open !== undefined) return false;
    group.open = open;
    group.on = this.windowed.holds(group.window, group.window.to?.timeMs ?? open.lastMs);
    this.#watch(group);
    return true;
  }

  start(): void {}

  adopt(rule: Rule, consumes: readonly string[]): void {
    this.windowed.adopt(rule, consumes);
  }

  end(): void {
    this.#groups.end();
  }

  #groupFor(key: ReturnType<typeof groupKey>): WindowGroup {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      this.#groups.touch(known);
      return known;
    }
    const group = this.windowed.newGroup(key);
    this.#groups.add(group);
    return group;
  }

  /** An entry that is the newest of its group. */
  #append(group: WindowGroup, entry: Entry): void {
    const { window } = group;
    const limitMs = entry.timeMs - this.#timespanMs;
    const newestMs = window.to?.timeMs ?? -Infinity;
    if (window.from !== undefined && window.from.timeMs <= limitMs) {
      window.expire(limitMs);
      if (group.on) group.on = this.windowed.holds(window, entry.timeMs);
    }
    if (group.open !== undefined) closeIfOver(this.#shared, group, entry.timeMs);
    window.insert(entry);
    this.#shared.entries++;
    hold(this.#shared, entry);
    if (!group.on && this.#canComplete(entry, newestMs) && this.windowed.holds(window, entry.timeMs)) {
      group.on = true;
      entry.crossed = true;
      const event = entry.event as TelemetryEvent;
      this.#cross(group, this.#draft(group, entry, event), window);
    } else if (group.on && group.open !== undefined) this.#shared.outbox.count(group.open, entry);
  }

  /** Whether the newest entry can complete what must come in order: only one of the last selection, or of the same time. */
  #canComplete({ met, timeMs }: Entry, newestBeforeMs: number): boolean {
    const { order } = this.windowed.plan;
    return order === null || order.last.size === 0 || timeMs === newestBeforeMs || met.some((i) => order.last.has(i));
  }

  /** An entry that is older than the newest of its group, or the same event again with other selections. */
  #land(group: WindowGroup, late: Entry): void {
    const { window } = group;
    while (window.to !== undefined && !isBefore(window.to.timeMs, window.to.id, late)) window.shrink();
    const limitMs = late.timeMs - this.#timespanMs;
    window.restore(limitMs);
    window.expire(limitMs);
    const wasOn = group.on;
    group.on = this.windowed.holds(window, late.timeMs);
    const next = window.to === undefined ? window.first : window.to.next;
    const same = next !== undefined && next.timeMs === late.timeMs && next.id === late.id;
    const entry = same ? merged(next, late) : late;
    if (same) window.grow(entry);
    else {
      window.insert(entry);
      this.#shared.entries++;
      hold(this.#shared, entry);
    }
    this.#walk(group, entry, late.event as TelemetryEvent);
    if (wasOn && !group.on) this.#watch(group);
  }

  /** Goes from a window's last entry, which has just been put in, to the newest, firing what has turned true. */
  #walk(group: WindowGroup, landed: Entry, lateEvent: TelemetryEvent): void {
    const { window } = group;
    const { outbox } = this.#shared;
    let news: Crossing | undefined;
    const tell = () => {
      if (news !== undefined) this.#cross(group, news.draft, news.entries);
      news = undefined;
    };
    for (let entry: Entry | undefined = landed; entry !== undefined; entry = entry.next) {
      if (entry !== landed) {
        window.expire(entry.timeMs - this.#timespanMs);
        if (group.on && !this.windowed.holds(window, entry.timeMs)) {
          group.on = false;
          tell();
        }
        window.grow(entry);
      }
      const wasOn = group.on;
      group.on ||= this.windowed.holds(window, entry.timeMs);
      if (entry.crossed) {
        // The stretch it belongs to has fired already: it only began earlier than was known.
        for (const earlier of news?.entries ?? []) if (group.open !== undefined) outbox.count(group.open, earlier);
        news = undefined;
      } else if (group.on && !wasOn) {
        entry.crossed = true;
        news = { draft: this.#draft(group, entry, entry.event ?? lateEvent), entries: [...window] };
      } else if (group.on && entry === landed && group.open !== undefined) outbox.count(group.open, entry);
    }
    tell();
  }

  #draft(group: WindowGroup, entry: Entry, event: TelemetryEvent): Draft {
    const named = groupOf(this.windowed.groupBy, groupValues(group.key));
    return this.windowed.draft(named, group.window, event, entry.timeMs, false);
  }

  #cross(group: WindowGroup, draft: Draft, entries: Iterable<Entry>): void {
    turnTrue(this.#shared, group, draft, entries);
    this.#watch(group);
  }

  /** Sees to it that the end of a group's detection is noticed. */
  #watch(group: WindowGroup): void {
    if (group.watched || group.open === undefined) return;
    group.watched = true;
    const { from } = group.window;
    const shrinksMs = group.on && from !== undefined ? from.timeMs + this.#timespanMs : group.open.silentUntilMs;
    this.#watches.push({ dueMs: shrinksMs, group });
  }

  #look({ dueMs, group }: Watch): void {
    group.watched = false;
    if (group.gone || group.open === undefined) return;
    const { window } = group;
    if (window.to === undefined || window.to.timeMs < dueMs) {
      window.expire(dueMs - this.#timespanMs);
      if (group.on) group.on = this.windowed.holds(window, dueMs);
    }
    closeIfOver(this.#shared, group, Math.max(dueMs, window.to?.timeMs ?? -Infinity));
    this.#watch(group);
  }

  /** Removes groups with nothing in their windows, from the one that was left alone for longest on. */
  #sweep(groupsMax: number): void {
    const limitMs = this.#watermarkMs - this.#timespanMs;
    for (let i = 0; i < groupsMax; i++) {
      const group = this.#groups.oldest;
      if (group === undefined) return;
      if (group.window.last !== undefined && group.window.last.timeMs > limitMs) return;
      if (group.open !== undefined) this.#groups.touch(group); // its silence is not over; what stands behind it may go
      else {
        this.#groups.remove(group);
        this.#shared.entries -= group.window.kept;
      }
    }
  }

  #forget(group: WindowGroup): void {
    this.#shared.entries -= group.window.kept;
    if (group.open !== undefined) this.#shared.outbox.close(group.open);
  }
}

/** Groups removed at most each time that time goes on. */
const SWEEP_GROUPS_MAX = 10_000;

/** An entry that is out of the window, with what the same event brought in another way. */
function merged(entry: Entry, again: Entry): Entry {
  entry.met = [...new Set([...entry.met, ...again.met])].sort((a, b) => a - b);
  entry.values = entry.values.map((value, slot) => value ?? again.values[slot]);
  return entry;
}
