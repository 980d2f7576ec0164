import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { JournalReader } from "../../src/journal/mod.ts";
import {
  NOTHING,
  sampleDetection,
  sampleEvent,
  sampleEvents,
  START_MS,
  withJournal,
  withRawDatabase,
} from "./samples.ts";

function since(directory: string, observedMs: number): { events: TelemetryEvent[]; bad: string[] } {
  const bad: string[] = [];
  const reader = JournalReader.open(directory, { onBadRow: ({ key }) => bad.push(key) });
  try {
    return { events: [...reader.eventsSince(observedMs)].flat(), bad };
  } finally {
    reader.close();
  }
}

Deno.test("eventsSince: an empty journal has none", () =>
  withJournal((_, directory) => deepStrictEqual(since(directory, 0).events, [])));

Deno.test("eventsSince: those seen at or after a time, in the order of their commits, and no detections", () =>
  withJournal((journal, directory) => {
    const events = sampleEvents(2_500);
    for (let i = 0; i < events.length; i += 500) {
      journal.commit({ ...NOTHING, events: events.slice(i, i + 500), detections: [sampleDetection(i)] });
    }
    deepStrictEqual(since(directory, 0).events, events);
    const fromMs = events[1_234]?.observedMs ?? 0;
    deepStrictEqual(since(directory, fromMs).events, events.slice(1_234));
    deepStrictEqual(since(directory, fromMs + 0.5).events, events.slice(1_235));
    deepStrictEqual(since(directory, START_MS + 1e9).events, []);
  }));

Deno.test("eventsSince: goes by when an event was seen, however old it says it is", () =>
  withJournal((journal, directory) => {
    const old = sampleEvent(3, { timeMs: START_MS - 1e9 });
    journal.commit({ ...NOTHING, events: [sampleEvent(1), sampleEvent(2), old] });
    deepStrictEqual(since(directory, old.observedMs).events, [old]);
  }));

Deno.test("eventsSince: a bad row is told of and left out", () =>
  withJournal((journal, directory) => {
    journal.commit({ ...NOTHING, events: sampleEvents(5) });
    withRawDatabase(directory, (db) => db.exec("UPDATE journal SET checksum = checksum + 1 WHERE seq = 3"));
    const { events, bad } = since(directory, 0);
    deepStrictEqual(events.map(({ id }) => id), sampleEvents(5).filter((_, i) => i !== 2).map(({ id }) => id));
    deepStrictEqual(bad, ["3"]);
  }));

Deno.test("property: sources that were merged a few minutes out of step lose nothing", () => {
  const minutes = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(minutes, fc.integer({ min: 0, max: 350 }), (spread, from) =>
      withJournal((journal, directory) => {
        const events = spread.map((late, i) => sampleEvent(i, { observedMs: START_MS + (i * 5 + late) * 60_000 }));
        journal.commit({ ...NOTHING, events });
        const fromMs = START_MS + from * 60_000;
        const found = since(directory, fromMs).events.map(({ id }) => id);
        deepStrictEqual(found, events.filter(({ observedMs }) => observedMs >= fromMs).map(({ id }) => id));
        strictEqual(new Set(found).size, found.length);
      })),
    { numRuns: 30 },
  );
});
