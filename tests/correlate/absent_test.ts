/** What did not come: live on the clock, at a start, and without any event at all. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Correlator } from "../../src/correlate/mod.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { atLeast, correlation, event, LIMITS, matchesOf, rule, run, selection } from "./build.ts";
import { absent } from "./patterns.ts";

/** Runs a correlator on the clock: events as they come, a look each second. Returns `user@seconds, told at` of each firing. */
function live(rule: Rule, events: ReturnType<typeof event>[], toSecond: number, fromSecond = 0): string[] {
  const correlator = new Correlator([rule], LIMITS);
  correlator.rebuild([], [], fromSecond * 1_000);
  return goOn(correlator, rule, events, fromSecond, toSecond);
}

function goOn(
  correlator: Correlator,
  rule: Rule,
  events: ReturnType<typeof event>[],
  fromSecond: number,
  toSecond: number,
): string[] {
  const told: string[] = [];
  for (let second = fromSecond; second <= toSecond; second++) {
    let heardMs = 0;
    for (const one of events) {
      if (one.timeMs <= second * 1_000) heardMs = Math.max(heardMs, one.timeMs);
      if (one.timeMs === second * 1_000) correlator.observe(one, matchesOf([rule], one), one.source);
    }
    correlator.advance(second * 1_000, () => second * 1_000 - heardMs);
    for (const { detection: { group, timeMs } } of correlator.take().fired) {
      told.push(`${group["user.name"]}@${timeMs / 1_000}, told at ${second}`);
    }
  }
  return told;
}

Deno.test("on the clock it fires when the lateness after its time has passed, once, and again only after a sighting", () => {
  const events = [event(0, "a"), event(60, "a")];
  deepStrictEqual(live(absent(), events, 200), ["ann@12, told at 23", "ann@72, told at 83"]);
});

Deno.test("a sighting at the very end is in time", () => {
  deepStrictEqual(live(absent(), [event(0, "a"), event(12, "a")], 23), []);
  deepStrictEqual(live(absent(), [event(0, "a"), event(11, "a"), event(23, "a")], 45), []);
});

Deno.test("a configured group is waited for from the clock's start, and a detection without an event is whole", () => {
  const waiting = { ...absent(undefined, ["zoe"]), message: "{user.name} for {a.absent} s", entities: ["user.name"] };
  const correlator = new Correlator([waiting], LIMITS);
  correlator.rebuild([], [], 100_000);
  const other = event(100, "b");
  correlator.observe(other, matchesOf([waiting], other), "test");
  correlator.advance(130_000, () => 30_000);
  const [fired, ...more] = correlator.take().fired;
  strictEqual(more.length, 0);
  const { detection, event: none, facts, lastBySelection } = fired ?? {};
  strictEqual(none, undefined);
  deepStrictEqual([facts, lastBySelection], [{ "a.absent": 12 }, []]);
  const { timeMs, count, eventIds, sources, host, entities, message, state } = detection ?? {};
  deepStrictEqual({ timeMs, count, eventIds, sources, host, entities, message, state }, {
    timeMs: 112_000,
    count: 0,
    eventIds: [],
    sources: [],
    host: "",
    entities: ["user:zoe"],
    message: "zoe for 12 s",
    state: "open",
  });
});

Deno.test("in a replay a configured group is waited for from the first event on", () => {
  const fired = run([absent(undefined, ["zoe"])], [event(50, "b"), event(62, "b")]);
  deepStrictEqual(fired.map(({ detection }) => detection.timeMs), [62_000]);
  deepStrictEqual(run([absent(undefined, ["zoe"])], [event(50, "b"), event(61.999, "b")]), []);
});

Deno.test("a source that failed and says nothing holds it up for a minute and no longer", () => {
  const waiting = absent();
  const correlator = new Correlator([waiting], LIMITS);
  correlator.rebuild([], [], 0);
  const one = event(0, "a");
  correlator.observe(one, matchesOf([waiting], one), "test");
  const told: number[] = [];
  for (let second = 0; second <= 120; second++) {
    correlator.advance(second * 1_000, () => 0);
    if (correlator.take().fired.length > 0) told.push(second);
  }
  deepStrictEqual(told, [60]);
});

Deno.test("what ran out while Weir was down is waited for anew; what had run out before fires as it would have", () => {
  const waiting = absent();
  const past = (at: number, user: string) => {
    const seen = event(at, "a", { "user.name": user });
    return matchesOf([waiting], seen).map((match) => ({ event: seen, match, sourceKey: "test" }));
  };
  const correlator = new Correlator([waiting], LIMITS);
  correlator.rebuild([...past(0, "ann"), ...past(5, "bob"), ...past(14, "eve")], [], 500_000);
  const told = goOn(correlator, waiting, [event(500, "b")], 500, 600);
  // ann's time was up at 12, when events were still heard; bob's and eve's at 17 and 26, when nothing was.
  deepStrictEqual(told.sort(), ["ann@12, told at 500", "bob@512, told at 523", "eve@512, told at 523"]);
});

Deno.test("while it is absent the detection stays open; a sighting closes it, once it need not be silent any more", () => {
  const states = (suppressMs: number) => {
    const waiting = absent(undefined, [], { suppressMs });
    const correlator = new Correlator([waiting], LIMITS);
    const told: string[] = [];
    for (const one of [event(0, "a"), event(100, "a"), event(111, "b"), event(300, "b")]) {
      correlator.observe(one, matchesOf([waiting], one), "test");
      correlator.advance(Infinity, () => 0);
      const { fired, counted } = correlator.take();
      told.push([...fired.map(({ detection }) => detection), ...counted].map(({ state }) => state).join(" "));
    }
    return told;
  };
  deepStrictEqual(states(0), ["", "open", "closed", "open"]);
  deepStrictEqual(states(95_000), ["", "open", "", "open closed"], "silent until 107, absent again at 112");
  deepStrictEqual(states(150_000), ["", "open", "", "open"], "the absence at 112 is counted on the one there is");
});

Deno.test("a rule may take the absences of another, at the time at which they are found", () => {
  const twice = rule("twice", {
    selections: [selection("absences", { rule: "absent" })],
    correlation: correlation(atLeast("absences.count", 2)),
  });
  const fired = run([twice, absent()], [event(0, "a"), event(20, "a"), event(60, "b")]);
  deepStrictEqual(fired.map(({ rule, detection }) => [rule.id, detection.timeMs / 1_000]), [
    ["absent", 12],
    ["absent", 32],
    ["twice", 32],
  ]);
});

Deno.test("past the most groups the one left alone for longest is waited for no longer", () => {
  const waiting = absent();
  const correlator = new Correlator([waiting], { ...LIMITS, groupsMax: 2 });
  for (const [i, user] of ["ann", "bob", "eve"].entries()) {
    const one = event(i, "a", { "user.name": user });
    correlator.observe(one, matchesOf([waiting], one), "test");
  }
  correlator.observe(event(100, "b"), [], "test");
  deepStrictEqual(correlator.take().fired.map(({ detection }) => detection.group["user.name"]), ["bob", "eve"]);
  strictEqual(correlator.stats().groupsEvicted, 1);
});
