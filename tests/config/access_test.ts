import { strictEqual, throws } from "node:assert/strict";
import { systemAccess } from "../../src/config/access.ts";

Deno.test("systemAccess: text within its limit; over it, not UTF-8 and not there each say so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const { readTextFile } = systemAccess();
    await Deno.writeTextFile(`${folder}/ok`, "ä".repeat(100_000));
    strictEqual(readTextFile(`${folder}/ok`, 200_000).length, 100_000);
    throws(() => readTextFile(`${folder}/ok`, 199_999), /at most 199999 bytes/);
    await Deno.writeFile(`${folder}/binary`, new Uint8Array([0x61, 0xff]));
    throws(() => readTextFile(`${folder}/binary`, 100), /must be UTF-8/);
    throws(() => readTextFile(`${folder}/none`, 100), Deno.errors.NotFound);
    throws(() => readTextFile(folder, 100));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test(
  "systemAccess: a file without an end is given up on at the limit",
  { ignore: Deno.build.os !== "linux" },
  () => {
    throws(() => systemAccess().readTextFile("/dev/zero", 1_000_000), /at most 1000000 bytes/);
  },
);
