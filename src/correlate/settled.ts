/**
 * Conditions that a later event could undo are decided when the watermark passes, in the order of the events' time.
 *
 * At each instant, what expires goes first, then what arrives comes in, and each group's condition is evaluated on the window
 * as it then is. So equal times are one instant, whatever order they arrived in. What expires can turn a condition false, and
 * true as well: then it fires at the time of expiry, with the last event of the group.
 */

import type { TelemetryEvent } from "../core/event.ts";
import type { Rule } from "../rules/rule.ts";
import {
  type Decider,
  type Feed,
  groupOf,
  type Meeting,
  type Shared,
  type WindowGroup,
  type WindowRule,
} from "./decider.ts";
import { type GroupKey, groupKey, GroupTable, groupValues } from "./group.ts";
import { OrderedQueue, Queue } from "./heap.ts";
import type { OpenDetection } from "./outbox.ts";
import { createSieve, type Sieve } from "./sieve.ts";
import { closeIfOver, enforceLimit, hold, Silences, turnTrue } from "./turn.ts";
import { Entry, isBefore } from "./window.ts";

/** An entry that waits for the watermark. */
interface Pending {
  readonly key: GroupKey;
  readonly entry: Entry;
}

/** Where nothing expires. */
const NO_GROUPS: ReadonlySet<WindowGroup> = new Set();

interface Arrived {
  readonly group: WindowGroup;
  readonly entry: Entry;
}

export class SettledDecider implements Decider {
  readonly waits = true;
  readonly #rule: WindowRule;
  readonly #shared: Shared;
  readonly #timespanMs: number;
  readonly #emits: boolean;
  readonly #feed: Feed;
  readonly #groups: GroupTable<WindowGroup>;
  readonly #pending = new OrderedQueue<Pending>((a, b) => isBefore(a.entry.timeMs, a.entry.id, b.entry));
  /** Every entry that is in a window, in the order in which they will leave. */
  readonly #leaving = new Queue<Arrived>();
  readonly #silences: Silences<WindowGroup>;
  readonly #sieve: Sieve | undefined;
  /** All before this is decided. */
  #decidedMs = -Infinity;

  /** `feed` is told of each time the condition turns true, silenced or not, in time order. `emits`: whether it makes detections. */
  constructor(rule: WindowRule, feed: Feed, emits: boolean) {
    this.#rule = rule;
    this.#shared = rule.shared;
    this.#timespanMs = rule.windowMs;
    this.#feed = feed;
    this.#emits = emits;
    this.#silences = new Silences(rule.shared);
    this.#sieve = createSieve(rule);
    this.#groups = new GroupTable(rule.shared.census, (group) => this.#forget(group));
  }

  get dueMs(): number {
    return Math.min(this.#pending.peek()?.entry.timeMs ?? Infinity, this.#expiryMs);
  }

  get #expiryMs(): number {
    const next = this.#leaving.peek();
    return next === undefined ? Infinity : next.entry.timeMs + this.#timespanMs;
  }

  accept(meeting: Meeting): void {
    const { turned, limits } = this.#shared;
    if (meeting.timeMs < this.#decidedMs) {
      turned.late++;
      return;
    }
    const key = this.#rule.keyOf(meeting);
    if (key === undefined) {
      if (this.#emits) turned.ungrouped++;
      return;
    }
    this.#pending.push({ key, entry: this.#rule.entryOf(meeting) });
    if (++this.#shared.pending <= limits.pendingMax) return;
    turned.hurried++;
    this.settle(this.dueMs, true);
  }

  /** Whether nothing can come of a meeting, the rule looking for new values and this one being known for long. */
  comesToNothing(meeting: Meeting): boolean {
    return this.#rule.isOldNews(meeting);
  }

  settle(untilMs: number, inclusive: boolean): void {
    for (let dueMs = this.dueMs; dueMs < untilMs || (inclusive && dueMs === untilMs); dueMs = this.dueMs) {
      if (dueMs === Infinity) break;
      this.#decideAt(dueMs);
    }
    if (untilMs > this.#decidedMs && untilMs < Infinity) this.#decidedMs = untilMs;
  }

  keepUp(watermarkMs: number): void {
    this.#silences.keepUp(watermarkMs, (group, timeMs) => this.#retire(group, timeMs));
  }

  resume(open: OpenDetection): boolean {
    if (!this.#emits) return false;
    const group = this.#groupFor(groupKey(this.#rule.groupBy.map((name) => open.first.group[name] ?? null)));
    if (group.open !== undefined) return false;
    group.open = open;
    group.on = this.#rule.holds(group.window, open.lastMs);
    if (!group.on) this.#silences.watch(group, open.lastMs);
    return true;
  }

  start(): void {}

  adopt(rule: Rule, consumes: readonly string[]): void {
    this.#rule.adopt(rule, consumes);
  }

  end(): void {
    this.#groups.end();
    this.#shared.pending -= this.#pending.size;
  }

  #decideAt(timeMs: number): void {
    const shrunk = this.#expireAt(timeMs);
    const first = this.#takeNext(timeMs);
    if (first !== undefined && shrunk === NO_GROUPS && this.#pending.peek()?.entry.timeMs !== timeMs) {
      if (this.#mayMatter(first)) this.#arrive(this.#groupFor(first.key), [first.entry], timeMs);
      return; // as it mostly is, and without tables of one
    }
    const arriving = this.#takeArriving(first, timeMs);
    for (const group of shrunk) {
      if (group.gone) continue;
      const on = this.#rule.holds(group.window, timeMs);
      if (group.on && !on) group.on = false;
      else if (!group.on && on && !arriving.has(group)) this.#turnTrue(group, timeMs, group.lastEvent, true);
    }
    for (const [group, entries] of arriving) this.#arrive(group, entries, timeMs);
    for (const group of shrunk) this.#retire(group, timeMs);
  }

  /** Takes out of the windows what expires at a time; the groups this concerns. */
  #expireAt(timeMs: number): ReadonlySet<WindowGroup> {
    let shrunk: Set<WindowGroup> | undefined;
    const limitMs = timeMs - this.#timespanMs;
    for (let next = this.#leaving.peek(); next !== undefined && next.entry.timeMs <= limitMs;) {
      this.#leaving.shift();
      if (!next.group.gone && next.group.window.from === next.entry) {
        next.group.window.dropOldest();
        this.#shared.entries -= next.group.window.trim(limitMs);
        (shrunk ??= new Set()).add(next.group);
      }
      next = this.#leaving.peek();
    }
    return shrunk ?? NO_GROUPS;
  }

  /** Takes what arrives at a time out of what is pending, by group, in the order of the ids. */
  #takeArriving(first: Pending | undefined, timeMs: number): Map<WindowGroup, Entry[]> {
    const arriving = new Map<WindowGroup, Entry[]>();
    for (const pending of this.#takePending(first, timeMs)) {
      if (!this.#mayMatter(pending)) continue;
      const { key, entry } = pending;
      const group = this.#groupFor(key);
      const entries = arriving.get(group);
      if (entries === undefined) arriving.set(group, [entry]);
      else entries.push(entry);
    }
    return arriving;
  }

  /** What is pending for a time, `first` and those after it; what one event brought to a group in two ways is one. */
  #takePending(first: Pending | undefined, timeMs: number): Pending[] {
    const taken: Pending[] = [];
    for (let next = first; next !== undefined; next = this.#takeNext(timeMs)) {
      const { key, entry } = next;
      const same = taken.findLastIndex((one) => one.key === key || one.entry.id !== entry.id);
      const other = taken[same];
      if (other?.key === key && other.entry.id === entry.id) taken[same] = { key, entry: merge(other.entry, entry) };
      else taken.push(next);
    }
    return taken;
  }

  /** The next that is pending for a time, in the order of the ids. */
  #takeNext(timeMs: number): Pending | undefined {
    const next = this.#pending.peek();
    if (next === undefined || next.entry.timeMs !== timeMs) return undefined;
    this.#pending.pop();
    this.#shared.pending--;
    return next;
  }

  #mayMatter({ key, entry }: Pending): boolean {
    return this.#sieve === undefined || this.#sieve(key, entry, this.#groups.get(key) !== undefined);
  }

  #arrive(group: WindowGroup, entries: readonly Entry[], timeMs: number): void {
    if (group.gone) return;
    const { window } = group;
    for (const entry of entries) {
      window.insert(entry);
      this.#shared.entries++;
      this.#leaving.push({ group, entry });
      hold(this.#shared, entry);
      group.lastEvent = entry.event;
    }
    enforceLimit(this.#shared, window);
    const on = this.#rule.holds(window, timeMs);
    if (on && !group.on) this.#turnTrue(group, timeMs, group.lastEvent, false);
    else if (on && group.open !== undefined) {
      for (const entry of entries) this.#shared.outbox.count(group.open, entry);
    } else if (!on) {
      group.on = false;
      this.#retire(group, timeMs);
    }
  }

  #turnTrue(group: WindowGroup, timeMs: number, event: TelemetryEvent | undefined, byExpiry: boolean): void {
    group.on = true;
    if (event === undefined) return;
    if (this.#emits) {
      const named = groupOf(this.#rule.groupBy, groupValues(group.key));
      turnTrue(this.#shared, group, this.#rule.draft(named, group.window, event, timeMs, byExpiry), group.window);
    }
    this.#feed(event, timeMs);
  }

  /** Ends a detection that is over, or waits for its silence to end; removes a group that has nothing left. */
  #retire(group: WindowGroup, timeMs: number): void {
    if (group.gone || group.on) return;
    closeIfOver(this.#shared, group, timeMs);
    if (group.open !== undefined) this.#silences.watch(group, timeMs);
    else if (group.window.size === 0) this.#groups.remove(group);
  }

  #groupFor(key: GroupKey): WindowGroup {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      this.#groups.touch(known);
      return known;
    }
    const group = this.#rule.newGroup(key);
    this.#groups.add(group);
    return group;
  }

  #forget(group: WindowGroup): void {
    this.#shared.entries -= group.window.kept;
    if (group.open !== undefined) this.#shared.outbox.close(group.open);
  }
}

/** One entry of what the same event brought in two ways. */
function merge(a: Entry, b: Entry): Entry {
  const met = [...new Set([...a.met, ...b.met])].sort((x, y) => x - y);
  const values = a.values.map((value, slot) => value ?? b.values[slot]);
  const entry = new Entry(a.timeMs, a.id, a.source, met, values, a.event);
  entry.countedOn = a.countedOn;
  return entry;
}
