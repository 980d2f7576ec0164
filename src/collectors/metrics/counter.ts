/** Rates from counters that only grow, wrap at 32 bits, or start again at 0. */

/** The counters of one row (a disk, an interface) at one time. One that is unknown is left out. */
export interface CounterSample {
  /** By a clock that never goes back: milliseconds. */
  readonly atMs: number;
  readonly counters: Readonly<Record<string, number>>;
}

/** Range of a 32-bit counter. */
const RANGE_32 = 2 ** 32;

/**
 * How far a 32-bit counter may have moved for a smaller value to be taken as a wrap: half its range. Further, and it is more
 * likely that it started again.
 */
const WRAP_INCREASE_MAX = RANGE_32 / 2;

/**
 * What each counter grew by a second between two samples of the same row. A counter that is in one of them only, or that
 * started again, has no rate this time; none has one when two or more fell at once, as they do when the row was made anew (two
 * wraps between two samples are far less likely than that).
 */
export function ratesBetween(before: CounterSample | undefined, now: CounterSample): Readonly<Record<string, number>> {
  const rates: Record<string, number> = {};
  if (before === undefined || now.atMs <= before.atMs) return rates;
  const seconds = (now.atMs - before.atMs) / 1000;
  const shared = Object.keys(now.counters).filter((name) => before.counters[name] !== undefined);
  const pair = (name: string) => [before.counters[name] ?? NaN, now.counters[name] ?? NaN] as const;
  const fallen = shared.filter((name) => {
    const [from, to] = pair(name);
    return to < from;
  });
  if (fallen.length > 1) return rates;
  for (const name of shared) {
    const increase = increaseOf(...pair(name));
    if (increase !== undefined) rates[name] = increase / seconds;
  }
  return rates;
}

/** How far a counter moved, a wrap at 32 bits included; `undefined` when it started again. */
export function increaseOf(from: number, to: number): number | undefined {
  if (to >= from) return to - from;
  if (from >= RANGE_32) return undefined; // wider than 32 bits: such a counter does not wrap in our time
  const increase = to + RANGE_32 - from;
  return increase <= WRAP_INCREASE_MAX ? increase : undefined;
}
