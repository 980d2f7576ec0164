/** Harmless activity that should raise a score, for trying Weir out. */

import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { UsageError } from "../core/errors.ts";
import { durationOption } from "./options.ts";
import { printLine } from "./output.ts";

/** A shell script that does nothing but keep one core busy. The kernel names its process after the script's file. */
const BUSY_SCRIPT =
  "#!/bin/sh\n# Started by `weir simulate miner`: keeps one core busy, mines nothing.\nwhile :; do :; done\n";

export function addSimulateCommand(program: Command): void {
  const simulate = program.command("simulate").description(
    "harmless activity that should raise a score, for trying it out",
  );
  simulate.command("miner")
    .description("a busy process named xmrig, which touches no file and no network")
    .option("--for <duration>", "how long", durationOption, 30_000)
    .action(async ({ for: forMs }: { for: number }) => await simulateMiner(forMs));
}

async function simulateMiner(forMs: number): Promise<void> {
  if (Deno.build.os === "windows") throw new UsageError("Cannot simulate a miner as that needs a POSIX shell");
  const folder = await Deno.makeTempDir({ prefix: "weir-simulate-" });
  try {
    const path = `${folder}/xmrig`;
    await Deno.writeTextFile(path, BUSY_SCRIPT, { mode: 0o700 });
    const child = new Deno.Command(path, { stdin: "null", stdout: "null", stderr: "null" }).spawn();
    printLine(`xmrig runs as process ${child.pid} for ${formatDuration(forMs)}; see: deno task weir query scores`);
    await waitOrInterrupt(forMs);
    child.kill("SIGKILL");
    await child.status;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Waits for the time to pass, or for SIGINT or SIGTERM, so that nothing is left behind either way. */
async function waitOrInterrupt(ms: number): Promise<void> {
  const stop = new AbortController();
  const abort = () => stop.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, abort);
  await systemClock.sleep(ms, stop.signal);
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(signal, abort);
}
