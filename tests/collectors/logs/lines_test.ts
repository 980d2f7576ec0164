import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter, type TailedLine } from "../../../src/collectors/logs/tail/lines.ts";

const encoder = new TextEncoder();

function split(parts: readonly Uint8Array[], bytesMax = 65_536, at = 0): TailedLine[] {
  const splitter = new LineSplitter(at, bytesMax);
  const lines: TailedLine[] = [];
  for (const part of parts) splitter.push(part, lines);
  splitter.finish(lines);
  return lines;
}

Deno.test("lines: text, place, marks", () => {
  deepStrictEqual(split([encoder.encode("a\r\n\nbé\n\0\0c")]), [
    { text: "a", at: 0, isCut: false, isReplaced: false },
    { text: "bé", at: 4, isCut: false, isReplaced: false },
    { text: "c", at: 10, isCut: false, isReplaced: false },
  ]);
});

Deno.test("lines: a line is cut between characters, in whichever way it comes", () => {
  const bytes = encoder.encode("ab😀cd\nnext\n");
  for (const bytesMax of [2, 3, 4, 5]) {
    strictEqual(split([bytes], bytesMax)[0]?.text, "ab", String(bytesMax));
    strictEqual(split(Array.from(bytes, (byte) => Uint8Array.of(byte)), bytesMax)[0]?.text, "ab", String(bytesMax));
  }
  deepStrictEqual(split([bytes], 6).map(({ text, isCut }) => [text, isCut]), [["ab😀", true], ["next", false]]);
  deepStrictEqual(split([encoder.encode("xxxxx\r\n")], 5).map(({ text, isCut }) => [text, isCut]), [["xxxxx", true]]);
});

Deno.test("lines: however the bytes are cut into parts, the same lines come, at the same places", () => {
  const piece = fc.oneof(
    fc.constantFrom("\n", "\r\n", "\0", "\r", "é", "😀", "\ufeff", ""),
    fc.string({ maxLength: 12 }),
    fc.uint8Array({ maxLength: 6 }),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.array(fc.nat(200), { maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      (pieces, cuts, bytesMax) => {
        const bytes = Uint8Array.from(
          pieces.flatMap((part) => [...(typeof part === "string" ? encoder.encode(part) : part)]),
        );
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        // A byte order mark is one at a file's start only: not to be had in parts.
        const whole = split([bytes], bytesMax, 1_000);
        deepStrictEqual(split(parts, bytesMax, 1_000), whole);
        for (const { text, at } of whole) {
          ok(text !== "" && !text.includes("\n"));
          ok(at >= 1_000 && at < 1_000 + bytes.length);
        }
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("lines: who goes on from where a splitter says loses no line and has none twice", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 60, unit: fc.constantFrom("a", "é", "\n", "\r", "b") }),
      fc.nat(120),
      (text, cut) => {
        const bytes = encoder.encode(text);
        const end = Math.min(cut, bytes.length);
        const first = new LineSplitter(0, 1_000);
        const lines: TailedLine[] = [];
        first.push(bytes.slice(0, end), lines);
        const rest = new LineSplitter(first.at, 1_000);
        rest.push(bytes.slice(first.at), lines);
        rest.finish(lines);
        deepStrictEqual(lines, split([bytes]));
      },
    ),
    { numRuns: 500 },
  );
});
