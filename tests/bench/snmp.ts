/**
 * A thousand devices over SNMP, on the standard profile: the time of one round, and what fifty dead ones beside add to it.
 *
 * Two collectors, one of the living alone and one with the dead among them, are polled by turns in one process, a round of each
 * making a pair, the order changing from pair to pair. What is held against the bound is the median of the pairs' ratios: rounds of
 * one kind differ by a fifth on a machine that does other things, neighbours by less, and whatever comes now and then meets a
 * few pairs only. The bound counts as kept when the whole of the median's 95 % interval is under it. CPU time is shown beside,
 * which does not depend on how long others had the processors.
 */

import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { StagedState } from "../../src/core/state_store.ts";
import { snmpCollector } from "../../src/collectors/snmp/mod.ts";
import { grouped, median, percentile, print } from "./machine.ts";
import { pairedRatio, shownRatio } from "./paired.ts";

const DEVICES = 1_000;
const DEAD = 50;

/** A round is to be over within: seconds. */
const BUDGET_SECONDS = 10;

/** How much of a round's time the dead may add. */
const RATIO_MAX = 1.1;

/** Pairs are measured for so long, and at least so many of them, whatever that takes: milliseconds. */
const MEASURED_MS = 200_000;
const PAIRS_MIN = 8;

/** Rounds before that, in which the devices become known and the dead are found to be dead. */
const WARM_UP_ROUNDS = 3;

interface Round {
  /** Until the last live device was told of. */
  readonly seconds: number;
  /** Of this process, until the last device was told of, the dead too. */
  readonly cpuSeconds: number;
  readonly events: number;
  /** Live devices that did not answer in time. */
  readonly unanswered: number;
}

export async function benchSnmp(): Promise<void> {
  const devices = await simulated();
  const alone = startDevices(devices.port, 0);
  const among = startDevices(devices.port, DEAD);
  const first = await alone.round();
  await among.round();
  for (let i = 1; i < WARM_UP_ROUNDS; i++) {
    await alone.round();
    await among.round();
  }
  const without: Round[] = [];
  const withDead: Round[] = [];
  const untilMs = performance.now() + MEASURED_MS;
  for (let pair = 0; pair < PAIRS_MIN || performance.now() < untilMs; pair++) {
    if (pair % 2 === 0) without.push(await alone.round());
    withDead.push(await among.round());
    if (pair % 2 === 1) without.push(await alone.round());
  }
  await alone.stop();
  await among.stop();
  await devices.stop();
  report(first, without, withDead);
}

function report(first: Round, without: readonly Round[], withDead: readonly Round[]): void {
  const seconds = (rounds: readonly Round[]) => rounds.map((round) => round.seconds);
  const cpu = (rounds: readonly Round[]) => rounds.map((round) => round.cpuSeconds);
  const spread = (rounds: readonly Round[]) => {
    const figures = seconds(rounds);
    const [least, most] = [Math.min(...figures), Math.max(...figures)];
    return `${median(figures).toFixed(2)} s  (${least.toFixed(2)} to ${most.toFixed(2)})`;
  };
  const ratio = pairedRatio(seconds(without), seconds(withDead));
  const verdict = ratio.high <= RATIO_MAX ? "kept" : "not shown to be kept";
  print(`snmp: ${grouped(DEVICES)} simulated devices, standard profile, ${without.length} pairs of rounds by turns`);
  print(`  first round                  ${first.seconds.toFixed(2)} s, ${first.cpuSeconds.toFixed(2)} s of CPU`);
  print(
    `  a round                      ${spread(without)}, 95 % under ${percentile(seconds(without), 0.95).toFixed(2)} s`,
  );
  print(
    `    budget                     ${BUDGET_SECONDS} s: ${
      median(seconds(without)) < BUDGET_SECONDS ? "kept" : "broken"
    }`,
  );
  print(`  with ${DEAD} dead ones beside    ${spread(withDead)}`);
  print(`  ratio of a pair, time        ${shownRatio(ratio)}`);
  print(`    bound                      ${RATIO_MAX.toFixed(2)}: ${verdict}`);
  print(`  ratio of a pair, CPU         ${shownRatio(pairedRatio(cpu(without), cpu(withDead)))}`);
  print(
    `  CPU of a round               ${median(cpu(without)).toFixed(2)} s, ${
      median(cpu(withDead)).toFixed(2)
    } s with the dead`,
  );
  print(`  events of a round            ${grouped(median(without.map((round) => round.events)))}`);
  const rounds = [first, ...without, ...withDead];
  const unanswered = rounds.reduce((sum, round) => sum + round.unanswered, 0);
  print(`  live ones too late           ${unanswered} in ${rounds.length} rounds`);
  print(`  resident                     ${Math.round(Deno.memoryUsage().rss / 2 ** 20)} MB, of two collectors`);
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

/** A clock whose longest waits, those of devices for their next poll, end when they are told to: so a round is had when wanted. */
class WoundClock implements Clock {
  readonly #waiting = new Set<() => void>();

  constructor(readonly intervalMs: number) {}

  now(): number {
    return systemClock.now();
  }

  monotonic(): number {
    return systemClock.monotonic();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms < this.intervalMs / 2) return systemClock.sleep(ms, signal);
    return new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  sleepTogether(ms: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(ms, signal);
  }

  /** How many wait for their next poll. */
  get waiting(): number {
    return this.#waiting.size;
  }

  nextRound(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

const HOUR_MS = 3_600_000;

const nameOf = (device: number) => `device-${device}`;

interface Devices {
  round(): Promise<Round>;
  stop(): Promise<void>;
}

/** A collector of the simulated devices and of as many dead ones, of which each round is asked for. */
function startDevices(port: number, dead: number): Devices {
  const all = DEVICES + dead;
  // The agent knows no community from DEVICES on, and is silent. The dead stand among the others, not behind them.
  const community = (i: number) => (i * 7) % all;
  const isLive = new Set(Array.from({ length: all }, (_, i) => i).filter((i) => community(i) < DEVICES).map(nameOf));
  const config = snmpCollector.schema.parse({
    interval: "1h",
    backoff_max: "1h",
    devices: Array.from({ length: all }, (_, i) => ({
      name: nameOf(i),
      host: "127.0.0.1",
      port,
      community: `device-${community(i)}`,
    })),
  });
  const clock = new WoundClock(HOUR_MS);
  const stopped = new AbortController();
  const chunks = snmpCollector.create(config).collect({
    host: "bench",
    clock,
    state: new StagedState("snmp"),
    signal: stopped.signal,
    dropped: () => {},
    warn: () => {},
  })[Symbol.asyncIterator]();
  return {
    async round() {
      const startMs = performance.now();
      const cpu = process.cpuUsage();
      clock.nextRound();
      let [told, live, unanswered, events, seconds] = [0, 0, 0, 0, 0];
      while (told < all) {
        const { value: chunk, done } = await chunks.next();
        if (done === true) throw new Error("Cannot measure as the collector must run on: it has ended");
        events += chunk.length;
        for (const { kind, host, fields } of chunk) {
          if (kind !== "snmp.device") continue;
          told++;
          if (!isLive.has(host)) continue;
          if (fields["snmp.device.reachable"] !== true) unanswered++;
          if (++live === DEVICES) seconds = (performance.now() - startMs) / 1000;
        }
      }
      const { user, system } = process.cpuUsage(cpu);
      // The next round can be asked for once all of them wait for it.
      while (clock.waiting < all) await systemClock.sleep(1);
      return { seconds, cpuSeconds: (user + system) / 1e6, events, unanswered };
    },
    async stop() {
      stopped.abort();
      await chunks.return?.();
    },
  };
}
