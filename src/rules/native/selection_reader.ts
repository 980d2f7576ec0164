/** Reads which events a rule looks at: `select`. */

import { quoteValue } from "../../core/errors.ts";
import { RULE_ID, RULE_ID_FORM, type Selection } from "../rule.ts";
import { readCondition } from "./condition_reader.ts";
import { checkField, type FactCheck } from "./facts.ts";
import type { ValueLists } from "./list_reader.ts";
import type { Node } from "./node.ts";
import { checkOperand } from "./operand.ts";

/** How many selections a rule may have. */
export const SELECTIONS_MAX = 32;

/** How many kinds a selection may take. */
export const KINDS_MAX = 64;

export const SELECTION_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
export const KIND = /^[a-z0-9_]+(?:\.[a-z0-9_]+)+$/;
const KEYS = ["kind", "rule", "where"] as const;

/** What `select` holds. */
export interface ReadSelections {
  /** Of all selections as written, the mistaken ones included: what `when` may speak of. */
  readonly names: readonly string[];
  /** Those that could be read. */
  readonly selections: readonly Selection[];
  /** Where each selection names another rule. */
  readonly references: ReadonlyMap<Selection, Node>;
}

/** Reads every selection, saying what is wrong with each. Every kind named is shown to `checkKind`; `lists` may be named. */
export function readSelections(node: Node, checkKind: FactCheck, lists?: ValueLists): ReadSelections {
  const names = node.keys(`"select"`) ?? [];
  const selections: Selection[] = [];
  const references = new Map<Selection, Node>();
  if (node.value !== undefined && node.value !== null && names.length === 0) {
    node.refuse(`"select"`, "a mapping with at least one selection");
  }
  if (names.length > SELECTIONS_MAX) node.refuse(`"select"`, `at most ${SELECTIONS_MAX} selections`);
  for (const name of names.slice(0, SELECTIONS_MAX)) {
    const selection = readSelection(name, node.at(name), checkKind, lists);
    if (selection === undefined) continue;
    selections.push(selection);
    if (selection.rule !== null) references.set(selection, node.at(name).at("rule"));
  }
  return { names, selections, references };
}

function readSelection(
  name: string,
  node: Node,
  checkKind: FactCheck,
  lists: ValueLists | undefined,
): Selection | undefined {
  if (!SELECTION_NAME.test(name)) {
    const message = `Cannot read selection as its name must be a letter, then up to 63 letters, digits, "_" and "-": ` +
      `current value is ${quoteValue(name)}`;
    node.tell("error", message, name.includes(".") ? "a window fact has the dots" : undefined, "key");
  }
  const keys = node.mapping("selection", KEYS);
  if (keys === undefined) {
    if (node.value === undefined || node.value === null) node.refuse("selection", "a mapping of kind, rule and where");
    return undefined;
  }
  const before = node.diagnostics.length;
  const kinds = keys.kind.oneOrMore("kind", KINDS_MAX)?.flatMap((item) => {
    const kind = item.formed("kind", KIND, `of the form "<category>.<type>"`);
    if (kind !== undefined) checkKind(kind, item);
    return kind ?? [];
  });
  const rule = keys.rule.formed("rule", RULE_ID, RULE_ID_FORM);
  const where = keys.where.value === undefined
    ? null
    : readCondition(keys.where, { fact: checkField, test: checkOperand, lists });
  if (keys.kind.value === undefined && keys.rule.value === undefined && keys.where.value === undefined) {
    node.refuse("selection", "one with a kind, a rule or a where");
  }
  const wrong = node.diagnostics.slice(before).some(({ severity }) => severity === "error");
  return wrong || where === undefined ? undefined : { name, kinds: kinds ?? null, rule: rule ?? null, where };
}
