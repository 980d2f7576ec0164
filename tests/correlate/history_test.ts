import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DEVIATIONS_MAX, History, HISTORY_VALUES_MAX } from "../../src/correlate/history.ts";

const WEEK_MS = 7 * 86_400_000;

function historyOf(values: readonly number[], stepMs = 1_000): History {
  const history = new History();
  values.forEach((value, i) => history.add(i * stepMs, value, WEEK_MS));
  return history;
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [below = 0, above = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return below + (above - below) / 2;
}

Deno.test("a judgement is the distance from the median in scaled median absolute deviations", () => {
  const number = fc.integer({ min: -1000, max: 1000 });
  fc.assert(
    fc.property(fc.array(number, { minLength: 1, maxLength: HISTORY_VALUES_MAX }), number, (values, value) => {
      const middle = median(values);
      const spread = 1.4826 * median(values.map((x) => Math.abs(x - middle)));
      const judgement = historyOf(values).judge(value);
      strictEqual(judgement?.median, middle);
      if (spread === 0) return;
      const expected = Math.abs(value - middle) / spread;
      ok(Math.abs((judgement?.deviations ?? NaN) - expected) <= 1e-9 * (1 + expected));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("where more than half are the same, the mean distance says how wide they lie; without any, all else is far", () => {
  strictEqual(historyOf([5, 5, 5, 5, 9]).judge(5)?.deviations, 0);
  const mean = 1.2533 * 4 / 5;
  ok(Math.abs((historyOf([5, 5, 5, 5, 9]).judge(9)?.deviations ?? 0) - 4 / mean) < 1e-9);
  deepStrictEqual(historyOf([5, 5, 5]).judge(5.001), { median: 5, deviations: DEVIATIONS_MAX });
  strictEqual(new History().judge(1), undefined);
});

Deno.test("a long history is thinned evenly, and still reaches back all the way", () => {
  const history = historyOf(Array.from({ length: 10_000 }, (_, i) => i), 60_000);
  ok(history.size <= HISTORY_VALUES_MAX && history.size > HISTORY_VALUES_MAX / 4, String(history.size));
  const { times } = history.toJson();
  ok((times[0] ?? Infinity) < 60 * 60_000);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  ok(Math.max(...gaps) <= 4 * Math.min(...gaps), `${Math.min(...gaps)} to ${Math.max(...gaps)}`);
  ok(Math.abs((history.judge(0)?.median ?? 0) - 5_000) < 200);
});

Deno.test("what is older than the history reaches back is gone, and values of one instant are bounded too", () => {
  const history = historyOf([1, 2, 3], 1_000);
  history.add(1_000 + WEEK_MS, 100, WEEK_MS);
  deepStrictEqual(history.toJson().values, [3, 100]);
  const instant = new History();
  for (let i = 0; i < 1_000; i++) instant.add(7, i, WEEK_MS);
  strictEqual(instant.size, HISTORY_VALUES_MAX);
});

Deno.test("written and read back it is the same", () => {
  const history = historyOf(Array.from({ length: 700 }, (_, i) => (i * 37) % 101), 10_000);
  history.outliers.push({ id: "e1", timeMs: 5, median: 3, deviations: 9 });
  const again = History.fromJson(JSON.parse(JSON.stringify(history.toJson())));
  deepStrictEqual(again.toJson(), history.toJson());
  deepStrictEqual(again.judge(1_000), history.judge(1_000));
  strictEqual(again.restoredMs, history.untilMs);
});
