import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { DATABASE_FILE, Journal, JournalReader } from "../../src/journal/mod.ts";
import {
  DAY_MS,
  inDirectory,
  KEEP,
  NOTHING,
  sampleDetection,
  sampleEvent,
  sampleEvents,
  sampleScore,
  START_MS,
  withJournal,
} from "./samples.ts";

/** Every slice there is to remove at a time; how many rows went. */
function retainAll(journal: Journal, nowMs: number): number {
  let total = 0;
  for (let more = true; more;) {
    const slice = journal.retain(nowMs);
    total += slice.rows;
    more = slice.more;
  }
  return total;
}

Deno.test("what is older than the retention goes, with its matches, detections and scores, and no more", () => {
  withJournal((journal, directory) => {
    const old = sampleEvents(3000);
    const young = Array.from({ length: 10 }, (_, i) => sampleEvent(i + 5000, { timeMs: START_MS + DAY_MS }));
    journal.commit({
      ...NOTHING,
      events: old,
      matches: old.map((event) => ({ rule: "r", selection: "s", event })),
      detections: [sampleDetection(1, { state: "closed" })],
      scores: [sampleScore(START_MS)],
    });
    journal.commit({
      ...NOTHING,
      events: young,
      matches: young.map((event) => ({ rule: "r", selection: "s", event })),
      detections: [sampleDetection(5000, { timeMs: START_MS + DAY_MS, lastMs: START_MS + DAY_MS })],
      scores: [sampleScore(START_MS + DAY_MS, { entity: "user:root" })],
    });
    strictEqual(retainAll(journal, START_MS + KEEP.retention), 0);
    strictEqual(retainAll(journal, START_MS + KEEP.retention + DAY_MS), 3002);
    strictEqual(journal.purged, 3002);
    strictEqual(retainAll(journal, START_MS + KEEP.retention + DAY_MS), 0);
    deepStrictEqual([...journal.matchesSince(0)].map(({ event }) => event.id), young.map(({ id }) => id));
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.detections({}, { limit: 10 }).items.map(({ id }) => id), ["d5000"]);
    deepStrictEqual(reader.latestScores(10).map(({ entity }) => entity), ["user:root"]);
    deepStrictEqual(reader.verify().faults, []);
    deepStrictEqual([reader.size().rows, reader.size().purged], [12, 3002]);
    reader.close();
  });
});

Deno.test("a detection that goes on outlives the row of its first firing", () => {
  withJournal((journal, directory) => {
    const fired = sampleDetection(1);
    journal.commit({ ...NOTHING, events: [sampleEvent(1)], detections: [fired] });
    const grown = { ...fired, count: 2, lastMs: START_MS + 3 * DAY_MS };
    journal.commit({ ...NOTHING, events: [sampleEvent(2, { timeMs: grown.lastMs })], updates: [grown] });
    strictEqual(retainAll(journal, START_MS + KEEP.retention + DAY_MS), 2);
    deepStrictEqual(journal.openDetections(), [grown]);
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.verify().faults, []);
    reader.close();
  });
});

Deno.test("a row from the future keeps itself, not those behind it", () => {
  withJournal((journal) => {
    const future = sampleEvent(0, { timeMs: START_MS + 1000 * DAY_MS });
    journal.commit({ ...NOTHING, events: [future, ...sampleEvents(500, 1)] });
    strictEqual(retainAll(journal, START_MS + KEEP.retention + DAY_MS), 500);
    deepStrictEqual(journal.known([future.id, sampleEvent(1).id]), new Set([future.id]));
  });
});

Deno.test("removed rows leave nothing to add up: an id that went may come again", () => {
  withJournal((journal) => {
    journal.commit({ ...NOTHING, events: sampleEvents(5) });
    strictEqual(journal.purge(START_MS + DAY_MS), 5);
    deepStrictEqual(journal.known([sampleEvent(1).id]), new Set());
    deepStrictEqual(journal.commit({ ...NOTHING, events: sampleEvents(5) }), { firstSeq: 6, lastSeq: 10 });
  });
});

Deno.test("a purge removes every older row, wherever it stands, and gives the room back", () => {
  inDirectory((directory) => {
    const path = join(directory, DATABASE_FILE);
    let journal = Journal.open(directory, KEEP);
    for (let i = 0; i < 6; i++) {
      const timeMs = START_MS + (i % 2) * DAY_MS;
      const events = Array.from({ length: 3000 }, (_, j) => sampleEvent(i * 3000 + j, { timeMs }));
      journal.commit({ ...NOTHING, events });
    }
    journal.close();
    const before = Deno.statSync(path).size;
    journal = Journal.open(directory, KEEP);
    strictEqual(journal.purge(START_MS + DAY_MS), 9000);
    journal.close();
    const after = Deno.statSync(path).size;
    ok(after < before * 0.75, `${before} bytes became ${after}`);
  });
});

const CAP = { size_max: 64 * 2 ** 20 };

Deno.test("the cap holds while more comes than fits: the oldest go, counted, and nothing else", () => {
  withJournal((journal, directory) => {
    const fields = { "process.command_line": "x".repeat(3_000) };
    let number = 0;
    for (let i = 0; i < 40; i++) {
      const events = Array.from({ length: 1000 }, () => sampleEvent(number++, { fields }));
      journal.commit({ ...NOTHING, events, matches: [{ rule: "r", selection: "s", event: sampleEvent(number - 1) }] });
      const reader = JournalReader.open(directory);
      const { databaseBytes, walBytes } = reader.size();
      reader.close();
      ok(databaseBytes + walBytes <= CAP.size_max, `${databaseBytes} + ${walBytes} bytes`);
    }
    const reader = JournalReader.open(directory);
    const { rows, purged, firstSeq, lastSeq } = reader.size();
    strictEqual(lastSeq, 40_000);
    strictEqual(rows + purged, 40_000);
    strictEqual(firstSeq, purged + 1);
    ok(rows > 8_000, `${rows} rows were kept`);
    deepStrictEqual(reader.verify().faults, []);
    reader.close();
  }, CAP);
});

Deno.test("a cap that was lowered is reached in slices", () => {
  inDirectory((directory) => {
    let journal = Journal.open(directory, { ...KEEP, size_max: 2 ** 28 });
    const fields = { "process.command_line": "x".repeat(3_000) };
    for (let i = 0; i < 20; i++) {
      const events = Array.from({ length: 1000 }, (_, j) => sampleEvent(i * 1000 + j, { fields }));
      journal.commit({ ...NOTHING, events });
    }
    journal.close();
    journal = Journal.open(directory, { ...KEEP, ...CAP });
    retainAll(journal, START_MS);
    journal.commit({ ...NOTHING, events: sampleEvents(10, 100_000) });
    journal.close();
    const { size } = Deno.statSync(join(directory, DATABASE_FILE));
    ok(size <= CAP.size_max, `${size} bytes`);
  });
});
