/** Two ways of doing a thing, by turns in one process: what else the machine does meets both alike, and a ratio is of neighbours. */

import { median } from "./machine.ts";

/** The ratios of pairs, summed up without assuming how they are spread. */
export interface PairedRatio {
  readonly median: number;
  /** Between these the true median is, in 95 of 100 such measurements. */
  readonly low: number;
  readonly high: number;
  /** Half of the ratios are between these. */
  readonly quartiles: readonly [number, number];
  readonly pairs: number;
}

/**
 * The ratio of `b` to `a`, pair by pair. The interval is that of the sign test: of n figures the k-th smallest and the k-th
 * largest, k as large as the binomial distribution allows. At least six pairs are needed for one.
 */
export function pairedRatio(a: readonly number[], b: readonly number[]): PairedRatio {
  const ratios = b.map((figure, i) => figure / (a[i] ?? NaN)).sort((x, y) => x - y);
  const at = (place: number) => ratios[Math.min(ratios.length - 1, Math.max(0, place))] ?? NaN;
  const cut = signTestCut(ratios.length);
  return {
    median: median(ratios),
    low: cut === 0 ? -Infinity : at(cut - 1),
    high: cut === 0 ? Infinity : at(ratios.length - cut),
    quartiles: [at(Math.floor(ratios.length / 4)), at(Math.ceil((3 * ratios.length) / 4) - 1)],
    pairs: ratios.length,
  };
}

/** The largest k with P(Binomial(n, ½) < k) ≤ 2.5 %; 0 where there is none. */
function signTestCut(n: number): number {
  let probability = 0.5 ** n;
  let below = probability;
  let k = 0;
  while (below <= 0.025) {
    k++;
    probability *= (n - k + 1) / k;
    below += probability;
  }
  return k;
}

/** `1.02 (95 %: 0.99 to 1.05; half of 24 pairs 0.96 to 1.07)`. */
export function shownRatio({ median, low, high, quartiles, pairs }: PairedRatio): string {
  const figure = (value: number) => value.toFixed(2);
  const half = `half of ${pairs} pairs ${figure(quartiles[0])} to ${figure(quartiles[1])}`;
  return `${figure(median)} (95 %: ${figure(low)} to ${figure(high)}; ${half})`;
}
