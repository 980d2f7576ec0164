import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { Candidates } from "../../../src/rules/index/candidates.ts";
import { isAscii } from "../../../src/core/ascii.ts";
import {
  createScanner,
  PASSED_OVER_TEXT_MIN,
  type Pattern,
  scan,
  SCANNED_LENGTH_MAX,
  type Scanner,
  TEXTS_A_GRAM_MAX,
} from "../../../src/rules/index/scanner.ts";

function patternsOf(texts: readonly string[]): Pattern[] {
  return texts.map((text, selection) => ({ text, selection }));
}

/** A scanner that has room for all. */
function scannerOf(texts: readonly string[], seen: readonly string[] = [], readsAll = false): Scanner {
  const { scanner, left } = createScanner(patternsOf(texts), seen, readsAll);
  strictEqual(left.length, 0);
  if (scanner === null) throw new Error("there is nothing to look for");
  return scanner;
}

function foundIn(scanner: Scanner, value: string): number[] {
  const into = new Candidates(1_000);
  scan(scanner, value, into);
  return [...into.ids.slice(0, into.count)].sort((a, b) => a - b);
}

Deno.test("a scanner finds a text wherever it stands, in whatever case", () => {
  const texts = ["mimikatz", "invoke-expression", "sekurlsa"];
  for (const some of [texts, [...texts, "iex"], [...texts, "ab"], [...texts, "\\"]]) {
    const scanner = scannerOf(some);
    for (let before = 0; before < 20; before++) {
      const value = ".".repeat(before) + "MimiKatz";
      deepStrictEqual(foundIn(scanner, value), [0]);
      deepStrictEqual(foundIn(scanner, value + " | Invoke-Expression"), [0, 1]);
      deepStrictEqual(foundIn(scanner, value.slice(0, -1)), []);
    }
    deepStrictEqual(foundIn(scanner, ""), []);
  }
});

Deno.test("texts of one or two characters are found where they stand", () => {
  const scanner = scannerOf(["{", "&&", "a", " -"]);
  deepStrictEqual(foundIn(scanner, "A"), [2]);
  deepStrictEqual(foundIn(scanner, "&&"), [1]);
  deepStrictEqual(foundIn(scanner, "& &"), []);
  deepStrictEqual(foundIn(scanner, "{x -"), [0, 3]);
  deepStrictEqual(foundIn(scanner, "- "), []);
});

Deno.test("how it reads follows from the shortest text", () => {
  strictEqual(scannerOf(["abc", "abcdefgh"]).stride, 1);
  strictEqual(scannerOf(["abcdefgh"]).stride, 6);
  strictEqual(scannerOf(["abcdefgh"], [], true).stride, 1);
  const { stride, width } = scannerOf(["a".repeat(40), "b".repeat(30)]);
  deepStrictEqual({ stride, width }, { stride: SCANNED_LENGTH_MAX - 7, width: 8 });
  strictEqual(createScanner([], [], false).scanner, null);
});

/** Few characters, so that texts and values meet; what lower case makes ASCII of, and of another length, among the values'. */
const textCharacter = fc.constantFrom("a", "a", "a", "b", "k", "i", "\\");
const textOf = (minLength: number, maxLength: number) =>
  fc.array(textCharacter, { minLength, maxLength }).map((characters) => characters.join(""));
const filler = fc.string({ unit: fc.constantFrom("a", "A", "B", "\\", "\u212a", "\u0130", "é", "Σ"), maxLength: 9 });

/** Texts of the lengths that are looked for in each way, and seen texts. */
const lengths = fc.constantFrom([1, 4], [3, 12], [PASSED_OVER_TEXT_MIN, 12], [16, 30]);
const texts = lengths.chain(([min = 1, max = 1]) => fc.array(textOf(min, max), { minLength: 1, maxLength: 8 }));

Deno.test("a scanner finds whatever is there, and more only beyond ASCII or past what it looks for of a long text", () => {
  let hits = 0;
  const flips = fc.infiniteStream(fc.boolean());
  const seen = fc.array(textOf(0, 20), { maxLength: 4 });
  fc.assert(
    fc.property(texts, fc.nat(), filler, filler, flips, seen, (texts, i, before, after, flips, seen) => {
      const inside = texts[i % texts.length] as string;
      const odd = [...inside].map((c) => flips.next().value ? c : c === "k" ? "\u212a" : c.toUpperCase()).join("");
      const scanner = scannerOf(texts, seen);
      for (const value of [before + odd + after, before + inside.slice(1) + after]) {
        const found = foundIn(scanner, value);
        const there = [...texts.keys()].filter((i) => value.toLowerCase().includes(texts[i] as string));
        hits += there.length;
        const what = `${JSON.stringify(value)} ${JSON.stringify(texts)}`;
        strictEqual(there.every((i) => found.includes(i)), true, what);
        if (scanner.stride === 1 && isAscii(value)) {
          deepStrictEqual(found.filter((i) => (texts[i] ?? "").length <= SCANNED_LENGTH_MAX), there, what);
        }
      }
    }),
    { numRuns: 6_000 },
  );
  strictEqual(hits > 4_000, true, `${hits} hits`);
});

Deno.test("where every character is read, one beyond ASCII is told of", () => {
  const scanner = scannerOf(["mimikatz"], [], true);
  const into = new Candidates(1);
  for (const [value, isBeyond] of [["abc", false], ["é", true], ["mimikat\u212b", true]] as const) {
    strictEqual(scan(scanner, value, into), isBeyond, value);
  }
});

Deno.test("no more texts are compared at a place than there may be; the others are left", () => {
  const alike = Array.from({ length: 1_024 }, (_, i) => i.toString(2).padStart(10, "0"));
  const { scanner, left } = createScanner(patternsOf(alike), [], false);
  strictEqual(left.length > 500, true, `${left.length} are left`);
  const starts = scanner?.starts ?? new Uint32Array();
  for (const [i, end] of starts.subarray(1).entries()) {
    strictEqual(end - (starts[i] as number) <= TEXTS_A_GRAM_MAX, true, `${starts[i]} to ${end}`);
  }
});

Deno.test("a long value that nearly holds a text at every place takes linear time", () => {
  for (const texts of [["a".repeat(20) + "baaa"], ["aab"], ["a".repeat(8) + "b"]]) {
    const scanner = scannerOf(texts);
    const value = "a".repeat(1_000_000);
    const before = performance.now();
    deepStrictEqual(foundIn(scanner, value), []);
    strictEqual(performance.now() - before < 10_000, true);
    deepStrictEqual(foundIn(scanner, value + texts[0]?.toUpperCase()), [0]);
  }
});

Deno.test("a scanner finds again what it found in the value before", () => {
  const scanner = scannerOf(["mimikatz"]);
  for (let i = 0; i < 3; i++) deepStrictEqual(foundIn(scanner, "x mimikatz"), [0]);
});
