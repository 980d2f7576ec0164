/** Harmless activity that should raise a score, for trying Weir out. */

import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { formatDuration } from "../core/duration.ts";
import { messageOf, UsageError } from "../core/errors.ts";
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
  simulate.command("brute-force")
    .description(
      `lines of sshd's in this host's log, as though ${NOBODY} had guessed passwords; nobody logs in, no packet is sent`,
    )
    .option("--socket <path>", "where the log takes messages; by default the system's, /dev/log")
    .action(async ({ socket }: { socket?: string }) => await simulateBruteForce(socket));
}

/** An address for documentation (RFC 5737), so nobody's. */
const NOBODY = "203.0.113.99";

const ATTEMPTS = 10;

/** What sshd writes of a wrong password. The names say what it is, to whoever reads the log later. */
function failedAttempt(_: unknown, i: number): string {
  return `Failed password for invalid user weir-simulation-${i + 1} from ${NOBODY} port ${40_001 + i} ssh2\n`;
}

/** Hands the log what sshd would: whatever keeps the log (rsyslog, journald) writes it where it writes sshd's lines. */
async function simulateBruteForce(socket: string | undefined): Promise<void> {
  const where = socket === undefined ? [] : ["--socket", socket];
  const args = ["--socket-errors=on", "--priority", "auth.info", "--tag", "sshd", `--id=${Deno.pid}`, ...where];
  const cannot = "Cannot simulate guessed passwords as";
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("logger", { args, stdin: "piped", stdout: "null", stderr: "piped" }).spawn();
  } catch (error) {
    throw new UsageError(`${cannot} that needs the program logger: ${messageOf(error)}`);
  }
  const lines = Array.from({ length: ATTEMPTS }, failedAttempt).join("");
  // Where it cannot reach the log it may have ended before it has read anything: what it says counts.
  await new Blob([lines]).stream().pipeTo(child.stdin).catch(() => {});
  const { success, stderr } = await child.output();
  if (!success) {
    throw new UsageError(`${cannot} this host's log takes no messages: ${new TextDecoder().decode(stderr).trim()}`);
  }
  printLine(
    `${ATTEMPTS} attempts to log in from ${NOBODY} stand in this host's log now, and will stay there; ` +
      "see: deno task weir query scores",
  );
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
    end(child);
    await child.status;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Ctrl-C in a terminal reaches the child as well: it may have ended by itself. */
function end(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
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
