/** The whole pipeline with commit, and what SQLite alone does with the same rows beside it. */

import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { loadConfig } from "../../src/config/load.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Collector } from "../../src/core/collector.ts";
import type { Detection } from "../../src/core/detection.ts";
import { eventToJson, type TelemetryEvent } from "../../src/core/event.ts";
import type { LedgerRow } from "../../src/core/ledger.ts";
import { noLog } from "../../src/core/log.ts";
import { Journal } from "../../src/journal/mod.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { RecentEvents } from "../../src/pipeline/recent_events.ts";
import { HostView } from "../../src/pipeline/host_view.ts";
import { Live } from "../../src/pipeline/live.ts";
import { loadRuleBook } from "../../src/pipeline/rule_book.ts";
import { parseRules } from "../rules/parse.ts";
import { processEvents } from "./events.ts";
import { grouped, median, percentile, print } from "./machine.ts";

const RULES = fileURLToPath(new URL("../../rules", import.meta.url));

/** Events of one throughput run. */
const THROUGHPUT_EVENTS = 300_000;

/** Different events it is made of; each goes round with an id and a time of its own, so that memory tells of Weir only. */
const POOL_EVENTS = 10_000;

/** Runs of each, the middle one counting. */
const RUNS = 3;

export async function benchPipeline(): Promise<void> {
  const { config } = loadConfig();
  const { rules } = await loadRuleBook([RULES], config);
  print(
    `pipeline: ${grouped(THROUGHPUT_EVENTS)} synthetic process events, ${rules.length} shipped rules, ${RUNS} runs`,
  );
  const whole: number[] = [];
  const alone: number[] = [];
  const memory: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const pool = processEvents(POOL_EVENTS, systemClock.now() - THROUGHPUT_EVENTS, run + 1);
    alone.push(await sqliteAlone(pool));
    whole.push(await inFolder((folder) => throughput(folder, pool, rules, config)));
    memory.push(Deno.memoryUsage().rss / 2 ** 20);
  }
  print(`  whole pipeline with commit   ${grouped(median(whole))} events/s  (${whole.map(grouped).join(", ")})`);
  print(`  node:sqlite alone            ${grouped(median(alone))} rows/s    (${alone.map(grouped).join(", ")})`);
  print(`  ratio                        ${(median(whole) / median(alone)).toFixed(2)}`);
  print(`  resident after each run      ${memory.map((mb) => `${Math.round(mb)} MB`).join(", ")}`);
  benchCorrelation(rules, config);
  for (const rate of [1_000, 10_000]) await inFolder((folder) => latency(folder, rate, rules, config));
}

type Rules = Awaited<ReturnType<typeof loadRuleBook>>["rules"];
type Config = ReturnType<typeof loadConfig>["config"];

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "weir-bench-" });
  try {
    return await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The event at a place of a long stream made of a pool, as chunks of a thousand. */
function* chunksOf(pool: readonly TelemetryEvent[], count: number): Generator<TelemetryEvent[]> {
  const startMs = pool[0]?.timeMs ?? 0;
  for (let from = 0; from < count; from += 1_000) {
    yield Array.from({ length: Math.min(1_000, count - from) }, (_, k): TelemetryEvent => {
      const n = from + k;
      const event = pool[n % pool.length] as TelemetryEvent;
      return { ...event, id: `process:${String(n).padStart(12, "0")}`, timeMs: startMs + n, observedMs: startMs + n };
    });
  }
}

/** The same rows into the same kind of table, a thousand a transaction, and nothing else. */
function sqliteAlone(pool: readonly TelemetryEvent[]): Promise<number> {
  return inFolder((folder) => {
    const db = new DatabaseSync(`${folder}/alone.db`);
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
    db.exec("CREATE TABLE journal(seq INTEGER PRIMARY KEY, idem TEXT UNIQUE, ts_ns INTEGER, bytes BLOB)");
    const insert = db.prepare("INSERT INTO journal(idem, ts_ns, bytes) VALUES (?, ?, ?)");
    const encoder = new TextEncoder();
    let tookMs = 0;
    for (const chunk of chunksOf(pool, THROUGHPUT_EVENTS)) {
      const rows = chunk.map((event) =>
        [event.id, event.timeMs, encoder.encode(JSON.stringify(eventToJson(event)))] as const
      );
      const startedMs = performance.now();
      db.exec("BEGIN");
      for (const [id, timeMs, bytes] of rows) insert.run(id, timeMs, bytes);
      db.exec("COMMIT");
      tookMs += performance.now() - startedMs;
    }
    db.close();
    return Promise.resolve(THROUGHPUT_EVENTS / (tookMs / 1000));
  });
}

async function throughput(
  folder: string,
  pool: readonly TelemetryEvent[],
  rules: Rules,
  config: Config,
): Promise<number> {
  const stop = new AbortController();
  const source: Collector = {
    name: "process",
    summary: "synthetic, as fast as it is pulled",
    async *collect() {
      yield* chunksOf(pool, THROUGHPUT_EVENTS);
      stop.abort();
    },
  };
  const startedMs = performance.now();
  const row = await runLive(folder, source, rules, config, stop.signal);
  const seconds = (performance.now() - startedMs) / 1000;
  if (row?.committed !== THROUGHPUT_EVENTS || row.pending !== 0) {
    throw new Error(`The ledger does not add up: ${JSON.stringify(row)}`);
  }
  return THROUGHPUT_EVENTS / seconds;
}

/** Runs one source to its end, and returns its row of the ledger. */
async function runLive(
  folder: string,
  source: Collector,
  rules: Rules,
  config: Config,
  stop: AbortSignal,
  onDetection: (detection: Detection) => void = () => {},
): Promise<LedgerRow | undefined> {
  const journal = Journal.open(folder, config.journal);
  const live = new Live({
    host: "bench",
    clock: systemClock,
    log: noLog,
    journal,
    engine: createEngine(rules, config).engine,
    hosts: new HostView(),
    recent: new RecentEvents(config.recent_events),
    collectors: [source],
    off: [],
    onDetection,
  });
  await live.run(stop);
  journal.close();
  return live.ledger.rows().find(({ collector }) => collector === source.name);
}

/** Observing events that meet a correlated rule, one at a time: how long each takes. */
function benchCorrelation(rules: Rules, config: Config): void {
  const { engine } = createEngine(rules, config);
  const events = processEvents(50_000, 1_767_225_600_000);
  const tookMs: number[] = [];
  for (const event of events) {
    const startedMs = performance.now();
    engine.observe([event], "process");
    engine.advance(event.timeMs, () => 0);
    tookMs.push(performance.now() - startedMs);
  }
  const of = (share: number) => `${(percentile(tookMs, share) * 1000).toFixed(1)} µs`;
  print(`  match and correlate, an event p50 ${of(0.5)}, p99 ${of(0.99)}, p99.9 ${of(0.999)}`);
}

/** One event in so many is made to fire, and so many detections there are at least: of fewer, p99 would be the slowest of all. */
const FIRING_EVERY = 100;
const FIRINGS_MIN = 300;

/** Detections of the first second do not count: the code is compiled in it, and the thread that writes the log back begins. */
const WARM_SECONDS = 1;

/** Fires with each event that is made to fire. */
const FIRING_RULE = `id: bench-fires
title: Fires
level: informational
select: { one: { kind: process.start, where: { fact: process.name, operator: equal, value: xmrig } } }
`;

/** From an event being due to its detection being committed, at a steady rate in which one event in a hundred fires. */
async function latency(folder: string, rate: number, rules: Rules, config: Config): Promise<void> {
  const seconds = WARM_SECONDS + Math.max(5, (FIRINGS_MIN * FIRING_EVERY) / rate);
  const stop = new AbortController();
  const seen = new Map<string, number>();
  const tookMs: number[] = [];
  const paced: Collector = {
    name: "process",
    summary: "paced",
    async *collect({ clock, signal }) {
      const events = processEvents(rate * seconds, clock.now());
      const startedMs = performance.now();
      for (let i = 0; i < events.length && !signal.aborted;) {
        const due = Math.min(events.length, Math.floor(((performance.now() - startedMs) / 1000) * rate));
        if (due === i) {
          await clock.sleep(1, signal);
          continue;
        }
        const chunk = events.slice(i, Math.min(due, i + 1_000)).map((event, k) =>
          (i + k) % FIRING_EVERY === 0 ? firing(event) : event
        );
        // An event is there when it is due, also while this thread is busy with something else and cannot hand it over.
        for (const [k, event] of chunk.entries()) {
          if ((i + k) % FIRING_EVERY === 0 && i + k >= rate * WARM_SECONDS) {
            seen.set(event.id, startedMs + ((i + k) * 1000) / rate);
          }
        }
        i += chunk.length;
        yield chunk;
      }
      stop.abort();
    },
  };
  const firingRules = parseRules("bench.yaml", FIRING_RULE).rules;
  await runLive(folder, paced, [...rules, ...firingRules], config, stop.signal, ({ rule, eventIds }) => {
    const fromMs = seen.get(eventIds[0] ?? "");
    if (rule === "bench-fires" && fromMs !== undefined) tookMs.push(performance.now() - fromMs);
  });
  const of = (share: number) => `${percentile(tookMs, share).toFixed(1)} ms`;
  print(
    `  event to committed detection at ${grouped(rate)} events/s: p50 ${of(0.5)}, p99 ${
      of(0.99)
    } (${tookMs.length} detections)`,
  );
}

function firing(event: TelemetryEvent): TelemetryEvent {
  return { ...event, kind: "process.start", fields: { ...event.fields, "process.name": "xmrig" } };
}
