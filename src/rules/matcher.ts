/** From an event to the selections it meets. */

import { FOREIGN_KIND, type TelemetryEvent } from "../core/event.ts";
import { compileCondition } from "./compile.ts";
import type { Facts, Predicate } from "./condition.ts";
import { createIndex, type Entry } from "./index/mod.ts";
import type { Match, Rule, Selection } from "./rule.ts";
import { DEFAULT_OS, OS_FIELD } from "./subject.ts";

/** Rules made ready to be asked about one event after another. Not to be used by two callers in turns within a call. */
export interface Matcher {
  /**
   * Appends a match for every selection of events that this event meets, in the order of the rules and of their selections.
   * Selections that take another rule's matches are the correlator's. A foreign event is offered to every selection with
   * a condition, whatever its kinds.
   */
  match(event: TelemetryEvent, into: Match[]): void;
}

/** Makes rules ready. The conditions are compiled here, once. */
export function createMatcher(rules: readonly Rule[]): Matcher {
  const index = createIndex(rules.flatMap(entriesOf));
  return { match: (event, into) => index.match(event, into) };
}

function entriesOf(rule: Rule): Entry[] {
  return rule.selections.filter(({ rule }) => rule === null).map((selection) => ({
    match: { rule, selection },
    where: selection.where,
    accepts: predicateOf(selection),
  }));
}

/** Conditions of selections as closures, each compiled when first asked for and gone with its selection. */
const predicates = new WeakMap<Selection, Predicate>();

/** What a selection asks of an event's facts beside its kind; null when nothing. */
function predicateOf(selection: Selection): Predicate | null {
  if (selection.where === null) return null;
  const known = predicates.get(selection);
  if (known !== undefined) return known;
  const compiled = compileCondition(selection.where);
  predicates.set(selection, compiled);
  return compiled;
}

/**
 * Whether an event is one that a selection takes, by kind and by condition; which rule's match it must be is for the caller to
 * know. The kind of a foreign event is not held against it.
 */
export function selectionAccepts(selection: Selection, facts: Facts): boolean {
  const kind = facts.get("event.kind");
  if (kind !== FOREIGN_KIND) {
    if (selection.kinds !== null && !selection.kinds.some((one) => one === kind)) return false;
    if (selection.os !== undefined && selection.os !== (facts.get(OS_FIELD) ?? DEFAULT_OS)) return false;
  }
  const accepts = predicateOf(selection);
  return accepts === null || accepts(facts);
}
