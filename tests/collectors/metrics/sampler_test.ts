import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Row } from "../../../src/collectors/metrics/rows.ts";
import { Sampler } from "../../../src/collectors/metrics/sampler.ts";
import { type MetricsConfig, metricsSchema } from "../../../src/collectors/metrics/schema.ts";
import { SimulatedClock } from "../../../src/core/clock.ts";
import { disk, fakeReadings, mount, nic } from "./readings.ts";

function setUp(settings: Partial<MetricsConfig> = {}) {
  const clock = new SimulatedClock(1_000_000);
  const warnings: string[] = [];
  const abort = new AbortController();
  const readings = fakeReadings();
  const config = { ...metricsSchema.parse({}), ...settings };
  const context = { clock, signal: abort.signal, warn: (message: string) => void warnings.push(message) };
  return { clock, warnings, abort, readings, sampler: new Sampler(config, readings, context) };
}

const names = (rows: readonly Row[]) => rows.map(({ kind, row }) => row === "" ? kind : `${kind} ${row}`);
const fieldsOf = (rows: readonly Row[], kind: string, row = "") =>
  rows.find((found) => found.kind === kind && found.row === row)?.fields ?? {};

Deno.test("sample: a row of everything, pseudo file systems and parts of disks left out", async () => {
  const { sampler, warnings } = setUp();
  deepStrictEqual(names(await sampler.sample()), [
    "host.cpu",
    "host.memory",
    "host.disk vda",
    "host.filesystem /",
    "host.filesystem /data",
    "host.interface eth0",
    "host.connections",
  ]);
  deepStrictEqual(warnings, []);
});

Deno.test("sample: exact values; what is not known is not there", async () => {
  const rows = await setUp().sampler.sample();
  deepStrictEqual(fieldsOf(rows, "host.cpu"), {
    "system.cpu.percent": 12.35,
    "system.cpu.user.percent": 10,
    "system.cpu.system.percent": 100,
    "system.cpu.cores": 4,
    "system.load.1": 0.5,
    "system.load.5": 0.25,
    "system.load.15": 0.125,
    "system.uptime.seconds": 99,
  });
  deepStrictEqual(fieldsOf(rows, "host.memory"), {
    "system.memory.percent": 75,
    "system.memory.total.bytes": 1_000,
    "system.memory.used.bytes": 750,
    "system.memory.available.bytes": 250,
    "system.swap.total.bytes": 0,
  });
  deepStrictEqual(fieldsOf(rows, "host.filesystem", "/data"), {
    "system.filesystem.mount_point": "/data",
    "system.filesystem.device": "/dev/x",
    "system.filesystem.type": "nfs4",
    "system.filesystem.percent": 75,
    "system.filesystem.total.bytes": 1_100,
    "system.filesystem.used.bytes": 750,
    "system.filesystem.free.bytes": 250,
  });
});

Deno.test("sample: rates from the second sample on, a mount with those of its own part of the disk", async () => {
  const { sampler, readings, clock } = setUp();
  const first = await sampler.sample();
  strictEqual(fieldsOf(first, "host.interface", "eth0")["system.interface.bytes_per_second"], undefined);
  await clock.advance(2_000);
  readings.interfaces = () => Promise.resolve([nic("eth0", 2_000, 500)]);
  readings.disks = () => Promise.resolve([disk("vda", false, 400), disk("vda1", true, 100)]);
  const second = await sampler.sample();
  const eth0 = fieldsOf(second, "host.interface", "eth0");
  strictEqual(eth0["system.interface.in.bytes_per_second"], 1_000);
  strictEqual(eth0["system.interface.out.bytes_per_second"], 250);
  strictEqual(eth0["system.interface.bytes_per_second"], 1_250);
  strictEqual(eth0["system.interface.in.errors_per_second"], 0);
  const vda = fieldsOf(second, "host.disk", "vda");
  strictEqual(vda["system.disk.read.bytes_per_second"], 200);
  strictEqual(vda["system.disk.write.bytes_per_second"], 400);
  strictEqual(vda["system.disk.reads_per_second"], 20);
  const root = fieldsOf(second, "host.filesystem", "/");
  strictEqual(root["system.disk.name"], "vda1");
  strictEqual(root["system.disk.read.bytes_per_second"], 50);
});

Deno.test("sample: an interface that went and came back has no rate across the gap", async () => {
  const { sampler, readings, clock } = setUp();
  await sampler.sample();
  readings.interfaces = () => Promise.resolve([]);
  await clock.advance(1_000);
  await sampler.sample();
  readings.interfaces = () => Promise.resolve([nic("eth0", 9_000, 9_000)]);
  await clock.advance(1_000);
  const fields = fieldsOf(await sampler.sample(), "host.interface", "eth0");
  strictEqual(fields["system.interface.in.bytes_per_second"], undefined);
});

Deno.test("sample: a reading that fails costs only its own rows, and its next rates span the gap", async () => {
  const { sampler, readings, clock, warnings } = setUp();
  await sampler.sample();
  readings.interfaces = () => Promise.reject(new Error("no such table"));
  readings.memory = () => {
    throw new Error("thrown at once");
  };
  await clock.advance(1_000);
  const rows = names(await sampler.sample());
  ok(!rows.includes("host.memory") && !rows.includes("host.interface eth0"));
  strictEqual(rows.length, 5);
  deepStrictEqual(warnings.sort(), [
    "Cannot read interfaces as it failed: no such table",
    "Cannot read memory as it failed: thrown at once",
  ]);
  readings.interfaces = () => Promise.resolve([nic("eth0", 400, 0)]);
  await clock.advance(1_000);
  const fields = fieldsOf(await sampler.sample(), "host.interface", "eth0");
  strictEqual(fields["system.interface.in.bytes_per_second"], 200);
});

Deno.test("sample: one that hangs is given up on at its deadline and not started again until it is back", async () => {
  const { sampler, readings, clock, warnings } = setUp({ timeout: 5_000 });
  let started = 0;
  let release = () => {};
  readings.filesystems = () => {
    started++;
    return new Promise((resolve) => release = () => resolve([mount("/", "ext4")]));
  };
  const hanging = sampler.sample();
  await clock.advance(4_999);
  deepStrictEqual(warnings, []);
  await clock.advance(1);
  ok(!names(await hanging).includes("host.filesystem /"));
  deepStrictEqual(warnings, ["Cannot read filesystems as it took longer than 5s"]);
  await sampler.sample();
  strictEqual(started, 1);
  strictEqual(warnings[1], "Cannot read filesystems as the last reading has not come back yet");
  release();
  await clock.advance(1);
  readings.filesystems = fakeReadings().filesystems;
  ok(names(await sampler.sample()).includes("host.filesystem /"));
  strictEqual(clock.sleeping, 0);
});

Deno.test("sample: told to stop, it does not wait for a reading, and does not complain", async () => {
  const { sampler, readings, abort, warnings } = setUp();
  readings.cpu = () => new Promise(() => {});
  const sampling = sampler.sample();
  abort.abort();
  ok(!names(await sampling).includes("host.cpu"));
  deepStrictEqual(warnings, []);
});

Deno.test("sample: left out by configuration; the root stays whatever its type", async () => {
  const { sampler, readings } = setUp({
    filesystem_types_excluded: ["overlay", "nfs4"],
    interfaces_excluded: ["veth*", "docker0"],
  });
  readings.filesystems = () =>
    Promise.resolve([mount("/", "overlay"), mount("/merged", "overlay"), mount("/n", "nfs4")]);
  readings.interfaces = () => Promise.resolve(["veth12", "docker0", "docker01", "eth0"].map((name) => nic(name, 1, 1)));
  const rows = names(await sampler.sample());
  deepStrictEqual(rows.filter((name) => name.startsWith("host.filesystem")), ["host.filesystem /"]);
  deepStrictEqual(rows.filter((name) => name.startsWith("host.interface")), [
    "host.interface docker01",
    "host.interface eth0",
  ]);
});

Deno.test("sample: of mounts over one another the last is told of", async () => {
  const { sampler, readings } = setUp();
  readings.filesystems = () => Promise.resolve([mount("/a", "ext4", "old"), mount("/a", "xfs", "new")]);
  const rows = await sampler.sample();
  strictEqual(fieldsOf(rows, "host.filesystem", "/a")["system.filesystem.type"], "xfs");
});
