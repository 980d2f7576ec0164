/** What rules learn is bounded, is written as it changes, and is taken up again. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type CorrelateLimits, Correlator } from "../../src/correlate/mod.ts";
import { LEARNT_VALUES_PER_GROUP_MAX } from "../../src/correlate/learnt.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { event, LIMITS, matchesOf, observe } from "./build.ts";
import { baseline, novel } from "./patterns.ts";

const KNOWN = novel(0);

/** Takes what is to be written into a table of state. */
function write(correlator: Correlator, state: Map<string, string>): number {
  const writes = correlator.stateWrites();
  for (const { scope, key, value } of writes) {
    strictEqual(scope, "correlate");
    if (value === null) state.delete(key);
    else state.set(key, value);
  }
  return writes.length;
}

/** A correlator that has been told of a restart. */
function restarted(rule: Rule, state: ReadonlyMap<string, string>, limits: CorrelateLimits = LIMITS): Correlator {
  const correlator = new Correlator([rule], limits);
  correlator.restoreState(state);
  correlator.rebuild([], [], 1_000_000);
  return correlator;
}

const sighting = (at: number, x: string | number, user = "ann") => event(at, "a", { x, "user.name": user });

function novelties(correlator: Correlator, events: ReturnType<typeof sighting>[]): unknown[] {
  const fired = observe(correlator, [KNOWN], [...events, event(100_000, "a", { x: "end", "user.name": "zoe" })]);
  return fired.map(({ detection }) => detection.group["x"]);
}

Deno.test("only what changed is written, and a restart knows what was known", () => {
  const correlator = new Correlator([KNOWN], LIMITS);
  const state = new Map<string, string>();
  observe(correlator, [KNOWN], [sighting(0, 1), sighting(1, "1"), sighting(2, 1), sighting(50, 2)]);
  strictEqual(write(correlator, state), 3, "the group, and the two values that are decided");
  strictEqual(write(correlator, state), 0);
  observe(correlator, [KNOWN], [sighting(100, 1)]);
  strictEqual(write(correlator, state), 1);
  deepStrictEqual(novelties(restarted(KNOWN, state), [sighting(1_000, 1), sighting(1_001, "1"), sighting(1_002, 3)]), [
    3,
  ]);
});

Deno.test("learning goes on where it was, and what is odd in the state is written off", () => {
  const slow = novel(3_600_000);
  const state = new Map<string, string>();
  const correlator = new Correlator([slow], LIMITS);
  observe(correlator, [slow], [sighting(0, 1), sighting(100, 1)]);
  write(correlator, state);
  for (const key of ['["new","x"]', '["new",', '["new","o","g","v","w"]']) state.set(key, "1");
  state.set('["new","o","g"]', "soon");
  state.set('["baseline","o","g"]', "{");
  const after = new Correlator([slow], LIMITS);
  after.restoreState(state);
  after.rebuild([], [], 1_000);
  const fired = observe(after, [slow], [sighting(3_599, 2), sighting(3_600, 3), sighting(9_000, 4)]);
  deepStrictEqual(fired.map(({ detection }) => detection.group["x"]), [3]);
  write(after, state);
  deepStrictEqual([...state.keys()].filter((key) => !key.includes("new/")), []);
});

Deno.test("past the most values one of the group left alone for longest is forgotten, counted, and is new again", () => {
  const correlator = new Correlator([KNOWN], { ...LIMITS, learntValuesMax: 3 });
  const state = new Map<string, string>();
  const rows = [sighting(0, 1), sighting(20, 2), sighting(40, 1), sighting(60, 3, "bob"), sighting(80, 4)];
  observe(correlator, [KNOWN], [...rows, sighting(100, 4)]);
  write(correlator, state);
  // bob's 3 went for ann's 4: he was left alone for longest.
  strictEqual(correlator.stats().learntForgotten, 1);
  strictEqual(correlator.stats().learntValues, 3);
  deepStrictEqual(novelties(correlator, [sighting(120, 1), sighting(140, 2), sighting(160, 3, "bob")]), [3]);
  strictEqual(state.size, 4, "three values and a group are written");
});

Deno.test("a group knows so many values and no more, and keys of any length are bounded", () => {
  const limits = { ...LIMITS, learntValuesMax: 1_000_000, pendingMax: 1_000_000 };
  const correlator = new Correlator([KNOWN], limits);
  for (let i = 0; i <= LEARNT_VALUES_PER_GROUP_MAX; i++) {
    const one = sighting(i, i === 0 ? "x".repeat(1_000_000) : i);
    correlator.observe(one, matchesOf([KNOWN], one), "test");
  }
  correlator.flush();
  strictEqual(correlator.stats().learntValues, LEARNT_VALUES_PER_GROUP_MAX);
  strictEqual(correlator.stats().learntForgotten, 1);
  ok(Math.max(...correlator.stateWrites().map(({ key }) => key.length)) < 5_000);
});

Deno.test("histories are bounded, and written when a change is a minute old by the events' time", () => {
  const rule = baseline();
  const correlator = new Correlator([rule], { ...LIMITS, baselinesMax: 2 });
  const state = new Map<string, string>();
  let written = 0;
  for (let second = 0; second <= 600; second++) {
    observe(correlator, [rule], [sighting(second, second % 5)]);
    written += write(correlator, state);
  }
  ok(written >= 10 && written <= 12, String(written));
  observe(correlator, [rule], [sighting(700, 1, "bob"), sighting(701, 1, "eve"), sighting(720, 1, "eve")]);
  strictEqual(correlator.stats().baselines, 2);
  strictEqual(correlator.stats().baselinesForgotten, 1);
  write(correlator, state);
  deepStrictEqual([...state.keys()].filter((key) => key.includes("ann")), []);
});

Deno.test("a baseline holds values against the group's own history, on the side asked for, from the minimum on", () => {
  const tell = (rule: Rule, values: readonly number[]) => {
    const events = values.map((x, i) => sighting(i * 20, x));
    const fired = observe(new Correlator([rule], LIMITS), [rule], [...events, sighting(10_000, 10)]);
    return fired.map(({ detection }) => detection.timeMs / 20_000);
  };
  const calm = [9, 10, 11, 9, 10, 11, 10];
  deepStrictEqual(tell(baseline({ minimum: 7 }), [...calm, 40, 10, -40]), [7, 9]);
  deepStrictEqual(tell(baseline({ minimum: 7, direction: "above" }), [...calm, 40, 10, -40]), [7]);
  deepStrictEqual(tell(baseline({ minimum: 7, direction: "below" }), [...calm, 40, 10, -40]), [9]);
  deepStrictEqual(tell(baseline({ minimum: 8 }), [...calm, 40, 10, -40]), [9]);
  deepStrictEqual(tell(baseline({ deviations: 30 }), [...calm, 40, 10, -40]), [9]);
});

Deno.test("an event without a number in the field is not judged, and does not count", () => {
  const rule = baseline({ minimum: 2 });
  const odd = [
    sighting(0, 1),
    sighting(20, 2),
    event(40, "a"),
    sighting(60, "abc"),
    sighting(80, "90"),
    sighting(9_000, 1),
  ];
  const fired = observe(new Correlator([rule], LIMITS), [rule], odd);
  deepStrictEqual(fired.map(({ detection, facts }) => [detection.timeMs, facts["a.count"]]), [[80_000, 1]]);
});
