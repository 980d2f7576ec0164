/** The journal by itself: how many events a second are looked for, committed and read, and what an index more would cost. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { DATABASE_FILE, Journal, JournalReader } from "../../src/journal/mod.ts";
import { processEvents } from "./events.ts";
import { print } from "./machine.ts";

const EVENTS = 200_000;
const BATCH = 1_000;
const KEEP = { retention: 7 * 86_400_000, size_max: 2 ** 31 };
const START_MS = 1_767_225_600_000;

/** Events a second of one run over fresh files, which are removed. */
type Run = (folder: string, batches: readonly TelemetryEvent[][]) => void;

export function benchJournal(): Promise<void> {
  const events = processEvents(EVENTS, START_MS);
  const batches = Array.from({ length: EVENTS / BATCH }, (_, i) => events.slice(i * BATCH, (i + 1) * BATCH));
  const bytes = events.reduce((sum, event) => sum + JSON.stringify(event).length, 0) / EVENTS;
  print(`journal: ${EVENTS} process events of ${bytes.toFixed(0)} bytes, ${BATCH} a commit, the best of 3 runs each`);
  const plain = rateOf(batches, plainInserts);
  const tell = (what: string, rate: number) =>
    print(
      `  ${what.padEnd(34)} ${String(Math.round(rate)).padStart(8)}/s, ${
        (rate / plain).toFixed(2)
      } of node:sqlite alone`,
    );
  tell("node:sqlite alone, id and bytes", plain);
  tell("known and commit", rateOf(batches, (folder, all) => commitAll(folder, all, false)));
  tell("known and commit, each a match", rateOf(batches, (folder, all) => commitAll(folder, all, true)));
  tell("the same at a cap of 64 MiB", rateOf(batches, (folder, all) => commitAll(folder, all, true, 2 ** 26)));
  for (const column of ["ts_ns", "kind"]) {
    tell(
      `with an index on ${column}`,
      rateOf(batches, (folder, all) => (addIndex(folder, column), commitAll(folder, all, false))),
    );
  }
  benchReading(batches);
  return Promise.resolve();
}

function rateOf(batches: readonly TelemetryEvent[][], run: Run): number {
  const rates = [1, 2, 3].map(() => {
    const folder = Deno.makeTempDirSync({ prefix: "weir-bench-" });
    try {
      const startedMs = performance.now();
      run(folder, batches);
      return EVENTS / ((performance.now() - startedMs) / 1000);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
  return Math.max(...rates);
}

function commitAll(
  folder: string,
  batches: readonly TelemetryEvent[][],
  matched: boolean,
  size_max = KEEP.size_max,
): void {
  const journal = Journal.open(folder, { ...KEEP, size_max });
  for (const events of batches) {
    if (journal.known(events.map(({ id }) => id)).size > 0) {
      throw new Error("An event of the benchmark is there already");
    }
    const matches = matched ? events.map((event) => ({ rule: "r", selection: "s", event })) : [];
    journal.commit({ events, matches, detections: [], updates: [], scores: [], state: [] });
  }
  journal.close();
}

/** What is asked of SQLite at the very least: a unique key, and bytes. */
function plainInserts(folder: string, batches: readonly TelemetryEvent[][]): void {
  const db = new DatabaseSync(join(folder, DATABASE_FILE));
  db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  db.exec("CREATE TABLE rows (seq INTEGER PRIMARY KEY, idem TEXT NOT NULL UNIQUE, bytes BLOB NOT NULL)");
  const insert = db.prepare("INSERT INTO rows VALUES (NULL, ?, ?)");
  const bytes = new Uint8Array(600);
  for (const events of batches) {
    db.exec("BEGIN IMMEDIATE");
    for (const { id } of events) insert.run(id, bytes);
    db.exec("COMMIT");
  }
  db.close();
}

function addIndex(folder: string, column: string): void {
  Journal.open(folder, KEEP).close();
  const db = new DatabaseSync(join(folder, DATABASE_FILE));
  db.exec(`CREATE INDEX more ON journal (${column})`);
  db.close();
}

function benchReading(batches: readonly TelemetryEvent[][]): void {
  const folder = Deno.makeTempDirSync({ prefix: "weir-bench-" });
  commitAll(folder, batches, true);
  const reader = JournalReader.open(folder);
  const journal = Journal.open(folder, KEEP);
  const timed = (what: string, work: () => unknown) => {
    const startedMs = performance.now();
    work();
    print(`  ${what.padEnd(34)} ${(performance.now() - startedMs).toFixed(1).padStart(8)} ms`);
  };
  timed("a page of 1,000 events", () => reader.events({}, { limit: 1_000 }));
  timed("a slice in which nothing is found", () => reader.events({ kind: "none" }, { limit: 50 }));
  timed(`${EVENTS} matches, as on start`, () => [...journal.matchesSince(0)].length);
  timed(`verify of ${EVENTS} rows`, () => reader.verify());
  journal.close();
  reader.close();
  Deno.removeSync(folder, { recursive: true });
}
