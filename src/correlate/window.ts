/** A group's events in time order, and the stretch of them that is the window. */

import type { FieldValue, TelemetryEvent } from "../core/event.ts";
import type { Measure } from "./measures.ts";

/** What a window keeps of an event. */
export class Entry {
  previous: Entry | undefined = undefined;
  next: Entry | undefined = undefined;
  /** Whether the condition turned true with this entry, in a rule that decides at once. */
  crossed = false;
  /** The detection it is counted on. */
  countedOn: object | undefined = undefined;

  constructor(
    readonly timeMs: number,
    readonly id: string,
    readonly source: string,
    /** Indexes of the selections it met, ascending. Shared between entries: a new list takes the place of the old. */
    public met: readonly number[],
    /** Values of the fields that the rule measures, in the rule's order. Likewise. */
    public values: readonly (FieldValue | undefined)[],
    /** The event itself, while it is held. */
    public event: TelemetryEvent | undefined,
  ) {}
}

/** The order of entries: by time, then by id, so that it does not depend on arrival. */
export function isBefore(timeMs: number, id: string, other: Entry): boolean {
  return timeMs < other.timeMs || (timeMs === other.timeMs && id < other.id);
}

/**
 * A list of entries in order, and a window on it that slides in both directions: from `from` up to and with `to`, which is the
 * last entry that has come by the time the window ends. Measures are kept up with each step.
 */
export class Window {
  /** The oldest and the newest entry that are kept. */
  first: Entry | undefined = undefined;
  last: Entry | undefined = undefined;
  /** The oldest entry in the window; `undefined` when it is empty. */
  from: Entry | undefined = undefined;
  to: Entry | undefined = undefined;
  /** Entries in the window. */
  size = 0;
  /** Entries in the list. */
  kept = 0;

  constructor(readonly measures: readonly Measure[]) {}

  /** Puts an entry into the list right after `to`, and lets the window grow by it. */
  insert(entry: Entry): void {
    const before = this.to;
    const after = before === undefined ? this.first : before.next;
    entry.previous = before;
    entry.next = after;
    if (before === undefined) this.first = entry;
    else before.next = entry;
    if (after === undefined) this.last = entry;
    else after.previous = entry;
    this.kept++;
    this.grow(entry);
  }

  /** Takes in the entry that comes after `to`. */
  grow(entry: Entry): void {
    this.to = entry;
    if (this.size++ === 0) this.from = entry;
    for (const measure of this.measures) measure.add(entry);
  }

  /** Lets go of `to`, so that the window ends with the entry before it. */
  shrink(): void {
    const gone = this.to;
    if (gone === undefined) return;
    this.to = gone.previous;
    if (this.size === 0) return; // it had expired
    for (const measure of this.measures) measure.remove(gone);
    if (--this.size === 0) this.from = undefined;
  }

  /** Lets go of entries at or before a time. */
  expire(limitMs: number): void {
    while (this.from !== undefined && this.from.timeMs <= limitMs) this.dropOldest();
  }

  /** Lets go of the oldest entry in the window. */
  dropOldest(): void {
    const gone = this.from;
    if (gone === undefined) return;
    for (const measure of this.measures) measure.remove(gone);
    this.from = --this.size === 0 ? undefined : gone.next;
  }

  /** Takes back entries after a time that had expired. */
  restore(limitMs: number): void {
    let older = this.from === undefined ? this.to : this.from.previous;
    while (older !== undefined && older.timeMs > limitMs) {
      for (const measure of this.measures) measure.add(older);
      this.from = older;
      this.size++;
      older = older.previous;
    }
  }

  /** Forgets entries at or before a time that are not in the window. Returns how many. */
  trim(limitMs: number): number {
    const before = this.kept;
    while (this.first !== undefined && this.first.timeMs <= limitMs && this.first !== this.from) this.forgetFirst();
    return before - this.kept;
  }

  /** Forgets the oldest entry, which must not be in the window. */
  forgetFirst(): void {
    const gone = this.first;
    if (gone === undefined) return;
    this.first = gone.next;
    if (gone === this.to) this.to = undefined;
    if (gone === this.last) this.last = undefined;
    if (gone.next !== undefined) gone.next.previous = undefined;
    gone.next = undefined;
    gone.event = undefined;
    this.kept--;
  }

  /** The entries in the window, oldest first. */
  *[Symbol.iterator](): Iterator<Entry> {
    for (let entry = this.from; entry !== undefined; entry = entry.next) {
      yield entry;
      if (entry === this.to) return;
    }
  }
}
