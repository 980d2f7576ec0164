import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Detection } from "../../src/core/detection.ts";
import { type ComparedFiring, FiringComparison } from "../../src/pipeline/firing_comparison.ts";
import { sampleDetection } from "../journal/samples.ts";

const fired = (id: string, timeMs: number, host = "h"): Detection =>
  sampleDetection(0, { id, timeMs, group: { "host.name": host } });

function compare(apartMs: number, waitMs: number, waitingMax?: number) {
  const told: ComparedFiring[] = [];
  const comparison = new FiringComparison({
    apartMs,
    waitMs,
    ...(waitingMax === undefined ? {} : { waitingMax }),
    onFiring: (firing) => told.push(firing),
  });
  const shown = () => told.map(({ change, detection: { id }, laterMs }) => `${change} ${id} ${laterMs}`);
  return { comparison, shown };
}

Deno.test("comparison: the same firing of both is told at once, whichever came first", () => {
  const { comparison, shown } = compare(0, 10);
  comparison.add("now", fired("a", 1), 1);
  comparison.add("before", fired("a", 1), 5);
  comparison.add("before", fired("b", 2), 5);
  comparison.add("now", fired("b", 2), 6);
  deepStrictEqual(shown(), ["both a 0", "both b 0"]);
  deepStrictEqual(comparison.counts(), { both: 2, only_now: 0, only_before: 0, hurried: 0 });
});

Deno.test("comparison: one without its like is told when it has waited long enough, or at the end", () => {
  const { comparison, shown } = compare(5, 10);
  comparison.add("now", fired("a", 100), 100);
  comparison.add("before", fired("b", 200), 105);
  comparison.settle(109);
  deepStrictEqual(shown(), []);
  comparison.settle(110);
  deepStrictEqual(shown(), ["only_now a 0"]);
  comparison.end();
  deepStrictEqual(shown(), ["only_now a 0", "only_before b 0"]);
});

Deno.test("comparison: a firing moved to a neighbouring event is the same one, the nearest of its group", () => {
  const { comparison, shown } = compare(10, 100);
  comparison.add("now", fired("early", 95), 100);
  comparison.add("before", fired("late", 100), 100);
  comparison.add("before", fired("far", 105), 105);
  comparison.add("before", fired("other", 96, "another host"), 105);
  comparison.end();
  deepStrictEqual(shown(), ["both early -5", "only_before far 0", "only_before other 0"]);
});

Deno.test("comparison: with nothing apart, only the same event will do", () => {
  const { comparison, shown } = compare(0, 100);
  comparison.add("now", fired("a", 100), 100);
  comparison.add("before", fired("b", 100), 101);
  comparison.end();
  deepStrictEqual(shown(), ["only_now a 0", "only_before b 0"]);
});

Deno.test("comparison: past its room the oldest is told before its time, and counted", () => {
  const { comparison, shown } = compare(0, 1_000, 2);
  for (const id of ["a", "b", "c"]) comparison.add("now", fired(id, 1), 1);
  deepStrictEqual(shown(), ["only_now a 0"]);
  strictEqual(comparison.counts().hurried, 1);
});

const firing = fc.record({
  side: fc.constantFrom("now" as const, "before" as const),
  id: fc.integer({ min: 0, max: 9 }),
  host: fc.constantFrom("x", "y"),
});

Deno.test("property: every firing is told once, a pair has one of each side, of one group, near enough", () => {
  fc.assert(fc.property(fc.array(firing), fc.nat(20), fc.nat(20), (firings, apartMs, waitMs) => {
    const told: ComparedFiring[] = [];
    const comparison = new FiringComparison({ apartMs, waitMs, onFiring: (one) => told.push(one) });
    const seen = new Set<string>();
    const sides = { now: 0, before: 0 };
    firings.forEach(({ side, id, host }, i) => {
      if (seen.has(`${side} ${host} ${id}`)) return; // an engine makes a firing once
      seen.add(`${side} ${host} ${id}`);
      sides[side]++;
      comparison.add(side, fired(`${host}${id}`, id * 3, host), i);
      comparison.settle(i);
    });
    comparison.end();
    const { both, only_now, only_before } = comparison.counts();
    strictEqual(both + only_now, sides.now);
    strictEqual(both + only_before, sides.before);
    strictEqual(told.length, both + only_now + only_before);
    ok(told.every(({ laterMs }) => Math.abs(laterMs) <= apartMs));
  }));
});
