import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { ago, onHost, told } from "./fake_host.ts";
import { netRow } from "./fake_proc.ts";

const statsOf = (events: readonly TelemetryEvent[]) => events.filter(({ kind }) => kind === "process.stats");

Deno.test("stats: the first by CPU, the first by memory, and whoever is over the threshold", () =>
  onHost(async ({ proc, look, round }) => {
    const write = (cpuTicks: number) => {
      for (let i = 1; i <= 4; i++) {
        proc.process(i, { comm: `p${i}`, start: ago(60), cpuTicks: cpuTicks * i, residentPages: 10 * (5 - i) });
      }
    };
    write(0);
    await look();
    await look(5_000);
    write(100); // of 5.05 s: 19.8, 39.6, 59.4 and 79.2 %
    const events = statsOf(await round({ top_cpu: 1, top_memory: 1, cpu_percent_over: 50 }));
    deepStrictEqual(told(events).sort(), ["process.stats 1 p1", "process.stats 3 p3", "process.stats 4 p4"]);
    const percent = new Map(events.map(({ fields }) => [fields["process.name"], fields["process.cpu.percent"]]));
    deepStrictEqual([...percent].sort(), [["p1", 20], ["p3", 60], ["p4", 80]]);
    strictEqual(new Set(events.map(({ id }) => id)).size, 3);
    for (const { fields } of events) {
      ok(fields["process.parent.pid"] === undefined, "no parent: absent, not zero");
      strictEqual(fields["process.connections.count"], 0);
    }
  }));

Deno.test("stats: a process that has only just begun has no share yet", () =>
  onHost(async ({ proc, look, round }) => {
    proc.process(1, { comm: "init", start: 1 });
    await look();
    proc.process(9, { comm: "quick", start: ago(-0.05), cpuTicks: 5 });
    await look(100);
    const [quick] = statsOf(await round({ top_cpu: 0, top_memory: 10 })).filter(({ fields }) =>
      fields["process.pid"] === 9
    );
    ok(quick !== undefined && !("process.cpu.percent" in quick.fields));
  }));

Deno.test("stats: whoever holds more internet sockets than the limit, however little it does", () =>
  onHost(async ({ proc, look, round }) => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => netRow("0100007F:1F90", `0100007F:${(1000 + i).toString(16)}`, "01", 500 + i),
    );
    proc.table("tcp", rows);
    const sockets = (count: number) => Array.from({ length: count }, (_, i) => `socket:[${500 + i}]`);
    proc.process(1, { comm: "many", start: ago(60), files: [...sockets(51), "socket:[500]", "/dev/null"] });
    proc.process(2, { comm: "limit", start: ago(60), files: sockets(50) });
    proc.process(3, { comm: "files", start: ago(60), files: new Array(60).fill("/dev/null") });
    await look();
    await look(5_000);
    const events = statsOf(await round({ top_cpu: 0, top_memory: 0, connections_over: 50 }));
    deepStrictEqual(told(events), ["process.stats 1 many"]);
    strictEqual(events[0]?.fields["process.connections.count"], 51, "a socket that is open twice counts once");
    strictEqual(events[0]?.fields["process.open_files.count"], 53);
  }));

Deno.test("stats: files that may not be looked at give no count of connections", () =>
  onHost(async ({ proc, look, round }) => {
    proc.table("tcp", [netRow("0100007F:1F90", "00000000:0000", "0A", 500)]);
    proc.process(1, { comm: "shut", start: ago(60) });
    proc.write("1/fd/3", "not a link");
    await look();
    const [event] = statsOf(await round());
    ok(event !== undefined && !("process.connections.count" in event.fields));
  }));

Deno.test("stats: the host's processes by state", () =>
  onHost(async ({ proc, look, round }) => {
    ["S", "S", "R", "D", "Z", "I"].forEach((state, i) => proc.process(i + 1, { state, start: ago(60) }));
    await look();
    deepStrictEqual((await round()).at(-1)?.fields, {
      "system.processes.count": 6,
      "system.processes.running": 1,
      "system.processes.blocked": 1,
      "system.processes.zombie": 1,
    });
  }));
