/**
 * A large auth.log through the real `weir replay`, read, decoded, matched and correlated, against `sec` on the same file in the same
 * run, and both against the truth that comes with the file.
 */

import { fileURLToPath } from "node:url";
import manifest from "../../deno.json" with { type: "json" };
import { grouped, machine, median, print } from "./machine.ts";

const MAKER = "../shared/tools/make_auth_log.py";
const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** The `weir` task's own words, V8 flags included. */
const RUN = manifest.tasks.weir.command.split(" ").slice(1).map((word) => word === "main.ts" ? MAIN : word);

/** Each is run so often, in turns. */
const ROUNDS = 3;

/** Five lines that start so, within 300 s, by the address in them; again only after there were fewer. */
const RULE = `id: five-failed
title: Five failed passwords in five minutes
level: high
select:
  failed:
    where: { fact: message, operator: startsWith, value: Failed password }
correlate: { group-by: [source.ip], timespan: 300s }
when: { fact: failed.count, operator: greaterThanInclusive, value: 5 }
suppress: 0s
`;

/** The same for sec, which counts by the time at which it reads a line. */
const SEC_RULE = `type=SingleWithThreshold
ptype=RegExp
pattern=sshd\\[\\d+\\]: Failed password for .* from (\\S+) port
desc=five failures from $1
action=write - $1
window=300
thresh=5
`;

interface Truth {
  readonly lines: number;
  readonly crossings: number;
  readonly addresses: number;
}

interface Round {
  readonly seconds: number;
  readonly output: string;
  /** Time it had a core, of all its threads: seconds, as last seen a moment before its end. */
  readonly cpuSeconds: number;
  /** The most memory it had: bytes. */
  readonly peakBytes: number;
}

/** What the figures were, for whoever prints them. */
export async function benchLogs(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const truth = await makeLog(`${folder}/auth.log`);
    if (truth === undefined) return print(`a large auth.log: left out, as ${MAKER} or python3 is not there`);
    await Deno.mkdir(`${folder}/rules`);
    await Deno.writeTextFile(`${folder}/rules/five.yaml`, RULE);
    await Deno.writeTextFile(`${folder}/sec.conf`, SEC_RULE);
    await compare(folder, truth);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function makeLog(path: string): Promise<Truth | undefined> {
  try {
    const { code, stdout } = await new Deno.Command("python3", { args: [MAKER, path] }).output();
    return code === 0 ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function compare(folder: string, truth: Truth): Promise<void> {
  const weirArgs = ["replay", "--rules", `${folder}/rules`, "--format", "syslog", "--input", `${folder}/auth.log`];
  const secArgs = [`--conf=${folder}/sec.conf`, `--input=${folder}/auth.log`, "--fromstart", "--notail"];
  const ours: Round[] = [];
  const theirs: Round[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    ours.push(await measured(Deno.execPath(), [...RUN, ...weirArgs]));
    const round = await measured("sec", [...secArgs, "--nointevents"]).catch(ifMissing);
    if (round !== undefined) theirs.push(round);
  }
  print(`an auth.log of ${grouped(truth.lines)} lines, read, decoded, matched and correlated (${machine()}):`);
  tellRate("weir", ours, truth);
  const fired = (ours[0]?.output ?? "").trimEnd().split("\n").map((line) => JSON.parse(line).group["source.ip"]);
  tellAnswer(fired.length, new Set(fired).size, truth);
  const worst = Math.max(...ours.map(({ peakBytes }) => peakBytes));
  print(`    at most ${Math.round(worst / 2 ** 20)} MB resident`);
  if (theirs.length === 0) return print("  sec is not there to be held against");
  tellRate("sec", theirs, truth);
  const alerted = (theirs[0]?.output ?? "").trimEnd().split("\n").filter((line) => /^[\d.]+$/.test(line));
  print(`    ${grouped(new Set(alerted).size)} addresses (it counts by arrival, not by the lines' times)`);
  for (const [what, of] of [["time", "seconds"], ["processor time, all threads", "cpuSeconds"]] as const) {
    const ratios = ours.map((round, i) => (theirs[i]?.[of] ?? NaN) / round[of]);
    const each = ratios.map((ratio) => ratio.toFixed(2)).join(", ");
    print(`  times as fast as sec, by ${what}: ${each}; the middle ${median(ratios).toFixed(2)}`);
  }
}

function ifMissing(error: unknown): undefined {
  if (error instanceof Deno.errors.NotFound) return undefined;
  throw error;
}

function tellRate(name: string, rounds: readonly Round[], { lines }: Truth): void {
  const rates = rounds.map(({ seconds }) => lines / seconds);
  const cpu = Math.min(...rounds.map(({ cpuSeconds }) => cpuSeconds));
  const best = grouped(Math.max(...rates));
  print(`  ${name}: ${grouped(median(rates))} lines/s, at best ${best}; ${cpu.toFixed(1)} s of processor time at best`);
}

function tellAnswer(crossings: number, addresses: number, truth: Truth): void {
  const isRight = crossings === truth.crossings && addresses === truth.addresses;
  const answer = `${grouped(crossings)} crossings by ${grouped(addresses)} addresses`;
  print(`    ${answer}: ${isRight ? "the truth" : `WRONG, ${truth.crossings} by ${truth.addresses} are right`}`);
}

/** Runs a program to its end. Its peak memory is the kernel's figure, looked at while it runs. */
async function measured(program: string, args: readonly string[]): Promise<Round> {
  const startMs = performance.now();
  const child = new Deno.Command(program, { args: [...args], stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  let peakBytes = 0;
  let cpuSeconds = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, peakOf(child.pid));
    cpuSeconds = Math.max(cpuSeconds, cpuOf(child.pid));
  }, 100);
  try {
    const { stdout } = await child.output();
    const seconds = (performance.now() - startMs) / 1000;
    return { seconds, cpuSeconds, output: new TextDecoder().decode(stdout), peakBytes };
  } finally {
    clearInterval(timer);
  }
}

function peakOf(pid: number): number {
  try {
    const found = /^VmHWM:\s+(\d+) kB$/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`));
    return Number(found?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has just ended
  }
}

/** The kernel counts a program's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

function cpuOf(pid: number): number {
  try {
    const after = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
    return (Number(after[11] ?? 0) + Number(after[12] ?? 0)) / TICKS_PER_SECOND;
  } catch {
    return 0; // it has just ended
  }
}
