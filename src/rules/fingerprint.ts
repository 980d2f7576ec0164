/** What a rule asks for, as a short text: the same for two rules exactly when one may go on with what the other has gathered. */

import { createHash } from "node:crypto";
import type { Condition } from "./condition.ts";
import { placeholdersOf } from "./message.ts";
import type { Rule, Selection } from "./rule.ts";

/**
 * Of all that bears on matching and correlating: the id, the selections, the correlation, how long it is silent, and the facts
 * that its message and strength name. Level, weight, title, wording and tests may change: windows are still the same windows.
 */
export function ruleFingerprint(rule: Rule): string {
  const { id, silent, selections, correlation, suppressMs, message, strength } = rule;
  const when = correlation === null ? null : { ...correlation, when: formOf(correlation.when) };
  const told = [...placeholdersOf(message ?? ""), strength?.fact ?? null];
  return digest([id, silent === true, selections.map(selectionForm), when, suppressMs, told]);
}

/** Of what bears on what a rule learns of its groups: which events it looks at, and how they are grouped and looked at. */
export function learningFingerprint({ id, selections, correlation }: Rule): string {
  const { groupBy, global, aliases, pattern } = correlation ?? {};
  const field = pattern?.type === "new" || pattern?.type === "baseline" ? pattern.field : null;
  return digest([id, selections.map(selectionForm), groupBy, global === true, aliases, pattern?.type, field]);
}

function selectionForm(selection: Selection): unknown {
  return { ...selection, where: selection.where === null ? null : formOf(selection.where) };
}

/** A condition as written, without what was made of it. */
function formOf(condition: Condition): unknown {
  if (condition.type !== "test") return [condition.type, condition.of.map(formOf)];
  const { fact, fields, operator, value } = condition;
  return [fact, fields, operator, value];
}

/** 32 hexadecimal digits. Members stand in the order in which front ends write them, which is the same for the same rule. */
function digest(form: unknown): string {
  return createHash("sha256").update(JSON.stringify(form)).digest("hex").slice(0, 32);
}
