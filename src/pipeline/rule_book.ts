/** The rules in force: all that load, less those whose own tests fail, with everything that was said about them. */

import { compareDiagnostics, type Diagnostic } from "../core/errors.ts";
import { correlationProblem } from "../correlate/mod.ts";
import { referencesOf } from "../rules/link.ts";
import { loadRules } from "../rules/load.ts";
import type { Rule } from "../rules/rule.ts";
import { createEngine, type EngineConfig } from "./assemble.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import { failureDiagnostic, type RuleTestResult, runRuleTests } from "./rule_tests.ts";
import type { MadeRules } from "./threshold_rules.ts";

export interface RuleBook {
  readonly rules: readonly Rule[];
  /** Errors, each of which left a rule out, and warnings, in the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
  readonly testResults: readonly RuleTestResult[];
  readonly files: number;
}

/**
 * Reads the folders and runs the rules' own tests. A rule that a left-out rule refers to goes with it. `made`: rules that stand in
 * no file, such as thresholds.
 */
export async function loadRuleBook(
  folders: readonly string[],
  config: EngineConfig,
  made: MadeRules = { rules: [], diagnostics: [] },
): Promise<RuleBook> {
  const loaded = await loadRules(folders, { knownKinds: KNOWN_KINDS, made: made.rules });
  const impossible = loaded.rules.map(impossibility).filter((found) => found !== undefined);
  const possible = withoutFailed(loaded.rules, new Set(impossible.map(({ rule }) => rule)));
  const testResults = await testRules(possible.kept, config);
  const failed = testResults.filter(({ ok }) => !ok);
  const passed = withoutFailed(possible.kept, new Set(failed.map(({ rule }) => rule)));
  const diagnostics = [
    ...made.diagnostics,
    ...loaded.diagnostics,
    ...impossible.map(({ diagnostic }) => diagnostic),
    ...failed.map(failureDiagnostic),
    ...possible.orphaned,
    ...passed.orphaned,
  ].sort(compareDiagnostics);
  return { rules: passed.kept, diagnostics, testResults, files: loaded.files };
}

/** Every test of every rule. */
export async function testRules(rules: readonly Rule[], config: EngineConfig): Promise<RuleTestResult[]> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const engineFor = (needed: readonly Rule[]) => createEngine(needed, config).engine;
  const results: RuleTestResult[] = [];
  for (const rule of rules) results.push(...await runRuleTests(rule, byId, engineFor));
  return results;
}

/** What keeps a rule from being correlated at all, where something does. */
function impossibility(rule: Rule): { rule: string; diagnostic: Diagnostic } | undefined {
  const problem = correlationProblem(rule);
  if (problem === undefined) return undefined;
  const message = `Cannot load rule as ${problem}`;
  return { rule: rule.id, diagnostic: { severity: "error", place: rule.place, message } };
}

function withoutFailed(rules: readonly Rule[], failed: Set<string>): { kept: Rule[]; orphaned: Diagnostic[] } {
  const gone = new Set(failed);
  const orphaned: Diagnostic[] = [];
  for (let before = -1; before !== gone.size;) {
    before = gone.size;
    for (const rule of rules) {
      const missing = rule.selections.flatMap(referencesOf).find((id) => gone.has(id));
      if (gone.has(rule.id) || missing === undefined) continue;
      gone.add(rule.id);
      const message = `Cannot load rule as it refers to "${missing}", which is left out`;
      orphaned.push({ severity: "error", place: rule.place, message });
    }
  }
  return { kept: rules.filter((rule) => !gone.has(rule.id)), orphaned };
}
