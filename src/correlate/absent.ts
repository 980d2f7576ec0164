/**
 * What did not come in time, decided by timers.
 *
 * A group is armed by its last sighting, or, where the rule has other selections, by an event of one of those; it fires when the
 * timespan has passed since and no sighting has come, the end included: at equal times arrivals come before timers. It fires
 * once, and again only after a sighting. A timer goes off when the watermark has passed it, so that no sighting is still under way.
 */

import type { TelemetryEvent } from "../core/event.ts";
import type { Absent, Rule } from "../rules/rule.ts";
import {
  type Decider,
  type Feed,
  FiringGroup,
  groupOf,
  type Meeting,
  type Shared,
  type WindowRule,
} from "./decider.ts";
import type { Draft } from "./firing.ts";
import { type GroupKey, groupKey, GroupTable, groupValue, groupValues, ownText } from "./group.ts";
import { Heap } from "./heap.ts";
import type { OpenDetection } from "./outbox.ts";
import { closeIfOver, hold, Silences, turnTrue } from "./turn.ts";
import { type Entry, isBefore } from "./window.ts";

/** A group that is waited for, or was in vain. */
class AwaitedGroup extends FiringGroup {
  /** Since when it is waited for: milliseconds; `undefined` when it is not. */
  armedMs: number | undefined = undefined;
  /** What armed it; of a configured group that was never seen, nothing. */
  entry: Entry | undefined = undefined;
  /** The host of that. */
  host = "";
  /** When it was last seen. */
  seenMs = -Infinity;
  /** Whether a timer of its will go off. */
  timed = false;
}

interface Arriving {
  readonly key: GroupKey;
  readonly entry: Entry;
  readonly host: string;
}

interface Timer {
  readonly dueMs: number;
  readonly group: AwaitedGroup;
}

export class AbsentDecider implements Decider {
  readonly waits = true;
  readonly #rule: WindowRule;
  readonly #shared: Shared;
  readonly #timespanMs: number;
  readonly #pattern: Absent;
  readonly #feed: Feed;
  /** Index of the selection that is waited for. */
  readonly #awaited: number;
  /** Whether a sighting itself arms the group, there being no other selection. */
  readonly #armsItself: boolean;
  readonly #groups: GroupTable<AwaitedGroup>;
  readonly #pending = new Heap<Arriving>((a, b) => isBefore(a.entry.timeMs, a.entry.id, b.entry));
  readonly #timers = new Heap<Timer>((a, b) => a.dueMs < b.dueMs);
  readonly #silences: Silences<AwaitedGroup>;
  /** All before this is decided. */
  #decidedMs = -Infinity;
  /** When it started, and up to when events had been heard by then. */
  #startMs = -Infinity;
  #heardMs = Infinity;
  /** All before this was decided, and told, before a restart. */
  #toldMs = -Infinity;

  /** `feed` is told of each firing that had an event which is still held. */
  constructor(rule: WindowRule, pattern: Absent, feed: Feed) {
    this.#rule = rule;
    this.#shared = rule.shared;
    this.#timespanMs = rule.correlation.timespanMs;
    this.#pattern = pattern;
    this.#feed = feed;
    this.#awaited = rule.rule.selections.findIndex(({ name }) => name === pattern.selection);
    this.#armsItself = rule.rule.selections.length === 1;
    this.#silences = new Silences(rule.shared);
    this.#groups = new GroupTable(rule.shared.census, (group) => this.#forget(group));
  }

  /** While a restart is made up for, no timer goes off: what is due is due once the stream goes on. */
  get dueMs(): number {
    const timerMs = this.#shared.outbox.muted ? Infinity : this.#timers.peek()?.dueMs ?? Infinity;
    return Math.min(this.#pending.peek()?.entry.timeMs ?? Infinity, timerMs);
  }

  accept(meeting: Meeting): void {
    const { turned, limits } = this.#shared;
    if (meeting.timeMs < this.#decidedMs) {
      turned.late++;
      return;
    }
    const key = this.#rule.keyOf(meeting);
    if (key === undefined) {
      turned.ungrouped++;
      return;
    }
    this.#pending.push({ key, entry: this.#rule.entryOf(meeting), host: meeting.event.host });
    if (++this.#shared.pending <= limits.pendingMax) return;
    turned.hurried++;
    this.settle(this.#pending.peek()?.entry.timeMs ?? this.#decidedMs, true);
  }

  settle(untilMs: number, inclusive: boolean): void {
    for (let dueMs = this.dueMs; dueMs < untilMs || (inclusive && dueMs === untilMs); dueMs = this.dueMs) {
      if (dueMs === Infinity) break;
      this.#arriveAt(dueMs);
      this.#goOffAt(dueMs);
    }
    if (untilMs > this.#decidedMs && untilMs < Infinity) this.#decidedMs = untilMs;
  }

  keepUp(watermarkMs: number): void {
    this.#silences.keepUp(watermarkMs, (group) => this.#retire(group));
  }

  resume(open: OpenDetection): boolean {
    const group = this.#groupFor(groupKey(this.#rule.groupBy.map((name) => open.first.group[name] ?? null)));
    if (group.open !== undefined) return false;
    group.open = open;
    group.on = !(group.seenMs > open.first.timeMs);
    if (group.on) group.armedMs = undefined;
    else this.#silences.watch(group, group.seenMs);
    return true;
  }

  /** Configured groups are waited for from now on, and so is what would have been due while nobody was listening. */
  start(startMs: number, heardMs: number, toldMs: number): void {
    [this.#startMs, this.#heardMs, this.#toldMs] = [startMs, heardMs, toldMs];
    for (const group of this.#groups.groups()) {
      if (group.armedMs !== undefined) this.#arm(group, group.armedMs, group.entry);
      this.#retire(group);
    }
    for (const values of this.#pattern.groups) {
      const key = groupKey(values.map(groupValue));
      if (this.#groups.get(key) === undefined) this.#arm(this.#groupFor(key), startMs, undefined);
    }
  }

  adopt(rule: Rule, consumes: readonly string[]): void {
    this.#rule.adopt(rule, consumes);
  }

  end(): void {
    this.#groups.end();
    this.#shared.pending -= this.#pending.size;
  }

  /** Takes in what comes at a time. A sighting answers whatever comes at the same time. */
  #arriveAt(timeMs: number): void {
    const sightings: Arriving[] = [];
    for (let next = this.#pending.peek(); next !== undefined && next.entry.timeMs === timeMs;) {
      this.#pending.pop();
      this.#shared.pending--;
      if (next.entry.met.includes(this.#awaited)) sightings.push(next);
      else this.#await(next);
      next = this.#pending.peek();
    }
    for (const sighting of sightings) this.#see(sighting);
  }

  /** An event of another selection, to which an answer is due. */
  #await({ key, entry, host }: Arriving): void {
    const group = this.#groupFor(key);
    if (group.on && group.open !== undefined) this.#shared.outbox.count(group.open, entry);
    if (group.on || group.armedMs !== undefined) return;
    hold(this.#shared, entry);
    group.host = ownText(host);
    this.#arm(group, entry.timeMs, entry);
  }

  #see({ key, entry, host }: Arriving): void {
    const group = this.#groupFor(key);
    group.on = false;
    group.seenMs = entry.timeMs;
    group.armedMs = undefined;
    if (group.entry !== undefined) group.entry.event = undefined;
    group.entry = undefined;
    closeIfOver(this.#shared, group, entry.timeMs);
    this.#silences.watch(group, entry.timeMs);
    if (!this.#armsItself) return this.#retire(group);
    hold(this.#shared, entry);
    group.host = ownText(host);
    this.#arm(group, entry.timeMs, entry);
  }

  /** Waits for a group since a time, or, where its time ran out while nobody was listening, since the start. */
  #arm(group: AwaitedGroup, sinceMs: number, entry: Entry | undefined): void {
    const dueMs = sinceMs + this.#timespanMs;
    group.armedMs = dueMs > this.#heardMs && dueMs <= this.#startMs ? this.#startMs : sinceMs;
    group.entry = entry;
    this.#time(group, group.armedMs + this.#timespanMs);
  }

  #time(group: AwaitedGroup, dueMs: number): void {
    if (group.timed) return; // when that goes off, it is set to when it is due
    group.timed = true;
    this.#timers.push({ dueMs, group });
  }

  /** Fires for every group that is due at a time. */
  #goOffAt(timeMs: number): void {
    if (this.#shared.outbox.muted) return;
    for (let next = this.#timers.peek(); next !== undefined && next.dueMs <= timeMs; next = this.#timers.peek()) {
      this.#timers.pop();
      const { group } = next;
      group.timed = false;
      if (group.gone || group.armedMs === undefined) continue;
      const dueMs = group.armedMs + this.#timespanMs;
      if (dueMs > timeMs) this.#time(group, dueMs);
      else this.#fire(group, dueMs);
    }
  }

  #fire(group: AwaitedGroup, timeMs: number): void {
    const { entry } = group;
    group.on = true;
    group.armedMs = undefined;
    if (timeMs < this.#toldMs) return;
    turnTrue(this.#shared, group, this.#draft(group, timeMs), entry === undefined ? [] : [entry]);
    if (entry?.event !== undefined) this.#feed(entry.event, timeMs);
  }

  #draft(group: AwaitedGroup, timeMs: number): Draft {
    const { rule, consumes, groupBy } = this.#rule;
    const { entry, host } = group;
    const event = entry?.event;
    return {
      rule,
      consumes,
      event,
      eventId: entry?.id,
      host,
      timeMs,
      byExpiry: true,
      group: groupOf(groupBy, groupValues(group.key)),
      facts: { [`${this.#pattern.selection}.absent`]: this.#timespanMs / 1000 },
      extras: {},
      lastBySelection: event === undefined ? [] : this.#metBy(entry, event),
      count: entry === undefined ? 0 : 1,
      eventIds: entry === undefined ? [] : [entry.id],
      sources: entry === undefined ? [] : [entry.source],
    };
  }

  #metBy(entry: Entry | undefined, event: TelemetryEvent): Draft["lastBySelection"] {
    return (entry?.met ?? []).flatMap((index) => {
      const selection = this.#rule.rule.selections[index];
      return selection === undefined ? [] : [{ selection, event }];
    });
  }

  #groupFor(key: GroupKey): AwaitedGroup {
    const known = this.#groups.get(key);
    if (known !== undefined) {
      this.#groups.touch(known);
      return known;
    }
    const group = new AwaitedGroup(ownText(key));
    this.#groups.add(group);
    return group;
  }

  /** Removes a group that nothing is to be told of. While a restart is made up for it is kept: when it was seen matters yet. */
  #retire(group: AwaitedGroup): void {
    if (this.#shared.outbox.muted || group.on || group.open !== undefined || group.armedMs !== undefined) return;
    this.#groups.remove(group);
  }

  #forget(group: AwaitedGroup): void {
    if (group.open !== undefined) this.#shared.outbox.close(group.open);
  }
}
