/** Warns of tests that no event of Weir's own can meet, since the field holds something else than they look for. */

import { quoteValue } from "../../core/errors.ts";
import { fieldDefinition, type FieldType } from "../../core/fields.ts";
import type { Test } from "../condition.ts";
import { parseOperator } from "../decorators.ts";
import type { Node } from "./node.ts";

/** Types of fields whose values are texts. */
const TEXTS: readonly FieldType[] = ["text", "ip", "time"];

/** What an operator looks for, where it does not depend on the value. */
const LOOKS_FOR: Readonly<Record<string, readonly FieldType[]>> = {
  lessThan: ["number"],
  lessThanInclusive: ["number"],
  greaterThan: ["number"],
  greaterThanInclusive: ["number"],
  contains: ["list"],
  doesNotContain: ["list"],
  includes: TEXTS,
  startsWith: TEXTS,
  endsWith: TEXTS,
  matches: TEXTS,
  inCidr: ["ip", "text"],
};

/** Decorators that leave the fact on its side, whole. */
const PLAIN = ["not", "nocase", "someValue", "everyValue"];

/** Looks at the test of a selection's condition. */
export function checkOperand({ fact, operator, value }: Test, node: Node): void {
  const type = fieldDefinition(fact)?.type;
  const chain = parseOperator(operator);
  if (type === undefined || "problem" in chain || !chain.decorators.every((one) => PLAIN.includes(one))) return;
  const { name } = chain.operator;
  const wanted = LOOKS_FOR[name] ?? (name === "exists" ? [] : typesOf(value));
  if (wanted.length === 0 || wanted.includes(type)) return;
  const message = `Cannot meet condition as "${name}" here must look at ${wanted.join(" or ")}: current value is ` +
    `${quoteValue(fact)}, which holds ${type}`;
  node.at("fact").tell(
    "warning",
    message,
    type === "list" ? `"contains", or someFact: before the operator` : undefined,
  );
}

/** Types of fields that can be the same as a value, or as one of a list; none where any can. */
function typesOf(value: unknown): readonly FieldType[] {
  const types = (Array.isArray(value) ? value : [value]).map(typesOfScalar);
  return types.every((one) => one.length > 0) ? [...new Set(types.flat())] : [];
}

function typesOfScalar(value: unknown): readonly FieldType[] {
  switch (typeof value) {
    case "string":
      return TEXTS;
    case "number":
      return ["number"];
    case "boolean":
      return ["boolean"];
    default:
      return [];
  }
}
