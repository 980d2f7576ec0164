/** Rules that change while it runs: who goes on, who begins anew, and what becomes of what was open. */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Correlator } from "../../src/correlate/mod.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { all, any, atLeast, correlation, event, leaf, LIMITS, observe, rule, seconds, selection } from "./build.ts";
import { absent, baseline, novel, sustained } from "./patterns.ts";

const COUNT = rule("count", { correlation: correlation(atLeast("a.count", 3)), suppressMs: 60_000 });
const LATER = rule("later", { correlation: correlation(leaf("a.count", "lessThan", 2)) });
const PLAIN = rule("plain", { selections: [selection("b")], suppressMs: 60_000 });

/** The same rules read again: other objects. */
function again(rules: readonly Rule[]): Rule[] {
  return rules.map((rule) => ({ ...rule, selections: rule.selections.map((selection) => ({ ...selection })) }));
}

/** A correlator that goes from some rules to others after a number of events; the times at which it fires. */
function firings(before: readonly Rule[], after: readonly Rule[], times: readonly number[], at: number, kind = "a") {
  const correlator = new Correlator(before, LIMITS);
  const events = times.map((second) => event(second, kind));
  const fired = observe(correlator, before, events.slice(0, at));
  correlator.replace(after);
  fired.push(...observe(correlator, after, events.slice(at)));
  correlator.flush();
  return seconds([...fired, ...correlator.take().fired]);
}

Deno.test("a rule that asks for the same goes on with its window", () => {
  deepStrictEqual(firings([COUNT], again([COUNT]), [0, 1, 2], 2), [2]);
  deepStrictEqual(firings([COUNT], again([PLAIN, COUNT]), [0, 1, 2], 1), [2]);
});

Deno.test("one that asks for something else begins anew", () => {
  const four = { ...COUNT, correlation: correlation(atLeast("a.count", 2)) };
  deepStrictEqual(firings([COUNT], [four], [0, 1, 2, 3], 2), [3]);
});

Deno.test("wording, level and weight are those of the new rule, and the window goes on", () => {
  const correlator = new Correlator([COUNT, PLAIN], LIMITS);
  observe(correlator, [COUNT, PLAIN], [event(0, "a"), event(1, "a")]);
  const reworded = [COUNT, PLAIN].map((rule) => ({
    ...rule,
    level: "critical" as const,
    weight: 1,
    message: "New words",
  }));
  correlator.replace(reworded);
  const fired = observe(correlator, reworded, [event(2, "a"), event(3, "b")]);
  deepStrictEqual(fired.map(({ detection: { rule, level, weight, message } }) => [rule, level, weight, message]), [
    ["count", "critical", 1, "New words"],
    ["plain", "critical", 1, "New words"],
  ]);
});

Deno.test("open detections go on where the rule asks for the same, and are closed where it changed or is gone", () => {
  const correlator = new Correlator([COUNT, PLAIN], LIMITS);
  observe(correlator, [COUNT, PLAIN], [0, 1, 2].map((second) => event(second, "a")).concat(event(2, "b")));
  strictEqual(correlator.stats().open, 2);
  correlator.replace(again([COUNT]));
  deepStrictEqual(correlator.take().counted.map(({ rule, state }) => [rule, state]), [["plain", "closed"]]);
  const [counting] = again([COUNT]);
  const more = event(3, "a");
  correlator.observe(more, [{ rule: counting ?? COUNT, selection: selection("gone") }], "test");
  deepStrictEqual(correlator.take().counted, [], "a selection of the rules before is nobody's");
  correlator.replace([{ ...COUNT, suppressMs: 0 }]);
  deepStrictEqual(correlator.take().counted.map(({ rule, state }) => [rule, state]), [["count", "closed"]]);
  const { groups, entries, open, pending } = correlator.stats();
  deepStrictEqual({ groups, entries, open, pending }, { groups: 0, entries: 0, open: 0, pending: 0 });
});

Deno.test("nothing is left of rules of any kind that are gone", () => {
  const rules = [COUNT, LATER, PLAIN, sustained(), absent(), novel(0), baseline()];
  const correlator = new Correlator(rules, LIMITS);
  const events = Array.from({ length: 60 }, (_, i) => event(i, i % 7 === 0 ? "b" : "a", { x: i % 5 }));
  observe(correlator, rules, events);
  correlator.replace([]);
  const { groups, entries, open, pending } = correlator.stats();
  deepStrictEqual({ groups, entries, open, pending }, { groups: 0, entries: 0, open: 0, pending: 0 });
});

Deno.test("what waits for the watermark is decided by the rule as it was read again", () => {
  deepStrictEqual(firings([LATER], again([LATER]), [0, 40, 80], 1), [0, 60]);
});

Deno.test("a rule that is fed begins to be when another takes its matches, and goes on with its own window", () => {
  const burst = rule("burst", {
    selections: [selection("counts", { rule: "count" })],
    correlation: correlation(atLeast("counts.count", 1)),
  });
  const correlator = new Correlator([COUNT], LIMITS);
  observe(correlator, [COUNT], [event(0, "a"), event(1, "a")]);
  const rules = again([burst, COUNT]);
  correlator.replace(rules);
  const fired = observe(correlator, rules, [2, 3, 4].map((second) => event(second, "a")));
  correlator.flush();
  fired.push(...correlator.take().fired);
  deepStrictEqual(fired.map(({ rule, detection }) => [rule.id, detection.timeMs]), [["count", 2000], ["burst", 4000]]);
  correlator.replace(again([COUNT]));
  strictEqual(observe(correlator, again([COUNT]), [event(5, "a")]).length, 0);
});

Deno.test("a new rule waits for its configured groups from then on", () => {
  const correlator = new Correlator([COUNT], LIMITS);
  observe(correlator, [COUNT], [event(100, "b")]);
  const waiting = absent(undefined, ["zoe"]);
  correlator.replace([COUNT, waiting]);
  const fired = observe(correlator, [COUNT, waiting], [event(200, "b")]);
  deepStrictEqual(fired.map(({ detection }) => [detection.group, detection.timeMs]), [[
    { "user.name": "zoe" },
    112_000,
  ]]);
});

Deno.test("what was learnt stays when the rule waits otherwise, or is away for a while, and goes when it looks elsewhere", () => {
  const known = novel(0);
  const correlator = new Correlator([known], LIMITS);
  observe(correlator, [known], [event(0, "a", { x: 1 }), event(100, "a", { x: 1 })]);
  correlator.replace([{ ...known, suppressMs: 5_000 }]);
  strictEqual(correlator.stats().learntValues, 1);
  correlator.replace([]);
  strictEqual(correlator.stats().learntValues, 1);
  correlator.replace([known]);
  const fired = observe(correlator, [known], [event(200, "a", { x: 1 }), event(201, "a", { x: 2 }), event(300, "b")]);
  fired.push(...observe(correlator, [known], [event(300, "a", { x: 1 })]));
  deepStrictEqual(fired.map(({ detection }) => detection.group["x"]), [2]);
  correlator.replace([{ ...known, selections: [selection("a", { kinds: ["a", "b"] })] }]);
  strictEqual(correlator.stats().learntValues, 0);
});

Deno.test("rules that cannot be correlated change nothing", () => {
  const two = any(atLeast("a.count", 1), atLeast("b.count", 1));
  const wild = rule("wild", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(...Array.from({ length: 9 }, () => two)), { ordered: true }),
  });
  const correlator = new Correlator([COUNT], LIMITS);
  observe(correlator, [COUNT], [event(0, "a"), event(1, "a")]);
  throws(() => correlator.replace([wild]), /Cannot correlate rule "wild"/);
  deepStrictEqual(seconds(observe(correlator, [COUNT], [event(2, "a")])), [2]);
});
