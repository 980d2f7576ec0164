import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseRfc3339, SimulatedClock, systemClock } from "../../src/core/clock.ts";
import { toRfc3339 } from "../../src/core/event.ts";

Deno.test("clock: RFC 3339 times, with their zones and fractions", () => {
  const cases: [string, number | undefined][] = [
    ["1970-01-01T00:00:00Z", 0],
    ["1970-01-01T00:00:00.001Z", 1],
    ["1970-01-01T00:00:00.0005Z", 0.5],
    ["1970-01-01T01:00:00+01:00", 0],
    ["1969-12-31T19:00:00-0500", 0],
    ["1970-01-01 00:00:01", 1000],
    ["1970-01-01T00:00Z", 0],
    ["2016-12-31T23:59:60Z", Date.UTC(2016, 11, 31, 23, 59, 59)],
    ["2026-02-30T00:00:00Z", undefined],
    ["2026-13-01T00:00:00Z", undefined],
    ["2026-01-01T25:00:00Z", undefined],
    ["yesterday", undefined],
    ["", undefined],
  ];
  for (const [text, expected] of cases) strictEqual(parseRfc3339(text), expected, text);
});

Deno.test("clock: a time survives being written and read", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 4e12 }), fc.integer({ min: 0, max: 999 }), (ms, micros) => {
    const read = parseRfc3339(toRfc3339(ms + micros / 1000));
    return read !== undefined && Math.abs(read - (ms + micros / 1000)) < 0.002;
  }));
});

Deno.test("clock: simulated sleepers wake in the order of their times, each at its own", async () => {
  const clock = new SimulatedClock(1000);
  const woke: [string, number][] = [];
  const nap = (name: string, ms: number) => clock.sleep(ms).then(() => woke.push([name, clock.now()]));
  nap("b", 200);
  nap("a", 100).then(() => nap("c", 150));
  await clock.advance(300);
  deepStrictEqual(woke, [["a", 1100], ["b", 1200], ["c", 1250]]);
  strictEqual(clock.now(), 1300);
  strictEqual(clock.monotonic(), 300);
});

Deno.test("clock: sleep ends at once when its signal is aborted, before or during", async () => {
  for (const clock of [systemClock, new SimulatedClock()]) {
    const controller = new AbortController();
    const during = clock.sleep(1e9, controller.signal);
    controller.abort();
    await during;
    await clock.sleep(1e9, controller.signal);
  }
});
