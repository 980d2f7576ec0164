import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { Journal, JournalReader } from "../../src/journal/mod.ts";
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
  withRawDatabase,
} from "./samples.ts";

Deno.test("a commit's rows follow one another from 1", () => {
  withJournal((journal) => {
    deepStrictEqual(journal.commit(NOTHING), { firstSeq: 1, lastSeq: 0 });
    deepStrictEqual(journal.commit({ ...NOTHING, events: sampleEvents(1) }), { firstSeq: 1, lastSeq: 1 });
    const more = { ...NOTHING, events: sampleEvents(60, 1), detections: [sampleDetection(0)] };
    deepStrictEqual(journal.commit(more), { firstSeq: 2, lastSeq: 62 });
  });
});

Deno.test("seq goes on where it was after a restart, even when every row has gone", () => {
  inDirectory((directory) => {
    let journal = Journal.open(directory, KEEP);
    journal.commit({ ...NOTHING, events: sampleEvents(40) });
    strictEqual(journal.purge(START_MS + DAY_MS), 40);
    journal.close();
    journal = Journal.open(directory, KEEP);
    deepStrictEqual(journal.commit({ ...NOTHING, events: sampleEvents(1, 50) }), { firstSeq: 41, lastSeq: 41 });
    journal.close();
  });
});

const scalar = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
)
  .map((value) => (Object.is(value, -0) ? 0 : value)); // JSON has no -0

const anyEvent: fc.Arbitrary<TelemetryEvent> = fc.record({
  id: fc.string({ unit: "binary", maxLength: 300 }),
  timeMs: fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2200, 0) })
    .chain((ms) => fc.nat(999_999).map((ns) => ms + ns / 1e6)),
  observedMs: fc.integer({ min: 0, max: Date.UTC(2200, 0) }),
  source: fc.constantFrom("process", "metrics", "logs", "foreign", "__proto__", ""),
  kind: fc.string(),
  host: fc.string(),
  fields: fc.dictionary(fc.string({ minLength: 1 }), fc.oneof(scalar, fc.constant(null), fc.array(scalar))),
});

Deno.test("what is committed is read back as it was, to the last digit of its time", () => {
  fc.assert(
    fc.property(fc.uniqueArray(anyEvent, { selector: (event) => event.id, maxLength: 60 }), (events) => {
      withJournal((journal, directory) => {
        journal.commit({ ...NOTHING, events });
        const reader = JournalReader.open(directory);
        const back = [...reader.events({}, { limit: 100 }).items].reverse();
        deepStrictEqual(plain(back), plain(events));
        for (const event of events) deepStrictEqual(plain(reader.event(event.id)), plain(event));
        deepStrictEqual(journal.known(events.map((event) => event.id)), new Set(events.map((event) => event.id)));
        ok(reader.verify().clean);
        reader.close();
      });
    }),
    { numRuns: 60 },
  );
});

/** Without the prototypes of the objects that hold fields, which differ and do not matter. */
function plain(value: unknown): unknown {
  return structuredClone(value);
}

Deno.test("known tells committed ids from others, within the range of committed ones and beyond it", () => {
  withJournal((journal) => {
    const even = Array.from({ length: 100 }, (_, i) => sampleEvent(2 * i));
    journal.commit({ ...NOTHING, events: even });
    const ids = Array.from({ length: 300 }, (_, i) => sampleEvent(i).id);
    deepStrictEqual(journal.known(ids), new Set(even.map((event) => event.id)));
    deepStrictEqual(journal.known([]), new Set());
    deepStrictEqual(journal.known(["", "other:1", sampleEvent(1000).id]), new Set());
    deepStrictEqual(journal.known([sampleEvent(4).id]), new Set([sampleEvent(4).id]));
  });
});

Deno.test("ids that SQLite cannot keep apart are kept apart", () => {
  withJournal((journal) => {
    const ids = ["a\0b", "a\0c", "a", "\ud800", "\ud801", "\ufffd", "x".repeat(400), "x".repeat(401)];
    journal.commit({ ...NOTHING, events: ids.map((id, i) => sampleEvent(i, { id })) });
    deepStrictEqual(journal.known([...ids, "a\0", "x".repeat(402)]), new Set(ids));
  });
});

Deno.test("state is read back by scope, replaced and removed", () => {
  withJournal((journal) => {
    const write = (scope: string, key: string, value: string | null) => ({ scope, key, value });
    journal.commit({ ...NOTHING, state: [write("logs", "b", "1"), write("logs", "a", "2"), write("flows", "a", "3")] });
    deepStrictEqual(journal.state("logs"), [["a", "2"], ["b", "1"]]);
    journal.commit({
      ...NOTHING,
      state: [write("logs", "a", "4"), write("logs", "b", null), write("logs", "c", null)],
    });
    deepStrictEqual(journal.state("logs"), [["a", "4"]]);
    deepStrictEqual(journal.state("flows"), [["a", "3"]]);
    deepStrictEqual(journal.state("none"), []);
  });
});

Deno.test("matches come back in the order of the journal, with whole events, from a time on", () => {
  withJournal((journal) => {
    const events = sampleEvents(2500);
    const matches = events.flatMap((event) => [
      { rule: "r1", selection: "start", event },
      { rule: "r2", selection: "start", event },
    ]);
    journal.commit({ ...NOTHING, events: events.slice(0, 1200), matches: matches.slice(0, 2400) });
    journal.commit({ ...NOTHING, events: events.slice(1200), matches: matches.slice(2400) });
    deepStrictEqual(plain([...journal.matchesSince(0)]), plain(matches));
    const [, , third] = events;
    deepStrictEqual(plain([...journal.matchesSince(third?.timeMs ?? 0)]), plain(matches.slice(4)));
    deepStrictEqual([...journal.matchesSince(START_MS + DAY_MS)], []);
  });
});

Deno.test("a match of an event that arrived late is found by the event's own time", () => {
  withJournal((journal) => {
    const [early, late] = [sampleEvent(100), sampleEvent(1)];
    journal.commit({ ...NOTHING, events: [early], matches: [{ rule: "r", selection: "s", event: early }] });
    journal.commit({ ...NOTHING, events: [late], matches: [{ rule: "r", selection: "s", event: late }] });
    deepStrictEqual([...journal.matchesSince(early.timeMs)].map(({ event }) => event.id), [early.id]);
    deepStrictEqual([...journal.matchesSince(0)].map(({ event }) => event.id), [early.id, late.id]);
  });
});

Deno.test("a detection keeps its row as it fired, and its present form beside it", () => {
  withJournal((journal, directory) => {
    const fired = sampleDetection(1);
    const grown = { ...fired, count: 9, lastMs: fired.lastMs + 1234.5, state: "closed" as const };
    const { events, detections } = { events: [sampleEvent(1)], detections: [fired] };
    journal.commit({ ...NOTHING, events, detections });
    deepStrictEqual(journal.openDetections(), [fired]);
    journal.commit({ ...NOTHING, updates: [grown] });
    deepStrictEqual(journal.openDetections(), []);
    deepStrictEqual(journal.detectionsSince(grown.lastMs), [grown]);
    deepStrictEqual(journal.detectionsSince(grown.lastMs + 1), []);
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.detection(fired.id), grown);
    const rows = [...reader.rows()];
    deepStrictEqual(rows.map(({ type, idem }) => [type, idem]), [
      ["ProcessEvent", sampleEvent(1).id],
      ["ProcessAlert", `detection:${fired.id}`],
    ]);
    strictEqual((rows[1]?.record as { count: number }).count, 1);
    reader.close();
  });
});

Deno.test("a row's type comes from its source, a detection's from all of its sources", () => {
  withJournal((journal, directory) => {
    const sources = [
      "snmp",
      "metrics",
      "process",
      "logs",
      "files",
      "flows",
      "syscalls",
      "commands",
      "weir",
      "elsewhere",
    ];
    journal.commit({
      ...NOTHING,
      events: sources.map((source, i) => sampleEvent(i, { source })),
      detections: [sampleDetection(1), sampleDetection(2, { sources: ["metrics", "process"] })],
      scores: [sampleScore(START_MS)],
    });
    const reader = JournalReader.open(directory);
    deepStrictEqual([...reader.rows()].map(({ type }) => type), [
      "DeviceTelemetry",
      "DeviceTelemetry",
      "ProcessEvent",
      "LogEvent",
      "FileEvent",
      "FlowRecord",
      "SyscallEvent",
      "CommandEvent",
      "WeirEvent",
      "WeirEvent",
      "ProcessAlert",
      "Detection",
      "ThreatScore",
    ]);
    reader.close();
  });
});

Deno.test("two scores of an entity at the same time are two rows, and the later one is the latest", () => {
  withJournal((journal, directory) => {
    const [first, second] = [sampleScore(START_MS), sampleScore(START_MS, { overall_score: 80 })];
    journal.commit({ ...NOTHING, scores: [first] });
    journal.commit({ ...NOTHING, scores: [second, sampleScore(START_MS, { entity: "ip:fe80::1" })] });
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.scoreHistory("host:web-1", { limit: 10 }), { items: [second, first], next: null });
    deepStrictEqual(reader.latestScores(10).map((score) => [score.entity, score.overall_score]), [
      ["ip:fe80::1", 70],
      ["host:web-1", 80],
    ]);
    deepStrictEqual([...reader.rows()].map(({ ts_ns }) => ts_ns), [
      `${START_MS}000000`,
      `${START_MS}000000`,
      `${START_MS}000000`,
    ]);
    reader.close();
  });
});

Deno.test("an id that is in the journal is refused with everything that came with it", () => {
  withJournal((journal, directory) => {
    journal.commit({ ...NOTHING, events: sampleEvents(3) });
    let thrown: unknown;
    try {
      journal.commit({ ...NOTHING, events: [sampleEvent(9), sampleEvent(1)], detections: [sampleDetection(1)] });
    } catch (error) {
      thrown = error;
    }
    ok(thrown instanceof Error && thrown.message.includes("UNIQUE"));
    strictEqual(withRawDatabase(directory, (db) => db.prepare("SELECT count(*) AS n FROM journal").get()?.["n"]), 3);
    deepStrictEqual(journal.commit({ ...NOTHING, events: [sampleEvent(9)] }), { firstSeq: 4, lastSeq: 4 });
  });
});
