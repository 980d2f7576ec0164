import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { SimulatedClock } from "../../src/core/clock.ts";
import type { Collector } from "../../src/core/collector.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { Ledger } from "../../src/core/ledger.ts";
import { Merge } from "../../src/core/stream.ts";
import { BACKOFF_MIN_MS, SETTLED_AFTER_MS, Supervisor } from "../../src/pipeline/supervisor.ts";

function eventOf(source: string, n: number): TelemetryEvent {
  return { id: `${source}:${n}`, timeMs: n, observedMs: n, source, kind: "log.line", host: "h", fields: {} };
}

function setUp() {
  const clock = new SimulatedClock(1_000_000);
  const merge = new Merge<TelemetryEvent>();
  const ledger = new Ledger();
  const said: string[] = [];
  const supervisor = new Supervisor({
    host: "h",
    clock,
    merge,
    ledger,
    log: (level, about, message) => said.push(`${level} ${about}: ${message}`),
    committedState: (scope) => scope === "kept" ? [["cursor", "7"]] : [],
  });
  return { clock, merge, ledger, said, supervisor };
}

/** Fails at once the first `failures` times, then waits until it is stopped. */
function flaky(failures: number): Collector {
  let tries = 0;
  return {
    name: "flaky",
    summary: "fails",
    // deno-lint-ignore require-yield -- it never has anything to give
    async *collect({ clock, signal }) {
      if (tries++ < failures) throw new Error(`failure ${tries}`);
      await clock.sleep(1e9, signal);
    },
  };
}

function steady(name: string): Collector {
  return {
    name,
    summary: "one event a second",
    async *collect({ clock, signal, state }) {
      for (let n = Number(state.get("cursor") ?? 0); !signal.aborted; n++) {
        state.set("cursor", String(n + 1));
        yield [eventOf(name, n)];
        await clock.sleep(1000, signal);
      }
    },
  };
}

Deno.test("supervisor: a collector that fails is started again with back-off, the other does not notice", async () => {
  const { clock, merge, said, supervisor } = setUp();
  supervisor.start(flaky(3));
  supervisor.start(steady("steady"));
  await clock.advance(0);
  const report = () => supervisor.reports().find(({ name }) => name === "flaky");
  deepStrictEqual([report()?.state, report()?.reason, report()?.restarts], ["degraded", "failure 1", 0]);
  const restartsAt: number[] = [];
  let events = 0;
  for (let ms = 0; ms < 15_000; ms += 500) {
    await clock.advance(500);
    events += merge.take(100).flatMap(({ items }) => items).length;
    if ((report()?.restarts ?? 0) > restartsAt.length) restartsAt.push(ms + 500);
  }
  deepStrictEqual(restartsAt, [1, 3, 7].map((n) => n * BACKOFF_MIN_MS));
  ok(events >= 14, `the steady one gave ${events}`);
  ok(SETTLED_AFTER_MS < 8_000);
  deepStrictEqual([report()?.state, report()?.reason], ["running", null]);
  strictEqual(said.filter((line) => line.includes("flaky")).length, 3);
  supervisor.stop();
  await merge.end();
});

Deno.test("supervisor: a collector that ends by itself is degraded and started again", async () => {
  const { clock, merge, supervisor } = setUp();
  supervisor.start({ name: "short", summary: "", async *collect() {} });
  await clock.advance(0);
  strictEqual(supervisor.reports()[0]?.reason, "ended by itself");
  await clock.advance(BACKOFF_MIN_MS);
  strictEqual(supervisor.reports()[0]?.restarts, 1);
  supervisor.stop();
  await merge.end();
});

Deno.test("supervisor: state goes with the chunk it was set before, and starts from what was committed", async () => {
  const { clock, merge, supervisor, ledger } = setUp();
  supervisor.start(steady("kept"));
  await clock.advance(0);
  deepStrictEqual(merge.take(10).flatMap(({ items }) => items.map(({ id }) => id)), ["kept:7"]);
  deepStrictEqual(supervisor.takeState("kept"), [{ scope: "kept", key: "cursor", value: "8" }]);
  deepStrictEqual(supervisor.takeState("kept"), []);
  strictEqual(ledger.rows()[0]?.pending, 1);
  supervisor.stop();
  await merge.end();
});

Deno.test("supervisor: waiting is counted only while a collector has nothing to give", async () => {
  const { clock, merge, supervisor } = setUp();
  supervisor.start(steady("steady"));
  await clock.advance(10_000);
  strictEqual(supervisor.waitedMs("steady"), 0, "its chunk has not been taken");
  merge.take(10);
  supervisor.noteTaken("steady");
  await clock.advance(400);
  strictEqual(supervisor.waitedMs("steady"), 400);
  strictEqual(supervisor.waitedMs("nobody"), 0);
  supervisor.stop();
  await merge.end();
});

Deno.test("supervisor: state goes with its chunk though the next arrives before it is asked for", async () => {
  const { clock, merge, supervisor } = setUp();
  supervisor.start({
    name: "busy",
    summary: "always has more",
    async *collect({ state, signal }) {
      for (let n = 0; !signal.aborted; n++) {
        state.set("cursor", String(n + 1));
        yield [eventOf("busy", n)];
      }
    },
  });
  for (let n = 0; n < 3; n++) {
    await clock.advance(0);
    deepStrictEqual(merge.take(100).flatMap(({ items }) => items.map(({ id }) => id)), [`busy:${n}`]);
    await clock.advance(0); // as while the journal is waited for
    deepStrictEqual(supervisor.takeState("busy"), [{ scope: "busy", key: "cursor", value: String(n + 1) }]);
  }
  supervisor.stop();
  await merge.end();
});

Deno.test("supervisor: what a collector drops is collected and dropped, what it warns of is told once", async () => {
  const { clock, merge, ledger, said, supervisor } = setUp();
  supervisor.start({
    name: "edge",
    summary: "",
    // deno-lint-ignore require-yield -- it only drops
    async *collect({ dropped, warn, clock, signal }) {
      dropped("queue_full", 3);
      warn("slow disk");
      warn("slow disk");
      await clock.sleep(1e9, signal);
    },
  });
  supervisor.noteOff("snmp", "devices", "no device is configured");
  await clock.advance(0);
  deepStrictEqual(ledger.rows()[0], {
    collector: "edge",
    collected: 3,
    committed: 0,
    duplicate: 0,
    dropped: { queue_full: 3 },
    pending: 0,
  });
  deepStrictEqual(said, ["warn edge: slow disk"]);
  deepStrictEqual(supervisor.reports().map(({ name, state, reason }) => [name, state, reason]), [
    ["edge", "running", "slow disk"],
    ["snmp", "off", "no device is configured"],
  ]);
  supervisor.stop();
  await merge.end();
});
