/** Backtests over a real journal: what fires now, what fired before, and what a change makes of it. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { correlateSchema, scoreSchema } from "../../src/correlate/schema.ts";
import { Journal, JournalReader } from "../../src/journal/mod.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { backtest, type RuleVersion } from "../../src/pipeline/backtest.ts";
import type { ComparedFiring } from "../../src/pipeline/firing_comparison.ts";
import { parseRules } from "../rules/parse.ts";
import { KEEP, NOTHING, START_MS } from "../journal/samples.ts";

const CONFIG = { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) };

function version(text: string): RuleVersion {
  const { rules, diagnostics } = parseRules("r.yaml", text);
  deepStrictEqual(diagnostics, []);
  const rule = rules.at(-1);
  if (rule === undefined) throw new Error("Cannot make version");
  return { rule, all: rules };
}

/** Fires when a user fails so often within a minute. */
const failures = (count: number) =>
  version(`
id: failures
title: Failures
level: low
select: { failure: { kind: authentication.failure } }
correlate: { group-by: [user.name], timespan: 1m }
when: { fact: failure.count, operator: greaterThanInclusive, value: ${count} }
`);

function failure(id: string, seconds: number, user: string, source = "logs"): TelemetryEvent {
  const timeMs = START_MS + seconds * 1000;
  return {
    id,
    timeMs,
    observedMs: timeMs + 5,
    source,
    kind: "authentication.failure",
    host: "h",
    fields: { "user.name": user },
  };
}

/** Commits the events in batches of a few, as they come, and runs the rule over the journal. */
async function run(
  events: readonly TelemetryEvent[],
  now: RuleVersion,
  before: RuleVersion | null,
  sinceMs = 0,
) {
  const directory = await Deno.makeTempDir();
  try {
    const journal = Journal.open(directory, KEEP);
    for (let i = 0; i < events.length; i += 3) journal.commit({ ...NOTHING, events: events.slice(i, i + 3) });
    journal.close();
    const told: ComparedFiring[] = [];
    const reader = JournalReader.open(directory);
    const onFiring = (firing: ComparedFiring) => told.push(firing);
    const result = await backtest({ reader, config: CONFIG, now, before, sinceMs, onFiring });
    reader.close();
    const shown = told.map(({ change, detection: { timeMs, group }, laterMs }) =>
      `${change} ${(timeMs - START_MS) / 1000} ${group["user.name"]} ${laterMs / 1000}`
    );
    return { result, shown: shown.sort() };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const EVENTS = [
  ...[0, 10, 20, 30, 40].map((at) => failure(`a${at}`, at, "ann")),
  ...[100, 110, 120].map((at) => failure(`b${at}`, at, "bob")),
  ...[500, 501].map((at) => failure(`c${at}`, at, "cy")),
];

Deno.test("backtest: an empty journal makes nothing fire", async () => {
  const { result, shown } = await run([], failures(1), null);
  deepStrictEqual(shown, []);
  deepStrictEqual(result, { both: 0, only_now: 0, only_before: 0, hurried: 0, events: 0, firstMs: null, lastMs: null });
});

Deno.test("backtest: a version against itself changes nothing", async () => {
  const rule = failures(3);
  const { result, shown } = await run(EVENTS, rule, rule);
  deepStrictEqual(shown, ["both 120 bob 0", "both 20 ann 0"]);
  deepStrictEqual([result.events, result.firstMs, result.lastMs], [10, START_MS + 5, START_MS + 501_005]);
});

Deno.test("backtest: without a version before, all is new", async () => {
  deepStrictEqual((await run(EVENTS, failures(5), null)).shown, ["only_now 40 ann 0"]);
});

Deno.test("backtest: a lower threshold fires earlier for some and for the first time for others", async () => {
  const { shown, result } = await run(EVENTS, failures(3), failures(5));
  deepStrictEqual(shown, ["both 20 ann -20", "only_now 120 bob 0"]);
  deepStrictEqual([result.both, result.only_now, result.only_before], [1, 1, 0]);
});

Deno.test("backtest: a higher threshold loses some", async () => {
  deepStrictEqual((await run(EVENTS, failures(4), failures(2))).shown, [
    "both 30 ann 20",
    "only_before 110 bob 0",
    "only_before 501 cy 0",
  ]);
});

Deno.test("backtest: windows are as full at the start as they were, and what fired before it is not told", async () => {
  const sinceMs = START_MS + 25_000;
  deepStrictEqual((await run(EVENTS, failures(3), null, sinceMs)).shown, ["only_now 120 bob 0"]);
  deepStrictEqual((await run(EVENTS, failures(5), null, sinceMs)).shown, ["only_now 40 ann 0"]);
});

Deno.test("backtest: a rule takes those it builds on with it, whose own firings are not told", async () => {
  const built = version(`
id: base
title: Base
level: low
select: { one: { kind: authentication.failure } }
---
id: built
title: Built
level: low
select: { two: { rule: base } }
correlate: { group-by: [user.name], timespan: 1m }
when: { fact: two.count, operator: greaterThanInclusive, value: 3 }
`);
  deepStrictEqual((await run(EVENTS, built, null)).shown, ["only_now 120 bob 0", "only_now 20 ann 0"]);
});

const made = fc.record({ at: fc.integer({ min: 0, max: 300 }), user: fc.constantFrom("ann", "bob"), late: fc.nat(8) });

Deno.test("property: a backtest fires as the same events did in one go", async () => {
  const rule = failures(3);
  await fc.assert(
    fc.asyncProperty(fc.array(made, { maxLength: 40 }), async (failed) => {
      const events = failed.sort((a, b) => a.at + a.late - b.at - b.late).map(({ at, user, late }, i) => {
        const event = failure(`e${i}`, at, user);
        return { ...event, observedMs: event.timeMs + late * 1000 };
      });
      const { engine } = createEngine([rule.rule], CONFIG);
      engine.observe(events, "logs");
      engine.flush();
      const { detections } = await engine.decide(START_MS);
      const expected = detections.map(({ timeMs, group }) =>
        `both ${(timeMs - START_MS) / 1000} ${group["user.name"]} 0`
      );
      deepStrictEqual((await run(events, rule, rule)).shown, expected.sort());
    }),
    { numRuns: 40 },
  );
});

Deno.test("backtest: a source that fell silent does not hold up what rests on several", async () => {
  const events = [
    failure("x", 0, "ann", "other"),
    ...Array.from({ length: 10 }, (_, i) => failure(`y${i}`, 3600 + i, "bob")),
  ];
  const { shown, result } = await run(events, failures(10), null);
  deepStrictEqual(shown, ["only_now 3609 bob 0"]);
  ok(result.events === 11);
  strictEqual(result.hurried, 0);
});
