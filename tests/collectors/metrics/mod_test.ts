import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createMetrics, metricsCollector } from "../../../src/collectors/metrics/mod.ts";
import { linuxReadings } from "../../../src/collectors/metrics/linux.ts";
import { portableReadings } from "../../../src/collectors/metrics/portable.ts";
import { metricsSchema } from "../../../src/collectors/metrics/schema.ts";
import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../../src/core/collector.ts";
import { SimulatedClock } from "../../../src/core/clock.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { collectorContract } from "../../contract/collector_contract.ts";
import { fakeReadings, nic } from "./readings.ts";

const config = metricsSchema.parse({ interval: "10s" });

const notLinux = Deno.build.os === "linux" ? undefined : "reads /proc, which only Linux has";

collectorContract("metrics on Linux", {
  definition: metricsCollector,
  make: () => createMetrics(config, linuxReadings()),
  skip: notLinux,
});

collectorContract("metrics through systeminformation", {
  definition: metricsCollector,
  make: () => createMetrics(config, portableReadings()),
});

function simulated(readings = fakeReadings()) {
  const clock = new SimulatedClock(1_700_000_000_000);
  const abort = new AbortController();
  const context: CollectorContext = {
    host: "web-1",
    clock,
    state: new StagedState("metrics"),
    signal: abort.signal,
    dropped: () => {},
    warn: (message) => {
      throw new Error(message);
    },
  };
  const iterator = createMetrics(config, readings).collect(context)[Symbol.asyncIterator]();
  return { clock, abort, iterator };
}

Deno.test("metrics: at the start, a second later, then on a fixed beat; ids grow", async () => {
  const { clock, abort, iterator } = simulated();
  const times: number[] = [];
  let lastId = "";
  for (const waitMs of [0, 1_000, 10_000, 10_000]) {
    const next = iterator.next();
    await clock.advance(waitMs);
    const { value: chunk } = await next;
    times.push(...new Set<number>(chunk.map(({ timeMs }: { timeMs: number }) => timeMs - 1_700_000_000_000)));
    ok(chunk[0].id > lastId);
    lastId = chunk[0].id;
  }
  deepStrictEqual(times, [0, 1_000, 11_000, 21_000]);
  strictEqual(lastId, "metrics:1700000021000:web-1:host.cpu:");
  const last = iterator.next();
  await clock.advance(0);
  abort.abort();
  strictEqual((await last).done, true);
});

Deno.test("metrics: samples missed while nobody pulled are not made up for", async () => {
  const { clock, abort, iterator } = simulated();
  const times: number[] = [];
  for (
    const { idleMs, waitMs } of [{ idleMs: 0, waitMs: 0 }, { idleMs: 25_000, waitMs: 0 }, { idleMs: 0, waitMs: 10_000 }]
  ) {
    await clock.advance(idleMs);
    const next = iterator.next();
    await clock.advance(waitMs);
    times.push((await next).value[0].timeMs - 1_700_000_000_000);
  }
  deepStrictEqual(times, [0, 25_000, 35_000]);
  abort.abort();
  await iterator.return?.();
});

Deno.test("metrics: more rows than a chunk holds come in several, all of the same time", async () => {
  const readings = fakeReadings();
  readings.interfaces = () =>
    Promise.resolve(Array.from({ length: CHUNK_EVENTS_MAX }, (_, i) => nic(`veth${i}`, 1, 1)));
  const { abort, iterator } = simulated(readings);
  const first = (await iterator.next()).value;
  const second = (await iterator.next()).value;
  strictEqual(first.length, CHUNK_EVENTS_MAX);
  strictEqual(second.length, 6);
  strictEqual(first[0].timeMs, second[0].timeMs);
  abort.abort();
});

Deno.test("metrics: what this machine is told of makes sense", async () => {
  const rows = Deno.build.os === "linux" ? linuxReadings() : portableReadings();
  const [memory, filesystems, interfaces, cpu] = await Promise.all([
    rows.memory(),
    rows.filesystems(),
    rows.interfaces(),
    rows.cpu(),
  ]);
  ok(memory.totalBytes > memory.availableBytes && memory.availableBytes > 0);
  ok(filesystems.some(({ mountPoint }) => mountPoint === "/" || mountPoint.startsWith("C:")));
  ok(interfaces.length > 0 && cpu.cores === navigator.hardwareConcurrency);
});

Deno.test(
  "metrics: on Linux, a connection and a listener more are counted",
  { ignore: notLinux !== undefined },
  async () => {
    const { connections } = linuxReadings();
    const before = await connections();
    const listeners = Array.from({ length: 20 }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
    try {
      const { listening } = await connections();
      ok(listening >= before.listening + 10, `${before.listening} before, ${listening} after`);
    } finally {
      for (const listener of listeners) listener.close();
    }
  },
);
