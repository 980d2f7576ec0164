import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Frame, FrameSplitter } from "../../../src/collectors/logs/syslog/framing.ts";
import { dropsIn } from "../../../src/collectors/logs/syslog/kernel_drops.ts";

const encoder = new TextEncoder();

function split(parts: readonly Uint8Array[], bytesMax = 1_000): [text: string, isCut: boolean][] {
  const splitter = new FrameSplitter(bytesMax);
  const frames: Frame[] = [];
  for (const part of parts) splitter.push(part, frames);
  splitter.finish(frames);
  return frames.map(({ bytes, isCut }) => [new TextDecoder().decode(bytes), isCut]);
}

const text = (...parts: string[]) => split(parts.map((part) => encoder.encode(part)));

Deno.test("framing: counted, by lines, and both on one connection", () => {
  deepStrictEqual(text("5 <1>ab", "4 <2>c\n<3>d\n"), [["<1>ab", false], ["<2>c", false], ["<3>d", false]]);
  deepStrictEqual(text("7 <1>a\nb\n", "<2>c"), [["<1>a\nb\n", false], ["<2>c", false]]);
  deepStrictEqual(text("<1>a\r\n\n<2>b\n"), [["<1>a\r", false], ["<2>b", false]]);
});

Deno.test("framing: what only begins like a count is a line; what breaks off is marked where that is known", () => {
  deepStrictEqual(text("12x <1>a\n"), [["12x <1>a", false]]);
  deepStrictEqual(text("1234567890 <1>a\n"), [["1234567890 <1>a", false]]);
  deepStrictEqual(text("50 <1>broken"), [["<1>broken", true]]);
  deepStrictEqual(text("12"), [["12", false]]);
  deepStrictEqual(text(""), []);
});

Deno.test("framing: a message longer than is kept is cut, the next is whole", () => {
  deepStrictEqual(split([encoder.encode(`30 ${"x".repeat(30)}3 abc${"y".repeat(20)}\nz\n`)], 10), [
    ["x".repeat(10), true],
    ["abc", false],
    ["y".repeat(10), true],
    ["z", false],
  ]);
});

Deno.test("framing: however the bytes come, the same messages", () => {
  const message = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom("<", "1", ">", "a", "é", " ", "9") })
    .filter((value) => value.trim() !== "");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(message, fc.boolean()), { maxLength: 8 }),
      fc.array(fc.nat(300)),
      (messages, cuts) => {
        const stream = messages.map(([value, isCounted]) =>
          isCounted ? `${encoder.encode(`<1>${value}`).length} <1>${value}` : `<1>${value}\n`
        ).join("");
        const bytes = encoder.encode(stream);
        const places = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        const parts = places.slice(1).map((end, i) => bytes.slice(places[i], end));
        deepStrictEqual(split(parts), messages.map(([value]) => [`<1>${value}`, false]));
      },
    ),
  );
});

Deno.test("kernel drops: the last column of the rows of a port", () => {
  const table =
    `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  410: 00000000:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 20000 2 0000000000000000 17
  411: 0100007F:0202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 20001 2 0000000000000000 5
  412: 0100007F:1202 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 20002 2 0000000000000000 9
`;
  deepStrictEqual([dropsIn(table, 514), dropsIn(table, 0x1202), dropsIn(table, 53), dropsIn("", 514)], [
    22,
    9,
    undefined,
    undefined,
  ]);
});
