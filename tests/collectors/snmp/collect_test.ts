/** Many devices at once on real sockets: none holds up another, the dead are named, and everything ends at once. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { SimulatedClock, systemClock } from "../../../src/core/clock.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { Device } from "../../../src/collectors/snmp/device.ts";
import { plansOf } from "../../../src/collectors/snmp/collect.ts";
import { Outbox } from "../../../src/collectors/snmp/outbox.ts";
import { snmpCollector } from "../../../src/collectors/snmp/mod.ts";
import { snmpSchema } from "../../../src/collectors/snmp/schema.ts";
import { collectFor } from "./collecting.ts";
import { readRecording } from "./recorded_agent.ts";
import { Recording, startUdpAgent } from "./udp_agent.ts";

const LINES = [
  "1.3.6.1.2.1.1.1.0|4|a switch",
  "1.3.6.1.2.1.1.3.0|67|1000",
  "1.3.6.1.2.1.1.5.0|4|named-by-itself",
  "1.3.6.1.2.1.2.2.1.2.1|4|eth0",
  "1.3.6.1.2.1.2.2.1.8.1|2|1",
  "1.3.6.1.2.1.2.2.1.10.1|65|1000",
];

const recordings = (count: number) =>
  new Map(Array.from({ length: count }, (_, i) => [`c${i}`, new Recording(readRecording(LINES.join("\n")))]));

const polls = (events: readonly TelemetryEvent[]) => events.filter(({ kind }) => kind === "snmp.device");
const reachable = ({ fields }: TelemetryEvent) => fields["snmp.device.reachable"] === true;

Deno.test("collect: a device is what it is called, else what it calls itself; ids tell poll, device and row", async () => {
  const agent = await startUdpAgent(recordings(2));
  const { events } = await collectFor({
    devices: [
      { host: "127.0.0.1", port: agent.port, community: "c0" },
      { name: "edge", host: "127.0.0.1", port: agent.port, community: "c1" },
    ],
  }, (events) => polls(events).length >= 2);
  await agent.close();
  deepStrictEqual([...new Set(events.map(({ host }) => host))].sort(), ["edge", "named-by-itself"]);
  const edge = events.filter(({ host }) => host === "edge");
  strictEqual(new Set(edge.map(({ timeMs }) => timeMs)).size, 1, "all events of a poll have its time");
  strictEqual(new Set(events.map(({ id }) => id)).size, events.length);
  for (const { id, kind, fields, timeMs } of edge) {
    const row = String(fields["snmp.interface.index"] ?? "");
    strictEqual(id, `snmp:${String(Math.floor(timeMs)).padStart(13, "0")}:edge:${kind}:${row}`);
    strictEqual(fields["snmp.device.target"], `127.0.0.1:${agent.port}`);
  }
});

/** Dead devices before as many live ones as there are recordings, all at one agent, which is silent to communities it does not know. */
const deadThenLive = (port: number, dead: number, live: number) =>
  Array.from({ length: dead + live }, (_, i) => ({
    name: `d${i}`,
    host: "127.0.0.1",
    port,
    community: i < dead ? "unknown" : `c${i - dead}`,
  }));

Deno.test("collect: dead devices do not delay the others, neither at first nor when they are known to be dead", async () => {
  const agent = await startUdpAgent(recordings(20));
  // More dead ones than may be read and be slow at once. Were they waited for, that would be for a minute.
  const config = {
    devices: deadThenLive(agent.port, 10, 20),
    concurrency: 2,
    interval: "1s",
    timeout: "1m",
    retries: 0,
  };
  const { events } = await collectFor(config, (events) => polls(events).length >= 60, 55_000);
  strictEqual(polls(events).filter(reachable).length, polls(events).length);
  strictEqual(new Set(polls(events).map(({ host }) => host)).size, 20);

  const given = config.devices.map((device, i) => i < 10 ? { ...device, timeout: "200ms" } : device);
  const isDead = (event: TelemetryEvent) => event.fields["snmp.device.failures.count"] === 2;
  const told = await collectFor({ ...config, devices: given, backoff_max: "1s" }, (events) => {
    const known = polls(events);
    return known.filter(isDead).length >= 10 && known.filter(reachable).length >= 60;
  });
  strictEqual(polls(told.events).filter((event) => !reachable(event) && Number(event.host.slice(1)) >= 10).length, 0);
  await agent.close();
});

Deno.test("collect: devices that do not answer are told of as events, and named in one warning", async () => {
  const agent = await startUdpAgent(recordings(20));
  const { events, warnings, targets } = await collectFor(
    { devices: deadThenLive(agent.port, 10, 20), concurrency: 4, timeout: "500ms", retries: 0 },
    (events, warnings) => polls(events).length >= 30 && warnings.at(-1)?.startsWith("10 of 30") === true,
  );
  await agent.close();
  const dead = polls(events).filter((event) => !reachable(event));
  strictEqual(dead.length, 10);
  strictEqual(dead[0]?.fields["snmp.device.failure"], "silent");
  strictEqual(dead[0]?.fields["snmp.device.failures.count"], 1);
  strictEqual(dead[0]?.fields["snmp.device.requests.sent"], 1);
  strictEqual(targets.length, 30);
  deepStrictEqual(
    targets.filter(({ trouble }) => trouble !== null).map(({ name }) => name).sort(),
    Array.from({ length: 10 }, (_, i) => `d${i}`),
  );
  for (let i = 0; i < 10; i++) ok(warnings.at(-1)?.includes(`d${i} (127.0.0.1`), `d${i} is named`);
});

Deno.test("collect: a device that goes on answering slowly is cut at its deadline; what came is used and marked", async () => {
  const lines = [...LINES];
  for (let i = 2; i <= 2_000; i++) lines.push(`1.3.6.1.2.1.2.2.1.2.${i}|4|eth${i}`, `1.3.6.1.2.1.2.2.1.8.${i}|2|1`);
  let asked = 0;
  const agent = await startUdpAgent(
    new Map([["c0", new Recording(readRecording(lines.join("\n")))]]),
    // The system, the first rows, and then silence.
    (_request, proper) => ++asked > 3 ? [] : [proper()],
  );
  const config = { timeout: "1m", deadline: "2s", enable: ["ifDescr"], disable: ["ifInOctets", "ifOutOctets"] };
  const { events } = await collectFor(
    { ...config, profile: "minimal", devices: [{ host: "127.0.0.1", port: agent.port, community: "c0" }] },
    (events) => polls(events).length >= 1,
  );
  await agent.close();
  const [poll] = polls(events);
  deepStrictEqual([poll?.fields["snmp.device.reachable"], poll?.fields["snmp.device.walks.cut"]], [true, 1]);
  const rows = events.filter(({ kind }) => kind === "snmp.interface");
  ok(rows.length >= 10 && rows.length < 2_000, `${rows.length} rows`);
  for (const { fields } of rows) strictEqual(fields["snmp.quality"], "partial");
  ok(Number(poll?.fields["snmp.device.poll.seconds"]) < 30, "it was not waited for to the end");
});

Deno.test("Device: asked less often while it does not answer, and on its beat again when it does", async () => {
  let isDead = true;
  const agent = await startUdpAgent(recordings(1), (_request, proper) => isDead ? [] : [proper()]);
  const [plan] = plansOf(snmpSchema.parse({
    interval: "10s",
    backoff_max: "35s",
    timeout: "100ms",
    retries: 0,
    devices: [{ host: "127.0.0.1", port: agent.port, community: "c0" }],
  }));
  ok(plan !== undefined);
  const device = new Device(plan, systemClock);
  const never = new AbortController().signal;
  const waits: number[] = [];
  for (let i = 0; i < 4; i++) {
    await device.poll(never);
    waits.push(device.waitMs / 1000);
  }
  deepStrictEqual(waits, [10, 20, 35, 35]);
  isDead = false;
  let polled = await device.poll(never);
  // A hundred milliseconds can be too short for a machine that does much else.
  for (let tries = 0; tries < 50 && polled?.error !== undefined; tries++) polled = await device.poll(never);
  deepStrictEqual([polled?.error, polled?.host, device.waitMs], [undefined, "named-by-itself", 10_000]);
  device.close();
  await agent.close();
});

Deno.test("Device: a name that does not resolve is a failure like others, and is tried again", async () => {
  const [plan] = plansOf(snmpSchema.parse({ devices: [{ host: "no-such-host.invalid", community: "x" }] }));
  ok(plan !== undefined);
  const device = new Device(plan, systemClock);
  for (let i = 1; i <= 2; i++) {
    const polled = await device.poll(new AbortController().signal);
    strictEqual(polled?.error?.code, "unresolved");
    strictEqual(device.failures, i);
    strictEqual(polled?.host, "no-such-host.invalid");
  }
});

Deno.test("collect: with no device there is nothing to do, and the definition says so", () => {
  const off = (config: object) => snmpCollector.offReason?.(snmpSchema.parse(config));
  strictEqual(off({}), "no device is configured");
  strictEqual(off({ devices: [{ host: "a", community: "x" }] }), undefined);
  strictEqual(off({ traps: { listen: "127.0.0.1:1162" } }), undefined);
});

Deno.test("Outbox: bounded, whoever gives waits; closed, it lets go of all", async () => {
  const event = {} as TelemetryEvent;
  const outbox = new Outbox();
  await outbox.put(Array.from({ length: 9_999 }, () => event));
  let isThrough = false;
  const given = outbox.put(Array.from({ length: 2 }, () => event)).then(() => isThrough = true);
  await new SimulatedClock().advance(0);
  strictEqual(isThrough, false);
  strictEqual((await outbox.take())?.length, 1_000, "chunks are no longer than that");
  await given;
  outbox.close();
  strictEqual(await outbox.take(), undefined);
  await outbox.put([event]);
});
