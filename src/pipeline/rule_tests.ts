/** Runs the tests that stand in rule files: each rule with those it builds on, through the same engine, on simulated time. */

import { type Clock, systemClock } from "../core/clock.ts";
import type { Detection } from "../core/detection.ts";
import type { Diagnostic } from "../core/errors.ts";
import type { TelemetryEvent } from "../core/event.ts";
import { referencesOf } from "../rules/link.ts";
import type { ExpectedFiring, Rule, RuleTest } from "../rules/rule.ts";
import type { Engine } from "./engine.ts";

/** When a test's time begins: 2026-01-01T00:00:00Z, in milliseconds since the epoch. */
export const TEST_START_MS = 1_767_225_600_000;

/** What became of one test. */
export interface RuleTestResult {
  readonly rule: string;
  readonly test: string;
  readonly ok: boolean;
  /** What was expected and what came, a line each; empty when it went well. */
  readonly problems: readonly string[];
  readonly place: RuleTest["place"];
  /** How long it took to run: milliseconds. */
  readonly tookMs: number;
}

/** Runs every test of a rule. `enginesOf` gives what makes fresh engines of rules; the clock only says how long it took. */
export async function runRuleTests(
  rule: Rule,
  all: ReadonlyMap<string, Rule>,
  enginesOf: (rules: readonly Rule[]) => () => Engine,
  clock: Clock = systemClock,
): Promise<RuleTestResult[]> {
  const needed = withReferences(rule, all);
  const freshEngine = enginesOf(needed);
  const results: RuleTestResult[] = [];
  for (const test of rule.tests) {
    const startedMs = clock.monotonic();
    const fired = (await firings(freshEngine(), test)).filter((detection) => detection.rule === rule.id);
    const problems = compare(test.expect, fired);
    const { name, place } = test;
    const tookMs = clock.monotonic() - startedMs;
    results.push({ rule: rule.id, test: name, ok: problems.length === 0, problems, place, tookMs });
  }
  return results;
}

/** A failed test as the diagnostic that keeps its rule from loading. */
export function failureDiagnostic({ test, problems, place }: RuleTestResult): Diagnostic {
  return { severity: "error", place, message: `Cannot load rule as its test "${test}" fails: ${problems.join("; ")}` };
}

/** The rule and all that it refers to, directly or through others. */
export function withReferences(rule: Rule, all: ReadonlyMap<string, Rule>): Rule[] {
  const needed = new Set<Rule>();
  const queue = [rule];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (needed.has(next)) continue;
    needed.add(next);
    for (const id of next.selections.flatMap(referencesOf)) {
      const referred = all.get(id);
      if (referred !== undefined) queue.push(referred);
    }
  }
  return [...needed];
}

/** A test says what fires, when and how often: why and what it counts for is not looked at. */
const ONLY_DETECTIONS = { withEvidence: false, withScores: false };

async function firings(engine: Engine, test: RuleTest): Promise<Detection[]> {
  const fired: Detection[] = [];
  for (const [i, event] of test.events.entries()) {
    const timeMs = TEST_START_MS + event.atMs;
    const telemetry: TelemetryEvent = {
      id: `event:${String(i + 1).padStart(6, "0")}`,
      timeMs,
      observedMs: timeMs,
      source: event.source,
      kind: event.kind,
      host: event.host,
      fields: event.fields,
    };
    engine.observe([telemetry], "test");
    engine.advance(timeMs, () => 0);
    fired.push(...(await engine.decide(timeMs, ONLY_DETECTIONS)).detections);
  }
  engine.flush();
  fired.push(...(await engine.decide(TEST_START_MS, ONLY_DETECTIONS)).detections);
  return fired;
}

function compare(expected: readonly ExpectedFiring[], fired: readonly Detection[]): string[] {
  const problems: string[] = [];
  const length = Math.max(expected.length, fired.length);
  for (let i = 0; i < length; i++) {
    const [want, got] = [expected[i], fired[i]];
    if (want === undefined) problems.push(`fired unexpectedly: ${describe(got)}`);
    else if (got === undefined) problems.push(`did not fire: expected ${JSON.stringify(want)}`);
    else problems.push(...differences(i + 1, want, got));
  }
  return problems;
}

function differences(n: number, want: ExpectedFiring, got: Detection): string[] {
  const problems: string[] = [];
  const note = (what: string, expected: unknown, actual: unknown) => {
    if (JSON.stringify(expected) !== JSON.stringify(actual)) {
      problems.push(`firing ${n}: expected ${what} ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`);
    }
  };
  if (want.atMs !== undefined) note("at (ms)", want.atMs, got.timeMs - TEST_START_MS);
  if (want.count !== undefined) note("count", want.count, got.count);
  for (const [field, value] of Object.entries(want.group ?? {})) note(field, value, got.group[field]);
  return problems;
}

function describe(detection: Detection | undefined): string {
  if (detection === undefined) return "nothing";
  return `at ${detection.timeMs - TEST_START_MS} ms for ${JSON.stringify(detection.group)}`;
}
