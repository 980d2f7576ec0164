/** What is handed to the other thread stands for the commit, whatever is in it. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type TelemetryEvent, toRfc3339 } from "../../src/core/event.ts";
import { pack, recordBytes } from "../../src/journal/packed.ts";
import { originJson, RecordWriter } from "../../src/journal/record.ts";
import { NOTHING } from "./samples.ts";

const hostile = fc.oneof(fc.constantFrom("", "a", "b"), fc.string({ unit: "binary", maxLength: 8 }));
const time = fc.double({ min: 0, max: 4e12, noNaN: true });
const scalar = fc.oneof(hostile, fc.double(), fc.boolean(), fc.constant(null));

/** Events of few origins, so that they are shared, by turns and at random. */
const events: fc.Arbitrary<TelemetryEvent[]> = fc.array(
  fc.record({
    id: hostile,
    timeMs: time,
    observedMs: fc.oneof(fc.constant(1_767_225_600_000), time),
    source: hostile,
    kind: hostile,
    host: hostile,
    fields: fc.dictionary(hostile, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })), { noNullPrototype: true }),
  }),
  { maxLength: 30 },
);

Deno.test("packed: records are the JSON of their events, to the last byte", () => {
  fc.assert(fc.property(events, (events) => {
    const { ids, timesMs, observedMs, origins, originOf, fields } = pack({ ...NOTHING, events }).events;
    strictEqual(ids.length, events.length);
    strictEqual(new Set(origins.map((origin) => JSON.stringify(Object.values(origin)))).size, origins.length);
    const writer = new RecordWriter();
    for (const [i, { id, timeMs, observedMs: seenMs, source, kind, host, fields: own }] of events.entries()) {
      const origin = origins[originOf[i] as number];
      deepStrictEqual(origin, { source, kind, host });
      const times = { time: toRfc3339(timeMs), observed: toRfc3339(seenMs) };
      strictEqual(
        writer.write(
          ids[i] as string,
          timesMs[i] as number,
          observedMs[i] as number,
          originJson(origin),
          fields[i] as string,
        ),
        JSON.stringify({ id, ...times, source, kind, host, fields: own }),
      );
    }
  }));
});

Deno.test("packed: matches stand for their events, in whatever order, and for those committed earlier", () => {
  const event = (id: number): TelemetryEvent => (
    { id: `logs:${id}`, timeMs: id, observedMs: id, source: "logs", kind: "log.line", host: "here", fields: {} }
  );
  const place = fc.integer({ min: -3, max: 9 });
  const inOrder = fc.array(place).map((places) => places.sort((a, b) => a - b));
  fc.assert(fc.property(fc.oneof(inOrder, fc.array(place)), fc.array(fc.nat({ max: 3 })), (places, named) => {
    const events = Array.from({ length: 10 }, (_, i) => event(i));
    const earlier = [event(-3), event(-2), event(-1)];
    const matches = places.map((at, i) => ({
      rule: `rule-${(named[i] ?? 0) >> 1}`,
      selection: `selection-${named[i] ?? 0}`,
      event: (at < 0 ? earlier[at + 3] : events[at]) as TelemetryEvent,
    }));
    const packed = pack({ ...NOTHING, events, matches }).matches;
    const before = [...packed.earlier];
    const told = matches.map((_, i) => {
      const at = packed.events[i] as number;
      const id = at < 0 ? before.shift()?.key : events[at]?.id;
      return [...packed.selectors[packed.selections[i] as number] as readonly string[], id];
    });
    deepStrictEqual(told, matches.map(({ rule, selection, event }) => [rule, selection, event.id]));
    strictEqual(new Set(packed.selectors.map(String)).size, packed.selectors.length);
  }));
});

Deno.test("packed: nothing takes no room", () => {
  const { events, matches } = pack(NOTHING);
  deepStrictEqual([recordBytes(events), events.ids, matches.selectors, matches.earlier], [0, [], [], []]);
});
