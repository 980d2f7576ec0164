/** The rules in force: all that load, less those whose own tests fail, tuned, with everything that was said about them. */

import { yieldToOthers } from "../core/clock.ts";
import { compareDiagnostics, type Diagnostic } from "../core/errors.ts";
import { correlationProblem } from "../correlate/mod.ts";
import { draftRules, NOTHING_STANDS, putBack, type RuleDraft, standingOf } from "../rules/draft.ts";
import type { RuleFiles } from "../rules/documents.ts";
import { createRuleReader } from "../rules/load.ts";
import { createMatcher } from "../rules/matcher.ts";
import type { Rule } from "../rules/rule.ts";
import { type MadeRules, NO_TUNING, tuneRules, type Tuning } from "../rules/tuning.ts";
import { createEngine, type EngineConfig } from "./assemble.ts";
import { KNOWN_KINDS } from "./kinds.ts";
import { failureDiagnostic, type RuleTestResult, runRuleTests, withReferences } from "./rule_tests.ts";

export interface RuleBook {
  readonly rules: readonly Rule[];
  /** Errors, each of which left a rule or its tuning out, and warnings, in the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
  readonly testResults: readonly RuleTestResult[];
  readonly files: number;
  /** Ids of rules in force in their last good version, what stands in the file having an error. */
  readonly kept: readonly string[];
  /** Ids of rules that are switched off. */
  readonly disabled: readonly string[];
}

/** The rules of some folders, loaded again and again as they change. */
export interface RuleLibrary {
  /**
   * Reads what has changed. The book is the same object as the last time when nothing has. Rules whose documents are as they
   * were are the same objects too. Not to be called again before it is done.
   */
  load(tuning?: Tuning): Promise<RuleBook>;
}

/** Reads the folders once and runs the rules' own tests, on the rules as written. */
export function loadRuleBook(
  folders: readonly string[],
  config: EngineConfig,
  tuning: Tuning = NO_TUNING,
): Promise<RuleBook> {
  return createRuleLibrary(folders, config).load(tuning);
}

/** What was loaded last, and of what. */
interface Loaded {
  readonly files: RuleFiles;
  readonly tuning: Tuning;
  readonly book: RuleBook;
}

export function createRuleLibrary(folders: readonly string[], config: EngineConfig): RuleLibrary {
  const tester = createRuleTester(config);
  let lists: string | undefined;
  let read = createRuleReader({ knownKinds: KNOWN_KINDS });
  let standing = NOTHING_STANDS;
  let last: Loaded | undefined;
  return {
    async load(tuning = NO_TUNING) {
      const listsNow = JSON.stringify([...tuning.lists]);
      if (listsNow !== lists) read = createRuleReader({ knownKinds: KNOWN_KINDS, valueLists: tuning.lists });
      lists = listsNow;
      const files = await read(folders);
      if (last !== undefined && last.tuning === tuning && isSame(files, last.files)) return last.book;
      const draft = putBackImpossible(draftRules(files, standing));
      const kept = new Set(draft.kept);
      const testResults = await tester(draft.rules, (rule) => !kept.has(rule.id));
      const failed = testResults.filter(({ ok }) => !ok);
      const tested = putBack(draft, new Set(failed.map(({ rule }) => rule)), failed.map(failureDiagnostic));
      standing = standingOf(tested);
      const made = await addMade(tested, tuning.made, tester);
      const book = {
        ...tuned(made.draft, tuning),
        testResults: [...testResults, ...made.testResults],
        files: files.files.filter(({ isRead }) => isRead).length,
      };
      last = { files, tuning, book };
      return book;
    },
  };
}

function isSame(now: RuleFiles, before: RuleFiles): boolean {
  const messages = ({ diagnostics }: RuleFiles) => diagnostics.map(({ message }) => message).join("\n");
  return now.files.length === before.files.length && now.files.every((file, i) => file === before.files[i]) &&
    messages(now) === messages(before);
}

/** Every test of every rule. */
export function testRules(rules: readonly Rule[], config: EngineConfig): Promise<RuleTestResult[]> {
  return createRuleTester(config)(rules, () => true);
}

type RuleTester = (rules: readonly Rule[], isTested: (rule: Rule) => boolean) => Promise<RuleTestResult[]>;

/** Runs tests, and remembers what came of those of a rule for as long as it and what it builds on are as they were. */
function createRuleTester(config: EngineConfig): RuleTester {
  const enginesOf = (needed: readonly Rule[]) => {
    const matcher = createMatcher(needed);
    return () => createEngine(needed, config, matcher).engine;
  };
  const known = new WeakMap<Rule, { readonly needed: readonly Rule[]; readonly results: readonly RuleTestResult[] }>();
  return async (rules, isTested) => {
    const byId = new Map(rules.map((rule) => [rule.id, rule]));
    const all: RuleTestResult[] = [];
    for (const rule of rules) {
      if (rule.tests.length === 0 || !isTested(rule)) continue;
      const needed = withReferences(rule, byId);
      const before = known.get(rule);
      const isKnown = before?.needed.length === needed.length && needed.every((one, i) => one === before.needed[i]);
      const results = isKnown ? before.results : await runRuleTests(rule, byId, enginesOf);
      known.set(rule, { needed, results });
      all.push(...results);
      if (!isKnown) await yieldToOthers(); // the stream runs on meanwhile
    }
    return all;
  };
}

/** Puts the rules beside those of the files that the configuration makes; one whose own tests fail is left out like any other. */
async function addMade(draft: RuleDraft, made: MadeRules, tester: RuleTester) {
  const taken = new Set(draft.rules.map(({ id }) => id));
  const diagnostics: Diagnostic[] = [...made.diagnostics];
  const fresh = made.rules.filter(({ id, place }) => {
    if (!taken.has(id)) return true;
    const message = `Cannot load rule as its id must be its own: current value is "${id}", which a rule in a file has`;
    diagnostics.push({ severity: "error", place, message });
    return false;
  });
  const testResults = await tester(fresh, () => true);
  const failed = testResults.filter(({ ok }) => !ok);
  const rules = fresh.filter(({ id }) => !failed.some(({ rule }) => rule === id));
  diagnostics.push(...failed.map(failureDiagnostic));
  const all = { ...draft, rules: [...draft.rules, ...rules], diagnostics: [...draft.diagnostics, ...diagnostics] };
  return { draft: all, testResults };
}

/** What cannot be correlated at all is put back before anything is tried on it. */
function putBackImpossible(draft: RuleDraft): RuleDraft {
  const diagnostics: Diagnostic[] = [];
  const impossible = new Set<string>();
  for (const rule of draft.rules) {
    const problem = correlationProblem(rule);
    if (problem === undefined) continue;
    impossible.add(rule.id);
    diagnostics.push({ severity: "error", place: rule.place, message: `Cannot load rule as ${problem}` });
  }
  return putBack(draft, impossible, diagnostics);
}

function tuned({ rules, diagnostics, kept, choices }: RuleDraft, tuning: Tuning) {
  const leftOut = new Set(choices.flatMap(({ found }) => found?.read.ruleId ?? found?.read.id ?? []));
  const result = tuneRules(rules, tuning, { leftOut, correlationProblem });
  return {
    rules: result.rules,
    diagnostics: [...diagnostics, ...result.diagnostics].sort(compareDiagnostics),
    kept,
    disabled: result.disabled,
  };
}
