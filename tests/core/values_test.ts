/** The small vocabulary: durations, errors, ring buffer, ledger, state, events, dictionary. */
import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { parseEntityKey } from "../../src/core/detection.ts";
import { DURATION_MAX_MS, formatDuration, parseDuration } from "../../src/core/duration.ts";
import { compareDiagnostics, didYouMean, formatDiagnostic, nameHint } from "../../src/core/errors.ts";
import { eventFromJson, eventToJson, type TelemetryEvent, withPlausibleTime } from "../../src/core/event.ts";
import { FIELDS } from "../../src/core/fields.ts";
import { Ledger } from "../../src/core/ledger.ts";
import { RingBuffer } from "../../src/core/ring_buffer.ts";
import { threatLevel } from "../../src/core/score.ts";
import { StagedState } from "../../src/core/state_store.ts";

Deno.test("duration: what is one, and what is not", () => {
  const cases: [string, number | undefined][] = [
    ["0", 0],
    ["0s", 0],
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["3650d", DURATION_MAX_MS],
    ["3651d", undefined],
    ["5", undefined],
    ["-5s", undefined],
    ["5 s", undefined],
    ["5S", undefined],
    ["", undefined],
    ["9".repeat(70) + "s", undefined],
  ];
  for (const [text, expected] of cases) strictEqual(parseDuration(text), expected, text);
});

Deno.test("duration: whole seconds below a day are read back as written", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3599 }), (s) => parseDuration(formatDuration(s * 1000)) === s * 1000),
  );
});

Deno.test("errors: a diagnostic is one line with its place and its hint", () => {
  const place = { path: "rules/a.yaml", line: 3, column: 5 };
  strictEqual(
    formatDiagnostic({ severity: "error", place, message: "Unknown key", hint: "or not" }),
    "rules/a.yaml:3:5: error: Unknown key (or not)",
  );
  const at = (path: string, line: number) => ({
    severity: "error" as const,
    place: { path, line, column: 1 },
    message: "",
  });
  deepStrictEqual([at("b", 1), at("a", 9), at("a", 2)].sort(compareDiagnostics).map((d) => d.place.line), [2, 9, 1]);
});

Deno.test("errors: did you mean finds slips and leaves strangers alone", () => {
  const known = ["process.name", "process.pid", "user.name"];
  strictEqual(didYouMean("process.nmae", known), "process.name");
  strictEqual(didYouMean("Process.Pid", known), "process.pid");
  strictEqual(didYouMean("zzz", known), undefined);
  strictEqual(didYouMean("", known), undefined);
  ok(nameHint("zzz", known).startsWith("one of process.name"));
});

Deno.test("ring buffer: keeps the newest, counts what went", () => {
  const ring = new RingBuffer<number>(3);
  deepStrictEqual([...ring], []);
  deepStrictEqual([1, 2, 3, 4, 5].map((n) => ring.push(n)), [undefined, undefined, undefined, 1, 2]);
  deepStrictEqual([...ring], [3, 4, 5]);
  deepStrictEqual([...ring.newestFirst()], [5, 4, 3]);
  strictEqual(ring.evicted, 2);
  strictEqual(ring.size, 3);
  for (const capacity of [0, -1, 1.5, NaN]) throws(() => new RingBuffer(capacity), RangeError);
});

Deno.test("ledger: every event is in one column", () => {
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.constantFrom("a", "b"), fc.nat(50), fc.nat(50), fc.nat(50), fc.nat(50))),
    (steps) => {
      const ledger = new Ledger();
      for (const [name, committed, duplicate, dropped, pending] of steps) {
        ledger.collected(name, committed + duplicate + dropped + pending);
        ledger.committed(name, committed);
        ledger.duplicate(name, duplicate);
        ledger.dropped(name, "queue_full", dropped);
      }
      return ledger.rows().every((row) =>
        row.collected === row.committed + row.duplicate + (row.dropped["queue_full"] ?? 0) + row.pending &&
        row.pending === steps.filter(([n]) => n === row.collector).reduce((sum, [, , , , p]) => sum + p, 0)
      );
    },
  ));
});

Deno.test("state: changes are handed on once, and read back at once", () => {
  const state = new StagedState("files", [["a", "1"], ["b", "2"]]);
  state.set("a", "1");
  deepStrictEqual(state.take(), []);
  state.set("c", "3");
  state.delete("b");
  state.delete("never");
  strictEqual(state.get("b"), undefined);
  deepStrictEqual(state.take(), [{ scope: "files", key: "c", value: "3" }, { scope: "files", key: "b", value: null }]);
  deepStrictEqual(state.take(), []);
  deepStrictEqual([...state.entries("")], [["a", "1"], ["c", "3"]]);
});

const place = { id: "line:1", timeMs: 5, observedMs: 7, host: "here" };

Deno.test("event: JSON with kind or fields is one of ours, without is foreign", () => {
  const ours = eventFromJson({ kind: "process.start", fields: { "process.pid": 1, process: { name: "a" } } }, place);
  deepStrictEqual([ours.kind, ours.source, ours.id, ours.timeMs], ["process.start", "foreign", "line:1", 5]);
  deepStrictEqual({ ...ours.fields }, { "process.pid": 1, "process.name": "a" });
  const foreign = eventFromJson({ Image: "/bin/a", "@timestamp": "1970-01-01T00:00:01Z", list: [1, { a: 2 }] }, place);
  deepStrictEqual([foreign.kind, foreign.timeMs], ["", 1000]);
  deepStrictEqual(foreign.fields["list"], [1, '{"a":2}']);
});

Deno.test("event: a hostile member name is a field like any other", () => {
  const event = eventFromJson(JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "x"}'), place);
  strictEqual(event.fields["__proto__.polluted"], 1);
  strictEqual(({} as Record<string, unknown>)["polluted"], undefined);
});

Deno.test("event: what is not one is refused with what would be right", () => {
  for (const value of [null, 1, "x", [], { kind: 1 }, { fields: [] }, { kind: "a", time: "soon" }]) {
    throws(() => eventFromJson(value, place), /^TypeError: Cannot read an event as /);
  }
});

Deno.test("event: written and read back it is the same", () => {
  const event: TelemetryEvent = {
    id: "a",
    timeMs: 1_700_000_000_123,
    observedMs: 7,
    source: "process",
    kind: "process.start",
    host: "h",
    fields: { "process.pid": 1 },
  };
  deepStrictEqual(
    { ...eventFromJson(JSON.parse(JSON.stringify(eventToJson(event))), place), fields: event.fields },
    event,
  );
});

Deno.test("event: a time too far ahead is replaced, the original kept; at the limit it stands", () => {
  const at = (timeMs: number): TelemetryEvent => ({
    id: "a",
    timeMs,
    observedMs: 0,
    source: "logs",
    kind: "log.line",
    host: "h",
    fields: {},
  });
  strictEqual(withPlausibleTime(at(300_000)).timeMs, 300_000);
  const moved = withPlausibleTime(at(300_001));
  strictEqual(moved.timeMs, 0);
  strictEqual(moved.fields["weir.original_time"], "1970-01-01T00:05:00.001Z");
  ok(withPlausibleTime(at(1e300)).fields["weir.original_time"]);
});

Deno.test("fields: every name once, in the dotted form", () => {
  strictEqual(new Set(FIELDS.map((f) => f.name)).size, FIELDS.length);
  // what auditd adds in its enriched format is named by it, in capitals
  for (const { name } of FIELDS) ok(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$|^audit\.([a-z]+\.)?[A-Z]+$/.test(name), name);
});

Deno.test("score: levels at their edges", () => {
  const levels = [0, 20, 20.01, 40, 40.01, 60, 60.01, 80, 80.01, 100].map(threatLevel);
  deepStrictEqual(levels, [
    ...["BENIGN", "BENIGN", "LOW", "LOW", "MEDIUM", "MEDIUM", "HIGH", "HIGH", "CRITICAL", "CRITICAL"] as const,
  ]);
});

Deno.test("entity: a key is a known type and an id", () => {
  deepStrictEqual(parseEntityKey("ip:2001:db8::1"), { type: "ip", id: "2001:db8::1" });
  for (const key of ["", "host:", "host", "city:x", ":x"]) strictEqual(parseEntityKey(key), undefined, key);
});
