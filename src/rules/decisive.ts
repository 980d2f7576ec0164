/** Where an evaluated condition was decided. */

import type { EvaluatedNode } from "../core/detection.ts";

/**
 * The node an author has to look at to see why a condition does not hold: of an `all`, the first part that does not; of an `any`,
 * the `any` itself, as none of its parts holds; of a `not`, what holds within it. Null where the condition holds.
 */
export function stoppedAt(node: EvaluatedNode): EvaluatedNode | null {
  return node.result ? null : decisive(node);
}

function decisive(node: EvaluatedNode): EvaluatedNode {
  if (node.type === "not") {
    const [inner] = node.of;
    return decisive(inner);
  }
  if (node.type === "test") return node;
  const needed = node.result ? node.type === "any" : node.type === "all";
  const deciding = needed ? node.of.find(({ result }) => result === node.result) : undefined;
  return deciding === undefined ? node : decisive(deciding);
}
