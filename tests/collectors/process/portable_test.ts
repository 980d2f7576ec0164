import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { SimulatedClock } from "../../../src/core/clock.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { ownTools, parseConnection, programPath, type Row } from "../../../src/collectors/process/portable_parse.ts";
import { type Information, openPortable } from "../../../src/collectors/process/portable_source.ts";
import { Tracker } from "../../../src/collectors/process/tracker.ts";
import { testContext } from "./support.ts";

/** A row as systeminformation gives it. */
function row(of: Partial<Row> & { pid: number }): Row {
  return {
    parentPid: 1,
    name: "prog",
    cpu: 0,
    cpuu: 0,
    cpus: 0,
    mem: 0.1,
    priority: 19,
    memVsz: 2_000,
    memRss: 1_000,
    nice: 0,
    started: "2026-11-21 10:00:00",
    state: "sleeping",
    tty: "",
    user: "root",
    command: "prog",
    params: "-x",
    path: "/usr/bin",
    ...of,
  };
}

const connection = (of: Record<string, unknown>) => ({
  protocol: "tcp",
  localAddress: "127.0.0.1",
  localPort: "8080",
  peerAddress: "0.0.0.0",
  peerPort: "*",
  state: "LISTEN",
  pid: 7,
  process: "web",
  ...of,
});

Deno.test("portable: a start time that is a second off next time, or after a restart, is the same process", async () => {
  const rows = [row({ pid: 5 })];
  const information: Information = {
    processes: () => Promise.resolve({ list: rows }),
    networkConnections: () => Promise.resolve([]),
  };
  const state = new StagedState("process");
  const ids: string[] = [];
  for (const started of ["2026-11-21 10:00:00", "2026-11-21 10:00:01"]) {
    const context = testContext(new SimulatedClock(1_800_000_000_000), state);
    const tracker = new Tracker(await openPortable({ ...context, load: () => Promise.resolve(information) }), context);
    rows[0] = row({ pid: 5, started });
    const [first] = await tracker.look();
    ids.push(first?.id ?? "");
    rows[0] = row({ pid: 5, started: "2026-11-21 10:00:02" });
    deepStrictEqual(await tracker.look(), []);
    rows[0] = row({ pid: 5, started: "2026-11-21 10:07:00" });
    deepStrictEqual((await tracker.look()).map(({ kind }) => kind), ["process.end", "process.start"]);
    // The first process is back, as if the second had never been.
    state.set("start:5", String(Number(first?.id.split(":")[2])));
  }
  ok(ids[0] !== "");
  strictEqual(ids[0], ids[1]);
});

Deno.test("portable: the programs that only look are no observation, others of ours are", () => {
  const shell = row({
    pid: 20,
    parentPid: 9,
    command: "sh",
    path: "/bin",
    params: "-c export LC_ALL=C; ps -axo pid:11",
  });
  const list = [
    shell,
    row({ pid: 21, parentPid: 20, command: "ps" }),
    row({ pid: 22, parentPid: 9, command: "sleep" }),
  ];
  deepStrictEqual([...ownTools(list, 9)], [20, 21]);
  deepStrictEqual([...ownTools(list, 8)], [], "nobody else's");
});

Deno.test("portable: paths only where they are known", () => {
  strictEqual(programPath(row({ pid: 1 })), "/usr/bin/prog");
  strictEqual(programPath(row({ pid: 1, name: "deno", command: "deno run" })), "/usr/bin/deno");
  strictEqual(programPath(row({ pid: 1, path: "" })), undefined);
  strictEqual(programPath(row({ pid: 1, path: "C:\\Windows", command: "a.exe" })), "C:\\Windows\\a.exe");
});

Deno.test("portable: sockets as ss, netstat and Windows write them", () => {
  const describe = (of: Record<string, unknown>) => parseConnection(connection(of))?.describe();
  deepStrictEqual(describe({}), {
    transport: "tcp",
    type: "ipv4",
    localIp: "127.0.0.1",
    localPort: 8_080,
    state: "listen",
    pid: 7,
  });
  strictEqual(describe({ localAddress: "[::1]", pid: null })?.localIp, "::1");
  strictEqual(describe({ localAddress: "fe80::1%eth0" })?.localIp, "fe80::1");
  strictEqual(describe({ localAddress: "::ffff:192.0.2.9" })?.localIp, "192.0.2.9");
  strictEqual(describe({ localAddress: "*" })?.localIp, "::");
  strictEqual(describe({ localAddress: "elsewhere" }), undefined);
  strictEqual(describe({ localPort: "http" }), undefined);
  for (const [written, state] of [["FIN-WAIT-1", "fin_wait1"], ["FIN_WAIT2", "fin_wait2"], ["ESTAB", "established"]]) {
    strictEqual(describe({ state: written, peerAddress: "192.0.2.1", peerPort: "443" })?.state, state);
  }
  strictEqual(parseConnection(connection({ state: "TIME-WAIT" }))?.inode, 0);
});
