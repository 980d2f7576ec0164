/** Firings of two versions of a rule, put side by side as they come, within bounded memory. */

import type { Detection } from "../core/detection.ts";

/** What became of a firing between the version before and the version now. */
export type FiringChange = "both" | "only_now" | "only_before";

/** One firing of either version, or one of each that are about the same thing. */
export interface ComparedFiring {
  readonly change: FiringChange;
  /** The version's now, or before where only that fired. */
  readonly detection: Detection;
  /** Where both fired: how much later the version now did; negative: earlier. Milliseconds. */
  readonly laterMs: number;
}

/** Firings that wait for their like at most: past it the oldest is taken as having none, and counted. */
export const WAITING_FIRINGS_MAX = 50_000;

type Side = "now" | "before";

interface Waiting {
  readonly side: Side;
  readonly detection: Detection;
  readonly group: string;
  readonly sinceMs: number;
}

/** How firings are put side by side. */
export interface ComparisonOptions {
  /**
   * How far apart in time two firings of a group may be and still be about the same thing: milliseconds. 0: only those that the
   * same event made are.
   */
  readonly apartMs: number;
  /** How long a firing waits for its like before it has none, by the time that `add` and `settle` are told: milliseconds. */
  readonly waitMs: number;
  /** Default {@linkcode WAITING_FIRINGS_MAX}. */
  readonly waitingMax?: number;
  /** Told of each, once it is clear what became of it. */
  readonly onFiring: (firing: ComparedFiring) => void;
}

/**
 * Two firings are the same when the same event of the same group made them. Where a change moves a firing to a neighbouring event (a
 * lower threshold fires earlier), the nearest one of the group within `apartMs` is its like.
 */
export class FiringComparison {
  readonly #options: ComparisonOptions;
  /** In the order in which they came. */
  readonly #waiting = new Set<Waiting>();
  readonly #byGroup = new Map<string, Set<Waiting>>();
  readonly #counts: Record<FiringChange, number> = { both: 0, only_now: 0, only_before: 0 };
  #hurried = 0;

  constructor(options: ComparisonOptions) {
    this.#options = options;
  }

  /** A version fired, at the time `nowMs` of the stream. */
  add(side: Side, detection: Detection, nowMs: number): void {
    const waiting: Waiting = { side, detection, group: JSON.stringify(detection.group), sinceMs: nowMs };
    for (const other of this.#byGroup.get(waiting.group) ?? []) {
      if (other.side !== side && other.detection.id === detection.id) return this.#pair(waiting, other);
    }
    this.#waiting.add(waiting);
    const ofGroup = this.#byGroup.get(waiting.group);
    if (ofGroup === undefined) this.#byGroup.set(waiting.group, new Set([waiting]));
    else ofGroup.add(waiting);
    const [oldest] = this.#waiting;
    if (oldest === undefined || this.#waiting.size <= (this.#options.waitingMax ?? WAITING_FIRINGS_MAX)) return;
    this.#hurried++;
    this.#resolve(oldest);
  }

  /** The stream has come to this time: what has waited long enough is told of. */
  settle(nowMs: number): void {
    for (const waiting of this.#waiting) {
      if (nowMs - waiting.sinceMs < this.#options.waitMs) return;
      this.#resolve(waiting);
    }
  }

  /** The stream has ended: everything is told of. */
  end(): void {
    for (const waiting of this.#waiting) this.#resolve(waiting);
  }

  /** How many firings there were of each, and how many were told of before their time for want of room. */
  counts(): Readonly<Record<FiringChange, number>> & { readonly hurried: number } {
    return { ...this.#counts, hurried: this.#hurried };
  }

  #resolve(waiting: Waiting): void {
    const like = this.#nearest(waiting);
    if (like !== undefined) return this.#pair(waiting, like);
    this.#remove(waiting);
    this.#tell({
      change: waiting.side === "now" ? "only_now" : "only_before",
      detection: waiting.detection,
      laterMs: 0,
    });
  }

  #nearest({ side, detection, group }: Waiting): Waiting | undefined {
    if (this.#options.apartMs === 0) return undefined;
    let nearest: Waiting | undefined;
    let nearestMs = this.#options.apartMs;
    for (const other of this.#byGroup.get(group) ?? []) {
      const apartMs = Math.abs(other.detection.timeMs - detection.timeMs);
      if (other.side === side || apartMs > nearestMs || (apartMs === nearestMs && nearest !== undefined)) continue;
      [nearest, nearestMs] = [other, apartMs];
    }
    return nearest;
  }

  #pair(a: Waiting, b: Waiting): void {
    this.#remove(a);
    this.#remove(b);
    const [now, before] = a.side === "now" ? [a, b] : [b, a];
    const laterMs = now.detection.timeMs - before.detection.timeMs;
    this.#tell({ change: "both", detection: now.detection, laterMs });
  }

  #remove(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    const ofGroup = this.#byGroup.get(waiting.group);
    ofGroup?.delete(waiting);
    if (ofGroup?.size === 0) this.#byGroup.delete(waiting.group);
  }

  #tell(firing: ComparedFiring): void {
    this.#counts[firing.change]++;
    this.#options.onFiring(firing);
  }
}
