import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FieldValue, TelemetryEvent } from "../../src/core/event.ts";
import { HOST_ROWS_MAX, HOSTS_MAX, HostView } from "../../src/pipeline/host_view.ts";
import { Histogram } from "../../src/pipeline/histogram.ts";

function event(host: string, kind: string, timeMs: number, fields: Record<string, FieldValue> = {}): TelemetryEvent {
  return { id: `${host}:${kind}:${timeMs}`, timeMs, observedMs: timeMs, source: "metrics", kind, host, fields };
}

const mount = (timeMs: number, point: string) =>
  event("a", "host.filesystem", timeMs, { "system.filesystem.mount_point": point });

Deno.test("host view: the last look of each kind, a row each", () => {
  const view = new HostView();
  for (const e of [mount(1, "/"), mount(1, "/old"), mount(2, "/"), mount(2, "/home"), event("a", "host.cpu", 3)]) {
    view.observe(e);
  }
  deepStrictEqual(view.latest("a", "host.filesystem").map((e) => e.fields["system.filesystem.mount_point"]), [
    "/",
    "/home",
  ]);
  strictEqual(view.latest("a", "host.cpu").length, 1);
  deepStrictEqual(view.latest("b", "host.cpu"), []);
  strictEqual(view.lastMs("a"), 3);
});

Deno.test("host view: an older event does not stand in for a newer one", () => {
  const view = new HostView();
  view.observe(event("a", "host.cpu", 5, { "system.cpu.percent": 50 }));
  view.observe(event("a", "host.cpu", 4, { "system.cpu.percent": 40 }));
  strictEqual(view.latest("a", "host.cpu")[0]?.fields["system.cpu.percent"], 50);
});

Deno.test("host view: hosts and rows past their limits go, the oldest first, counted", () => {
  const view = new HostView();
  for (let i = 0; i <= HOSTS_MAX; i++) view.observe(event(`h${i}`, "host.cpu", i));
  strictEqual(view.hosts().length, HOSTS_MAX);
  strictEqual(view.lastMs("h0"), undefined);
  strictEqual(view.evicted, 1);
  for (let i = 0; i <= HOST_ROWS_MAX; i++) view.observe(mount(7, `/${i}`));
  strictEqual(view.latest("a", "host.filesystem").length, HOST_ROWS_MAX);
});

Deno.test("histogram: cumulative, a value on a bound is within it", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0, 1, 1.5, 2, 3]) histogram.observe(value);
  deepStrictEqual(histogram.cumulative(), [{ bound: 1, count: 2 }, { bound: 2, count: 4 }, {
    bound: Infinity,
    count: 5,
  }]);
  strictEqual(histogram.sum, 7.5);
  strictEqual(histogram.count, 5);
});
