/** A rule as it would be in force with a file that is not: among the others, tuned as they are. */

import { compareDiagnostics, type Diagnostic, type Place, UsageError } from "../core/errors.ts";
import { correlationProblem } from "../correlate/mod.ts";
import { linkDocuments, type RuleDocument } from "../rules/documents.ts";
import { referencesOf } from "../rules/link.ts";
import { createRuleReader } from "../rules/load.ts";
import type { Rule } from "../rules/rule.ts";
import { tuneRules, type Tuning } from "../rules/tuning.ts";
import type { RuleVersion } from "./backtest.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import { withReferences } from "./rule_tests.ts";

export interface EditedRule {
  /** Absent where an error leaves it out. */
  readonly version: RuleVersion | undefined;
  /** What is wrong with the file, in order. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a file in the place of the documents of the same ids in the folders. Its rule is the one that no other of its rules builds
 * on. The rule's own tests are not run, and it is taken even where it is switched off.
 *
 * @throws {UsageError} when the file has no such rule, or several.
 */
export async function loadEditedRule(path: string, folders: readonly string[], tuning: Tuning): Promise<EditedRule> {
  const read = createRuleReader({ knownKinds: KNOWN_KINDS, valueLists: tuning.lists });
  const { files, diagnostics } = await read([...folders, path]);
  const edited = files.filter((file) => file.path === path);
  const inFile = edited.flatMap(({ documents }) => documents);
  const stated = new Set(inFile.flatMap(statedId));
  const others = files.filter((file) => file.path !== path).flatMap(({ documents }) => documents)
    .filter((document) => !statedId(document).some((id) => stated.has(id)));
  const linked = linkDocuments([...others, ...inFile]);
  const isOfFile = ({ place }: { place: Place }) => place.path === path;
  const found = [
    ...diagnostics,
    ...edited.flatMap((file) => file.diagnostics),
    ...inFile.flatMap((document) => document.read.diagnostics),
    ...linked.diagnostics,
  ].filter(isOfFile).sort(compareDiagnostics);
  if (found.some(({ severity }) => severity === "error")) return { version: undefined, diagnostics: found };
  const { id } = foremost(linked.rules.filter(isOfFile), path);
  const all = tuned(linked.rules, id, tuning);
  const byId = new Map(all.map((one) => [one.id, one]));
  const rule = byId.get(id);
  if (rule === undefined) return { version: undefined, diagnostics: found };
  const impossible = withReferences(rule, byId).flatMap(impossibility);
  return { version: impossible.length > 0 ? undefined : { rule, all }, diagnostics: [...found, ...impossible] };
}

function impossibility(rule: Rule): Diagnostic[] {
  const problem = correlationProblem(rule);
  return problem === undefined
    ? []
    : [{ severity: "error", place: rule.place, message: `Cannot load rule as ${problem}` }];
}

function statedId({ read }: RuleDocument): string[] {
  const id = read.ruleId ?? read.id;
  return id === undefined ? [] : [id];
}

/** The rule that the others of its file are there for. */
function foremost(rules: readonly Rule[], path: string): Rule {
  const referred = new Set(rules.flatMap(({ selections }) => selections.flatMap(referencesOf)));
  const [first, ...more] = rules.filter(({ id }) => !referred.has(id));
  if (first !== undefined && more.length === 0) return first;
  const current = first === undefined ? "none" : [first, ...more].map(({ id }) => id).join(", ");
  throw new UsageError(
    `Cannot take a rule from ${path} as it must hold one that stands by itself: current value is ${current}`,
  );
}

/** All rules as they are tuned, this one switched on. */
function tuned(rules: readonly Rule[], id: string, tuning: Tuning): readonly Rule[] {
  const own = Object.hasOwn(tuning.tune, id) ? tuning.tune[id] : undefined;
  const tune = own === undefined ? tuning.tune : { ...tuning.tune, [id]: { ...own, enabled: true } };
  const options = { leftOut: new Set<string>(), correlationProblem };
  return tuneRules(rules, { ...tuning, tune, isPartial: true }, options).rules;
}
