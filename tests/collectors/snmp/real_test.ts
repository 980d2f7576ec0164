/** Real agents: every object of the metric list from Net-SNMP's snmpd, and snmpsim's recorded Linux host. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../../src/core/clock.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { accessOf, plansOf } from "../../../src/collectors/snmp/collect.ts";
import { Device } from "../../../src/collectors/snmp/device.ts";
import { type ObjectDefinition, OBJECTS } from "../../../src/collectors/snmp/objects.ts";
import { type SnmpConfig, snmpSchema } from "../../../src/collectors/snmp/schema.ts";
import { openSession } from "../../../src/collectors/snmp/session.ts";
import { asText, type Varbind } from "../../../src/collectors/snmp/varbind.ts";
import { newPace, readScalars, walkTable } from "../../../src/collectors/snmp/walk.ts";
import { collectFor } from "./collecting.ts";
import {
  AUTH_PASSWORD,
  COMMUNITY,
  netSnmpCommand,
  type Peer,
  PRIV_PASSWORD,
  startSnmpd,
  startSnmpsimd,
} from "./peers.ts";
import { missing } from "../../peers.ts";

const skip = missing("snmpd", "snmpget", "snmpbulkwalk");
const skipSimulated = missing("snmpsimd", "snmpget");

const auth = (protocol: string) => ({ protocol, password: AUTH_PASSWORD });
const priv = (protocol: string) => ({ protocol, password: PRIV_PASSWORD });

/** Each way in which the issue asks for every object, and some more. */
const WAYS: Readonly<Record<string, object>> = {
  "v1": { version: 1, community: COMMUNITY },
  "v2c": { version: "2c", community: COMMUNITY },
  "v3 authNoPriv SHA": { version: 3, user: "roauth", auth: auth("SHA") },
  "v3 authNoPriv MD5": { version: 3, user: "romd5", auth: auth("MD5") },
  "v3 authNoPriv SHA-512": { version: 3, user: "ro512", auth: auth("SHA-512") },
  "v3 authPriv MD5 and DES": { version: 3, user: "rodes", auth: auth("MD5"), priv: priv("DES") },
  "v3 authPriv SHA and AES-128": { version: 3, user: "ropriv", auth: auth("SHA"), priv: priv("AES-128") },
  "v3 authPriv SHA-256 and AES-256": { version: 3, user: "ro256", auth: auth("SHA-256"), priv: priv("AES-256") },
};

/** Longest time until snmpd tells how busy processors are: milliseconds. */
const PROCESSORS_WITHIN_MS = 90_000;

/** How often one looks: a busy host's values may move out and back between the tools' look and ours, but not each time. */
const LOOKS = 5;

/** Values by instance, as text: `1.3.6.1.2.1.1.5.0` → `lab-router`. */
type Values = Map<string, string>;

/**
 * What the tools print, of scalars by snmpget and of columns by snmpbulkwalk: the peers that we are held to. Texts are
 * asked for byte by byte: a process may have lines and quotes among its arguments, or half a character at their cut.
 */
async function byTools(port: number): Promise<Values> {
  const common = ["-v2c", "-c", COMMUNITY, "-OQnetU", "-Ox", `127.0.0.1:${port}`];
  const scalars = OBJECTS.filter(({ shape }) => shape === "scalar").map(({ oid }) => oid);
  const texts = [await netSnmpCommand("snmpget", [...common, ...scalars])];
  for (const { oid, shape } of OBJECTS) {
    if (shape === "column") texts.push(await netSnmpCommand("snmpbulkwalk", [...common, oid]));
  }
  const values: Values = new Map();
  for (const [, oid = "", value = ""] of texts.join("\n").matchAll(/^\.([\d.]+) = ([^\n]*(?:\n(?!\.)[^\n]*)*)/gm)) {
    if (!value.startsWith("No Such")) values.set(oid, unquoted(value.trim()));
  }
  return values;
}

/** A value as it is, of how the tools write it: quotes round bytes, sixteen on a line, and a dot before identifiers. */
function unquoted(value: string): string {
  const quoted = /^"([^"]*)"$/.exec(value);
  return quoted === null ? value.replace(/^\.(?=\d)/, "") : (quoted[1] ?? "").replace(/\s+/g, "");
}

/** A value as {@linkcode byTools} has it. */
function written(varbind: Varbind): string {
  return varbind.value instanceof Uint8Array ? varbind.value.toHex().toUpperCase() : asText(varbind) ?? "";
}

async function byUs(device: SnmpConfig["devices"][number], config: SnmpConfig): Promise<Values> {
  const access = accessOf(device, config);
  const session = await openSession(access);
  const options = {
    session,
    version: access.version,
    pace: newPace(),
    repetitionsMax: 50,
    counts: { valuesRead: 0, objectsAbsent: 0, objectsFailed: 0, walksDisordered: 0, walksCut: 0 },
    now: () => systemClock.monotonic(),
    isOver: () => false,
  };
  const values: Values = new Map();
  const scalars = OBJECTS.filter(({ shape }) => shape === "scalar");
  for (const varbind of (await readScalars(scalars, options)).values()) values.set(varbind.oid, written(varbind));
  for (const kind of new Set(OBJECTS.filter(({ shape }) => shape === "column").map(({ kind }) => kind))) {
    const columns = OBJECTS.filter((object) => object.kind === kind && object.shape === "column");
    const { rows, isPartial } = await walkTable(kind, columns, options);
    strictEqual(isPartial, false, kind);
    for (const row of rows.values()) {
      for (const varbind of row.values.values()) values.set(varbind.oid, written(varbind));
    }
  }
  session.close();
  deepStrictEqual([options.counts.objectsFailed, options.counts.walksDisordered], [0, 0]);
  return values;
}

const objectOf = (oid: string): ObjectDefinition | undefined =>
  OBJECTS.find((object) => oid === object.oid || (object.shape === "column" && oid.startsWith(`${object.oid}.`)));

/** Objects whose values move while one looks. */
const MOVING = new Set([
  ...["hrStorageSize", "hrStorageUsed", "hrProcessorLoad", "hrSWRunStatus", "laLoad1", "laLoad5", "laLoad15"],
]);

/** Whether a value is what the tools saw right before and right after. */
function agrees(object: ObjectDefinition, value: string, before: string, after: string): boolean {
  if (value === before || value === after) return true;
  if (MOVING.has(object.name)) return object.type === "choice" || within(Number(value), Number(before), Number(after));
  const isGrowing = ["counter32", "counter64", "ticks"].includes(object.type) || object.name === "hrSWRunPerfCPU";
  return isGrowing && BigInt(value) >= BigInt(before) && BigInt(value) <= BigInt(after);
}

/** Within what passed between, and a tenth of it for what rose and fell. */
function within(value: number, before: number, after: number): boolean {
  const slack = Math.max(1, 0.1 * Math.max(before, after));
  return value >= Math.min(before, after) - slack && value <= Math.max(before, after) + slack;
}

async function withSnmpd(test: (peer: Peer) => Promise<void>): Promise<void> {
  const peer = await startSnmpd();
  try {
    await test(peer);
  } finally {
    await peer.stop();
  }
}

Deno.test({
  name: `snmpd: every object by every version and level, equal to what snmpget and snmpbulkwalk print${skip ?? ""}`,
  ignore: skip !== undefined,
  fn: () =>
    withSnmpd(async (peer) => {
      const hasProcessors = await untilProcessors(peer.port);
      const port = peer.port;
      await using _process = withOddArguments();
      for (const [name, way] of Object.entries(WAYS)) {
        let wrong = await disagreements(port, way, hasProcessors);
        for (let look = 1; look < LOOKS && wrong.size > 0; look++) {
          const again = await disagreements(port, way, hasProcessors);
          wrong = new Map([...again].filter(([what]) => wrong.has(what)));
        }
        deepStrictEqual([...wrong], [], name);
      }
    }),
});

/** A process whose arguments hold a quote, a line that reads like the tools' own, and half a character at byte 128. */
function withOddArguments(): AsyncDisposable {
  const args = ["-c", `read _ # "a\n.1.3.6 = b\\" ${"é".repeat(60)}`];
  const process = new Deno.Command("sh", { args, stdin: "piped", stderr: "null" }).spawn();
  return {
    [Symbol.asyncDispose]: async () => {
      await process.stdin.close();
      await process.status;
    },
  };
}

/** What is not equal, by instance or name: nothing, of an agent that stands still. */
async function disagreements(port: number, way: object, hasProcessors: boolean): Promise<Map<string, string>> {
  const config = snmpSchema.parse({ devices: [{ host: "127.0.0.1", port, ...way }] });
  const [device] = config.devices;
  ok(device !== undefined);
  const before = await byTools(port);
  const ours = await byUs(device, config);
  const after = await byTools(port);
  const wrong = new Map<string, string>();
  const seen = new Set<string>();
  for (const [oid, value] of ours) {
    const object = objectOf(oid);
    ok(object !== undefined, oid);
    seen.add(object.name);
    const [was, is] = [before.get(oid), after.get(oid)];
    if (was === undefined || is === undefined || agrees(object, value, was, is)) continue; // a process may come or go
    wrong.set(oid, `${object.name} is ${value}, was ${was}, then ${is}`);
  }
  for (const oid of before.keys()) {
    const isOurs = ours.has(oid) || !after.has(oid) || (way === WAYS.v1 && isWide(oid));
    if (!isOurs) wrong.set(oid, "was not read");
  }
  for (const { name, type } of OBJECTS) {
    const isExpected = (hasProcessors || name !== "hrProcessorLoad") && !(way === WAYS.v1 && type === "counter64");
    if (isExpected && !seen.has(name)) wrong.set(name, "was not seen");
  }
  return wrong;
}

/** 64-bit counters cannot be told in version 1. */
const isWide = (oid: string) => objectOf(oid)?.type === "counter64";

/** snmpd measures processors for a minute first: waited for where peers are required, as in CI. */
async function untilProcessors(port: number): Promise<boolean> {
  const untilMs = systemClock.now() + (Deno.env.get("WEIR_REQUIRE_PEERS") === "1" ? PROCESSORS_WITHIN_MS : 0);
  for (;;) {
    const args = ["-v2c", "-c", COMMUNITY, "-On", `127.0.0.1:${port}`, "1.3.6.1.2.1.25.3.3.1.2"];
    if ((await netSnmpCommand("snmpbulkwalk", args)).includes("INTEGER")) return true;
    if (systemClock.now() >= untilMs) return false;
    await systemClock.sleep(500);
  }
}

Deno.test({
  name: `snmpd: a full poll tells of system, memory, storage, disks, interfaces, processes and load${skip ?? ""}`,
  ignore: skip !== undefined,
  fn: () =>
    withSnmpd(async (peer) => {
      const { events } = await collectFor({
        interval: "1s",
        profile: "full",
        devices: [{ host: "127.0.0.1", port: peer.port, community: COMMUNITY }],
      }, (events) => events.filter(({ kind }) => kind === "snmp.device").length >= 2);
      const kinds = new Set(events.map(({ kind }) => kind));
      const expected = ["device", "system", "memory", "storage", "disk", "interface", "process", "load"];
      deepStrictEqual(expected.filter((kind) => !kinds.has(`snmp.${kind}`)), []);
      for (const { host } of events) strictEqual(host, "lab-router", "the name that the device has for itself");
      const loopbacks = events.filter(({ fields }) => fields["snmp.interface.name"] === "lo");
      deepStrictEqual(loopbacks.map(({ fields }) => fields["snmp.quality"]), ["first", "good"]);
      strictEqual(loopbacks[0]?.fields["snmp.interface.in.bytes_per_second"], undefined);
      ok(Number(loopbacks[1]?.fields["snmp.interface.in.bytes_per_second"]) >= 0);
      const root = events.find(({ fields }) => fields["snmp.storage.name"] === "/");
      const { blocks, bsize } = await statfs("/");
      const bytes = Number(root?.fields["snmp.storage.total.bytes"]);
      ok(Math.abs(bytes - blocks * bsize) < 0.01 * bytes, `${bytes} against ${blocks * bsize}`);
      const own = events.find(({ fields }) => fields["process.pid"] === Deno.pid);
      ok(own !== undefined, "this process is among those told of");
    }),
});

Deno.test({
  name: `snmpd: restarted between two polls as another engine, it is read on at once, and nothing counted is lost${
    skip ?? ""
  }`,
  ignore: skip !== undefined,
  fn: async () => {
    let peer = await startSnmpd();
    const [plan] = plansOf(snmpSchema.parse({
      profile: "minimal",
      timeout: "20s",
      devices: [{ host: "127.0.0.1", port: peer.port, ...WAYS["v3 authPriv SHA and AES-128"] }],
    }));
    ok(plan !== undefined);
    const device = new Device(plan, systemClock);
    const never = new AbortController().signal;
    const sent: number[] = [];
    try {
      for (let poll = 0; poll < 3; poll++) {
        if (poll === 2) {
          await peer.stop();
          peer = await startSnmpd([], peer.port);
        }
        const polled = await device.poll(never);
        strictEqual(polled?.error, undefined, polled?.error?.message);
        sent.push(Number(polled?.told[0]?.fields["snmp.device.requests.sent"]));
      }
    } finally {
      device.close();
      await peer.stop();
    }
    // Discovery, a greeting and the values; the values alone; the values for the old engine, and for the new one.
    ok((sent[0] ?? 0) >= 3 && sent[1] === 1 && (sent[2] ?? 0) >= 2, String(sent));
  },
});

async function statfs(path: string): Promise<{ blocks: number; bsize: number }> {
  return await (await import("node:fs/promises")).statfs(path);
}

const RECORDINGS = "/usr/share/doc/snmpsim/examples/data/recorded/linux-full-walk.snmprec.gz";

Deno.test({
  name: `snmpsimd: the recorded Linux host: all 165 processes, storage and interfaces with the right units${
    skipSimulated ?? ""
  }`,
  ignore: skipSimulated !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir({ prefix: "recordings" });
    await Deno.chmod(folder, 0o755);
    let peer: Peer | undefined;
    try {
      const recording = await unpacked(RECORDINGS);
      await Deno.writeTextFile(`${folder}/linux.snmprec`, recording);
      peer = await startSnmpsimd(folder, "linux");
      const { events } = await collectFor(
        {
          profile: "full",
          timeout: "10s",
          deadline: "2m",
          devices: [{ name: "recorded", host: "127.0.0.1", port: peer.port, community: "linux" }],
        },
        (events) => events.some(({ kind }) => kind === "snmp.device"),
        120_000,
      );
      checkRecorded(events, recording);
    } finally {
      await peer?.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});

async function unpacked(path: string): Promise<string> {
  const file = await Deno.open(path);
  return await new Response(file.readable.pipeThrough(new DecompressionStream("gzip"))).text();
}

function checkRecorded(events: readonly TelemetryEvent[], recording: string): void {
  const of = (kind: string) => events.filter((event) => event.kind === kind).map(({ fields }) => fields);
  for (const { host } of events) strictEqual(host, "recorded");
  const [device] = of("snmp.device");
  deepStrictEqual([device?.["snmp.device.walks.cut"], device?.["snmp.device.walks.disordered"]], [0, 0]);
  strictEqual(of("snmp.process").length, 165);
  const names = [...recording.matchAll(/^1\.3\.6\.1\.2\.1\.25\.4\.2\.1\.2\.(\d+)\|4x?\|(.*)$/gm)];
  const told = new Map(of("snmp.process").map((fields) => [String(fields["process.pid"]), fields["process.name"]]));
  for (const [, pid = "", name] of names) strictEqual(told.get(pid), name, `process ${pid}`);
  const [cpu] = of("snmp.cpu");
  deepStrictEqual([cpu?.["snmp.cpu.percent"], cpu?.["snmp.cpu.busiest.percent"], cpu?.["snmp.cpu.count"]], [11, 13, 2]);
  const root = of("snmp.storage").find((fields) => fields["snmp.storage.name"] === "/");
  // 2,164,327 units of 4,096 bytes, of which 1,667,935 are in use.
  strictEqual(root?.["snmp.storage.total.bytes"], 2_164_327 * 4_096);
  strictEqual(root?.["snmp.storage.used.bytes"], 1_667_935 * 4_096);
  strictEqual(root?.["snmp.storage.percent"], 77.06);
  strictEqual(root?.["snmp.storage.type"], "fixed_disk");
  strictEqual(of("snmp.storage").length, 8);
  const [memory] = of("snmp.memory");
  // 958,176 KiB in use, without 23,900 of buffers and 207,040 of caches, of 1,021,976.
  strictEqual(memory?.["snmp.memory.total.bytes"], 1_021_976 * 1_024);
  strictEqual(memory?.["snmp.memory.used.bytes"], (958_176 - 23_900 - 207_040) * 1_024);
  const ethernet = of("snmp.interface").find((fields) => fields["snmp.interface.name"] === "eth0");
  // The 64-bit counter, not ifInOctets, which had wrapped to 2,692,239,107.
  strictEqual(ethernet?.["snmp.interface.in.bytes"], 24_167_091_249);
  strictEqual(ethernet?.["snmp.interface.speed.bits_per_second"], 100_000_000);
  strictEqual(ethernet?.["snmp.interface.type"], "ethernet");
  strictEqual(of("snmp.interface").length, 2);
}
