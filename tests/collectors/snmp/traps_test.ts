/** Traps and informs from Net-SNMP's own senders, in every version, and from those who have no business here. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { type Clock, SimulatedClock, systemClock } from "../../../src/core/clock.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { fieldDefinition } from "../../../src/core/fields.ts";
import { Secret } from "../../../src/core/schema.ts";
import { receiveTraps, type TrapOptions, V3_FAILURES_MAX } from "../../../src/collectors/snmp/traps.ts";
import { ber, bytesOf, version3Message } from "./ber.ts";
import { freePort } from "./peers.ts";
import { missing } from "../../peers.ts";

const LINK_DOWN = "1.3.6.1.6.3.1.1.5.3";
const AUTH = "authpass1234";
const PRIV = "privpass1234";

const skip = missing("snmptrap", "snmpinform");

function peerTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name: `${name}${skip === undefined ? "" : ` (${skip})`}`, ignore: skip !== undefined, fn: run });
}

/** What is waited for comes at once; this is for machines that do much else: milliseconds. */
const WITHIN_MS = 30_000;

interface Heard {
  readonly port: number;
  readonly events: TelemetryEvent[];
  readonly dropped: Map<string, number>;
  readonly warnings: string[];
  until(holds: () => boolean): Promise<void>;
  /** Sends them a few at a time, so that none is lost on the way, until all are told of or counted. */
  pour(contents: readonly Uint8Array[]): Promise<void>;
}

/** What a socket's buffer holds at least, of small datagrams. */
const POURED_MAX = 50;

/** Listens while `work` runs. */
async function listening(
  options: Partial<TrapOptions>,
  work: (heard: Heard) => Promise<void>,
  clock: Clock = systemClock,
): Promise<void> {
  const port = await freePort();
  const stop = new AbortController();
  const [events, warnings, dropped] = [[] as TelemetryEvent[], [] as string[], new Map<string, number>()];
  const stream = receiveTraps({
    listen: { hostname: "127.0.0.1", port },
    communities: ["public", "s3cret-community"],
    users: [
      { user: "priv", level: "authPriv", ...keys("SHA", "AES-128") },
      { user: "priv256", level: "authPriv", ...keys("SHA-256", "AES-256") },
      { user: "auth", level: "authNoPriv", ...keys("SHA", "AES-128") },
    ],
    rateMax: 1_000,
    nameOf: (address) => address === "127.0.0.1" ? "lab-router" : undefined,
    ...options,
  }, {
    clock,
    signal: stop.signal,
    dropped: (reason, count) => dropped.set(reason, (dropped.get(reason) ?? 0) + count),
    warn: (message) => warnings.push(message),
  });
  const reading = (async () => {
    for await (const chunk of stream) events.push(...chunk);
  })();
  const until = async (holds: () => boolean) => {
    const endMs = performance.now() + WITHIN_MS;
    while (!holds()) {
      if (performance.now() > endMs) {
        throw new Error(`Not in time: ${events.length} events, ${JSON.stringify([...dropped])}, ${warnings}`);
      }
      await systemClock.sleep(10);
    }
  };
  const seen = () => [...dropped.values()].reduce((sum, count) => sum + count, events.length);
  const pour = async (contents: readonly Uint8Array[]) => {
    for (let i = 0; i < contents.length; i += POURED_MAX) {
      const part = contents.slice(i, i + POURED_MAX);
      const before = seen();
      await datagrams(port, part);
      await until(() => seen() === before + part.length);
    }
  };
  try {
    await bound(port);
    await work({ port, events, dropped, warnings, until, pour });
  } finally {
    stop.abort();
    await reading;
  }
}

function keys(auth: "SHA" | "SHA-256", priv: "AES-128" | "AES-256") {
  return {
    auth: { protocol: auth, password: new Secret(AUTH) },
    priv: { protocol: priv, password: new Secret(PRIV) },
  };
}

/** Waits until somebody listens on a UDP port, without trying to have it. */
async function bound(port: number): Promise<void> {
  const wanted = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")} `;
  for (let i = 0; i < 500; i++) {
    if ((await Deno.readTextFile("/proc/net/udp")).includes(wanted)) return;
    await systemClock.sleep(10);
  }
  throw new Error(`Nobody listens on ${port}`);
}

/** A message of v2c that tells of a cold start. */
function coldStart(tag: number, requestId: number): Uint8Array {
  const upTime = ber(0x30, ber(6, 0x2b, 6, 1, 2, 1, 1, 3, 0), ber(0x43, 5));
  const trap = ber(0x30, ber(6, 0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0), ber(6, 0x2b, 6, 1, 6, 3, 1, 1, 5, 1));
  const pdu = ber(tag, ber(2, requestId), ber(2, 0), ber(2, 0), ber(0x30, upTime, trap));
  return ber(0x30, ber(2, 1), ber(4, bytesOf("public")), pdu);
}

const INFORM = 0xa6;
const COLD_START = coldStart(0xa7, 9);

const FORGED_ENGINE = [0x80, 0, 0, 0, 9];

/** A message of v3 from an engine that there is not, encrypted and signed by nobody. */
function forged(engine: number, user: string): Uint8Array {
  return version3Message({
    flags: 3,
    engine: [...FORGED_ENGINE, engine],
    user,
    signature: new Array<number>(12).fill(7),
    salt: [1, 2, 3, 4, 5, 6, 7, 8],
    encrypted: bytesOf("nobody can read this"),
  });
}

async function send(program: "snmptrap" | "snmpinform", ...args: string[]): Promise<{ code: number; said: string }> {
  const { code, stderr } = await new Deno.Command(program, {
    args,
    env: { MIBS: "", SNMP_PERSISTENT_DIR: "/nonexistent" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

function v3(user: string, level: string, ...more: string[]): string[] {
  return ["-v3", "-u", user, "-l", level, ...more];
}

const [SHA, AES] = [["-a", "SHA", "-A", AUTH], ["-x", "AES", "-X", PRIV]];

function datagrams(port: number, contents: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket("udp4");
  return new Promise((resolve) => {
    let left = contents.length;
    const sent = () => --left === 0 && socket.close(() => resolve());
    for (const content of contents) socket.send(content, port, "127.0.0.1", sent);
  });
}

peerTest(
  "traps of v1, v2c and v3 come as events, named, with what they carry",
  () =>
    listening({}, async ({ port, events, until }) => {
      const target = `127.0.0.1:${port}`;
      const interfaceDown = ["1.3.6.1.2.1.2.2.1.1.3", "i", "3", "1.3.6.1.2.1.2.2.1.8.3", "i", "2"];
      await send("snmptrap", "-v1", "-c", "public", target, "1.3.6.1.4.1.9.1.1", "10.1.2.3", "2", "0", "12345");
      await until(() => events.length === 1);
      await send("snmptrap", "-v1", "-c", "public", target, "1.3.6.1.4.1.9.9.43", "10.1.2.3", "6", "7", "1");
      await until(() => events.length === 2);
      await send("snmptrap", "-v2c", "-c", "public", target, "4242", LINK_DOWN, ...interfaceDown);
      await until(() => events.length === 3);
      await send(
        "snmptrap",
        ...v3("priv", "authPriv", ...SHA, ...AES),
        "-e",
        "0x8000000001020304",
        target,
        "1",
        LINK_DOWN,
      );
      await until(() => events.length === 4);
      const fields = events.map((event) => event.fields);
      deepStrictEqual({ ...fields[0], "source.port": 0 }, {
        "snmp.trap.version": "1",
        "snmp.trap.type": "trap",
        "snmp.trap.oid": LINK_DOWN,
        "snmp.trap.name": "linkDown",
        "snmp.trap.enterprise": "1.3.6.1.4.1.9.1.1",
        "snmp.trap.agent.ip": "10.1.2.3",
        "snmp.device.uptime.seconds": 123.45,
        "source.ip": "127.0.0.1",
        "source.port": 0,
      });
      strictEqual(fields[1]?.["snmp.trap.oid"], "1.3.6.1.4.1.9.9.43.0.7");
      strictEqual(fields[1]?.["snmp.trap.name"], undefined);
      strictEqual(fields[2]?.["snmp.trap.version"], "2c");
      strictEqual(fields[2]?.["snmp.device.uptime.seconds"], 42.42);
      strictEqual(fields[2]?.["snmp.interface.index"], "3");
      strictEqual(fields[2]?.["snmp.interface.state"], "down");
      deepStrictEqual(fields[2]?.["snmp.trap.varbinds"], ["1.3.6.1.2.1.2.2.1.1.3=3", "1.3.6.1.2.1.2.2.1.8.3=2"]);
      strictEqual(fields[3]?.["snmp.trap.version"], "3");
      strictEqual(fields[3]?.["snmp.trap.user"], "priv");
      strictEqual(fields[3]?.["snmp.trap.name"], "linkDown");
      for (const event of events) {
        strictEqual(event.host, "lab-router");
        strictEqual(event.kind, "snmp.trap");
        match(event.id, /^snmp:\d{13}:127\.0\.0\.1:trap:\d+$/);
        for (const name of Object.keys(event.fields)) ok(fieldDefinition(name) !== undefined, name);
      }
      strictEqual(new Set(events.map(({ id }) => id)).size, 4);
    }),
);

peerTest("every well-known trap has its name, in v1 and v2c", () =>
  listening({}, async ({ port, events, until }) => {
    const target = `127.0.0.1:${port}`;
    const names = ["coldStart", "warmStart", "linkDown", "linkUp", "authenticationFailure", "egpNeighborLoss"];
    for (const generic of names.keys()) {
      await send("snmptrap", "-v1", "-c", "public", target, "", "", String(generic), "0", "1");
      await send("snmptrap", "-v2c", "-c", "public", target, "1", `1.3.6.1.6.3.1.1.5.${generic + 1}`);
    }
    await until(() => events.length === 12);
    deepStrictEqual(events.map(({ fields }) => fields["snmp.trap.name"]), names.flatMap((name) => [name, name]));
  }));

peerTest("informs of v2c and v3 are acknowledged", () =>
  listening({}, async ({ port, events, until }) => {
    const target = `127.0.0.1:${port}`;
    const asked = [
      ["-v2c", "-c", "public"],
      v3("priv", "authPriv", ...SHA, ...AES),
      v3("priv256", "authPriv", "-a", "SHA-256", "-A", AUTH, "-x", "AES-256", "-X", PRIV),
      v3("auth", "authNoPriv", ...SHA),
    ];
    for (const [i, args] of asked.entries()) {
      const { code, said } = await send(
        "snmpinform",
        "-t",
        "3",
        "-r",
        "0",
        ...args,
        target,
        "1",
        "1.3.6.1.6.3.1.1.5.1",
      );
      strictEqual(code, 0, said); // snmpinform fails when no acknowledgement comes
      await until(() => events.length === i + 1);
    }
    deepStrictEqual(events.map(({ fields }) => fields["snmp.trap.type"]), asked.map(() => "inform"));
    deepStrictEqual(events.map(({ fields }) => fields["snmp.trap.user"]), [undefined, "priv", "priv256", "auth"]);
  }));

peerTest(
  "an inform that is sent again is the same event, one of the same content asked anew is another",
  () =>
    listening({}, async ({ port, events, until }) => {
      await datagrams(port, [coldStart(INFORM, 9), coldStart(INFORM, 9)]);
      await until(() => events.length === 2);
      await datagrams(port, [coldStart(INFORM, 10)]);
      await until(() => events.length === 3);
      strictEqual(events[0]?.id, events[1]?.id);
      ok(events[2]?.id !== events[0]?.id);
    }),
);

peerTest(
  "a wrong community, user, key or level is turned away, counted, and nothing of it is told",
  () =>
    listening({}, async ({ port, events, dropped, warnings, until }) => {
      const target = `127.0.0.1:${port}`;
      const engine = ["-e", "0x8000000001020304"];
      const refused = [
        ["-v1", "-c", "s3cret-communit", target, "", "", "0", "0", "1"],
        ["-v2c", "-c", "s3cret-communitx", target, "1", LINK_DOWN],
        [...v3("nobody", "noAuthNoPriv"), ...engine, target, "1", LINK_DOWN],
        [...v3("priv", "authPriv", "-a", "SHA", "-A", "wrongpass1234", ...AES), ...engine, target, "1", LINK_DOWN],
        [...v3("priv", "authPriv", ...SHA, "-x", "AES", "-X", "wrongpass1234"), ...engine, target, "1", LINK_DOWN],
        [...v3("priv", "authNoPriv", ...SHA), ...engine, target, "1", LINK_DOWN],
        [...v3("priv", "noAuthNoPriv"), ...engine, target, "1", LINK_DOWN],
        [...v3("auth", "noAuthNoPriv"), ...engine, target, "1", LINK_DOWN],
      ];
      for (const [i, args] of refused.entries()) {
        await send("snmptrap", ...args);
        await until(() => dropped.get("trap_unauthorized") === i + 1);
      }
      const inform = await send(
        "snmpinform",
        "-t",
        "1",
        "-r",
        "0",
        ...v3("nobody", "authNoPriv", ...SHA),
        target,
        "1",
        LINK_DOWN,
      );
      ok(inform.code !== 0);
      await until(() => (dropped.get("trap_unauthorized") ?? 0) > refused.length);
      deepStrictEqual(events, []);
      deepStrictEqual([...dropped.keys()], ["trap_unauthorized"]);
      strictEqual(warnings.length, 1, String(warnings)); // the same minute
      for (const secret of ["s3cret", "nobody", "pass1234"]) ok(!warnings.join().includes(secret), warnings.join());
    }),
);

Deno.test("a v3 user without a name is nobody", () =>
  listening({}, async ({ port, events, dropped, until }) => {
    const pdu = ber(0xa7, ber(2, 9), ber(2, 0), ber(2, 0), ber(0x30));
    await datagrams(port, [version3Message({ flags: 0, engine: FORGED_ENGINE, pdu })]);
    await until(() => dropped.get("trap_unauthorized") === 1);
    deepStrictEqual(events, []);
  }));

peerTest(
  "garbage is counted, ends nothing, and what comes after it is read",
  () =>
    listening({ rateMax: 50_000 }, async ({ port, events, dropped, until }) => {
      const target = `127.0.0.1:${port}`;
      const whole = [0x30, 0x1e, 2, 1, 1, 4, 6, ...new TextEncoder().encode("public")];
      const garbage = [
        [],
        [0],
        [0x30],
        [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
        [...whole, 0xa7, 0x11, 2, 1, 1],
        [...whole, 0xa7, 0x84, 0x7f, 0xff, 0xff, 0xff],
        [...whole, 0xa6, 0x11, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 6, 0x30, 4, 6, 1, 0x2b, 0x99],
        [...whole, 0xa0, 0x0b, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 0], // a get, which is no trap
        [0x30, 0x0d, 2, 1, 3, 0x30, 2, 2, 0, 4, 0, 4, 0],
        [...new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
      ].map((bytes) => new Uint8Array(bytes));
      const noise = Array.from({ length: 300 }, (_, i) => {
        const bytes = new Uint8Array(8 + (i * 7) % 200);
        crypto.getRandomValues(bytes);
        if (i % 2 === 0) bytes.set([0x30, bytes.length - 2, 2, 1, 1]);
        return bytes;
      });
      await datagrams(port, [...garbage, ...noise]);
      await until(() => [...dropped.values()].reduce((sum, count) => sum + count, 0) + events.length >= 305);
      ok((dropped.get("trap_malformed") ?? 0) > 200, JSON.stringify([...dropped]));
      const before = events.length;
      await send("snmptrap", "-v2c", "-c", "public", target, "1", LINK_DOWN);
      await until(() => events.length > before);
      strictEqual(events.at(-1)?.fields["snmp.trap.name"], "linkDown");
    }),
);

Deno.test("a flood is bounded by the second, and counted", async () => {
  const clock = new SimulatedClock(1_000_000);
  await listening({ rateMax: 50 }, async ({ events, dropped, pour }) => {
    await pour(Array.from({ length: 200 }, () => COLD_START));
    deepStrictEqual([events.length, dropped.get("trap_over_rate")], [50, 150]);
    await clock.advance(1_000);
    await pour([COLD_START]);
    strictEqual(events.length, 51);
  }, clock);
});

Deno.test("v3 messages that fail their check cost little; where keys are dear they hold back v3, for the rest of the second", async () => {
  const clock = new SimulatedClock(1_000_000);
  const user = { user: "priv", level: "authPriv" as const, ...keys("SHA", "AES-128") };
  const noise = Array.from({ length: 100 }, (_, i) => forged(i, "priv"));
  await listening({ users: [user], rateMax: 50_000 }, async ({ dropped, pour }) => {
    await pour(noise);
    deepStrictEqual([...dropped], [["trap_unauthorized", 100]]);
  }, clock);
  const dear = { ...user, priv: { protocol: "AES-256-cisco" as const, password: new Secret(PRIV) } };
  await listening({ users: [dear], rateMax: 50_000 }, async ({ dropped, events, pour }) => {
    await pour([...noise, COLD_START]);
    deepStrictEqual([...dropped], [["trap_unauthorized", V3_FAILURES_MAX], ["trap_over_rate", 100 - V3_FAILURES_MAX]]);
    strictEqual(events.length, 1);
    await clock.advance(1_000);
    await pour([forged(1, "priv")]);
    strictEqual(dropped.get("trap_unauthorized"), V3_FAILURES_MAX + 1);
  }, clock);
});

Deno.test("an address that cannot be had is told, and is no end", async () => {
  const port = await freePort();
  const taken = createSocket("udp4");
  await new Promise<void>((resolve) => taken.bind(port, "127.0.0.1", () => resolve()));
  const clock = new SimulatedClock(1_000_000);
  const stop = new AbortController();
  const warnings: string[] = [];
  const stream = receiveTraps({
    listen: { hostname: "127.0.0.1", port },
    communities: ["public"],
    users: [],
    rateMax: 10,
    nameOf: () => undefined,
  }, { clock, signal: stop.signal, dropped: () => {}, warn: (message) => warnings.push(message) });
  const next = stream.next();
  while (clock.sleeping === 0) await systemClock.sleep(5);
  match(warnings.join(), new RegExp(`^Cannot listen for traps on 127\\.0\\.0\\.1:${port}, trying again every 30s: `));
  await new Promise<void>((resolve) => taken.close(() => resolve()));
  await clock.advance(30_000);
  await bound(port);
  await datagrams(port, [COLD_START]);
  const { value } = await next;
  strictEqual(value?.[0]?.fields["snmp.trap.name"], "coldStart");
  strictEqual(value?.[0]?.host, "127.0.0.1");
  stop.abort();
  strictEqual((await stream.next()).done, true);
});
