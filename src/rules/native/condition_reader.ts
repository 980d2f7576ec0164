/** Reads json-rules-engine's conditions from a rule. */

import { quoteValue } from "../../core/errors.ts";
import type { Condition, Test } from "../condition.ts";
import { factNamedBy, makeLeaf } from "../leaf.ts";
import type { FactCheck } from "./facts.ts";
import { namesList, readNamedList, type ValueLists } from "./list_reader.ts";
import type { Node } from "./node.ts";

/** How deep conditions may lie within one another. */
export const CONDITION_DEPTH_MAX = 32;

/** How many conditions may stand in one list. */
export const CONDITIONS_MAX = 10_000;

/** Length of the longest name of a fact: UTF-16 units. */
export const NAME_LENGTH_MAX = 256;

const BRANCHES = ["all", "any", "not"] as const;
const LEAF_KEYS = ["fact", "operator", "value"] as const;

/** Keys of json-rules-engine's that are refused, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  path: "a JSONPath can hold scripts; name the field itself",
  params: "facts are fields, and take no parameters",
  condition: "write the condition out where it is needed",
  priority: "the cheapest test goes first, and the result is the same in any order",
  name: "say it in a YAML comment",
};

/** What is asked of a condition beside its form. */
export interface ConditionChecks {
  /** Shown every name of a fact. */
  readonly fact: FactCheck;
  /** Lists that values may name; absent: none. */
  readonly lists?: ValueLists | undefined;
  /** Shown every test that is right in itself, with the node it stands at. */
  readonly test?: (test: Test, node: Node) => void;
}

/** The condition a node holds; `undefined` after saying what is wrong with it. */
export function readCondition(node: Node, checks: ConditionChecks, depth = 0): Condition | undefined {
  if (depth >= CONDITION_DEPTH_MAX) return node.refuse("condition", `at most ${CONDITION_DEPTH_MAX} deep`);
  const keys = node.keys("condition");
  if (keys === undefined) return undefined;
  const branches = BRANCHES.filter((branch) => keys.includes(branch));
  const [branch] = branches;
  if (branch === undefined) return readLeaf(node, keys, checks);
  if (!refuseOthers(node, keys, [branch])) return undefined;
  const inner = node.at(branch);
  if (branch === "not") {
    const condition = readCondition(inner, checks, depth + 1);
    return condition && { type: "not", of: [condition] };
  }
  const items = inner.list(`"${branch}"`, CONDITIONS_MAX);
  if (items === undefined) return undefined;
  const conditions = items.map((item) => readCondition(item, checks, depth + 1));
  const whole = conditions.filter((condition) => condition !== undefined);
  return whole.length === conditions.length ? { type: branch, of: whole } : undefined;
}

function readLeaf(node: Node, keys: readonly string[], checks: ConditionChecks): Condition | undefined {
  const known = refuseOthers(node, keys, LEAF_KEYS);
  const missing = LEAF_KEYS.filter((key) => !keys.includes(key));
  if (missing.length > 0) {
    const message = `Cannot read condition as it must have "fact", "operator" and "value": current value has no ` +
      missing.map((key) => `"${key}"`).join(" and no ");
    node.tell("error", message, keys.length === 0 ? `or one of "all", "any" and "not"` : undefined);
    return undefined;
  }
  const fact = node.at("fact").text("fact", NAME_LENGTH_MAX);
  const operator = node.at("operator").text("operator", NAME_LENGTH_MAX);
  if (fact !== undefined) checks.fact(fact, node.at("fact"));
  const value = node.at("value");
  const other = factNamedBy(value.value);
  if (other !== undefined) checks.fact(other, value.at("fact"));
  const list = namesList(value) ? readNamedList(value, checks.lists) : null;
  if (fact === undefined || operator === undefined || !known || list === undefined) return undefined;
  const made = makeLeaf(fact, operator, list === null ? value.value : list.values);
  const leaf = "type" in made && list !== null ? { ...made, list: list.name } : made;
  if ("type" in leaf) {
    checks.test?.(leaf, node);
    return leaf;
  }
  for (const { at, message, hint } of leaf) {
    at.reduce<Node>((inner, key) => inner.at(typeof key === "number" ? key : String(key)), node).tell(
      "error",
      message,
      hint,
    );
  }
  return undefined;
}

/** Refuses every key but those allowed; whether there was none. */
function refuseOthers(node: Node, keys: readonly string[], allowed: readonly string[]): boolean {
  const others = keys.filter((key) => !allowed.includes(key));
  for (const key of others) {
    const must = BRANCHES.some((branch) => branch === key)
      ? `only one of "all", "any", "not" or a test may be in it`
      : `its only keys must be ${allowed.map((one) => `"${one}"`).join(", ")}`;
    const message = `Cannot read condition as ${must}: current value is ${quoteValue(key)}`;
    node.at(key).tell("error", message, REFUSED[key], "key");
  }
  return others.length === 0;
}
