/** What it costs this process to wake: those who look again and again, each by a timer of its own and all together. */

import { cpuUsage } from "node:process";
import { systemClock } from "../../src/core/clock.ts";
import { print } from "./machine.ts";

/** As often as collectors look by default: processes, files, commands, and the pipeline's own tick. Milliseconds. */
const LOOKS_MS = [50, 100, 1_000, 1_000] as const;
const MEASURED_MS = 10_000;

type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

export async function benchWake(): Promise<void> {
  const apart = await share((ms, signal) => systemClock.sleep(ms, signal));
  const together = await share((ms, signal) => systemClock.sleepTogether(ms, signal));
  print(`wake: looks every ${LOOKS_MS.join(", ")} ms that find nothing, for ${MEASURED_MS / 1000} s`);
  print(`  each by itself           ${describe(apart)}`);
  print(`  together                 ${describe(together)}`);
  print(`  ratio                    ${(together.cpuMs / apart.cpuMs).toFixed(2)}`);
}

interface Share {
  readonly cpuMs: number;
  readonly looks: number;
}

function describe({ cpuMs, looks }: Share): string {
  return `${(100 * cpuMs / MEASURED_MS).toFixed(2)} % of a core, ${(1000 * cpuMs / looks).toFixed(0)} µs a look`;
}

async function share(sleep: Sleep): Promise<Share> {
  const stop = new AbortController();
  let looks = 0;
  const looking = LOOKS_MS.map(async (ms) => {
    for (; !stop.signal.aborted; looks++) await sleep(ms, stop.signal);
  });
  const before = cpuMs();
  await systemClock.sleep(MEASURED_MS);
  const spent = cpuMs() - before;
  stop.abort();
  await Promise.all(looking);
  return { cpuMs: spent, looks };
}

/** What all threads of this process have used: milliseconds. */
function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
