import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { ANY_FIELD, type Pattern } from "../../../src/rules/index/automaton.ts";
import { Candidates } from "../../../src/rules/index/candidates.ts";
import { createSampler, isSampled, sample, SAMPLED_TEXT_MIN, type Sampler } from "../../../src/rules/index/sampler.ts";
import { countGrams } from "../../../src/rules/index/window.ts";

function samplerOf(patterns: readonly Pattern[], seen: readonly string[] = []): Sampler | null {
  return createSampler(patterns, countGrams(patterns.map(({ text }) => text), seen));
}

function patternsOf(texts: readonly string[], field = ANY_FIELD): Pattern[] {
  return texts.map((text, selection) => ({ text, field, selection }));
}

function foundIn(sampler: Sampler, value: string, field = 0): number[] {
  const into = new Candidates(1_000);
  sample(sampler, value, field, into);
  return [...into.ids.slice(0, into.count)].sort((a, b) => a - b);
}

/** A sampler that must be there. */
function certain(sampler: Sampler | null): Sampler {
  strictEqual(sampler === null, false);
  return sampler as Sampler;
}

Deno.test("a sampler finds a text wherever it stands, in whatever case", () => {
  const sampler = certain(samplerOf(patternsOf(["mimikatz", "invoke-expression", "sekurlsa"])));
  for (let before = 0; before < 20; before++) {
    const value = ".".repeat(before) + "MimiKatz";
    deepStrictEqual(foundIn(sampler, value), [0]);
    deepStrictEqual(foundIn(sampler, value + " | Invoke-Expression"), [0, 1]);
    deepStrictEqual(foundIn(sampler, value.slice(0, -1)), []);
  }
  deepStrictEqual(foundIn(sampler, ""), []);
});

/** Few characters, so that texts and values meet; what lower case makes ASCII of, and of another length, among the values'. */
const textCharacters = ["a", "a", "a", "b", "k", "i", "\\"] as const;
const longText = fc.array(fc.constantFrom(...textCharacters), { minLength: SAMPLED_TEXT_MIN, maxLength: 12 })
  .map((characters) => characters.join(""));
const filler = fc.string({ unit: fc.constantFrom("a", "A", "B", "\\", "\u212a", "\u0130", "é", "Σ"), maxLength: 9 });

Deno.test("a sampler finds whatever is there, and more only beyond ASCII or past what it looks for of a long text", () => {
  let hits = 0;
  const texts = fc.array(longText, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(texts, fc.nat(), filler, filler, fc.infiniteStream(fc.boolean()), (texts, i, before, after, flips) => {
      const inside = texts[i % texts.length] as string;
      const odd = [...inside].map((c) => flips.next().value ? c : c === "k" ? "\u212a" : c.toUpperCase()).join("");
      const sampler = samplerOf(patternsOf(texts));
      // Where too many texts have a gram in common there is none.
      if (sampler === null) return;
      for (const value of [before + odd + after, before + inside.slice(1) + after]) {
        const found = foundIn(sampler, value);
        const there = [...texts.keys()].filter((i) => value.toLowerCase().includes(texts[i] as string));
        hits += there.length;
        strictEqual(there.every((i) => found.includes(i)), true, `${JSON.stringify(value)} ${JSON.stringify(texts)}`);
      }
    }),
    { numRuns: 5_000 },
  );
  strictEqual(hits > 3_000, true, `${hits} hits`);
});

Deno.test("of texts of one length a sampler finds in ASCII what is there and nothing else", () => {
  const length = 7;
  const text = longText.map((text) => text.padEnd(length, "b").slice(0, length));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), fc.array(text, { maxLength: 4 }), (texts, parts) => {
      const sampler = samplerOf(patternsOf(texts));
      if (sampler === null) return;
      const value = parts.join("A");
      const there = [...texts.keys()].filter((i) => value.toLowerCase().includes(texts[i] as string));
      deepStrictEqual(foundIn(sampler, value), there);
    }),
    { numRuns: 3_000 },
  );
});

Deno.test("a text is found in its own field only, one for every field in each", () => {
  const sampler = certain(samplerOf([
    { text: "mimikatz", field: 1, selection: 0 },
    { text: "mimikatz", field: 2, selection: 1 },
    { text: "sekurlsa", field: ANY_FIELD, selection: 2 },
  ]));
  deepStrictEqual(foundIn(sampler, "mimikatz sekurlsa", 1), [0, 2]);
  deepStrictEqual(foundIn(sampler, "mimikatz sekurlsa", 2), [1, 2]);
  deepStrictEqual(foundIn(sampler, "mimikatz sekurlsa", 3), [2]);
});

Deno.test("short texts and those beyond ASCII are not for a sampler, nor many with a gram in common", () => {
  deepStrictEqual(["abcde", "abcdef", "abcdé f"].map(isSampled), [false, true, false]);
  const alike = Array.from({ length: 200 }, (_, i) => `aaaa${String(i).padStart(3, "0")}`);
  strictEqual(samplerOf(patternsOf(alike)), null);
});

Deno.test("a long value that nearly holds a text at every place takes linear time", () => {
  const sampler = certain(samplerOf(patternsOf(["a".repeat(20) + "baaa"])));
  const value = "a".repeat(1_000_000);
  const before = performance.now();
  deepStrictEqual(foundIn(sampler, value), []);
  strictEqual(performance.now() - before < 2_000, true);
  deepStrictEqual(foundIn(sampler, value + "BAAA"), [0]);
});

Deno.test("a sampler finds again what it found in the value before", () => {
  const sampler = certain(samplerOf(patternsOf(["mimikatz"])));
  for (let i = 0; i < 3; i++) deepStrictEqual(foundIn(sampler, "x mimikatz"), [0]);
});
