import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { increaseOf, ratesBetween } from "../../../src/collectors/metrics/counter.ts";

const at = (atMs: number, counters: Record<string, number>) => ({ atMs, counters });

Deno.test("ratesBetween: exact rates by the time between", () => {
  deepStrictEqual(ratesBetween(at(1_000, { a: 100, b: 7 }), at(3_500, { a: 350, b: 7 })), { a: 100, b: 0 });
});

Deno.test("ratesBetween: no rate for the first sample, nor where no time passed", () => {
  deepStrictEqual(ratesBetween(undefined, at(0, { a: 1 })), {});
  deepStrictEqual(ratesBetween(at(5, { a: 1 }), at(5, { a: 2 })), {});
  deepStrictEqual(ratesBetween(at(5, { a: 1 }), at(4, { a: 2 })), {});
});

Deno.test("ratesBetween: a counter in one of the samples only has none", () => {
  deepStrictEqual(ratesBetween(at(0, { a: 1, gone: 5 }), at(1_000, { a: 2, fresh: 9 })), { a: 1 });
});

Deno.test("ratesBetween: a wrap at 32 bits is followed", () => {
  deepStrictEqual(ratesBetween(at(0, { a: 2 ** 32 - 500 }), at(10_000, { a: 500 })), { a: 100 });
  deepStrictEqual(ratesBetween(at(0, { a: 2 ** 32 - 1, b: 1 }), at(1_000, { a: 0, b: 3 })), { a: 1, b: 2 });
});

Deno.test("ratesBetween: a counter that started again has no rate, the others have theirs", () => {
  deepStrictEqual(ratesBetween(at(0, { a: 5_000, b: 1 }), at(1_000, { a: 10, b: 2 })), { b: 1 });
});

Deno.test("ratesBetween: two that fell at once are a row made anew: no rate at all", () => {
  const before = at(0, { a: 2 ** 32 - 1, b: 2 ** 32 - 1, c: 1 });
  deepStrictEqual(ratesBetween(before, at(1_000, { a: 0, b: 0, c: 2 })), {});
});

Deno.test("increaseOf: the edges of a wrap", () => {
  strictEqual(increaseOf(5, 5), 0);
  strictEqual(increaseOf(2 ** 31, 0), 2 ** 31);
  strictEqual(increaseOf(2 ** 31 - 1, 0), undefined); // further than half the range
  strictEqual(increaseOf(2 ** 32, 0), undefined); // wider than 32 bits: it started again
  strictEqual(increaseOf(2 ** 40, 2 ** 40 + 3), 3);
});

Deno.test("increaseOf: never negative, and what was added to a 32-bit counter is what comes out", () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  fc.assert(fc.property(word, fc.integer({ min: 0, max: 2 ** 31 }), (from, added) => {
    strictEqual(increaseOf(from, (from + added) % 2 ** 32), added);
  }));
  fc.assert(fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (from, to) => (increaseOf(from, to) ?? 0) >= 0));
});
