/** What rules say of one another: ids are distinct, what is referred to is there, and no rule rests on itself. */

import { compareDiagnostics, type Diagnostic, nameHint, type Place, quoteValue } from "../core/errors.ts";
import type { Rule, Selection } from "./rule.ts";

/** Rules that can run together, and what keeps the others from it. */
export interface LinkedRules {
  /** In the order given. Every rule they refer to is among them. */
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Ids of the rules whose matches are a selection's events. */
export function referencesOf(selection: Selection): readonly string[] {
  return selection.rules ?? (selection.rule === null ? [] : [selection.rule]);
}

/** Leaves out each rule that cannot run with the others, and says why. `places`: where selections name rules. */
export function linkRules(rules: readonly Rule[], places: ReadonlyMap<Selection, Place> = new Map()): LinkedRules {
  const diagnostics: Diagnostic[] = [];
  const byId = distinct(rules, diagnostics);
  const names = [...byId.keys()];
  for (const { rule, selection, id } of missingOf(byId)) {
    const message = `Cannot load rule as "rule" must name one that is loaded: current value is ${quoteValue(id)}`;
    const hint = nameHint(id, names.filter((name) => name !== rule.id));
    diagnostics.push({ severity: "error", place: places.get(selection) ?? rule.place, message, hint });
  }
  const looped = new Set<string>();
  for (const loop of loopsOf(byId)) {
    for (const rule of loop) {
      const text = loopText(loop, rule);
      const message = `Cannot load rule as rules must not refer to one another in a loop: current value is ${text}`;
      diagnostics.push({ severity: "error", place: rule.place, message });
      looped.add(rule.id);
    }
  }
  for (const id of looped) byId.delete(id);
  leaveOutDependants(byId, looped, places, diagnostics);
  return {
    rules: rules.filter((rule) => byId.get(rule.id) === rule),
    diagnostics: diagnostics.sort(compareDiagnostics),
  };
}

/** The rules by id, the first of each; every other is told of. */
function distinct(rules: readonly Rule[], diagnostics: Diagnostic[]): Map<string, Rule> {
  const byId = new Map<string, Rule>();
  for (const rule of rules) {
    const first = byId.get(rule.id);
    if (first === undefined) {
      byId.set(rule.id, rule);
      continue;
    }
    const { path, line, column } = first.place;
    diagnostics.push({
      severity: "error",
      place: rule.place,
      message: `Cannot load rule as its id must be its own: current value is ${quoteValue(rule.id)}`,
      hint: `the first is at ${path}:${line}:${column}`,
    });
  }
  return byId;
}

interface Missing {
  readonly rule: Rule;
  readonly selection: Selection;
  readonly id: string;
}

/** Every reference to a rule that is not there. */
function missingOf(byId: ReadonlyMap<string, Rule>): Missing[] {
  return [...byId.values()].flatMap((rule) =>
    rule.selections.filter(({ hidden }) => hidden !== true).flatMap((selection) =>
      referencesOf(selection).filter((id) => !byId.has(id)).map((id) => ({ rule, selection, id }))
    )
  );
}

/** Leaves out what refers to something left out, until nothing does. What is neither loaded nor `gone` is told already. */
function leaveOutDependants(
  byId: Map<string, Rule>,
  gone: Set<string>,
  places: ReadonlyMap<Selection, Place>,
  diagnostics: Diagnostic[],
): void {
  for (let missing = missingOf(byId); missing.length > 0; missing = missingOf(byId)) {
    for (const { rule, selection, id } of missing) {
      byId.delete(rule.id);
      const place = places.get(selection) ?? rule.place;
      if (gone.has(id)) {
        const message = `Cannot load rule as it refers to ${quoteValue(id)}, which is left out`;
        diagnostics.push({ severity: "error", place, message });
      }
    }
    for (const { rule } of missing) gone.add(rule.id);
  }
}

/** Sets of rules that reach one another, and so themselves, through references. */
function loopsOf(byId: ReadonlyMap<string, Rule>): Rule[][] {
  const reach = new Map<string, ReadonlySet<string>>();
  for (const [id, rule] of byId) {
    if (rule.selections.some((selection) => referencesOf(selection).length > 0)) reach.set(id, reachedFrom(id, byId));
  }
  const loops: Rule[][] = [];
  const told = new Set<string>();
  for (const [id, reached] of reach) {
    if (told.has(id) || !reached.has(id)) continue;
    const loop = [...byId.values()].filter((rule) => reached.has(rule.id) && reach.get(rule.id)?.has(id) === true);
    for (const rule of loop) told.add(rule.id);
    loops.push(loop);
  }
  return loops;
}

/** Every id that a rule refers to, directly or through others. */
function reachedFrom(id: string, byId: ReadonlyMap<string, Rule>): ReadonlySet<string> {
  const reached = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const referred of byId.get(next)?.selections.flatMap(referencesOf) ?? []) {
      if (reached.has(referred)) continue;
      reached.add(referred);
      queue.push(referred);
    }
  }
  return reached;
}

/** A loop as it is told: from a rule of it on. */
function loopText(loop: readonly Rule[], from: Rule): string {
  const others = loop.filter((rule) => rule !== from).map((rule) => quoteValue(rule.id)).join(", ");
  return others === "" ? `${quoteValue(from.id)}, which names itself` : `${quoteValue(from.id)} and ${others}`;
}
