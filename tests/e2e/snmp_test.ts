/** SNMP among the other sources: an agent's counters and the processes of this host make one detection, and traps make theirs. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { freePort as freeUdpPort, startSnmpd } from "../collectors/snmp/peers.ts";
import { missing } from "../peers.ts";
import { RunningWeir, until } from "./weir.ts";

const skip = missing("snmpd", "snmpget", "snmptrap") ?? (Deno.build.os === "linux" ? undefined : "needs Linux");

const HOST = "lab-host";

/** Loopback connections held while traffic rises: each has both its ends in this process. */
const CONNECTIONS = 60;

/** What is waited for comes in a few seconds; this is for machines that do much else: milliseconds. */
const WITHIN_MS = 60_000;

/** Bytes a second that the interface carries at first, and then. */
const QUIET = 200_000;
const BUSY = 40_000_000;

/**
 * What snmpd runs for each object of the interface tables: an agent can be given such a program for any part of its tree
 * (`pass` in snmpd.conf). The traffic of an interface that would have to be real to be counted is told by a file instead.
 */
const PROGRAM = `#!/bin/sh
# -g OID: that object; -n OID: the one after it
read -r octets since rate < "$(dirname "$0")/octets"
now=$(date +%s%N)
awk -v asked="$2" -v what="$1" -v octets="$((octets + (now - since) / 1000 * rate / 1000000))" '
  function after(a, b,  x, y, n, m, i) {
    n = split(substr(a, 2), x, "."); m = split(substr(b, 2), y, ".")
    for (i = 1; i <= n && i <= m; i++) if (x[i] != y[i]) return x[i] + 0 > y[i] + 0
    return n > m
  }
  what == "-g" ? $1 == asked : after($1, asked) {
    print $1; print $2; print ($3 == "octets" ? octets : $3); exit
  }' "$(dirname "$0")/objects"
`;

const OBJECTS = `.1.3.6.1.2.1.2.2.1.2.7 string uplink0
.1.3.6.1.2.1.2.2.1.3.7 integer 6
.1.3.6.1.2.1.2.2.1.5.7 gauge 1000000000
.1.3.6.1.2.1.2.2.1.7.7 integer 1
.1.3.6.1.2.1.2.2.1.8.7 integer 1
.1.3.6.1.2.1.2.2.1.10.7 counter octets
.1.3.6.1.2.1.2.2.1.14.7 counter 0
.1.3.6.1.2.1.2.2.1.16.7 counter 1000
.1.3.6.1.2.1.2.2.1.20.7 counter 0
.1.3.6.1.2.1.31.1.1.1.1.7 string uplink0
`;

/**
 * An interface whose counter grows by so many bytes a second: what it is at a time is worked out when it is asked for, so that it
 * grows evenly however busy the machine is.
 */
class Uplink {
  #octets = 1_000_000;
  #sinceMs = Date.now();
  #perSecond = 0;

  constructor(readonly folder: string, perSecond: number) {
    this.carry(perSecond);
  }

  carry(perSecond: number): void {
    const nowMs = Date.now();
    this.#octets += Math.floor(this.#perSecond * (nowMs - this.#sinceMs) / 1_000);
    [this.#sinceMs, this.#perSecond] = [nowMs, perSecond];
    Deno.writeTextFileSync(`${this.folder}/octets.new`, `${this.#octets} ${nowMs * 1_000_000} ${perSecond}\n`);
    Deno.renameSync(`${this.folder}/octets.new`, `${this.folder}/octets`);
  }
}

/** Connections of this process to itself, until told to close them. */
async function holdConnections(count: number): Promise<() => void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const held: Deno.Conn[] = [];
  for (let i = 0; i < count; i++) {
    held.push(await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }), await listener.accept());
  }
  return () => {
    for (const connection of held) connection.close();
    listener.close();
  };
}

Deno.test({
  name:
    "snmpd and the processes of this host: network spike and many connections, by both sources, with confidence 0.84" +
    (skip === undefined ? "" : ` (${skip})`),
  ignore: skip !== undefined,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    await Deno.chmod(folder, 0o755);
    await Deno.writeTextFile(`${folder}/pass`, PROGRAM, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/objects`, OBJECTS);
    const uplink = new Uplink(folder, QUIET);
    const snmpd = await startSnmpd([
      `pass -p 1 .1.3.6.1.2.1.2.2 ${folder}/pass`,
      `pass -p 1 .1.3.6.1.2.1.31.1.1 ${folder}/pass`,
    ]);
    const trapPort = await freeUdpPort();
    await Deno.writeTextFile(
      `${folder}/weir.yaml`,
      `host: ${HOST}
correlate: { lateness: 1s }
collectors:
  metrics: { enabled: false }
  process: { stats_interval: 1s, connections_interval: 1s }
  snmp:
    interval: 1s
    profile: network
    devices: [{ name: ${HOST}, host: 127.0.0.1, port: ${snmpd.port}, community: public }]
    traps: { listen: "127.0.0.1:${trapPort}" }
`,
    );
    const close = await holdConnections(CONNECTIONS);
    const running = await RunningWeir.start(folder);
    try {
      const polls = async () =>
        (await running.get("/api/v1/events?kind=snmp.interface&limit=100")).items
          .filter((event: { fields: Record<string, unknown> }) => "snmp.interface.bytes_per_second" in event.fields);
      await until(async () => (await polls()).length >= 5, WITHIN_MS, () => running.said);
      for (const { fields, host } of await polls()) {
        strictEqual(host, HOST);
        strictEqual(fields["snmp.interface.name"], "uplink0");
        const rate = fields["snmp.interface.bytes_per_second"];
        ok(rate > QUIET / 3 && rate < QUIET * 3, `${rate} bytes/s`);
      }
      const detections = async (rule: string) =>
        (await running.get(`/api/v1/detections?rule=${rule}`)).items.filter((one: { rule: string }) =>
          one.rule === rule
        );
      deepStrictEqual(await detections("network-spike"), []);

      uplink.carry(BUSY);
      const both = "network-spike-and-many-connections";
      await until(async () => (await detections(both)).length > 0, WITHIN_MS, () => running.said);
      const [detection] = await detections(both);
      deepStrictEqual(detection.sources.toSorted(), ["process", "snmp"]);
      const score = await running.get(`/api/v1/scores/host/${HOST}`);
      deepStrictEqual(score.contributing_agents, ["process", "snmp"]);
      ok(Math.abs(score.confidence - 0.84) < 1e-9, JSON.stringify(score));
      const rules = score.contributions.map(({ rule }: { rule: string }) => rule);
      ok(rules.includes(both) && !rules.includes("network-spike"), String(rules)); // counted once
      const { events } = await running.get(`/api/v1/detections/${detection.id}`);
      deepStrictEqual([...new Set(events.map(({ source }: { source: string }) => source))].sort(), ["process", "snmp"]);

      for (let i = 0; i < 5; i++) {
        await new Deno.Command("snmptrap", {
          args: ["-v2c", "-c", "public", `127.0.0.1:${trapPort}`, String(i), "1.3.6.1.6.3.1.1.5.5"],
          stdout: "null",
          stderr: "null",
        }).output();
      }
      await until(
        async () => (await detections("snmp-authentication-failures")).length === 1,
        WITHIN_MS,
        () => running.said,
      );
      const [guessing] = await detections("snmp-authentication-failures");
      deepStrictEqual(guessing.group, { "host.name": HOST });

      await snmpd.stop();
      await until(
        async () => (await detections("snmp-device-unreachable")).length === 1,
        WITHIN_MS,
        () => running.said,
      );
      strictEqual((await running.end("SIGTERM")).code, 0, running.said);
    } finally {
      close();
      await running.end("SIGKILL").catch(() => {});
      await snmpd.stop().catch(() => {});
      await Deno.remove(folder, { recursive: true });
    }
  },
});
