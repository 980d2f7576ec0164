import { strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { formatByteSize, parseByteSize } from "../../src/core/byte_size.ts";

Deno.test("parseByteSize: decimal and binary units, fractions, any case", () => {
  strictEqual(parseByteSize("0B"), 0);
  strictEqual(parseByteSize("512MB"), 512_000_000);
  strictEqual(parseByteSize("2GiB"), 2_147_483_648);
  strictEqual(parseByteSize("1.5 KiB"), 1_536);
  strictEqual(parseByteSize("64kib"), 65_536);
  strictEqual(parseByteSize("1TB"), 1e12);
});

Deno.test("parseByteSize: what is no amount, or is past what a number holds exactly", () => {
  for (const text of ["", "5", "MB", "-1MB", "1 M", "1e3MB", "1MBx", "1  MB", "9999999TiB", "0x10B", "١MB"]) {
    strictEqual(parseByteSize(text), undefined, text);
  }
});

Deno.test("formatByteSize: the shortest writing", () => {
  strictEqual(formatByteSize(0), "0B");
  strictEqual(formatByteSize(1), "1B");
  strictEqual(formatByteSize(2 ** 31), "2GiB");
  strictEqual(formatByteSize(512e6), "512MB");
  strictEqual(formatByteSize(1_000_001), "1000001B");
});

Deno.test("formatByteSize and parseByteSize undo one another", () => {
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => strictEqual(parseByteSize(formatByteSize(bytes)), bytes)));
});
