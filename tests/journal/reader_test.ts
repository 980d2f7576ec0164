import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import type { Detection } from "../../src/core/detection.ts";
import { CursorError } from "../../src/core/errors.ts";
import { JournalReader, type Page, type Paged } from "../../src/journal/mod.ts";
import { DETECTIONS_SCAN_MAX, EVENTS_SCAN_MAX } from "../../src/journal/reader.ts";
import {
  DAY_MS,
  NOTHING,
  sampleDetection,
  sampleEvent,
  sampleEvents,
  sampleScore,
  START_MS,
  withJournal,
  withRawDatabase,
} from "./samples.ts";

/** Every item of every page, and how many pages that took. */
function readAll<T>(read: (page: Page) => Paged<T>, limit: number): { items: T[]; pages: number } {
  const items: T[] = [];
  let cursor: string | undefined;
  for (let pages = 1;; pages++) {
    const page = read({ limit, ...(cursor === undefined ? {} : { cursor }) });
    ok(page.items.length <= limit);
    items.push(...page.items);
    if (page.next === null) return { items, pages };
    cursor = page.next;
  }
}

function withReader(run: (reader: JournalReader, journal: Parameters<Parameters<typeof withJournal>[0]>[0]) => void) {
  withJournal((journal, directory) => {
    const reader = JournalReader.open(directory);
    try {
      run(reader, journal);
    } finally {
      reader.close();
    }
  });
}

Deno.test("an empty journal reads as empty", () => {
  withReader((reader) => {
    deepStrictEqual(reader.events({}, { limit: 10 }), { items: [], next: null });
    deepStrictEqual(reader.detections({}, { limit: 10 }), { items: [], next: null });
    deepStrictEqual(reader.scoreHistory("host:web-1", { limit: 10 }), { items: [], next: null });
    deepStrictEqual(reader.latestScores(10), []);
    deepStrictEqual([...reader.rows()], []);
    strictEqual(reader.event("x"), undefined);
    strictEqual(reader.detection("x"), undefined);
    const { rows, firstTimeMs, lastTimeMs, version } = reader.stats();
    deepStrictEqual({ rows, firstTimeMs, lastTimeMs, version }, {
      rows: 0,
      firstTimeMs: null,
      lastTimeMs: null,
      version: 1,
    });
    ok(reader.verify().clean);
  });
});

Deno.test("a reader sees each commit as soon as it is through", () => {
  withReader((reader, journal) => {
    for (let i = 0; i < 5; i++) {
      journal.commit({ ...NOTHING, events: [sampleEvent(i)] });
      strictEqual(reader.events({}, { limit: 1 }).items[0]?.id, sampleEvent(i).id);
    }
  });
});

Deno.test("pages of any length hold each matching event once, newest first", () => {
  const kinds = ["process.start", "process.end", "log.line"];
  const sources = ["metrics", "snmp", "process"];
  const change = fc.record({
    kind: fc.constantFrom(...kinds),
    source: fc.constantFrom(...sources),
    host: fc.constantFrom("a", "b"),
    timeMs: fc.integer({ min: START_MS, max: START_MS + 20 }),
  });
  const filter = fc.record({
    kind: fc.constantFrom(...kinds),
    source: fc.constantFrom(...sources),
    host: fc.constantFrom("a", "b"),
    sinceMs: fc.integer({ min: START_MS, max: START_MS + 20 }),
    untilMs: fc.integer({ min: START_MS, max: START_MS + 20 }),
  }, { requiredKeys: [] });
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 80 }),
      filter,
      fc.integer({ min: 1, max: 30 }),
      (changes, wanted, limit) => {
        withReader((reader, journal) => {
          const events = changes.map((change, i) => sampleEvent(i, change));
          journal.commit({ ...NOTHING, events, detections: [sampleDetection(1)], scores: [sampleScore(START_MS)] });
          const expected = events.filter((event) =>
            (wanted.kind ?? event.kind) === event.kind && (wanted.host ?? event.host) === event.host &&
            (wanted.source ?? event.source) === event.source && event.timeMs >= (wanted.sinceMs ?? 0) &&
            event.timeMs < (wanted.untilMs ?? Infinity)
          );
          const { items } = readAll((page) => reader.events(wanted, page), limit);
          deepStrictEqual(items.map(({ id }) => id), expected.map(({ id }) => id).reverse());
        });
      },
    ),
    { numRuns: 60 },
  );
});

Deno.test("a page looks at a bounded number of rows and says where to read on", () => {
  withReader((reader, journal) => {
    const rare = sampleEvent(0, { kind: "rare.kind" });
    journal.commit({ ...NOTHING, events: [rare, ...sampleEvents(EVENTS_SCAN_MAX, 1)] });
    const first = reader.events({ kind: "rare.kind" }, { limit: 10 });
    deepStrictEqual(first, { items: [], next: "2" });
    const second = reader.events({ kind: "rare.kind" }, { limit: 10, cursor: first.next ?? "" });
    deepStrictEqual(second.items.map(({ id }) => id), [rare.id]);
    strictEqual(second.next, null);
  });
});

Deno.test("detections are read by what they are, the last fired first", () => {
  withReader((reader, journal) => {
    const detections: Detection[] = Array.from({ length: 30 }, (_, i) =>
      sampleDetection(i, {
        timeMs: START_MS + Math.floor(i / 3),
        rule: i % 2 === 0 ? "even" : "odd",
        host: i < 15 ? "a" : "b",
        level: i % 5 === 0 ? "low" : "high",
        state: i < 20 ? "closed" : "open",
        entities: i === 7 ? ["ip:fe80::1"] : ["host:a"],
      }));
    journal.commit({ ...NOTHING, detections });
    const newestFirst = [...detections].reverse();
    const ids = (filter: Parameters<JournalReader["detections"]>[0], limit = 4) =>
      readAll((page) => reader.detections(filter, page), limit).items.map(({ id }) => id);
    const where = (meets: (detection: Detection) => boolean) => newestFirst.filter(meets).map(({ id }) => id);
    for (const limit of [1, 3, 29, 30, 31]) deepStrictEqual(ids({}, limit), where(() => true));
    deepStrictEqual(ids({ rule: "even" }), where(({ rule }) => rule === "even"));
    deepStrictEqual(ids({ host: "b", level: "low" }), where(({ host, level }) => host === "b" && level === "low"));
    deepStrictEqual(ids({ state: "open" }), where(({ state }) => state === "open"));
    deepStrictEqual(ids({ entity: "ip:fe80::1" }), ["d0007"]);
    deepStrictEqual(ids({ entity: "ip:fe80::" }), []);
    deepStrictEqual(ids({ sinceMs: START_MS + 8 }), where(({ timeMs }) => timeMs >= START_MS + 8));
    strictEqual(reader.detections({}, { limit: 30 }).next, null);
  });
});

Deno.test("a page of detections looks at a bounded number of them", () => {
  withReader((reader, journal) => {
    const detections = Array.from({ length: DETECTIONS_SCAN_MAX + 1 }, (_, i) => sampleDetection(i));
    journal.commit({ ...NOTHING, detections });
    const first = reader.detections({ rule: "none" }, { limit: 10 });
    strictEqual(first.items.length, 0);
    deepStrictEqual(reader.detections({ rule: "none" }, { limit: 10, cursor: first.next ?? "" }), {
      items: [],
      next: null,
    });
    strictEqual(readAll((page) => reader.detections({}, page), 1000).items.length, DETECTIONS_SCAN_MAX + 1);
  });
});

Deno.test("an entity's scores are its own, latest first, whatever its name holds", () => {
  withReader((reader, journal) => {
    const entities = ["host:x", "host:x:1", "host:x:17", "ip:fe80::", "ip:fe80::1"] as const;
    for (let i = 0; i < 12; i++) {
      const scores = entities.map((entity) => sampleScore(START_MS + i, { entity, overall_score: i }));
      journal.commit({ ...NOTHING, scores });
    }
    for (const entity of entities) {
      const { items } = readAll((page) => reader.scoreHistory(entity, page), 5);
      deepStrictEqual(items.map((score) => score.overall_score), Array.from({ length: 12 }, (_, i) => 11 - i), entity);
      ok(items.every((score) => score.entity === entity));
    }
    strictEqual(reader.latestScores(3).length, 3);
    ok(reader.latestScores(10).every((score) => score.overall_score === 11));
  });
});

Deno.test("a cursor that no page gave is refused", () => {
  withReader((reader) => {
    for (const cursor of ["", "x", "-1", "1;2", "9".repeat(40)]) {
      throws(() => reader.events({}, { limit: 1, cursor }), CursorError);
      throws(() => reader.detections({}, { limit: 1, cursor }), CursorError);
      throws(() => reader.scoreHistory("host:x", { limit: 1, cursor }), CursorError);
    }
  });
});

Deno.test("a row whose bytes changed is told of, kept and skipped, everywhere", () => {
  withJournal((journal, directory) => {
    const events = sampleEvents(3);
    const detections = [sampleDetection(0), sampleDetection(1)];
    const matches = events.map((event) => ({ rule: "r", selection: "s", event }));
    journal.commit({ ...NOTHING, events, matches, detections, scores: [sampleScore(START_MS)] });
    withRawDatabase(directory, (db) => {
      db.exec(
        "UPDATE journal SET bytes = CAST(replace(CAST(bytes AS TEXT), 'web-1', 'web-2') AS BLOB) WHERE seq IN (2, 6)",
      );
      db.exec("UPDATE detections SET bytes = CAST('{}' AS BLOB) WHERE id = 'd0001'");
    });
    const bad: string[] = [];
    const reader = JournalReader.open(directory, { onBadRow: ({ table, key }) => bad.push(`${table} ${key}`) });
    const [first, second, third] = events;
    deepStrictEqual(reader.events({}, { limit: 10 }).items.map(({ id }) => id), [third?.id, first?.id]);
    strictEqual(reader.event(second?.id ?? ""), undefined);
    deepStrictEqual(reader.detections({}, { limit: 10 }).items.map(({ id }) => id), ["d0000"]);
    deepStrictEqual(reader.latestScores(10), []);
    deepStrictEqual([...reader.rows()].map(({ seq }) => seq), [1, 3, 4, 5]);
    deepStrictEqual(bad, ["journal 2", "journal 2", "detections d0001", "journal 6", "journal 2", "journal 6"]);
    deepStrictEqual([...journal.matchesSince(0)].map(({ event }) => event.id), [first?.id, third?.id]);
    reader.close();
    strictEqual(withRawDatabase(directory, (db) => db.prepare("SELECT count(*) AS n FROM journal").get()?.["n"]), 6);
  });
});

Deno.test("only events are found as events", () => {
  withReader((reader, journal) => {
    journal.commit({ ...NOTHING, events: [sampleEvent(1)], detections: [sampleDetection(1)] });
    strictEqual(reader.event("detection:d0001"), undefined);
    strictEqual(reader.event(sampleEvent(1).id)?.id, sampleEvent(1).id);
  });
});

Deno.test("stats say how much there is, from when to when", () => {
  withReader((reader, journal) => {
    const events = sampleEvents(10);
    journal.commit({
      ...NOTHING,
      events,
      matches: events.map((event) => ({ rule: "r", selection: "s", event })),
      detections: [sampleDetection(1), sampleDetection(2, { state: "closed" })],
      scores: [sampleScore(START_MS + DAY_MS)],
    });
    const { databaseBytes, walBytes, freeBytes, ...rest } = reader.stats();
    ok(databaseBytes >= 0 && walBytes > 0 && freeBytes >= 0);
    deepStrictEqual(rest, {
      firstSeq: 1,
      lastSeq: 13,
      rows: 13,
      purged: 0,
      rowsByType: { ProcessAlert: 2, ProcessEvent: 10, ThreatScore: 1 },
      openDetections: 1,
      firstTimeMs: START_MS,
      lastTimeMs: START_MS + DAY_MS,
      matches: 10,
      detections: 2,
      entities: 1,
      version: 1,
    });
  });
});
