import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { createAutomaton, run, statesOf } from "../../../src/rules/index/automaton.ts";
import { Candidates } from "../../../src/rules/index/candidates.ts";
import { plainText } from "../../../src/rules/index/characters.ts";
import type { Pattern } from "../../../src/rules/index/scanner.ts";
import { partText, valueText } from "./texts.ts";

function patternsOf(texts: readonly string[]): Pattern[] {
  return texts.map((text, selection) => ({ text: plainText(text), selection }));
}

function foundIn(value: string, patterns: readonly Pattern[]): number[] {
  const into = new Candidates(patterns.length);
  run(createAutomaton(patterns), value, into);
  return [...into.ids.slice(0, into.count)].sort((a, b) => a - b);
}

Deno.test("an automaton finds every text that is in a value, in whatever case", () => {
  deepStrictEqual(foundIn("C:\\Windows\\PowerShell.exe", patternsOf(["powershell", "shell.exe", "shell ", "l"])), [
    0,
    1,
    3,
  ]);
  deepStrictEqual(foundIn("", patternsOf(["a"])), []);
});

Deno.test("an automaton finds whatever is there, and more only beyond ASCII", () => {
  let hits = 0;
  fc.assert(
    fc.property(fc.array(partText, { minLength: 1, maxLength: 12 }), valueText, (texts, value) => {
      const found = foundIn(value, patternsOf(texts));
      const there = [...texts.keys()].filter((i) => value.toLowerCase().includes(texts[i] as string));
      hits += there.length;
      strictEqual(there.every((i) => found.includes(i)), true);
      // deno-lint-ignore no-control-regex
      if (/^[\x00-\x7f]*$/.test(value)) deepStrictEqual(found, there);
    }),
    { numRuns: 3_000 },
  );
  strictEqual(hits > 1_000, true, `${hits} hits`);
});

Deno.test("more characters than there are classes are told apart as far as they go", () => {
  const texts = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i).toLowerCase().repeat(2));
  for (const [i, text] of texts.entries()) strictEqual(foundIn(text, patternsOf(texts)).includes(i), true);
});

Deno.test("states are counted as they are made", () => {
  fc.assert(fc.property(fc.array(partText.map(plainText), { minLength: 1, maxLength: 20 }), (texts) => {
    const { next, shift } = createAutomaton(patternsOf(texts));
    strictEqual(next.length >> shift, statesOf(texts));
  }));
});

Deno.test("a long value of one text that many look for is reported once, in linear time", () => {
  const patterns: Pattern[] = Array.from({ length: 2_000 }, (_, selection) => ({ text: "a", selection }));
  const automaton = createAutomaton(patterns);
  const into = new Candidates(patterns.length);
  let added = 0;
  const add = into.add.bind(into);
  into.add = (id) => {
    added++;
    return add(id);
  };
  run(automaton, "a".repeat(1_000_000), into);
  strictEqual(into.count, 2_000);
  strictEqual(added, 2_000);
});

Deno.test("a run finds again what the one before it found", () => {
  const automaton = createAutomaton(patternsOf(["a"]));
  for (let i = 0; i < 3; i++) {
    const into = new Candidates(1);
    run(automaton, "a", into);
    strictEqual(into.count, 1);
  }
});
