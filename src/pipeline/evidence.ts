/** Why a rule fired: its conditions evaluated again by json-rules-engine, with the values that met them. */

import type { EvaluatedNode, Evidence } from "../core/detection.ts";
import { messageOf } from "../core/errors.ts";
import type { Firing } from "../correlate/mod.ts";
import { evaluateCondition, evaluateOnEvent } from "../rules/semantics.ts";

/** Evidence, and whether json-rules-engine agreed with the closures that decided. */
export interface Finding {
  readonly evidence: Evidence;
  /** False is a defect of Weir's: the detection stands, and the disagreement is counted and logged. */
  readonly agrees: boolean;
}

/** Evaluates a firing's `when` on the facts the correlator saw, and each selection's `where` on the event it last met. */
export async function findEvidence(firing: Firing): Promise<Finding> {
  const { rule, facts, lastBySelection } = firing;
  const { correlation } = rule;
  const when = correlation === null ? undefined : await told(evaluateCondition(correlation.when, facts));
  const selections = await Promise.all(lastBySelection.map(async ({ selection, event }) => {
    const where = selection.where === null ? undefined : await told(evaluateOnEvent(selection.where, event));
    return { selection: selection.name, event_id: event.id, ...(where === undefined ? {} : { where }) };
  }));
  const agrees = when?.result !== false && selections.every((s) => s.where?.result !== false);
  return { evidence: { ...(when === undefined ? {} : { when }), selections }, agrees };
}

/** An evaluation that threw counts as one that did not hold, its reason in place of the tree. */
async function told(evaluation: Promise<EvaluatedNode>): Promise<EvaluatedNode> {
  try {
    return await evaluation;
  } catch (error) {
    return { type: "test", result: false, fact: "json-rules-engine", operator: "threw", value: messageOf(error) };
  }
}
