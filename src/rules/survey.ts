/** What a set of rules asks of the stream: which events it waits for, which of them nothing yields, which conditions cost most. */

import type { Level } from "../core/detection.ts";
import type { Place } from "../core/errors.ts";
import { isCostly } from "./index/mod.ts";
import { referencesOf } from "./link.ts";
import type { LogSource, Rule, Selection } from "./rule.ts";

/** A selection that the index has to evaluate on every event of its kinds. */
export interface CostlySelection {
  readonly rule: string;
  readonly selection: string;
  /** Null: of every kind. */
  readonly kinds: readonly string[] | null;
  readonly place: Place;
}

/** A log source that Sigma rules name and no collector yields. */
export interface UnfedSource {
  /** As the rules say it: product, category and service, those that are named. */
  readonly logSource: string;
  /** The kinds an event of it would have. */
  readonly kinds: readonly string[];
  /** Ids of the rules that wait for it. */
  readonly rules: readonly string[];
}

export interface RuleSurvey {
  readonly byFormat: ReadonlyMap<Rule["format"], number>;
  readonly byLevel: ReadonlyMap<Level, number>;
  /** Rules offered each kind that a collector yields; a rule of several kinds counts for each. */
  readonly byKind: ReadonlyMap<string, number>;
  /** Rules offered events of every kind. */
  readonly ofEveryKind: number;
  /** Rules that take other rules' matches. */
  readonly ofMatches: number;
  readonly costly: readonly CostlySelection[];
  /** Those with the most rules first. Native rules are not among them: a kind of theirs that is not there is a warning. */
  readonly unfed: readonly UnfedSource[];
  /** Ids of the rules that take matches of such rules and of no other. */
  readonly unfedByRules: readonly string[];
}

/** Looks at rules that are loaded together; `yielded` are the kinds that some collector yields. */
export function surveyRules(rules: readonly Rule[], yielded: ReadonlySet<string>): RuleSurvey {
  const selectionsOf = (of: (selection: Selection) => boolean) => rules.filter((rule) => rule.selections.some(of));
  const unfed = unfedSources(rules, yielded);
  return {
    byFormat: countBy(rules, ({ format }) => [format]),
    byLevel: countBy(rules, ({ level }) => [level]),
    byKind: countBy(rules, (rule) => kindsOf(rule).filter((kind) => yielded.has(kind))),
    ofEveryKind: selectionsOf((one) => one.kinds === null && one.rule === null).length,
    ofMatches: selectionsOf((one) => one.rule !== null).length,
    costly: rules.flatMap(costlyOf),
    unfed,
    unfedByRules: restingOn(new Set(unfed.flatMap((source) => source.rules)), rules),
  };
}

function kindsOf({ selections }: Rule): readonly string[] {
  return [...new Set(selections.flatMap(({ kinds }) => kinds ?? []))];
}

function countBy<Key>(rules: readonly Rule[], keysOf: (rule: Rule) => readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of rules.flatMap(keysOf)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

function costlyOf(rule: Rule): CostlySelection[] {
  return rule.selections
    .filter((selection) => selection.rule === null && selection.hidden !== true && isCostly(selection))
    .map(({ name, kinds }) => ({ rule: rule.id, selection: name, kinds, place: rule.place }));
}

function unfedSources(rules: readonly Rule[], yielded: ReadonlySet<string>): UnfedSource[] {
  const found = new Map<string, { readonly kinds: readonly string[]; readonly rules: string[] }>();
  for (const { id, selections } of rules) {
    for (const { logSource, kinds } of selections) {
      if (logSource === undefined || kinds === null || kinds.some((kind) => yielded.has(kind))) continue;
      const name = logSourceText(logSource);
      const source = found.get(name) ?? { kinds, rules: [] };
      source.rules.push(id);
      found.set(name, source);
    }
  }
  return [...found].map(([logSource, source]) => ({ logSource, ...source }))
    .sort((a, b) => b.rules.length - a.rules.length || (a.logSource < b.logSource ? -1 : 1));
}

function logSourceText({ product, category, service }: LogSource): string {
  return [product, category, service].filter((part) => part !== null).join(" / ");
}

/** Rules whose every selection takes matches of such rules only, directly or through others. */
function restingOn(unfed: ReadonlySet<string>, rules: readonly Rule[]): readonly string[] {
  const idle = new Set(unfed);
  for (let before = -1; before !== idle.size;) {
    before = idle.size;
    for (const { id, selections } of rules) {
      const references = selections.map(referencesOf);
      if (references.every((ids) => ids.length > 0 && ids.every((one) => idle.has(one)))) idle.add(id);
    }
  }
  return [...idle].filter((id) => !unfed.has(id));
}
