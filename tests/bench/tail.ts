/** How fast the log collector gives what stands in a file: read, split, decoded, made into events with their ids. */

import process from "node:process";
import { systemClock } from "../../src/core/clock.ts";
import { StagedState } from "../../src/core/state_store.ts";
import { logsCollector } from "../../src/collectors/logs/mod.ts";
import { grouped, median, print } from "./machine.ts";

/** Lines of the file, and how often it is read; the budget, lines a second on one core. */
const LINES = 400_000;
const ROUNDS = 5;
const BUDGET = 150_000;

const TEXTS = [
  "Failed password for invalid user webmaster from 173.234.31.186 port 38926 ssh2",
  "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=173.234.31.186",
  "Received disconnect from 52.80.34.196: 11: Bye Bye [preauth]",
  "reverse mapping checking getaddrinfo for ns.marryaldkfaczcz.com [173.234.31.186] failed - POSSIBLE BREAK-IN ATTEMPT!",
] as const;

export async function benchTail(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/auth.log`;
    await writeLog(path);
    for (const format of ["plain", "auto"] as const) {
      const rates: number[] = [];
      for (let round = 0; round < ROUNDS; round++) rates.push(await linesPerCpuSecond(path, format));
      const best = Math.max(...rates);
      print(
        `tail, ${format}: ${grouped(best)} lines a CPU second at best, ${grouped(median(rates))} in the middle; ` +
          `${(best / BUDGET).toFixed(1)} × the budget of ${grouped(BUDGET)}`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeLog(path: string): Promise<void> {
  let text = "";
  for (let n = 0; n < LINES; n++) {
    const second = String(10 + (n >> 9) % 50);
    text += `Jan  1 00:00:${second} LabSZ sshd[${24_000 + n % 1_000}]: ${TEXTS[n % TEXTS.length]}\n`;
    if (text.length < 1_000_000 && n + 1 < LINES) continue;
    await Deno.writeTextFile(path, text, { append: true });
    text = "";
  }
}

/** Reads the file to its end, as the pipeline would. CPU time of the whole process, its garbage collector included. */
async function linesPerCpuSecond(path: string, format: "plain" | "auto"): Promise<number> {
  const config = logsCollector.schema.parse({ paths: [path], read_from: "start", format, journald: { read: "never" } });
  const abort = new AbortController();
  const chunks = logsCollector.create(config).collect({
    host: "bench",
    clock: systemClock,
    state: new StagedState("logs"),
    signal: abort.signal,
    dropped: () => {},
    warn: () => {},
  });
  let lines = 0;
  const before = process.cpuUsage();
  for await (const chunk of chunks) {
    lines += chunk.length;
    if (lines >= LINES) abort.abort();
  }
  const after = process.cpuUsage();
  return lines / ((after.user + after.system - before.user - before.system) / 1e6);
}
