/** Values that groups are known to have had, of all rules that look for new ones. */

import type { StateWrite } from "../core/state_store.ts";
import type { Novel } from "../rules/rule.ts";
import type { GroupKey } from "./group.ts";
import { CORRELATE_SCOPE, LearningKeys } from "./learning_keys.ts";
import { Recency, Used } from "./recency.ts";

/** Values known of one group. The one not seen for longest is forgotten for a new one. */
export const LEARNT_VALUES_PER_GROUP_MAX = 10_000;

/** Changes written at a time. */
const WRITES_MAX = 10_000;

interface Known {
  readonly owner: string;
  readonly group: GroupKey;
  /** When its first event came: learning begins then. */
  sinceMs: number;
  readonly values: Map<GroupKey, Learnt>;
  /** The values as they were seen. */
  readonly order: Recency<Learnt>;
}

class Learnt extends Used {
  constructor(
    readonly value: GroupKey,
    /** When it was first seen. */
    readonly firstMs: number,
  ) {
    super();
  }
}

export class LearntValues {
  readonly #valuesMax: number;
  /** By the key their beginning is written under; the one left alone for longest first. */
  readonly #groups = new Map<string, Known>();
  /** The same groups by their owner and key. */
  readonly #byOwner = new Map<string, Map<GroupKey, Known>>();
  readonly #keys = new LearningKeys("new");
  #changes = new Map<string, string | null>();
  /** Values known. */
  size = 0;
  /** Values that had to go for others. */
  forgotten = 0;

  constructor(valuesMax: number) {
    this.#valuesMax = valuesMax;
  }

  /**
   * Takes note of a value at a time, and says whether it is new then: first seen less than `newMs` ago, and when the group's
   * learning was over. Asked again of the same event it says the same, as long as the value is not forgotten.
   */
  isNew(owner: string, group: GroupKey, value: GroupKey, timeMs: number, asked: Novel, newMs: number): boolean {
    const known = this.#of(owner, group, timeMs);
    const learnt = known.values.get(value);
    const firstMs = learnt?.firstMs ?? timeMs;
    if (learnt !== undefined) known.order.touch(learnt);
    else {
      this.#note(this.#keys.key(owner, group, value), String(timeMs));
      this.#learn(known, value, timeMs);
    }
    return firstMs >= known.sinceMs + asked.learningMs && timeMs - firstMs < newMs;
  }

  /**
   * Whether a value cannot be new at a time, whatever is still to be decided: it was first seen while its group was learning, or
   * long ago. That can only turn out to have been earlier.
   */
  isOld(owner: string, group: GroupKey, value: GroupKey, timeMs: number, asked: Novel, newMs: number): boolean {
    const known = this.#byOwner.get(owner)?.get(group);
    const learnt = known?.values.get(value);
    if (known === undefined || learnt === undefined) return false;
    if (learnt.firstMs >= known.sinceMs + asked.learningMs && timeMs - learnt.firstMs < newMs) return false;
    known.order.touch(learnt);
    return true;
  }

  /** What an owner that is no more, or asks for something else now, has learnt goes. */
  drop(isGone: (owner: string) => boolean): void {
    for (const known of [...this.#groups.values()]) {
      if (!isGone(known.owner)) continue;
      for (const learnt of [...known.values.values()]) this.#forget(known, learnt);
    }
  }

  /** Takes what was written; false when it is none of this. */
  restore(key: string, value: string): boolean {
    if (!this.#keys.isMine(key)) return false;
    const [group, one, ...more] = this.#keys.partsOf(key) ?? [];
    const timeMs = Number(value);
    if (group === undefined || more.length > 0 || !Number.isFinite(timeMs)) this.#note(key, null);
    else {
      const owner = this.#keys.ownerOf(key);
      // A group's own row, which says since when it is known, may come after those of its values.
      const groupKey = this.#keys.key(owner, group);
      const known = this.#groups.get(groupKey) ?? this.#begin(owner, group, groupKey, timeMs);
      if (one === undefined) known.sinceMs = timeMs;
      else if (!known.values.has(one)) this.#learn(known, one, timeMs);
    }
    return true;
  }

  /** What changed since the last call. */
  writes(): StateWrite[] {
    const writes: StateWrite[] = [];
    for (const [key, value] of this.#changes) {
      if (writes.length >= WRITES_MAX) break;
      this.#changes.delete(key);
      writes.push({ scope: CORRELATE_SCOPE, key, value });
    }
    return writes;
  }

  #of(owner: string, group: GroupKey, timeMs: number): Known {
    const key = this.#keys.key(owner, group);
    const known = this.#groups.get(key);
    if (known === undefined) {
      this.#note(key, String(timeMs));
      return this.#begin(owner, group, key, timeMs);
    }
    this.#groups.delete(key);
    this.#groups.set(key, known);
    return known;
  }

  #begin(owner: string, group: GroupKey, key: string, sinceMs: number): Known {
    const known: Known = { owner, group, sinceMs, values: new Map(), order: new Recency() };
    this.#groups.set(key, known);
    const ofOwner = this.#byOwner.get(owner);
    if (ofOwner === undefined) this.#byOwner.set(owner, new Map([[group, known]]));
    else ofOwner.set(group, known);
    return known;
  }

  #learn(known: Known, value: GroupKey, firstMs: number): void {
    const learnt = new Learnt(value, firstMs);
    known.values.set(value, learnt);
    known.order.append(learnt);
    this.size++;
    this.#enforce(known);
  }

  #enforce(known: Known): void {
    if (known.values.size > LEARNT_VALUES_PER_GROUP_MAX) this.#evict(known);
    while (this.size > this.#valuesMax) {
      const [oldest] = this.#groups.values();
      if (oldest === undefined) return;
      this.#evict(oldest);
    }
  }

  #evict(known: Known): void {
    const { oldest } = known.order;
    if (oldest === undefined) return;
    this.#forget(known, oldest);
    this.forgotten++;
  }

  #forget(known: Known, learnt: Learnt): void {
    const { value } = learnt;
    known.values.delete(value);
    known.order.remove(learnt);
    this.size--;
    this.#note(this.#keys.key(known.owner, known.group, value), null);
    if (known.values.size > 0) return;
    const key = this.#keys.key(known.owner, known.group);
    this.#groups.delete(key);
    this.#note(key, null);
    const ofOwner = this.#byOwner.get(known.owner);
    ofOwner?.delete(known.group);
    if (ofOwner?.size === 0) this.#byOwner.delete(known.owner);
  }

  #note(key: string, value: string | null): void {
    this.#changes.set(key, value);
  }
}
