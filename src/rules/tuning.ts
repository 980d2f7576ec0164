/** Rules as whoever runs them wants them: what `weir.yaml` says under `rules.tune` and `rules.lists`, by id. */

import { WEIGHT_BY_LEVEL } from "../core/detection.ts";
import { compareDiagnostics, type Diagnostic, nameHint, type Place, quoteValue } from "../core/errors.ts";
import { mapTests, testsOf } from "./compile.ts";
import type { Condition, Test } from "./condition.ts";
import { makeLeaf } from "./leaf.ts";
import { referencesOf } from "./link.ts";
import { readCondition } from "./native/condition_reader.ts";
import { checkField } from "./native/facts.ts";
import type { ValueLists } from "./native/list_reader.ts";
import { Node } from "./native/node.ts";
import type { Rule, Selection } from "./rule.ts";
import { EXCEPTIONS_MAX, type RuleTuning } from "./schema.ts";
import { parseWindowFact, patternOf } from "./window_fact.ts";

/** Rules that stand in no file: the configuration makes them. */
export interface MadeRules {
  readonly rules: readonly Rule[];
  /** What could not be made into a rule, and why. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What is said of rules, and where it stands. */
export interface Tuning {
  readonly tune: Readonly<Record<string, RuleTuning>>;
  readonly lists: ValueLists;
  /** The place of a key, or of its value, under `rules`. */
  readonly place: (path: readonly PropertyKey[], which: "key" | "value") => Place;
  /** Rules that are made of what is said elsewhere, such as thresholds. */
  readonly made: MadeRules;
  /** Whether rules may be spoken of that are not there, since only some folders are looked at. */
  readonly isPartial: boolean;
}

/** Nothing is said. */
export const NO_TUNING: Tuning = {
  tune: {},
  lists: new Map(),
  made: { rules: [], diagnostics: [] },
  place: () => ({ path: "weir.yaml", line: 1, column: 1 }),
  isPartial: true,
};

export interface TunedRules {
  /** Those that no tuning speaks of are the same objects. */
  readonly rules: readonly Rule[];
  /** A mistake leaves all that is said of its rule unapplied: it runs as written. */
  readonly diagnostics: readonly Diagnostic[];
  /** Ids of rules that are switched off. */
  readonly disabled: readonly string[];
}

export interface TuneOptions {
  /** Ids of rules that are left out for a reason of their own: speaking of them is no mistake. */
  readonly leftOut: ReadonlySet<string>;
  /** Why a rule cannot be correlated, as "it must ..."; `undefined` when it can. */
  readonly correlationProblem: (rule: Rule) => string | undefined;
}

/** Applies what is said to the rules in force, all of which can run together before and after. */
export function tuneRules(rules: readonly Rule[], tuning: Tuning, options: TuneOptions): TunedRules {
  const diagnostics: Diagnostic[] = [];
  const ids = new Set(rules.map(({ id }) => id));
  for (const id of Object.keys(tuning.tune)) {
    if (tuning.isPartial || ids.has(id) || options.leftOut.has(id)) continue;
    const message = `Cannot tune rule as it must be one that is loaded: current value is ${quoteValue(id)}`;
    const place = tuning.place(["tune", id], "key");
    diagnostics.push({ severity: "error", place, message, hint: nameHint(id, ids) });
  }
  const tuned = rules.map((rule) => {
    const listed = withLists(rule, tuning, diagnostics);
    const changes = Object.hasOwn(tuning.tune, rule.id) ? tuning.tune[rule.id] : undefined;
    return changes === undefined ? listed : tuneRule(listed, changes, tuning, options, diagnostics);
  });
  const off = new Set(Object.keys(tuning.tune).filter((id) => ids.has(id) && tuning.tune[id]?.enabled === false));
  return {
    rules: off.size === 0 ? tuned : withoutDisabled(tuned, off),
    diagnostics: diagnostics.sort(compareDiagnostics),
    disabled: [...off],
  };
}

/** The rule changed as a whole, or as it was when something about it is wrong. */
function tuneRule(
  rule: Rule,
  changes: RuleTuning,
  tuning: Tuning,
  { correlationProblem }: TuneOptions,
  diagnostics: Diagnostic[],
): Rule {
  const { level = rule.level, weight, suppress, threshold } = changes;
  const found: Diagnostic[] = [];
  const refuse = (key: string, message: string) => {
    found.push({ severity: "error", place: tuning.place(["tune", rule.id, key], "value"), message });
  };
  const byLevel = rule.weight === WEIGHT_BY_LEVEL[rule.level] ? WEIGHT_BY_LEVEL[level] : rule.weight;
  let tuned: Rule = { ...rule, level, weight: weight ?? byLevel, suppressMs: suppress ?? rule.suppressMs };
  tuned = withoutExceptions(tuned, readExceptions(rule.id, changes, tuning, found));
  if (threshold !== undefined) tuned = withThreshold(tuned, threshold, (message) => refuse("threshold", message));
  const problem = found.length === 0 ? correlationProblem(tuned) : undefined;
  if (problem !== undefined) refuse("threshold", `Cannot tune rule as ${problem}`);
  diagnostics.push(...found);
  return found.some(({ severity }) => severity === "error") ? rule : tuned;
}

/** A rule that others build on goes on feeding them and makes no detections; any other is gone. */
function withoutDisabled(rules: readonly Rule[], off: ReadonlySet<string>): Rule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const needed = new Set<string>();
  const queue = rules.filter(({ id }) => !off.has(id));
  for (let rule = queue.pop(); rule !== undefined; rule = queue.pop()) {
    for (const id of rule.selections.flatMap(referencesOf)) {
      const referred = byId.get(id);
      if (needed.has(id) || referred === undefined) continue;
      needed.add(id);
      queue.push(referred);
    }
  }
  return rules.flatMap((rule) => !off.has(rule.id) ? [rule] : needed.has(rule.id) ? [{ ...rule, silent: true }] : []);
}

/** The conditions that exclude events, those that are right. */
function readExceptions(id: string, { exceptions }: RuleTuning, tuning: Tuning, found: Diagnostic[]): Condition[] {
  if (exceptions.length === 0) return [];
  const document = {
    value: exceptions,
    place: (path: readonly PropertyKey[], which: "key" | "value") =>
      tuning.place(["tune", id, "exceptions", ...path], which),
  };
  const items = new Node(document, [], exceptions, found).list(`"exceptions"`, EXCEPTIONS_MAX) ?? [];
  return items.flatMap((item) => readCondition(item, { fact: checkField, lists: tuning.lists }) ?? []);
}

function withoutExceptions(rule: Rule, exceptions: readonly Condition[]): Rule {
  if (exceptions.length === 0) return rule;
  const none: Condition = { type: "not", of: [{ type: "any", of: exceptions }] };
  const except = (selection: Selection): Selection => {
    const already = selection.where === null ? ofKinds(selection) : [selection.where];
    return { ...selection, where: { type: "all", of: [...already, none] } };
  };
  return { ...rule, selections: rule.selections.map(except) };
}

/** A selection with a condition is offered events without a kind too: one that had none must not begin to take them. */
function ofKinds({ kinds, rule }: Selection): Condition[] {
  if (kinds === null || rule !== null) return [];
  const leaf = makeLeaf("event.kind", "in", kinds);
  return "type" in leaf ? [leaf] : [];
}

/** Operators between a fact and the number that is its threshold. */
const COMPARISONS = ["greaterThan", "greaterThanInclusive", "lessThan", "lessThanInclusive"];

/** Facts named in a message; of more, how many there are. */
const FACTS_SHOWN_MAX = 4;

/** The rule with another number in its one comparison. */
function withThreshold(rule: Rule, threshold: number, refuse: (message: string) => void): Rule {
  const when = thresholdsIn(rule.correlation?.when ?? null).filter((test) => !isOfPattern(test, rule));
  const where = rule.selections.flatMap((one) => one.hidden === true ? [] : thresholdsIn(one.where));
  const candidates = when.length > 0 ? when : where;
  const [test] = candidates;
  if (test === undefined || candidates.length > 1) {
    const facts = candidates.slice(0, FACTS_SHOWN_MAX).map(({ fact }) => fact).join(", ");
    const current = candidates.length === 0 ? "none" : `${candidates.length}, of ${facts}`;
    refuse(`Cannot set threshold as the rule must have one comparison with a number: current value is ${current}`);
    return rule;
  }
  const leaf = makeLeaf(test.fact, test.operator, threshold);
  if (!("type" in leaf)) {
    for (const { message } of leaf) refuse(message);
    return rule;
  }
  return mapRule(rule, (one) => one === test ? leaf : one);
}

/** Whether a window fact measures how far a rule's pattern has come: its number is the pattern's, and stands there. */
function isOfPattern({ fact }: Test, { selections }: Rule): boolean {
  const parsed = parseWindowFact(fact, selections.map(({ name }) => name));
  return parsed !== undefined && parsed.field === null && patternOf(parsed.measure) !== undefined;
}

function thresholdsIn(condition: Condition | null): Test[] {
  return condition === null ? [] : [...testsOf(condition)].filter(isThreshold);
}

/** Whether a test holds a fact against a number that somebody may want otherwise; that something was seen at all is no such. */
function isThreshold({ fact, operator, value, jsonRules }: Test): boolean {
  if (jsonRules !== true || typeof value !== "number" || !COMPARISONS.includes(operator)) return false;
  const asksIfSeen = /^[^.]+\.count$/.test(fact) && value === (operator === "greaterThan" ? 0 : 1) &&
    operator.startsWith("greaterThan");
  return !asksIfSeen;
}

/** The rule with the values of configured lists in the place of those it has by default. */
function withLists(rule: Rule, { lists, place }: Tuning, diagnostics: Diagnostic[]): Rule {
  if (lists.size === 0) return rule;
  return mapRule(rule, (test) => {
    const name = test.list;
    const values = name === undefined ? undefined : lists.get(name);
    if (name === undefined || values === undefined || values === test.value) return test;
    const leaf = makeLeaf(test.fact, test.operator, values);
    if ("type" in leaf) return { ...leaf, list: name };
    for (const { at, message } of leaf) {
      const where = place(["lists", name, ...at.slice(1)], "value");
      diagnostics.push({ severity: "error", place: where, message, hint: `for rule ${quoteValue(rule.id)}` });
    }
    return test;
  });
}

/** The rule with other tests in its conditions; the same object where none is another. */
function mapRule(rule: Rule, change: (test: Test) => Test): Rule {
  const selections = rule.selections.map((selection) => {
    const where = selection.where === null ? null : mapTests(selection.where, change);
    return where === selection.where ? selection : { ...selection, where };
  });
  const when = rule.correlation === null ? undefined : mapTests(rule.correlation.when, change);
  const isSame = when === rule.correlation?.when && selections.every((one, i) => one === rule.selections[i]);
  if (isSame) return rule;
  const correlation = rule.correlation === null || when === undefined ? null : { ...rule.correlation, when };
  return { ...rule, selections, correlation };
}
