import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { BatchIds } from "../../src/pipeline/batch_ids.ts";

function event(id: string, timeMs = 0): TelemetryEvent {
  return { id, timeMs, observedMs: 0, source: "logs", kind: "log.line", host: "here", fields: {} };
}

const fresh = (batch: BatchIds, events: TelemetryEvent[], underWay: BatchIds[] = []) =>
  batch.admit(events, underWay).fresh.map(({ id }) => id);

Deno.test("batch ids: nothing, one, and one again", () => {
  const batch = new BatchIds([]);
  deepStrictEqual(batch.admit([], []), { fresh: [], duplicates: 0, timeless: 0 });
  deepStrictEqual(fresh(batch, [event("a")]), ["a"]);
  deepStrictEqual(batch.admit([event("a")], []), { fresh: [], duplicates: 1, timeless: 0 });
});

Deno.test("batch ids: what has no time is turned away, and does not make another of its id a duplicate", () => {
  const batch = new BatchIds([]);
  deepStrictEqual(batch.admit([event("a", NaN), event("b", Infinity)], []), { fresh: [], duplicates: 0, timeless: 2 });
  deepStrictEqual(fresh(batch, [event("a"), event("b")]), ["a", "b"]);
});

Deno.test("batch ids: a time far ahead is brought back, in ascending ids as in others", () => {
  const [ahead] = new BatchIds([]).admit([event("a", 9e12)], []).fresh;
  const [also] = new BatchIds(["a"]).admit([event("b", 9e12), event("a")], []).fresh;
  deepStrictEqual([ahead?.timeMs, also?.timeMs], [0, 0]);
});

Deno.test("batch ids: what was known, under way or in another part comes once, in whatever order", () => {
  const ids = fc.array(fc.string({ maxLength: 3 }), { maxLength: 20 });
  const part = fc.oneof(ids, ids.map((some) => [...new Set(some)].sort()));
  fc.assert(fc.property(ids, fc.array(fc.array(part, { maxLength: 4 }), { maxLength: 4 }), (known, batches) => {
    const seen = new Set(known);
    const underWay: BatchIds[] = [];
    for (const parts of batches) {
      const batch = new BatchIds(known);
      for (const one of parts) {
        const expected = one.filter((id) => !seen.has(id) && seen.add(id));
        const { fresh, duplicates, timeless } = batch.admit(one.map((id) => event(id)), underWay);
        deepStrictEqual(fresh.map(({ id }) => id), expected);
        strictEqual(fresh.length + duplicates + timeless, one.length);
      }
      underWay.push(batch);
    }
  }));
});
