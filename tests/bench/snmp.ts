/** A thousand devices over SNMP, on the standard profile: the time of one round, and what fifty dead ones add to it. */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../src/core/clock.ts";
import { StagedState } from "../../src/core/state_store.ts";
import { snmpCollector } from "../../src/collectors/snmp/mod.ts";
import { grouped, median, print } from "./machine.ts";

const DEVICES = 1_000;
const DEAD = 50;

/** Rounds of each run; the first opens everything, the others know the devices. */
const ROUNDS = 3;

/** Pairs of runs, without dead devices and with them by turns. */
const RUNS = 3;

/** From one round to the next: milliseconds. */
const INTERVAL_MS = 12_000;

/** A round is to be over within: seconds. */
const BUDGET_SECONDS = 10;

interface Round {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly events: number;
}

export async function benchSnmp(): Promise<void> {
  const devices = await simulated();
  print(`snmp: ${grouped(DEVICES)} simulated devices, standard profile, ${RUNS} runs of ${ROUNDS} rounds by turns`);
  const alive: Round[] = [];
  const withDead: Round[] = [];
  const firsts: Round[] = [];
  for (let run = 0; run < RUNS; run++) {
    for (const [dead, into] of [[0, alive], [DEAD, withDead]] as const) {
      const [first, ...later] = await rounds(devices.port, dead);
      if (first !== undefined && dead === 0) firsts.push(first);
      into.push(...later);
    }
  }
  await devices.stop();
  const seconds = (of: readonly Round[]) => median(of.map((round) => round.seconds));
  const each = (of: readonly Round[]) => of.map((round) => round.seconds.toFixed(2)).join(", ");
  print(`  first round                  ${seconds(firsts).toFixed(2)} s  (${each(firsts)})`);
  print(`  a round                      ${seconds(alive).toFixed(2)} s of ${BUDGET_SECONDS} s  (${each(alive)})`);
  print(`  with ${DEAD} dead ones beside    ${seconds(withDead).toFixed(2)} s  (${each(withDead)})`);
  // Of the fastest rounds: what else the machine does while one is measured only ever adds to it.
  const fastest = (of: readonly Round[]) => Math.min(...of.map((round) => round.seconds));
  print(`  ratio of the fastest         ${(fastest(withDead) / fastest(alive)).toFixed(2)} (1.10 at most)`);
  print(`  CPU of a round               ${median(alive.map((round) => round.cpuSeconds)).toFixed(2)} s`);
  print(`  events of a round            ${grouped(median(alive.map((round) => round.events)))}`);
  print(`  resident                     ${Math.round(Deno.memoryUsage().rss / 2 ** 20)} MB`);
}

async function simulated(): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", fileURLToPath(new URL("snmp_devices.ts", import.meta.url)), String(DEVICES)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  const port = Number(new TextDecoder().decode(value));
  return {
    port,
    async stop() {
      await child.stdin.close();
      await child.status;
      await reader.cancel();
    },
  };
}

/** Polls the devices, and as many dead ones, round by round: how long until the last live one was told of. */
async function rounds(port: number, dead: number): Promise<Round[]> {
  const config = snmpCollector.schema.parse({
    interval: `${INTERVAL_MS}ms`,
    backoff_max: `${INTERVAL_MS}ms`,
    devices: Array.from({ length: DEVICES + dead }, (_, i) => ({
      name: `device-${i}`,
      host: "127.0.0.1",
      port,
      // The agent knows no such community from DEVICES on, and is silent. They stand among the others, not behind them.
      community: `device-${(i * 7) % (DEVICES + dead)}`,
    })),
  });
  const stop = new AbortController();
  const done: Round[] = [];
  const startMs = performance.now();
  let live = 0;
  let events = 0;
  let cpu = process.cpuUsage();
  const context = {
    host: "bench",
    clock: systemClock,
    state: new StagedState("snmp"),
    signal: stop.signal,
    dropped: () => {},
    warn: () => {},
  };
  for await (const chunk of snmpCollector.create(config).collect(context)) {
    events += chunk.length;
    live += chunk.filter(({ kind, fields }) =>
      kind === "snmp.device" && fields["snmp.device.reachable"] === true
    ).length;
    if (live < DEVICES) continue;
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - startMs - done.length * INTERVAL_MS) / 1000;
    done.push({ seconds, cpuSeconds: (user + system) / 1e6, events });
    if (done.length === ROUNDS) break;
    [live, events, cpu] = [0, 0, process.cpuUsage()];
  }
  stop.abort();
  return done;
}
