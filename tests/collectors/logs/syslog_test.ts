/** The syslog listener over real sockets. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createSocket } from "node:dgram";
import { systemClock } from "../../../src/core/clock.ts";
import { noMasking } from "../../../src/core/masking.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { createDecoder } from "../../../src/collectors/logs/decode/decoder.ts";
import { LogHealth } from "../../../src/collectors/logs/health.ts";
import { listenForSyslog } from "../../../src/collectors/logs/syslog/listen.ts";

const encoder = new TextEncoder();

interface Listening {
  readonly udp: number;
  readonly tcp: number;
  readonly events: TelemetryEvent[];
  readonly dropped: Map<string, number>;
  readonly health: LogHealth;
  /** Lets it take what has come, while it is held; it is not at first. */
  hold: Promise<void> | undefined;
  until(holds: () => boolean): Promise<void>;
}

async function listening(run: (listening: Listening) => Promise<void>, limits: { connectionsMax?: number } = {}) {
  const abort = new AbortController();
  const ports = Promise.withResolvers<{ udp?: number; tcp?: number }>();
  const dropped = new Map<string, number>();
  const health = new LogHealth();
  const portions = listenForSyslog({
    udp: { hostname: "127.0.0.1", port: 0 },
    tcp: { hostname: "127.0.0.1", port: 0 },
    connectionsMax: limits.connectionsMax ?? 10,
    messageBytesMax: 2_048,
    decoder: createDecoder("syslog", { timeZone: "UTC", nowMs: () => Date.UTC(2026, 0, 2) }),
    masking: noMasking,
    health,
    onListening: ports.resolve,
  }, {
    host: "collector",
    clock: systemClock,
    signal: abort.signal,
    dropped: (reason, count) => dropped.set(reason, (dropped.get(reason) ?? 0) + count),
  });
  const events: TelemetryEvent[] = [];
  const state: Listening = { udp: 0, tcp: 0, events, dropped, health, hold: undefined, until };
  const reading = (async () => {
    for await (const portion of portions) {
      events.push(...portion.events);
      await state.hold;
    }
  })();
  async function until(holds: () => boolean) {
    const endMs = performance.now() + 20_000;
    while (!holds()) {
      if (performance.now() > endMs) throw new Error(`Did not come about: ${JSON.stringify(events)}`);
      await systemClock.sleep(5);
    }
  }
  try {
    const { udp = 0, tcp = 0 } = await ports.promise;
    await run(Object.assign(state, { udp, tcp }));
  } finally {
    abort.abort();
    await reading;
  }
}

function send(port: number, ...datagrams: string[]): Promise<void> {
  const socket = createSocket("udp4");
  return new Promise((resolve, reject) => {
    let left = datagrams.length;
    for (const datagram of datagrams) {
      socket.send(encoder.encode(datagram), port, "127.0.0.1", (error) => {
        if (error) reject(error);
        else if (--left === 0) socket.close(() => resolve());
      });
    }
  });
}

Deno.test("syslog: RFC 3164 and 5424 over UDP and TCP, with the sender's address", () =>
  listening(async ({ udp, tcp, events, until }) => {
    await send(udp, "<34>Jan  1 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8\n");
    await until(() => events.length >= 1);
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: tcp });
    const modern = '<165>1 2026-01-01T22:14:15.003Z router.example evntslog 7 ID47 [a@1 b="c"] hello';
    await connection.write(
      encoder.encode(`${encoder.encode(modern).length} ${modern}<13>Jan  1 22:14:16 localhost app[3]: in two `),
    );
    await connection.write(encoder.encode("parts\n<13>Jan  1 22:14:17 h app: no end"));
    connection.close();
    await until(() => events.length >= 4);
    deepStrictEqual(events.map(({ host }) => host), ["mymachine", "router.example", "127.0.0.1", "h"]);
    deepStrictEqual(events.map(({ fields }) => fields.message), [
      "'su root' failed for lonvick on /dev/pts/8",
      "hello",
      "in two parts",
      "no end",
    ]);
    deepStrictEqual(events.map(({ timeMs }) => timeMs), [
      Date.UTC(2026, 0, 1, 22, 14, 15),
      Date.UTC(2026, 0, 1, 22, 14, 15, 3),
      Date.UTC(2026, 0, 1, 22, 14, 16),
      Date.UTC(2026, 0, 1, 22, 14, 17),
    ]);
    for (const { fields } of events) ok(/^127\.0\.0\.1:\d+$/.test(String(fields["log.source.address"])));
    strictEqual(events[0]?.fields["log.syslog.severity.name"], "crit");
    strictEqual(new Set(events.map(({ id }) => id)).size, events.length);
  }));

Deno.test("syslog: a message longer than is kept is cut and marked, what is not UTF-8 or empty is taken as it is", () =>
  listening(async ({ tcp, udp, events, until }) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: tcp });
    await connection.write(encoder.encode(`<13>x: ${"y".repeat(100_000)}\n<13>x: \x1b[31mred\x07\n`));
    await until(() => events.length >= 2);
    await send(udp, "", "\n", "no header at all");
    await until(() => events.length >= 3);
    connection.close();
    deepStrictEqual(events.map(({ fields }) => fields["log.line_cut"]), [true, undefined, undefined]);
    deepStrictEqual(events.slice(1).map(({ fields }) => fields.message), ["\x1b[31mred\x07", "no header at all"]);
    strictEqual(events[2]?.host, "127.0.0.1");
  }));

Deno.test("syslog: connections past the most are turned away, those there go on; that is told", () =>
  listening(async ({ tcp, events, until, health }) => {
    const open = await Promise.all([1, 2].map(() => Deno.connect({ hostname: "127.0.0.1", port: tcp })));
    for (const connection of open) await connection.write(encoder.encode("<13>a: hello\n"));
    await until(() => events.length >= 2);
    const third = await Deno.connect({ hostname: "127.0.0.1", port: tcp });
    strictEqual(await third.read(new Uint8Array(1)).catch(() => null), null);
    third.close();
    await open[0]?.write(encoder.encode("<13>a: still here\n"));
    await until(() => events.length >= 3);
    ok(health.targets().some(({ trouble }) => trouble?.includes("at most 2")));
    for (const connection of open) connection.close();
  }, { connectionsMax: 2 }));

Deno.test("syslog: while nothing is taken UDP is dropped and counted, TCP waits and loses nothing", () =>
  listening(async (state) => {
    const { udp, tcp, events, dropped, until } = state;
    const release = Promise.withResolvers<void>();
    await send(udp, "<13>a: first");
    await until(() => events.length >= 1);
    state.hold = release.promise;
    await send(udp, "<13>a: second");
    await until(() => events.length >= 2);
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: tcp });
    const sent = 30_000;
    const writing = (async () => {
      for (let n = 0; n < sent; n += 1_000) {
        const lines = Array.from({ length: 1_000 }, (_, i) => `<13>tcp: n ${n + i}\n`).join("");
        for (let rest = encoder.encode(lines); rest.length > 0;) rest = rest.subarray(await connection.write(rest));
      }
      connection.close();
    })();
    // The queue is full once a datagram is turned away.
    const endMs = performance.now() + 20_000;
    while (!dropped.has("udp_queue_full")) {
      ok(performance.now() < endMs, "no datagram was turned away");
      await send(udp, "<13>a: too many");
      await systemClock.sleep(5);
    }
    release.resolve();
    await writing;
    await until(() => events.filter(({ fields }) => fields["process.name"] === "tcp").length >= sent);
    strictEqual(events.filter(({ fields }) => fields["process.name"] === "tcp").length, sent);
  }));

Deno.test("syslog: an address that cannot be had is said", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const portions = listenForSyslog({
    tcp: { hostname: "127.0.0.1", port: taken.addr.port },
    connectionsMax: 1,
    messageBytesMax: 100,
    decoder: createDecoder("syslog", { nowMs: () => 0 }),
    masking: noMasking,
    health: new LogHealth(),
  }, { host: "h", clock: systemClock, signal: new AbortController().signal, dropped: () => {} });
  try {
    await portions.next().then(() => ok(false), (error) => ok(/in use/i.test(String(error))));
  } finally {
    taken.close();
  }
});
