import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { Correlator } from "../../src/correlate/mod.ts";
import { testsOf } from "../../src/rules/compile.ts";
import type { Condition } from "../../src/rules/condition.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { all, any, atLeast, correlation, event, leaf, LIMITS, matchesOf, not, rule, run, selection } from "./build.ts";
import { crossings } from "./oracle.ts";

const KINDS = ["a", "b", "c"];
const TIMESPAN_MS = 12_000;

/** Conditions that further events can only make truer. */
const growing: fc.Arbitrary<Condition> = fc.letrec<{ node: Condition }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 2 },
    fc.tuple(fc.constantFrom(...KINDS), fc.integer({ min: 1, max: 4 })).map(([kind, n]) => atLeast(`${kind}.count`, n)),
    fc.tuple(fc.constantFrom(...KINDS), fc.integer({ min: 0, max: 3 }))
      .map(([kind, n]) => leaf(`${kind}.distinct.x`, "greaterThan", n)),
    fc.tuple(fc.constantFrom(...KINDS), fc.integer({ min: 0, max: 5 }))
      .map(([kind, n]) => leaf(`${kind}.max.x`, "greaterThan", n)),
    fc.tuple(fc.constantFrom(...KINDS), fc.integer({ min: 0, max: 5 }))
      .map(([kind, n]) => leaf(`${kind}.min.x`, "lessThan", n)),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((of) => all(...of)),
    fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((of) => any(...of)),
  ),
})).node;

/** Measures that do not depend on the order of events at the same time. */
const MEASURES = ["count", "age", "distinct.x", "sum.x", "avg.x", "min.x", "max.x", "slope.x", "p50.x", "p95.x"];

/** Measures that ask which event was last. */
const LAST_MEASURES = ["last.x", "rise.x", "ratio.x"];

/** Conditions of any kind. */
function changing(measures: readonly string[]): fc.Arbitrary<Condition> {
  const operators = ["lessThan", "greaterThan", "equal", "notEqual", "lessThanInclusive"];
  return fc.letrec<{ node: Condition }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 2 },
      fc.tuple(
        fc.constantFrom(...KINDS),
        fc.constantFrom(...measures),
        fc.constantFrom(...operators),
        fc.integer({ min: -1, max: 5 }),
      ).map(([kind, measure, operator, n]) => leaf(`${kind}.${measure}`, operator, n + 0.25 * (n % 2))),
      tie("node").map((of) => not(of)),
      fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((of) => all(...of)),
      fc.array(tie("node"), { minLength: 1, maxLength: 3 }).map((of) => any(...of)),
    ),
  })).node;
}

/** Events at whole seconds, so that times meet, of two sources and two groups. */
const history: fc.Arbitrary<TelemetryEvent[]> = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 60 }),
    kind: fc.constantFrom(...KINDS, "other"),
    x: fc.option(fc.integer({ min: 0, max: 6 }), { nil: undefined }),
    user: fc.constantFrom("ann", "bob"),
    source: fc.constantFrom("one", "two"),
  }),
  { minLength: 1, maxLength: 40 },
).map((rows) =>
  rows.sort((a, b) => a.at - b.at).map(({ at, kind, x, user, source }) => ({
    ...event(at, kind, { "user.name": user, ...(x === undefined ? {} : { x }) }),
    source,
  }))
);

/** A history and an order of arrival in which each source's events come at most the lateness after newer ones of any source. */
const arrivals = fc.tuple(history, fc.infiniteStream(fc.integer({ min: 0, max: LIMITS.latenessMs }))).map((
  [events, delays],
) => {
  const delayed = events.map((event) => ({ event, at: event.timeMs + (delays.next().value ?? 0) }));
  return { events, shuffled: delayed.sort((a, b) => a.at - b.at).map(({ event }) => event) };
});

function ruleOf(when: Condition, ordered = false): Rule {
  const named = new Set([...testsOf(when)].map(({ fact }) => fact.split(".")[0]));
  const selections = KINDS.filter((kind) => named.has(kind)).map((kind) => selection(kind));
  return rule("r", { selections, correlation: correlation(when, { timespanMs: TIMESPAN_MS, ordered }) });
}

/** `group@seconds` of each time the slow way says the condition turns true. */
function expected({ selections, correlation }: Rule, when: Condition, events: readonly TelemetryEvent[]): string[] {
  const names = selections.map(({ name }) => name);
  const endMs = Math.max(...events.map(({ timeMs }) => timeMs));
  const slow = { selections: names, timespanMs: TIMESPAN_MS, when, ordered: correlation?.ordered === true };
  return ["ann", "bob"].flatMap((user) => {
    const own = events.filter(({ fields }) => fields["user.name"] === user);
    return crossings(slow, own, endMs).map((at) => `${user}@${at}`);
  }).sort();
}

function fired(rules: Rule, events: readonly TelemetryEvent[]): string[] {
  return run([rules], events).map(({ detection }) => `${detection.group["user.name"]}@${detection.timeMs}`).sort();
}

Deno.test("decided at once, in order of arrival: each crossing, and no other", () => {
  fc.assert(
    fc.property(growing, history, (when, events) => {
      const tested = ruleOf(when);
      deepStrictEqual(fired(tested, events), expected(tested, when, events));
    }),
    { numRuns: 500 },
  );
});

Deno.test("decided at once, with the selections in the order written", () => {
  fc.assert(
    fc.property(growing, history, (when, events) => {
      const tested = ruleOf(when, true);
      deepStrictEqual(fired(tested, events), expected(tested, when, events));
    }),
    { numRuns: 500 },
  );
});

Deno.test("decided by the watermark: each crossing, and no other, whatever the order of arrival", () => {
  fc.assert(
    fc.property(changing(MEASURES), arrivals, (condition, { events, shuffled }) => {
      const when = all(condition, leaf("c.count", "lessThan", 1_000)); // or it might be decided at once
      const tested = ruleOf(when);
      // Watermarks of two sources are known once both were seen.
      const known = ["one", "two"].map((source) => ({ ...event(-1000, "a", { "user.name": "nobody" }), source }));
      const seen = (list: readonly TelemetryEvent[]) =>
        fired(tested, [...known, ...list]).filter((f) => !f.startsWith("n"));
      deepStrictEqual(seen(shuffled), expected(tested, when, [...events]));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decided by the watermark, asking which event was last", () => {
  fc.assert(
    fc.property(changing(LAST_MEASURES), history, (when, events) => {
      const tested = ruleOf(when);
      deepStrictEqual(fired(tested, events), expected(tested, when, events));
    }),
    { numRuns: 500 },
  );
});

Deno.test("which groups fire does not depend on the order of arrival within the lateness", () => {
  const groups = (tested: Rule, events: readonly TelemetryEvent[]) =>
    [...new Set(run([tested], events).map(({ detection }) => detection.group["user.name"]))].sort();
  fc.assert(
    fc.property(growing, fc.boolean(), arrivals, (when, ordered, { events, shuffled }) => {
      const tested = ruleOf(when, ordered);
      deepStrictEqual(groups(tested, shuffled), groups(tested, events));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("nor do the groups of a rule that takes another correlation's matches", () => {
  fc.assert(
    fc.property(growing, changing(["count", "avg.x"]), arrivals, (base, when, { events, shuffled }) => {
      const first = { ...ruleOf(base), id: "first" };
      const through = selection("a", { rule: "first" });
      const chained = rule("chained", {
        selections: [through, selection("b"), selection("c")],
        correlation: correlation(all(atLeast("a.count", 1), when), { timespanMs: TIMESPAN_MS }),
      });
      const eager = rule("eager", {
        selections: [through, selection("b")],
        correlation: correlation(all(atLeast("a.count", 2), atLeast("b.count", 1)), { timespanMs: TIMESPAN_MS }),
      });
      const groups = (list: readonly TelemetryEvent[]) =>
        [
          ...new Set(
            run([chained, eager, first], list).map(({ rule, detection }) =>
              `${rule.id} ${detection.group["user.name"]}`
            ),
          ),
        ].sort();
      deepStrictEqual(groups(shuffled), groups(events));
    }),
    { numRuns: 500 },
  );
});

Deno.test("the same input gives the same output, wherever batches end", () => {
  fc.assert(
    fc.property(
      growing,
      changing(MEASURES),
      arrivals,
      fc.integer({ min: 1, max: 20 }),
      (one, two, { shuffled }, size) => {
        const rules = [{ ...ruleOf(one), id: "one", suppressMs: 5_000 }, { ...ruleOf(two), id: "two" }];
        const outputs = [1, size].map((batch) => {
          const correlator = new Correlator(rules, LIMITS);
          const lines: unknown[] = [];
          for (let i = 0; i < shuffled.length; i += batch) {
            for (const one of shuffled.slice(i, i + batch)) correlator.observe(one, matchesOf(rules, one), one.source);
            correlator.advance(Infinity, () => 0);
            lines.push(...correlator.take().fired.map(({ detection }) => detection));
          }
          correlator.flush();
          return JSON.stringify([...lines, ...correlator.take().fired.map(({ detection }) => detection)]);
        });
        deepStrictEqual(outputs[0], outputs[1]);
      },
    ),
    { numRuns: 300 },
  );
});
