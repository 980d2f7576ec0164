/** Why an event meets a rule's selections, or where each of them stops. */

import type { EvaluatedNode } from "../core/detection.ts";
import { FOREIGN_KIND, type TelemetryEvent } from "../core/event.ts";
import { referencesOf } from "./link.ts";
import type { Rule, Selection } from "./rule.ts";
import { evaluateOnEvent } from "./semantics.ts";
import { osOf } from "./subject.ts";

/** One selection and one event. */
export interface ExplainedSelection {
  readonly selection: string;
  /** Whether the event meets it, as far as an event by itself can show. */
  readonly accepts: boolean;
  /** What keeps the event from it before its condition is looked at, or what else it takes; null when nothing does. */
  readonly reason: string | null;
  /** Its condition, every node evaluated; null where it has none. */
  readonly where: EvaluatedNode | null;
}

export interface Explanation {
  readonly rule: string;
  readonly event: string;
  readonly selections: readonly ExplainedSelection[];
}

/** Evaluates every node of every selection's condition on an event, the kind aside. */
export async function explainRule(rule: Rule, event: TelemetryEvent): Promise<Explanation> {
  const written = rule.selections.filter(({ hidden }) => hidden !== true);
  const selections = await Promise.all(written.map((selection) => explainSelection(selection, event)));
  return { rule: rule.id, event: event.id, selections };
}

async function explainSelection(selection: Selection, event: TelemetryEvent): Promise<ExplainedSelection> {
  const where = selection.where === null ? null : await evaluateOnEvent(selection.where, event);
  const stopped = stopBefore(selection, event);
  const references = referencesOf(selection);
  const waits = references.length === 0 ? null : `where the event is a match of ${references.join(" or ")}`;
  return {
    selection: selection.name,
    accepts: stopped === null && (where === null || where.result),
    reason: stopped ?? waits,
    where,
  };
}

/** What of an event keeps it from a selection's condition. */
function stopBefore({ kinds, os, where, rule }: Selection, event: TelemetryEvent): string | null {
  if (event.kind === FOREIGN_KIND) {
    return where === null && rule === null ? "an event without a kind is offered to conditions only" : null;
  }
  if (kinds !== null && !kinds.includes(event.kind)) return `its kind is ${event.kind}, not ${kinds.join(" or ")}`;
  if (os !== undefined && os !== osOf(event)) return `its host runs ${osOf(event)}, not ${os}`;
  return null;
}
