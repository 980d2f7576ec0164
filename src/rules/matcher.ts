/** From an event to the selections it meets: by kind first, then only the conditions of the selections of that kind. */

import { FOREIGN_KIND, type TelemetryEvent } from "../core/event.ts";
import { compileCondition } from "./compile.ts";
import type { Facts, Predicate } from "./condition.ts";
import type { Match, OsType, Rule, Selection } from "./rule.ts";
import { DEFAULT_OS, OS_FIELD, osOf, Subject } from "./subject.ts";

/** Rules made ready to be asked about one event after another. Not to be used by two callers in turns within a call. */
export interface Matcher {
  /**
   * Appends a match for every selection of events that this event meets, in the order of the rules and of their selections.
   * Selections that take another rule's matches are the correlator's. A foreign event is offered to every selection with
   * a condition, whatever its kinds.
   */
  match(event: TelemetryEvent, into: Match[]): void;
}

/** A selection that has to be tried, and the match to report when it holds: made once, so that matching allocates nothing. */
interface Candidate {
  readonly match: Match;
  readonly kinds: readonly string[] | null;
  readonly os: OsType | undefined;
  readonly accepts: Predicate | null;
}

/** Makes rules ready. The conditions are compiled here, once. */
export function createMatcher(rules: readonly Rule[]): Matcher {
  const candidates = rules.flatMap(candidatesOf);
  const anyKind = candidates.filter(({ kinds }) => kinds === null);
  const byKind = new Map<string, readonly Candidate[]>();
  for (const kind of new Set(candidates.flatMap(({ kinds }) => kinds ?? []))) {
    byKind.set(kind, candidates.filter(({ kinds }) => kinds === null || kinds.includes(kind)));
  }
  byKind.set(FOREIGN_KIND, candidates.filter(({ accepts }) => accepts !== null));
  let subject: Subject | undefined;
  return {
    match(event, into) {
      const offered = byKind.get(event.kind) ?? anyKind;
      if (offered.length === 0) return;
      subject = subject === undefined ? new Subject(event) : subject.reset(event);
      for (const { os, accepts, match } of offered) {
        if (os !== undefined && event.kind !== FOREIGN_KIND && os !== osOf(event)) continue;
        if (accepts === null || accepts(subject)) into.push(match);
      }
    },
  };
}

function candidatesOf(rule: Rule): Candidate[] {
  return rule.selections.filter(({ rule }) => rule === null).map((selection) => ({
    match: { rule, selection },
    kinds: selection.kinds,
    os: selection.os,
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
