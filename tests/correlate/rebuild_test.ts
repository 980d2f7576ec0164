import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Detection } from "../../src/core/detection.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { Correlator, type PastMatch } from "../../src/correlate/mod.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { all, atLeast, correlation, event, leaf, LIMITS, matchesOf, not, observe, rule, selection } from "./build.ts";

const COUNTED = rule("counted", { correlation: correlation(atLeast("a.count", 3)), suppressMs: 90_000 });
const UNDONE = rule("undone", {
  selections: [selection("a"), selection("b")],
  correlation: correlation(all(atLeast("a.count", 2), not(atLeast("b.count", 1)))),
});
const CALM = rule("calm", { correlation: correlation(leaf("a.avg.x", "lessThan", 3)), suppressMs: 30_000 });
const PLAIN = rule("plain", { selections: [selection("b")], suppressMs: 40_000 });
const RULES = [COUNTED, UNDONE, CALM, PLAIN];

function* past(rules: readonly Rule[], events: readonly TelemetryEvent[]): Iterable<PastMatch> {
  for (const event of events) {
    for (const match of matchesOf(rules, event)) yield { event, match, sourceKey: event.source };
  }
}

/** Runs events, and keeps what a journal would: the latest form of each detection. */
function feed(correlator: Correlator, events: readonly TelemetryEvent[], journal: Map<string, Detection>): string[] {
  const fired: string[] = [];
  for (const event of events) {
    correlator.observe(event, matchesOf(RULES, event), event.source);
    correlator.advance(Infinity, () => 0);
    fired.push(...commit(correlator, journal));
  }
  return fired;
}

function commit(correlator: Correlator, journal: Map<string, Detection>): string[] {
  const { fired, counted } = correlator.take();
  for (const { detection } of fired) journal.set(detection.id, detection);
  for (const detection of counted) journal.set(detection.id, detection);
  return fired.map(({ detection }) => detection.id);
}

Deno.test("after a restart at any point everything goes on as if there had been none", () => {
  const rows = fc.array(
    fc.record({
      at: fc.integer({ min: 0, max: 400 }),
      kind: fc.constantFrom("a", "a", "b"),
      x: fc.integer({ min: 0, max: 6 }),
    }),
    { minLength: 1, maxLength: 40 },
  );
  fc.assert(
    fc.property(rows, fc.nat(), (rows, cut) => {
      const events = rows.sort((a, b) => a.at - b.at).map(({ at, kind, x }) => event(at, kind, { x }));
      const at = cut % (events.length + 1);
      const whole = new Map<string, Detection>();
      const straight = new Correlator(RULES, LIMITS);
      const fired = feed(straight, events, whole);
      straight.flush();
      fired.push(...commit(straight, whole));

      const journal = new Map<string, Detection>();
      const before = feed(new Correlator(RULES, LIMITS), events.slice(0, at), journal);
      const after = new Correlator(RULES, LIMITS);
      after.rebuild(past(RULES, events.slice(0, at)), [...journal.values()], Infinity);
      deepStrictEqual(commit(after, journal), [], "nothing is told again");
      before.push(...feed(after, events.slice(at), journal));
      after.flush();
      before.push(...commit(after, journal));
      deepStrictEqual(before.sort(), fired.sort());
      deepStrictEqual([...journal].sort(), [...whole].sort());
    }),
    { numRuns: 500 },
  );
});

Deno.test("a detection that was told as time went on is not told again", () => {
  const few = rule("few", { correlation: correlation(leaf("a.count", "lessThan", 3)) });
  const one = event(100, "a");
  const first = new Correlator([few], LIMITS);
  first.observe(one, matchesOf([few], one), "test");
  first.advance(120_000, () => 20_000);
  const told = first.take().fired.map(({ detection }) => detection);
  strictEqual(told.length, 1);
  const second = new Correlator([few], LIMITS);
  second.rebuild(past([few], [one]), told, 100_000);
  second.advance(130_000, () => 30_000);
  deepStrictEqual(second.take(), { fired: [], counted: [] });
  second.advance(180_000, () => 80_000);
  deepStrictEqual(second.take().counted.map(({ id, state }) => [id, state]), [[told[0]?.id, "closed"]]);
});

Deno.test("an open detection goes on without the matches that led to it, and one of a rule that is gone is closed", () => {
  const first = new Correlator([COUNTED], LIMITS);
  const told = observe(first, [COUNTED], [0, 1, 2].map((s) => event(s, "a"))).map(({ detection }) => detection);
  const second = new Correlator([COUNTED], LIMITS);
  second.rebuild([], told, 2_000);
  deepStrictEqual(observe(second, [COUNTED], [70, 71, 72].map((s) => event(s, "a"))), [], "it is silent still");
  strictEqual(second.stats().open, 1);
  const without = new Correlator([PLAIN], LIMITS);
  without.rebuild([], told, 2_000);
  deepStrictEqual(without.take().counted.map(({ state }) => state), ["closed"]);
});
