/**
 * Matching: all of the community's Sigma rules at once, and beside json-rules-engine with the same rules. One core: nothing here
 * runs beside anything else but the runtime's own garbage collector.
 */

import { Engine, type TopLevelCondition } from "json-rules-engine";
import { eventFromJson, type TelemetryEvent } from "../../src/core/event.ts";
import { compileCondition } from "../../src/rules/compile.ts";
import type { Condition } from "../../src/rules/condition.ts";
import { createIndex, type Entry, type RuleIndex } from "../../src/rules/index/mod.ts";
import { makeLeaf } from "../../src/rules/leaf.ts";
import { loadRules } from "../../src/rules/load.ts";
import type { Match, Rule, Selection } from "../../src/rules/rule.ts";
import { recorded } from "../recorded.ts";
import { seeded } from "./events.ts";
import { grouped, median, print } from "./machine.ts";
import { foreignLines, linuxLines, windowsLines } from "./rule_events.ts";

const SIGMA = recorded("sigma");

/** Events of one round. */
const ROUND_EVENTS = 5_000;

/** Rounds before it counts, in which the runtime compiles and the index mends itself; those that count, and so many of them at a time. */
const WARMING_ROUNDS = 18;
const ROUNDS = 60;
const TURN_ROUNDS = 5;

/** Events after which resident memory is looked at. */
const STREAMED_EVENTS = 150_000;

/** How long json-rules-engine is given for each number of rules: milliseconds. */
const ENGINE_MS = 1_500;

export async function benchRules(): Promise<void> {
  await benchSigma();
  print("rules: against json-rules-engine, the same rules and Linux process events, as objects");
  for (const count of [3, 100, 1_000]) await benchEngine(count);
}

async function benchSigma(): Promise<void> {
  const folder = `${SIGMA}/rules`;
  const cases = await readCases();
  if (cases === undefined) return print("rules: ../shared/data/sigma is not there, so its rules are left out");
  const before = performance.now();
  const { rules, files } = await loadRules([folder]);
  const loadedMs = performance.now() - before;
  const entries = entriesOf(rules);
  print(`rules: ${grouped(rules.length)} Sigma rules of ${grouped(files)} files loaded in ${grouped(loadedMs)} ms`);
  const loadedMb = residentMb();
  streamAll(entries);
  print(
    `  resident ${loadedMb} MB after loading, ${residentMb()} MB after ${
      grouped(STREAMED_EVENTS)
    } events of three sorts`,
  );
  print(`  index for unrouted events built in ${grouped(buildingMs(entries))} ms`);
  const streams = [
    makeStream("Linux processes", entries, linuxLines(ROUND_EVENTS, 1), 400_000),
    makeStream("Windows processes", entries, windowsLines(ROUND_EVENTS, 2), 120_000),
    makeStream("the same, unrouted", entries, foreignLines(ROUND_EVENTS, 2), 80_000),
    makeStream("near misses, unrouted", entries, cases),
  ];
  // By turns, so that a machine that is slow for a while is so for all of them.
  for (let turn = 0; turn < ROUNDS / TURN_ROUNDS; turn++) {
    for (const stream of streams) for (let round = 0; round < TURN_ROUNDS; round++) runRound(stream);
  }
  print(
    `  ${ROUNDS} rounds of ${grouped(ROUND_EVENTS)} events each, by turns, events/s: the best round (the middle one)`,
  );
  print(
    "  Others on a machine can make a round slower than it is and never faster: budgets are held against the best.",
  );
  for (const stream of streams) printStream(stream);
}

/** Events made to match Sigma rules nearly or just so, in another order than that of the rules. */
async function readCases(): Promise<string[] | undefined> {
  try {
    const text = await Deno.readTextFile(`${SIGMA}/cases.ndjson`);
    const lines = text.trimEnd().split("\n").map((line) =>
      JSON.stringify((JSON.parse(line) as { event: unknown }).event)
    );
    const random = seeded(4);
    const shuffled = lines.map((line) => ({ line, place: random() })).sort((a, b) => a.place - b.place);
    return shuffled.slice(0, ROUND_EVENTS).map(({ line }) => line);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function entriesOf(rules: readonly Rule[]): Entry[] {
  return rules.flatMap((rule) =>
    rule.selections.filter(({ rule }) => rule === null).map((selection) => entryOf(rule, selection))
  );
}

function entryOf(rule: Rule, selection: Selection): Entry {
  const { where } = selection;
  return { match: { rule, selection }, where, accepts: where === null ? null : compileCondition(where) };
}

function residentMb(): string {
  return grouped(Deno.memoryUsage().rss / 2 ** 20);
}

/** Reads and matches events one after another, as a run does, nothing being kept. */
function streamAll(entries: readonly Entry[]): void {
  const index = createIndex(entries);
  const sorts = [linuxLines, windowsLines, foreignLines];
  for (let seed = 0; seed < STREAMED_EVENTS / sorts.length; seed++) {
    for (const lines of sorts) matchTexts(index, lines(1, seed));
  }
}

function buildingMs(entries: readonly Entry[]): number {
  const before = performance.now();
  createIndex(entries).match(eventOf("{}", 0), []);
  return performance.now() - before;
}

/** Events of one sort, the index they are matched with, and what came of it. */
interface Stream {
  readonly name: string;
  readonly index: RuleIndex;
  readonly lines: readonly string[];
  readonly events: readonly TelemetryEvent[];
  /** Of each event: conditions evaluated, and met. */
  readonly tried: number;
  readonly met: number;
  /** Events a second, by round: of objects, and from JSON text. */
  readonly objects: number[];
  readonly texts: number[];
  readonly budget: number | undefined;
}

function makeStream(name: string, entries: readonly Entry[], lines: readonly string[], budget?: number): Stream {
  const index = createIndex(entries);
  const events = lines.map(eventOf);
  for (let round = 0; round < WARMING_ROUNDS; round++) matchAll(index, events);
  const before = index.counts().tried;
  const met = matchAll(index, events).met / events.length;
  const tried = (index.counts().tried - before) / events.length;
  return { name, index, lines, events, tried, met, objects: [], texts: [], budget };
}

function runRound({ index, lines, events, objects, texts }: Stream): void {
  objects.push(matchAll(index, events).perSecond);
  texts.push(matchTexts(index, lines));
}

function printStream({ name, lines, objects, texts, tried, met, budget }: Stream): void {
  const bytes = lines.reduce((sum, line) => sum + line.length, 0) / lines.length;
  print(
    `  ${name.padEnd(22)} objects ${rates(objects)}   from JSON text of ${Math.round(bytes)} bytes ${rates(texts)}   ` +
      `${tried.toFixed(1)} conditions evaluated, ${met.toFixed(2)} met by each` +
      (budget === undefined ? "" : `   budget ${grouped(budget)}`),
  );
}

function rates(figures: readonly number[]): string {
  return `${grouped(Math.max(...figures))} (${grouped(median(figures))})`;
}

function eventOf(line: string, index: number): TelemetryEvent {
  return eventFromJson(JSON.parse(line), { id: `bench:${index}`, timeMs: 0, observedMs: 0, host: "bench" });
}

function matchAll(index: RuleIndex, events: readonly TelemetryEvent[]): { perSecond: number; met: number } {
  const into: Match[] = [];
  let met = 0;
  const before = performance.now();
  for (const event of events) {
    index.match(event, into);
    met += into.length;
    into.length = 0;
  }
  return { perSecond: events.length / (performance.now() - before) * 1000, met };
}

function matchTexts(index: RuleIndex, lines: readonly string[]): number {
  const into: Match[] = [];
  const before = performance.now();
  for (let i = 0; i < lines.length; i++) {
    index.match(eventOf(lines[i] ?? "", i), into);
    into.length = 0;
  }
  return lines.length / (performance.now() - before) * 1000;
}

async function benchEngine(count: number): Promise<void> {
  const written = Array.from({ length: count }, (_, i) => writtenCondition(i));
  const events = linuxLines(ROUND_EVENTS, 3).map(eventOf);
  const engine = new Engine([], { allowUndefinedFacts: true });
  engine.addOperator("includes", (fact, value) => typeof fact === "string" && fact.includes(String(value)));
  for (const [i, conditions] of written.entries()) {
    engine.addRule({ conditions: conditions as unknown as TopLevelCondition, event: { type: String(i) } });
  }
  const theirs = await runEngine(engine, events);
  const rules = written.map((conditions, i) => nativeEntry(conditions, i));
  const index = createIndex(rules);
  for (let round = 0; round < WARMING_ROUNDS; round++) matchAll(index, events);
  const met = matchAll(index, events.slice(0, theirs.events)).met;
  if (met !== theirs.met) throw new Error(`Cannot compare as both must match the same: ${met} and ${theirs.met}`);
  const ours = median(Array.from({ length: ROUNDS }, () => matchAll(index, events).perSecond));
  print(
    `  ${grouped(count).padStart(5)} rules: json-rules-engine ${grouped(theirs.perSecond)}, Weir ${
      grouped(ours)
    } events/s: ` +
      `${grouped(ours / theirs.perSecond)} times (${(met / theirs.events).toFixed(2)} met by each)` +
      (count === 100 ? "   budget 1,000 times" : ""),
  );
}

async function runEngine(
  engine: Engine,
  events: readonly TelemetryEvent[],
): Promise<{ perSecond: number; events: number; met: number }> {
  let done = 0;
  let met = 0;
  const before = performance.now();
  for (; done < events.length && performance.now() - before < ENGINE_MS; done++) {
    met += (await engine.run({ ...events[done]?.fields })).results.length;
  }
  return { perSecond: done / (performance.now() - before) * 1000, events: done, met };
}

/** A condition as it is written: what rules about processes ask for, some of it met by every hundredth event or so. */
interface WrittenCondition {
  readonly all: readonly { readonly fact: string; readonly operator: string; readonly value: unknown }[];
}

function writtenCondition(i: number): WrittenCondition {
  const name = { fact: "process.name", operator: "equal", value: i % 10 === 0 ? "curl" : `miner-${i}` };
  switch (i % 4) {
    case 0:
      return { all: [name, { fact: "user.name", operator: "notEqual", value: "root" }] };
    case 1:
      return { all: [{ ...name, operator: "in", value: [name.value, `${name.value}d`] }] };
    case 2:
      return {
        all: [name, { fact: "process.memory.resident.bytes", operator: "greaterThan", value: 4096 * 50_000 }],
      };
    default:
      return { all: [{ fact: "process.command_line", operator: "includes", value: `pool-${i}.example.org` }] };
  }
}

function nativeEntry({ all }: WrittenCondition, i: number): Entry {
  const leaves = all.map(({ fact, operator, value }) => makeLeaf(fact, operator, value));
  const of = leaves.filter((leaf) => "type" in leaf);
  const where: Condition = { type: "all", of };
  const selection: Selection = { name: "event", kinds: ["process.start"], rule: null, where };
  return entryOf({ ...RULE, id: `rule-${i}`, selections: [selection] }, selection);
}

const RULE: Omit<Rule, "id" | "selections"> = {
  title: "benchmark",
  description: "",
  level: "low",
  weight: 0.3,
  tags: [],
  format: "native",
  place: { path: "bench", line: 1, column: 1 },
  correlation: null,
  suppressMs: 0,
  entities: null,
  message: null,
  strength: null,
  tests: [],
};
