/** The statistic that benchmarks are judged by, against figures that are known. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { pairedRatio, shownRatio } from "./paired.ts";

const ones = (count: number) => new Array<number>(count).fill(1);

Deno.test("pairedRatio: the places of the sign test's interval are those of the tables", () => {
  // Of n figures the k-th from each end, at 95 %, as books of statistics have it.
  for (const [n, k] of [[6, 1], [8, 1], [9, 2], [12, 3], [20, 6], [24, 7], [25, 8], [28, 9]] as const) {
    const figures = Array.from({ length: n }, (_, i) => i + 1);
    const { low, high, pairs } = pairedRatio(ones(n), figures);
    deepStrictEqual([low, high, pairs], [k, n + 1 - k, n]);
  }
  const few = pairedRatio(ones(5), ones(5));
  deepStrictEqual([few.low, few.high], [-Infinity, Infinity], "five pairs say nothing at 95 %");
});

Deno.test("pairedRatio: of pairs, and not moved by a few that were disturbed", () => {
  const a = [3, 4, 5, 3, 4, 5, 3, 4, 5, 3, 4, 5];
  const b = a.map((figure) => figure * 1.5);
  b[4] = 400;
  const { median, low, high, quartiles } = pairedRatio(a, b);
  deepStrictEqual([median, low, high, quartiles], [1.5, 1.5, 1.5, [1.5, 1.5]]);
  strictEqual(
    shownRatio(pairedRatio(a, b)),
    "1.50 (95 %: 1.50 to 1.50; half of 12 pairs 1.50 to 1.50)",
  );
});
