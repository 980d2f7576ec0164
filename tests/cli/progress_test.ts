/** The bar of what takes long at the first start, on a terminal, and that it is gone behind it. */

import { ok, strictEqual } from "node:assert/strict";
import { progressText } from "../../src/cli/progress.ts";
import { inFolder } from "../collectors/files/watching.ts";
import { Terminal, until } from "../collectors/commands/terminal.ts";
import { missing } from "../peers.ts";
import { freePort, weirWords } from "../e2e/weir.ts";

Deno.test("progress: a bar, its share and what it is of", () => {
  strictEqual(progressText({ doing: "x", done: 0 }), `[${"-".repeat(30)}]   0 % x`);
  strictEqual(progressText({ doing: "a\x1b", done: 0.5 }), `[${"#".repeat(15)}${"-".repeat(15)}]  50 % a\\x1b`);
  strictEqual(progressText({ doing: "x", done: 7 }), `[${"#".repeat(30)}] 100 % x`);
});

const skip = missing("tmux", "bash");

Deno.test({
  name: `progress: the first look at files shows how far it is${skip === undefined ? "" : ` (${skip})`}`,
  ignore: skip !== undefined || Deno.build.os !== "linux",
  fn: () =>
    inFolder(async (home) => {
      await Deno.mkdir(`${home}/tree`);
      for (let i = 0; i < 20; i++) await Deno.writeFile(`${home}/tree/f${i}`, new Uint8Array(60_000));
      const collectors = `{ files: { paths: [${home}/tree], hash_rate: 200KB }, process: { enabled: false } }`;
      await Deno.writeTextFile(`${home}/weir.yaml`, `collectors: ${collectors}\n`);
      const terminal = await Terminal.open(home, "bash", { hasHook: false });
      try {
        const command = [Deno.execPath(), ...weirWords, "start", "--listen", `127.0.0.1:${freePort()}`];
        await terminal.type(`DENO_DIR=${await denoDir()} ${command.join(" ")}`);
        const shows = (pattern: RegExp) =>
          until(async () => {
            const screen = await terminal.screen();
            return pattern.test(screen) ? screen : undefined;
          });
        ok(await shows(/\[#+-+\] +\d+ % taking stock of files: \d+ of 20/), await terminal.screen());
        ok(await shows(/^(?![^]*taking stock)[^]*127\.0\.0\.1/), await terminal.screen());
      } finally {
        await terminal.close();
      }
    }),
});

/** Where the runtime keeps packages: the home folder of the test has none. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}
