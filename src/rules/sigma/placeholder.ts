/** Placeholders: `%name%` in a value modified by `expand` stands for each value of a list that whoever runs the rules gives. */

import { nameHint } from "../../core/errors.ts";
import { expandParts, parseText, type Part, placeholdersIn, type SigmaText } from "./text.ts";
import type { SigmaValue, ValueProblem } from "./value.ts";

/** Lists of values by name. */
export type ValueLists = ReadonlyMap<string, readonly (string | number)[]>;

/** How many values one value may stand for. */
export const EXPANSIONS_MAX = 100_000;

/**
 * A value with its placeholders replaced, once for each way of replacing them. In a text a list's values are texts as in rules, wildcards
 * included; in an expression they stand for themselves.
 */
export function expandPlaceholders(
  value: SigmaValue,
  isExpression: boolean,
  lists: ValueLists,
): SigmaValue | ValueProblem {
  if (value.type !== "text") return { problem: "the value must be a text" };
  const text = isExpression ? placeholdersInExpression(value.text) : value.text;
  for (const name of placeholdersIn(text)) {
    if (lists.has(name)) continue;
    const known = [...lists.keys()];
    const hint = known.length === 0 ? "no value lists are configured" : nameHint(name, known);
    return { problem: `the placeholder %${name}% must have a list of values`, hint };
  }
  const choices = (part: Part): readonly SigmaText[] => {
    if (typeof part !== "object") return [[part]];
    const values = (lists.get(part.placeholder) ?? []).map(String);
    return isExpression ? values.map((one) => [escapeExpression(one)]) : values.map((one) => parseText(one, false));
  };
  const texts = expandParts(text, choices, EXPANSIONS_MAX);
  if (texts === undefined) return { problem: `the value must stand for at most ${EXPANSIONS_MAX} values` };
  const [only] = texts;
  if (only !== undefined && texts.length === 1) return { ...value, text: only };
  return { type: "anyOf", of: texts.map((text) => ({ ...value, text })) };
}

/** An expression keeps its backslashes: nothing but `%name%` is read in it. */
function placeholdersInExpression(text: SigmaText): SigmaText {
  return text.flatMap((part): SigmaText => {
    if (typeof part !== "string") return [part];
    const pieces = part.split(/%([^%\\]+)%/);
    return pieces.map((piece, i): Part => i % 2 === 1 ? { placeholder: piece } : piece).filter((piece) => piece !== "");
  });
}

function escapeExpression(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
