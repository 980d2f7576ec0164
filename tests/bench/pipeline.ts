/** The whole pipeline with commit, and what SQLite alone does with the same rows beside it. */

import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { loadConfig } from "../../src/config/mod.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Collector } from "../../src/core/collector.ts";
import { eventToJson, type TelemetryEvent } from "../../src/core/event.ts";
import { noLog } from "../../src/core/log.ts";
import { RingBuffer } from "../../src/core/ring_buffer.ts";
import { Journal } from "../../src/journal/mod.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { HostView } from "../../src/pipeline/host_view.ts";
import { Live } from "../../src/pipeline/live.ts";
import { loadRuleBook } from "../../src/pipeline/rule_book.ts";
import { processEvents } from "./events.ts";
import { grouped, median, percentile, print } from "./machine.ts";

const RULES = fileURLToPath(new URL("../../rules", import.meta.url));

/** Events of one throughput run. */
const THROUGHPUT_EVENTS = 200_000;

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
    const events = processEvents(THROUGHPUT_EVENTS, systemClock.now() - THROUGHPUT_EVENTS, run + 1);
    alone.push(await sqliteAlone(events));
    whole.push(await inFolder((folder) => throughput(folder, events, rules, config)));
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

/** The same rows into the same kind of table, a thousand a transaction, and nothing else. */
function sqliteAlone(events: readonly TelemetryEvent[]): Promise<number> {
  return inFolder((folder) => {
    const db = new DatabaseSync(`${folder}/alone.db`);
    db.exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL");
    db.exec("CREATE TABLE journal(seq INTEGER PRIMARY KEY, idem TEXT UNIQUE, ts_ns INTEGER, bytes BLOB)");
    const insert = db.prepare("INSERT INTO journal(idem, ts_ns, bytes) VALUES (?, ?, ?)");
    const encoder = new TextEncoder();
    const rows = events.map((event) =>
      [event.id, event.timeMs, encoder.encode(JSON.stringify(eventToJson(event)))] as const
    );
    const startedMs = performance.now();
    for (let i = 0; i < rows.length; i += 1_000) {
      db.exec("BEGIN");
      for (const [id, timeMs, bytes] of rows.slice(i, i + 1_000)) insert.run(id, timeMs, bytes);
      db.exec("COMMIT");
    }
    const rate = rows.length / ((performance.now() - startedMs) / 1000);
    db.close();
    return Promise.resolve(rate);
  });
}

/** A collector of these events, as fast as they are pulled. `onLast` is called when the last chunk is asked past. */
function sourceOf(events: readonly TelemetryEvent[], onLast: () => void): Collector {
  return {
    name: "process",
    summary: "synthetic",
    async *collect() {
      for (let i = 0; i < events.length; i += 1_000) yield events.slice(i, i + 1_000);
      onLast();
    },
  };
}

async function throughput(
  folder: string,
  events: readonly TelemetryEvent[],
  rules: Rules,
  config: Config,
): Promise<number> {
  const stop = new AbortController();
  const live = liveOf(folder, sourceOf(events, () => stop.abort()), rules, config);
  const startedMs = performance.now();
  await live.run(stop.signal);
  const seconds = (performance.now() - startedMs) / 1000;
  const row = live.ledger.rows().find(({ collector }) => collector === "process");
  if (row?.committed !== events.length || row.pending !== 0) {
    throw new Error(`The ledger does not add up: ${JSON.stringify(row)}`);
  }
  return events.length / seconds;
}

function liveOf(folder: string, collector: Collector, rules: Rules, config: Config): Live {
  const journal = Journal.open(folder, config.journal);
  return new Live({
    host: "bench",
    clock: systemClock,
    log: noLog,
    journal,
    engine: createEngine(rules, config).engine,
    hosts: new HostView(),
    recent: new RingBuffer(config.recent_events),
    collectors: [collector],
    off: [],
  });
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

/** From an event being there to its detection being committed, at a steady rate in which one event in a hundred fires. */
async function latency(folder: string, rate: number, rules: Rules, config: Config): Promise<void> {
  const seconds = 5;
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
        const nowMs = performance.now();
        const chunk = events.slice(i, Math.min(due, i + 1_000)).map((event, k) =>
          (i + k) % 100 === 0 ? firing(event) : event
        );
        for (const event of chunk) if (event.fields["process.name"] === "xmrig") seen.set(event.id, nowMs);
        i += chunk.length;
        yield chunk;
      }
      stop.abort();
    },
  };
  const journal = Journal.open(folder, config.journal);
  const live = new Live({
    host: "bench",
    clock: systemClock,
    log: noLog,
    journal,
    engine: createEngine(rules, config).engine,
    hosts: new HostView(),
    recent: new RingBuffer(config.recent_events),
    collectors: [paced],
    off: [],
    onDetection: ({ eventIds }) => {
      const fromMs = seen.get(eventIds[0] ?? "");
      if (fromMs !== undefined) tookMs.push(performance.now() - fromMs);
    },
  });
  await live.run(stop.signal);
  journal.close();
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
