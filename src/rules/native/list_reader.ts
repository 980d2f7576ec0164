/** Values that stand in a named list of the configuration: `value: { list: known-processes, default: [sshd, cron] }`. */

import { nameHint, quoteValue } from "../../core/errors.ts";
import type { FieldValue } from "../../core/event.ts";
import { NAMED_LIST_MAX } from "../schema.ts";
import type { Node } from "./node.ts";

/** Lists of values by name, as configured. */
export type ValueLists = ReadonlyMap<string, readonly (string | number)[]>;

/** A list that a condition names, with what it stands for. */
export interface NamedList {
  readonly name: string;
  readonly values: readonly (string | number | boolean | null)[];
}

const NAME_MAX = 256;
const NO_LISTS: ValueLists = new Map();

/** Whether a condition's value names a list instead of stating it. */
export function namesList({ value }: Node): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.hasOwn(value, "list");
}

/**
 * The list a value names, `undefined` after saying what is wrong. Where it has a default, that is what it stands for: so the
 * rule's own tests mean what they meant to its author. The configured values take its place when the rule is tuned.
 */
export function readNamedList(node: Node, lists: ValueLists = NO_LISTS): NamedList | undefined {
  const keys = node.mapping("value", ["list", "default"]);
  const name = keys?.list.text("list", NAME_MAX);
  if (keys === undefined || name === undefined) return undefined;
  const fallback = keys.default.list(`"default"`, NAMED_LIST_MAX, true);
  if (fallback !== undefined) {
    const values = fallback.map((item) => item.fieldValue("value"));
    return values.every(isScalar) ? { name, values } : keys.default.refuse(`"default"`, "a list of single values");
  }
  if (keys.default.value !== undefined) return undefined;
  const values = lists.get(name);
  if (values !== undefined) return { name, values };
  const known = [...lists.keys()];
  const message = `Cannot read value as the list must be configured under rules.lists: current value is ${
    quoteValue(name)
  }`;
  keys.list.tell("error", message, known.length === 0 ? "no lists are configured" : nameHint(name, known));
  return undefined;
}

function isScalar(value: FieldValue | undefined): value is string | number | boolean | null {
  return value !== undefined && !Array.isArray(value);
}
