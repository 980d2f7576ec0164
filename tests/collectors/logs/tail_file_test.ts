/** One file being read, at the moments that no rotation hits on purpose. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createDecoder } from "../../../src/collectors/logs/decode/decoder.ts";
import { Intake } from "../../../src/collectors/logs/intake.ts";
import { TailedFile } from "../../../src/collectors/logs/tail/file.ts";
import { openRegular } from "../../../src/collectors/logs/tail/identity.ts";
import { noMasking } from "../../../src/core/masking.ts";

function follow(path: string): TailedFile {
  const open = openRegular(path);
  const intake = new Intake({ decoder: createDecoder("plain", { nowMs: () => 0 }), masking: noMasking });
  const { device, inode } = open;
  const from = { generation: 0, path, offset: 0, fingerprint: null, lineBytesMax: 1_000, nowMs: 0 };
  return new TailedFile({ open, place: { device, inode }, intake, ...from });
}

Deno.test("a file whose beginning is another one by the time it is looked at keeps the one it was known by", async () => {
  const path = await Deno.makeTempFile();
  const text = Array.from({ length: 8 }, (_, i) => `line ${i} of a file that is cut while it is read\n`).join("");
  await Deno.writeTextFile(path, text);
  const file = follow(path);
  try {
    const buffer = new Uint8Array(200);
    strictEqual(file.read(buffer, 0), "data");
    const { head } = file.trace;
    deepStrictEqual(head?.bytes, text.length);
    // What the file begins with changes, and what was read last stands there still, with more behind it.
    const writer = await Deno.open(path, { write: true });
    await writer.write(new TextEncoder().encode("LINE"));
    writer.close();
    strictEqual(file.read(buffer, 0), "truncated");
    deepStrictEqual(file.trace.head, head);
    await Deno.truncate(path);
    strictEqual(file.read(buffer, 0), "truncated");
    deepStrictEqual(file.trace.head, head, "its copy is known by it");
  } finally {
    file.close();
    await Deno.remove(path);
  }
});

Deno.test("a file that was empty is known by its beginning as soon as it has one, and by more of it as it grows", async () => {
  const path = await Deno.makeTempFile();
  const file = follow(path);
  try {
    strictEqual(file.trace.head?.bytes, 0);
    await Deno.writeTextFile(path, "one\n", { append: true });
    strictEqual(file.read(new Uint8Array(200), 0), "data");
    strictEqual(file.trace.head?.bytes, 4);
    await Deno.writeTextFile(path, "x".repeat(100) + "\n", { append: true });
    strictEqual(file.read(new Uint8Array(200), 0), "data");
    strictEqual(file.trace.head?.bytes, 105);
  } finally {
    file.close();
    await Deno.remove(path);
  }
});
