/** `weir hook`: printed, installed once, taken out again, and nothing else of a start file touched. */

import { ok, strictEqual } from "node:assert/strict";
import { HOOK_SHELLS, hookSnippet } from "../../src/cli/hook_snippets.ts";
import { weir } from "../e2e/weir.ts";
import { missing } from "../peers.ts";

for (const shell of HOOK_SHELLS) {
  const skip = missing(shell);
  Deno.test({
    name: `hook: what is printed for ${shell} is something that it reads${skip ? ` (${skip})` : ""}`,
    ignore: skip !== undefined,
    fn: async () => {
      const { code, stdout } = await weir(["hook", "print", shell]);
      strictEqual(code, 0);
      strictEqual(stdout, hookSnippet(shell, "~/.local/state/weir"));
      const path = await Deno.makeTempFile();
      await Deno.writeTextFile(path, hookSnippet(shell, '/srv/it\'s "here" \\ $x'));
      const { success, stderr } = await new Deno.Command(shell, { args: ["-n", path] }).output();
      await Deno.remove(path);
      ok(success, new TextDecoder().decode(stderr));
    },
  });
}

Deno.test("hook: installed once, renewed when it is another, taken out without a trace", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const rc = `${folder}/rc`;
    const before = "# mine\nalias ll='ls -l'";
    await Deno.writeTextFile(rc, before, { mode: 0o600 });
    await Deno.symlink(rc, `${folder}/link`);
    const install = (...more: string[]) => weir(["hook", "install", "bash", "--rc", `${folder}/link`, ...more]);
    const first = await install();
    strictEqual(first.code, 0, first.stderr);
    ok(first.stderr.includes("the hook is in it"));
    const once = await Deno.readTextFile(rc);
    ok(once.startsWith(`${before}\n# >>> weir hook >>>\n`));
    ok((await install()).stderr.includes("already"));
    strictEqual(await Deno.readTextFile(rc), once);
    await install("--folder", "/srv/spool");
    const other = await Deno.readTextFile(rc);
    strictEqual(other.split("# >>> weir hook >>>").length, 2);
    ok(other.includes("'/srv/spool'"));
    strictEqual(((await Deno.stat(rc)).mode ?? 0) & 0o777, 0o600);
    ok((await Deno.lstat(`${folder}/link`)).isSymlink);
    await install("--remove");
    strictEqual(await Deno.readTextFile(rc), `${before}\n`);
    strictEqual((await install("--remove")).code, 0);
    strictEqual((await install("--folder", "relative")).code, 2);
    await Deno.writeTextFile(rc, "# >>> weir hook >>>\nhalf");
    strictEqual((await install()).code, 2);
    strictEqual(await Deno.readTextFile(rc), "# >>> weir hook >>>\nhalf");
    strictEqual([...Deno.readDirSync(folder)].length, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
