/** The values a group has had, thinned out evenly, and how far another value lies from them. */

import { SortedNumbers } from "./numbers.ts";

/** Values kept of one group. Past it, half of them go, those that stand closest together in time. */
export const HISTORY_VALUES_MAX = 256;

/** Events of one group that were found far out, remembered so that a restart finds them so again. */
export const OUTLIERS_MAX = 128;

/** The most deviations that are told of: of a history without any spread, everything else is infinitely far. */
export const DEVIATIONS_MAX = 1_000_000;

/** Median absolute deviation to standard deviation, where values are normally distributed (1 / Phi^-1(3/4)). */
const MAD_SCALE = 1.4826;

/** Mean absolute deviation to standard deviation, likewise (sqrt(pi/2)). */
const MEAN_SCALE = 1.2533;

/** How a value stands to a history. */
export interface Judgement {
  /** The median it was held against. */
  readonly median: number;
  /** How far from it: 0 to {@linkcode DEVIATIONS_MAX}. */
  readonly deviations: number;
}

/** An event that was found far out. */
export interface Outlier extends Judgement {
  readonly id: string;
  readonly timeMs: number;
}

/** A history as it is kept between runs. */
export interface HistoryJson {
  readonly until: number;
  readonly stride: number;
  readonly times: readonly number[];
  readonly values: readonly number[];
  readonly outliers: readonly Outlier[];
}

/**
 * Values with their times, oldest first. There is no spread of numbers that one value, or fewer than half of them, could move
 * far: the median says where they lie, and the median of the distances from it how wide. So an outlier goes into the history
 * like anything else, and what stays at a new level becomes the rule.
 */
export class History {
  /** Up to when values are in it: milliseconds. */
  untilMs = -Infinity;
  /** Events up to this time were in it before a restart. */
  restoredMs = -Infinity;
  outliers: Outlier[] = [];
  #times: number[] = [];
  #values: number[] = [];
  #sorted = new SortedNumbers();
  /** Values closer to the last than this are not kept: milliseconds. */
  #strideMs = 0;

  get size(): number {
    return this.#values.length;
  }

  /** Takes a value in. Values older than `historyMs` go. */
  add(timeMs: number, value: number, historyMs: number): void {
    this.untilMs = Math.max(this.untilMs, timeMs);
    const stale = this.#times.findIndex((at) => at > timeMs - historyMs);
    if (stale !== 0) this.#forget(stale < 0 ? this.#times.length : stale);
    if (timeMs - (this.#times.at(-1) ?? -Infinity) < this.#strideMs) return;
    this.#times.push(timeMs);
    this.#values.push(value);
    this.#sorted.add(value);
    if (this.#values.length > HISTORY_VALUES_MAX) this.#thin();
  }

  /** How a value stands to what is in it; `undefined` when nothing is. */
  judge(value: number): Judgement | undefined {
    const median = this.#sorted.percentile(50);
    if (median === undefined) return undefined;
    const distance = Math.abs(value - median);
    if (distance === 0) return { median, deviations: 0 };
    const spread = MAD_SCALE * medianDistance(this.#sorted, median) || MEAN_SCALE * meanDistance(this.#values, median);
    return { median, deviations: Math.min(DEVIATIONS_MAX, distance / spread) };
  }

  toJson(): HistoryJson {
    const { untilMs, outliers } = this;
    return { until: untilMs, stride: this.#strideMs, times: this.#times, values: this.#values, outliers };
  }

  static fromJson({ until, stride, times, values, outliers }: HistoryJson): History {
    const history = new History();
    history.untilMs = history.restoredMs = until;
    history.outliers = [...outliers];
    history.#times = [...times];
    history.#values = [...values];
    history.#strideMs = stride;
    for (const value of values) history.#sorted.add(value);
    return history;
  }

  #forget(count: number): void {
    for (const value of this.#values.splice(0, count)) this.#sorted.remove(value);
    this.#times.splice(0, count);
  }

  /** Keeps values that are at least so far apart that half as many cover the same time. */
  #thin(): void {
    const [oldestMs = 0] = this.#times;
    this.#strideMs = ((this.#times.at(-1) ?? 0) - oldestMs) / (HISTORY_VALUES_MAX / 2);
    if (this.#strideMs === 0) return this.#forget(1);
    const [times, values] = [this.#times, this.#values];
    [this.#times, this.#values, this.#sorted] = [[], [], new SortedNumbers()];
    for (const [i, timeMs] of times.entries()) {
      const value = values[i];
      if (value === undefined || timeMs - (this.#times.at(-1) ?? -Infinity) < this.#strideMs) continue;
      this.#times.push(timeMs);
      this.#values.push(value);
      this.#sorted.add(value);
    }
  }
}

/** The median of the distances of numbers from a number within them, from the inside out. */
function medianDistance(numbers: SortedNumbers, from: number): number {
  let above = 0;
  while ((numbers.at(above) ?? Infinity) <= from) above++;
  let below = above - 1;
  const rank = (numbers.size - 1) / 2;
  let [last, beforeLast] = [0, 0];
  for (let i = 0; i <= Math.ceil(rank); i++) {
    const down = from - (numbers.at(below) ?? -Infinity);
    const up = (numbers.at(above) ?? Infinity) - from;
    [beforeLast, last] = [last, Math.min(down, up)];
    if (down <= up) below--;
    else above++;
  }
  return Number.isInteger(rank) ? last : (last + beforeLast) / 2;
}

function meanDistance(numbers: readonly number[], from: number): number {
  return numbers.reduce((sum, x) => sum + Math.abs(x - from), 0) / numbers.length;
}
