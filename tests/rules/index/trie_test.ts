import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Candidates } from "../../../src/rules/index/candidates.ts";
import { createTrie, type Edge, walk } from "../../../src/rules/index/trie.ts";
import { isAscii } from "../../../src/core/ascii.ts";
import { literalText, valueText } from "./texts.ts";

function foundIn(value: string, edges: readonly Edge[], backwards: boolean): number[] {
  const into = new Candidates(edges.length);
  walk(createTrie(edges, backwards), value, into);
  return [...into.ids.slice(0, into.count)].sort((a, b) => a - b);
}

function edgesOf(texts: readonly string[], whole: boolean): Edge[] {
  return texts.map((text, selection) => ({ text, whole, selection }));
}

Deno.test("a trie finds what a value starts with, ends with and is", () => {
  const texts = ["\\cmd.exe", "cmd.exe", ".exe", "md.ex"];
  deepStrictEqual(foundIn("C:\\CMD.EXE", edgesOf(texts, false), true), [0, 1, 2]);
  deepStrictEqual(foundIn("cmd.exe /c", edgesOf(texts, false), false), [1]);
  deepStrictEqual(foundIn("Cmd.exe", edgesOf(texts, true), false), [1]);
  deepStrictEqual(foundIn("cmd.exe ", edgesOf(texts, true), false), []);
  deepStrictEqual(foundIn("", edgesOf(["", "a"], true), false), [0]);
  deepStrictEqual(foundIn("b", edgesOf(["", "a"], true), false), []);
});

Deno.test("a text is compared to its end, however long", () => {
  const long = "c:\\windows\\system32\\wbem\\wmiprvse.exe";
  deepStrictEqual(foundIn(long.replace("wmi", "wmo"), edgesOf([long], true), false), []);
  deepStrictEqual(foundIn(long.toUpperCase(), edgesOf([long], true), false), [0]);
  deepStrictEqual(foundIn(long.slice(0, -1), edgesOf([long], false), false), []);
});

Deno.test("a trie finds whatever is there, and more only beyond ASCII", () => {
  const edge = fc.record({ text: literalText.filter(isAscii), whole: fc.boolean() });
  let hits = 0;
  fc.assert(
    fc.property(fc.array(edge, { minLength: 1, maxLength: 12 }), valueText, fc.boolean(), (some, value, backwards) => {
      const edges = some.map((one, selection) => ({ ...one, selection }));
      const folded = value.toLowerCase();
      const there = edges.filter(({ text, whole }) =>
        whole ? folded === text : backwards ? folded.endsWith(text) : folded.startsWith(text)
      );
      const found = foundIn(value, edges, backwards);
      hits += there.length;
      strictEqual(there.every(({ selection }) => found.includes(selection)), true);
      if (isAscii(value)) deepStrictEqual(found, there.map(({ selection }) => selection));
    }),
    { numRuns: 3_000 },
  );
  strictEqual(hits > 1_000, true, `${hits} hits`);
});

Deno.test("a character that is longer in lower case leaves what stands before or after it where it was", () => {
  deepStrictEqual(foundIn("abi", edgesOf(["abi"], false), false), [0]);
  for (const [value, text] of [["abİx", "abi"], ["ABK", "abk"], ["İabc", "abc"]] as const) {
    const backwards = value.toLowerCase().endsWith(text);
    deepStrictEqual(foundIn(value, edgesOf([text, text + text], false), backwards), [0], value);
  }
});

Deno.test("texts each of which starts the next, thousands of them", () => {
  const texts = Array.from({ length: 3_000 }, (_, i) => "a".repeat(i));
  deepStrictEqual(foundIn("a".repeat(50), edgesOf(texts, true), false), [50]);
  deepStrictEqual(foundIn("a".repeat(50), edgesOf(texts, false), true).length, 51);
});

Deno.test("a hundred thousand long texts take room by their number", () => {
  const texts = Array.from(
    { length: 100_000 },
    (_, i) => `${(i * 2_654_435_761 % 2 ** 32).toString(16)}${"0".repeat(56)}`,
  );
  const trie = createTrie(edgesOf(texts, true), false);
  strictEqual(trie.found.length < 2 * texts.length, true, `${trie.found.length} nodes`);
  const into = new Candidates(texts.length);
  walk(trie, (texts[77_777] as string).toUpperCase(), into);
  deepStrictEqual([...into.ids.slice(0, into.count)], [77_777]);
});
