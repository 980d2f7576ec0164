import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { NEW_SOCKETS_MAX } from "../../../src/collectors/process/connections.ts";
import { ago, onHost } from "./fake_host.ts";
import { netRow } from "./fake_proc.ts";

const LISTENER = netRow("0100007F:1F90", "00000000:0000", "0A", 1, 33);
const served = (state: string, inode: number) => netRow("0100007F:1F90", "0100007F:C350", state, inode);

const told = (events: readonly TelemetryEvent[]) =>
  events.map(({ kind, fields: of }) =>
    [kind, of["source.port"], of["destination.port"] ?? "-", of["network.state"], of["network.direction"] ?? "-"].join(
      " ",
    )
  );

Deno.test("connections: each once, with its direction, its owner and its user", () =>
  onHost(async ({ proc, look, sockets }) => {
    proc.process(40, { comm: "web", start: ago(60), files: ["/dev/null", "socket:[1]", "socket:[2]"] });
    await look();
    proc.table("tcp", [LISTENER]);
    const [listener] = await sockets();
    deepStrictEqual(told(listener === undefined ? [] : [listener]), ["network.listening 8080 - listen -"]);
    strictEqual(listener?.fields["process.name"], "web");
    strictEqual(listener?.fields["user.name"], "web");
    match(listener?.id ?? "", /^process:[0-9a-f]{12}:socket:000000000001:[0-9a-f]{12}$/);
    proc.table("tcp", [LISTENER, served("01", 2), netRow("0100007F:C350", "0100007F:1F90", "01", 3)]);
    deepStrictEqual(told(await sockets()), [
      "network.connection 8080 50000 established ingress",
      "network.connection 50000 8080 established egress",
    ]);
    proc.table("tcp", [LISTENER, served("06", 0)]);
    deepStrictEqual(await sockets(), [], "the end of a connection is not a new one");
    proc.table("tcp", [LISTENER, served("01", 9)]);
    deepStrictEqual(told(await sockets()), ["network.connection 8080 50000 established ingress"]);
  }));

Deno.test("connections: one that began and ended between two looks is seen closing, but not one from before", () =>
  onHost(async ({ proc, sockets }) => {
    proc.table("tcp", [served("06", 0)]);
    deepStrictEqual(await sockets(), []);
    proc.table("tcp", [served("06", 0), netRow("0100007F:C351", "0100007F:0050", "06", 0)]);
    deepStrictEqual(told(await sockets()), ["network.connection 50001 80 time_wait egress"]);
    deepStrictEqual(await sockets(), []);
  }));

Deno.test("connections: one that waits to be accepted is told with its owner, or without one look later", () =>
  onHost(async ({ proc, look, sockets }) => {
    proc.process(40, { comm: "web", start: ago(60), files: ["socket:[1]", "socket:[7]"] });
    await look();
    proc.table("tcp", [LISTENER]);
    await sockets();
    proc.table("tcp", [LISTENER, served("01", 0)]);
    deepStrictEqual(await sockets(), []);
    proc.table("tcp", [LISTENER, served("01", 7)]);
    const [accepted, ...more] = await sockets();
    strictEqual(accepted?.fields["process.name"], "web");
    deepStrictEqual(more, []);
    const other = (inode: number) => netRow("0100007F:1F90", "0100007F:C399", "01", inode);
    proc.table("tcp", [LISTENER, other(0)]);
    deepStrictEqual(await sockets(), []);
    const [unowned] = await sockets();
    strictEqual(unowned?.fields["destination.port"], 50_073);
    proc.table("tcp", [LISTENER, other(8)]);
    deepStrictEqual(await sockets(), [], "told already");
  }));

Deno.test("connections: two listeners on one port are two, and stay told", () =>
  onHost(async ({ proc, sockets }) => {
    proc.table("tcp", [LISTENER, LISTENER.replace(" 1 1 0", " 2 1 0")]);
    const first = await sockets();
    strictEqual(new Set(first.map(({ id }) => id)).size, 2);
    deepStrictEqual(await sockets(), []);
  }));

Deno.test("connections: past the limit the rest of a look is counted, and not told later", () =>
  onHost(async ({ proc, sockets, losses }) => {
    const rows = Array.from(
      { length: NEW_SOCKETS_MAX + 5 },
      (_, i) => netRow("0100007F:1F90", `0100007F:${(2000 + i).toString(16).toUpperCase()}`, "01", 500 + i),
    );
    proc.table("tcp", rows);
    strictEqual((await sockets()).length, NEW_SOCKETS_MAX);
    deepStrictEqual([...losses], [["sockets_over_limit", 5]]);
    deepStrictEqual(await sockets(), []);
  }));

Deno.test("connections: while the kernel's counters stand still the tables are left alone, for 5 s", () =>
  onHost(async ({ proc, sockets }) => {
    const counters = (opened: number) => {
      proc.write("net/snmp", `Tcp: A B C D E F G\nTcp: 1 200 120000 -1 ${opened} 0 0 0\n`);
      proc.write("net/sockstat", "sockets: used 9\nTCP: inuse 1 orphan 0 tw 0 alloc 1 mem 0\nUDP: inuse 0 mem 0\n");
    };
    counters(1);
    proc.table("tcp", []);
    await sockets();
    proc.table("tcp", [LISTENER]);
    deepStrictEqual(await sockets(), []);
    strictEqual((await sockets(5_000)).length, 1);
    proc.table("tcp", [LISTENER, served("01", 2)]);
    counters(2);
    strictEqual((await sockets()).length, 1);
  }));
