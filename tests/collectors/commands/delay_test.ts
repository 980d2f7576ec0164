/** What the hook adds to each prompt while Weir is stopped: asked of shells in real terminals. */

import { ok } from "node:assert/strict";
import { HOOK_SHELLS, type HookShell } from "../../../src/cli/hook_snippets.ts";
import { inFolder } from "../files/watching.ts";
import { Terminal } from "./terminal.ts";
import { missing } from "../../peers.ts";

/** How often the shell runs all that the hook adds to one command, in a run. */
const TIMES = 200;

/** Runs; the fastest counts, since what else the machine does only ever adds. */
const RUNS = 5;

/** What may be added to each prompt: milliseconds. */
const ADDED_MAX_MS = 5;

/**
 * A line that runs what the hook adds to a command, as often as is asked. It is timed as a whole within the shell: a terminal, and
 * what else a shell does for its prompt, take more and vary by more than that.
 */
const ROUNDS: Readonly<Record<HookShell, string>> = {
  bash: `for ((i = 0; i < ${TIMES}; i++)); do : "\${PS0@P}"; true; _weir_prompt; done`,
  zsh: `for i in {1..${TIMES}}; do _weir_preexec true true true; _weir_precmd; done`,
  fish: `for i in (seq ${TIMES}); _weir_preexec true; _weir_postexec true; end`,
};

async function addedMs(shell: HookShell): Promise<number> {
  const runs: number[] = [];
  await inFolder(async (home) => {
    const terminal = await Terminal.open(home, shell);
    try {
      for (let run = 0; run < RUNS; run++) {
        await terminal.type(`date +%s%N >from; ${ROUNDS[shell]}; date +%s%N >to${run}`);
        const to = await terminal.fileIs(`to${run}`, (text) => text.endsWith("\n"));
        const from = await terminal.fileIs("from");
        runs.push(Number(BigInt(to.trim()) - BigInt(from.trim())) / 1e6 / TIMES);
      }
    } finally {
      await terminal.close();
    }
  });
  return Math.min(...runs);
}

for (const shell of HOOK_SHELLS) {
  const skip = missing("tmux", shell);
  Deno.test({
    name: `commands: ${shell}: the hook adds less than ${ADDED_MAX_MS} ms to a prompt${skip ? ` (${skip})` : ""}`,
    ignore: skip !== undefined,
    fn: async () => {
      const added = await addedMs(shell);
      // deno-lint-ignore no-console -- the figure is what is asked for
      console.log(`${shell}: ${added.toFixed(2)} ms added to a prompt, of ${ADDED_MAX_MS} ms`);
      ok(added < ADDED_MAX_MS, `${added} ms`);
    },
  });
}
