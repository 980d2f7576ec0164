import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Condition } from "../../../src/rules/condition.ts";
import { coverOf, coversOf, type Witness } from "../../../src/rules/index/witness.ts";
import { makeTest } from "../fixtures.ts";

const common = makeTest("a", "includes", "e");
const rare = makeTest("b", "includes", "mimikatz");
const either = makeTest("c", "in", ["x", "y"]);
const none = makeTest("d", "greaterThan", 5);

/** The longer the rarer. */
const byLength = ({ literal: { text } }: Witness) => 1 / (1 + text.length);

function textsIn(condition: Condition): string[] | null {
  return coverOf(condition, byLength)?.witnesses.map(({ fields, literal }) => `${fields.join()}:${literal.text}`) ??
    null;
}

Deno.test("of all, the rarest is enough; of any, each is needed", () => {
  deepStrictEqual(textsIn({ type: "all", of: [common, rare, none] }), ["b:mimikatz"]);
  deepStrictEqual(textsIn({ type: "any", of: [common, rare] }), ["a:e", "b:mimikatz"]);
  deepStrictEqual(textsIn({ type: "any", of: [{ type: "all", of: [common, either] }, rare] }), ["a:e", "b:mimikatz"]);
  deepStrictEqual(textsIn(either), ["c:x", "c:y"]);
});

Deno.test("nothing stands for a condition that an event without any text can meet", () => {
  strictEqual(textsIn(none), null);
  strictEqual(textsIn({ type: "not", of: [rare] }), null);
  strictEqual(textsIn({ type: "any", of: [rare, none] }), null);
  strictEqual(textsIn({ type: "all", of: [none, { type: "not", of: [rare] }] }), null);
  strictEqual(textsIn({ type: "all", of: [] }), null);
  strictEqual(textsIn({ type: "any", of: [] }), null);
  strictEqual(textsIn({ ...common, witnesses: [{ how: "contains", text: "" }] }), null);
});

Deno.test("what can never hold needs nothing to be looked for", () => {
  deepStrictEqual(textsIn(makeTest("a", "in", [])), []);
  deepStrictEqual(textsIn({ ...common, witnesses: [{ how: "equals", text: "" }] }), ["a:"]);
});

Deno.test("a rate is what its witnesses add up to", () => {
  strictEqual(coverOf({ type: "any", of: [either, rare] }, () => 0.25)?.rate, 0.75);
});

Deno.test("an event that meets a condition holds every cover of it, the rarest first", () => {
  const covers = coversOf({ type: "all", of: [common, { type: "all", of: [either, rare] }, none] }, byLength);
  deepStrictEqual(covers.map(({ witnesses }) => witnesses.map(({ literal: { text } }) => text)), [
    ["mimikatz"],
    ["e"],
    ["x", "y"],
  ]);
  deepStrictEqual(coversOf({ type: "not", of: [rare] }, byLength), []);
});
