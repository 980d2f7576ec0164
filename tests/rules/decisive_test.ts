import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { EvaluatedNode } from "../../src/core/detection.ts";
import { stoppedAt } from "../../src/rules/decisive.ts";

const test = (fact: string, result: boolean): EvaluatedNode => ({
  type: "test",
  result,
  fact,
  operator: "equal",
  value: 1,
});
const all = (...of: EvaluatedNode[]): EvaluatedNode => ({ type: "all", result: of.every(({ result }) => result), of });
const any = (...of: EvaluatedNode[]): EvaluatedNode => ({ type: "any", result: of.some(({ result }) => result), of });
const not = (of: EvaluatedNode): EvaluatedNode => ({ type: "not", result: !of.result, of: [of] });

Deno.test("stoppedAt: nowhere, where the condition holds", () => {
  strictEqual(stoppedAt(all(test("a", true))), null);
  strictEqual(stoppedAt(not(test("a", false))), null);
});

Deno.test("stoppedAt: of an all the first part that does not hold, of an any itself, of a not what holds within it", () => {
  deepStrictEqual(stoppedAt(all(test("a", true), test("b", false), test("c", false))), test("b", false));
  const none = any(test("a", false), test("b", false));
  deepStrictEqual(stoppedAt(all(test("c", true), none)), none);
  deepStrictEqual(stoppedAt(not(any(test("a", false), test("b", true)))), test("b", true));
  const both = all(test("a", true), test("b", true));
  deepStrictEqual(stoppedAt(not(both)), both);
  deepStrictEqual(stoppedAt(not(not(all(test("a", true), test("b", false))))), test("b", false));
});

const { tree } = fc.letrec<{ tree: EvaluatedNode; leaf: EvaluatedNode; inner: EvaluatedNode }>((tie) => ({
  leaf: fc.tuple(fc.string(), fc.boolean()).map(([fact, result]) => test(fact, result)),
  inner: fc.oneof(
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }).map((of) => all(...of)),
    fc.array(tie("tree"), { minLength: 1, maxLength: 4 }).map((of) => any(...of)),
    tie("tree").map(not),
  ),
  tree: fc.oneof({ depthSize: "small" }, tie("leaf"), tie("inner")),
}));

/** The same tree with one node turned round, and what follows from it. */
function turned(node: EvaluatedNode, at: EvaluatedNode): EvaluatedNode {
  if (node === at) return { ...node, result: !node.result };
  switch (node.type) {
    case "test":
      return node;
    case "not":
      return not(turned(node.of[0], at));
    case "all":
      return all(...node.of.map((one) => turned(one, at)));
    case "any":
      return any(...node.of.map((one) => turned(one, at)));
  }
}

Deno.test("property: without the node at which it stopped, an evaluation gets further or holds", () => {
  fc.assert(fc.property(tree, (root) => {
    const stopped = stoppedAt(root);
    strictEqual(stopped === null, root.result);
    if (stopped === null) return;
    const next = stoppedAt(turned(root, stopped));
    strictEqual(next === stopped, false);
  }));
});
