/** A group's condition turns true, stays true, turns false: what that means for its detection. */

import { type Rule } from "../rules/rule.ts";
import type { FiringGroup, Shared } from "./decider.ts";
import type { Draft } from "./firing.ts";
import { Heap } from "./heap.ts";
import type { OpenDetection } from "./outbox.ts";
import type { Entry, Window } from "./window.ts";

/** The condition turned true: fires, or, while the group is silent, is counted on the open detection. */
export function turnTrue(shared: Shared, group: FiringGroup, draft: Draft, entries: Iterable<Entry>): void {
  const { outbox } = shared;
  const { rule, timeMs } = draft;
  const { open } = group;
  if (open !== undefined && (isSilent(open, rule, timeMs) || outbox.isSame(open, draft))) {
    for (const entry of entries) outbox.count(open, entry);
    return;
  }
  if (rule.silent === true) return;
  if (open !== undefined && timeMs < open.first.timeMs) {
    outbox.fire(draft, false); // a late event showed that it fired earlier as well: that is over
    return;
  }
  if (open !== undefined) outbox.close(open);
  group.open = outbox.fire(draft, true);
  if (group.open !== undefined) { for (const entry of entries) entry.countedOn = group.open; }
}

/** Whether a group is silent at a time for a detection of a rule that suppresses. Late events count on either side of it. */
export function isSilent(open: OpenDetection, rule: Rule, timeMs: number): boolean {
  return timeMs < open.silentUntilMs && timeMs > open.first.timeMs - rule.suppressMs;
}

/** Ends a group's detection if its condition does not hold at a time, and the group need not be silent any more. */
export function closeIfOver(shared: Shared, group: FiringGroup, timeMs: number): void {
  const { open } = group;
  if (open === undefined || group.on || timeMs < open.silentUntilMs) return;
  shared.outbox.close(open);
  group.open = undefined;
}

/** Groups whose conditions do not hold any more while they are still silent: the end of that is watched for. */
export class Silences<G extends FiringGroup> {
  readonly #silences = new Heap<{ readonly untilMs: number; readonly group: G }>((a, b) => a.untilMs < b.untilMs);
  readonly #shared: Shared;

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  /** Sees to it that the end of a group's silence is noticed, a time being decided. */
  watch(group: G, timeMs: number): void {
    if (group.watched || group.open === undefined) return;
    group.watched = true;
    this.#silences.push({ untilMs: Math.max(timeMs, group.open.silentUntilMs), group });
  }

  /** Closes what is over before a time. `ended` is told of each group that was looked at, and when. */
  keepUp(watermarkMs: number, ended: (group: G, timeMs: number) => void): void {
    for (let next = this.#silences.peek(); next !== undefined && next.untilMs < watermarkMs;) {
      this.#silences.pop();
      next.group.watched = false;
      if (!next.group.gone) {
        closeIfOver(this.#shared, next.group, next.untilMs);
        ended(next.group, next.untilMs);
      }
      next = this.#silences.peek();
    }
  }
}

/** Holds the event of an entry for evidence. The oldest that is held goes for it. */
export function hold(shared: Shared, entry: Entry): void {
  const gone = shared.held.push(entry);
  if (gone?.event === undefined) return;
  gone.event = undefined;
  shared.turned.held++;
}

/** Lets the oldest entries of a list that is too long go, in the window or before it. */
export function enforceLimit(shared: Shared, window: Window): void {
  while (window.kept > shared.limits.windowEventsMax && window.first !== undefined) {
    if (window.first === window.from) window.dropOldest();
    const before = window.kept;
    window.forgetFirst();
    shared.entries -= before - window.kept;
    shared.turned.entries++;
  }
}
