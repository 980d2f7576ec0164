import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Line, LINE_LENGTH_MAX, readLines } from "../../src/core/lines.ts";

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += size) yield await Promise.resolve(bytes.subarray(i, i + size));
}

async function linesOf(text: string, size = 7): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const chunk of readLines(pieces(new TextEncoder().encode(text), size))) lines.push(...chunk);
  return lines;
}

Deno.test("lines: ends of both kinds, an empty line, a last line without an end", async () => {
  deepStrictEqual((await linesOf("")).length, 0);
  deepStrictEqual((await linesOf("a\r\n\nb")).map((l) => [l.number, l.text]), [[1, "a"], [2, ""], [3, "b"]]);
  deepStrictEqual((await linesOf("a\n")).map((l) => l.text), ["a"]);
});

Deno.test("lines: the same whatever the pieces they come in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "grapheme", maxLength: 9 }).filter((s) => !/[\r\n]/.test(s))),
      fc.integer({ min: 1, max: 11 }),
      async (texts, size) => {
        const got = await linesOf(texts.map((t) => t + "\n").join(""), size);
        deepStrictEqual(got.map((l) => l.text), texts);
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("lines: one past the limit is cut and marked, the next is whole", async () => {
  const lines = await linesOf("a".repeat(LINE_LENGTH_MAX) + "\n" + "b".repeat(LINE_LENGTH_MAX + 1) + "\nc\n", 65_536);
  deepStrictEqual(lines.map((l) => [l.text.length, l.cut]), [[LINE_LENGTH_MAX, false], [LINE_LENGTH_MAX, true], [
    1,
    false,
  ]]);
});

Deno.test("lines: many short ones and some longer than are made into text at a time, whatever the pieces", async () => {
  const texts = Array.from({ length: 3_000 }, (_, i) => i % 500 === 7 ? "é".repeat(5_000) + i : `line ${i}`);
  for (const size of [1_000, 4_096, 65_536, 1_000_000]) {
    const lines = await linesOf(texts.join("\r\n"), size);
    deepStrictEqual(lines.map((l) => l.text), texts);
    strictEqual(lines.at(-1)?.number, texts.length);
  }
});

Deno.test("lines: a line far past the limit is kept within bounds, and what comes after it is whole", async () => {
  const lines = await linesOf("a".repeat(6 * LINE_LENGTH_MAX) + "\nb", 131_072);
  deepStrictEqual(lines.map((l) => [l.text.length, l.cut]), [[LINE_LENGTH_MAX, true], [1, false]]);
});

Deno.test("lines: the mark of UTF-8 at the start is no text", async () => {
  deepStrictEqual((await linesOf("\ufeffa\n\ufeffb\n")).map((l) => l.text), ["a", "\ufeffb"]);
});

Deno.test("lines: bytes that are not UTF-8 are replaced, nothing is lost", async () => {
  const lines: Line[] = [];
  for await (const chunk of readLines(pieces(new Uint8Array([0x61, 0xff, 0x62, 0x0a]), 1))) lines.push(...chunk);
  strictEqual(lines[0]?.text, "a\ufffdb");
  ok(!lines[0]?.cut);
});
