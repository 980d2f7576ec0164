/** Traps and polls of one device name the same host. */

import { strictEqual } from "node:assert/strict";
import { SimulatedClock } from "../../../src/core/clock.ts";
import { snmpCollector } from "../../../src/collectors/snmp/mod.ts";
import { type Resolve, TrapSenders } from "../../../src/collectors/snmp/trap_senders.ts";
import { snmpSchema } from "../../../src/collectors/snmp/schema.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { COMMUNITY, freePort, startSnmpd } from "./peers.ts";
import { missing } from "../../peers.ts";

const none: Resolve = () => Promise.reject(new Error("no such name"));

Deno.test("by configured name, by what a poll told, by address; this machine by its own name; others not at all", () => {
  const senders = new TrapSenders(
    [{ host: "192.0.2.1", name: "core-1" }, { host: "192.0.2.2" }, {
      host: "192.0.2.1",
      name: "second of the address",
    }],
    "me",
    new SimulatedClock(),
    none,
  );
  strictEqual(senders.nameOf("192.0.2.1"), "core-1");
  strictEqual(senders.nameOf("192.0.2.2"), "192.0.2.2");
  senders.learn("192.0.2.2", "edge");
  senders.learn("192.0.2.1", "what it calls itself");
  senders.learn("192.0.2.99", "none of ours");
  strictEqual(senders.nameOf("192.0.2.2"), "edge");
  strictEqual(senders.nameOf("192.0.2.1"), "core-1");
  strictEqual(senders.nameOf("192.0.2.99"), undefined);
  strictEqual(senders.nameOf("127.0.0.1"), "me");
  strictEqual(senders.nameOf("::1"), "me");
});

Deno.test("an address is known in whatever form it is written, and a device that names itself anew is called so", () => {
  const senders = new TrapSenders([{ host: "2001:DB8:0::1" }], "me", new SimulatedClock(), none);
  strictEqual(senders.nameOf("2001:db8::1"), "2001:DB8:0::1");
  senders.learn("2001:DB8:0::1", "edge");
  strictEqual(senders.nameOf("2001:db8::1"), "edge");
  senders.learn("2001:DB8:0::1", "edge-2");
  strictEqual(senders.nameOf("2001:db8::1"), "edge-2");
});

Deno.test("a name is looked up at the start and every five minutes; where that fails the old address stands", async () => {
  const clock = new SimulatedClock();
  let answer: readonly string[] | undefined = ["192.0.2.7", "2001:db8::7"];
  let asked = 0;
  const resolve: Resolve = (host) => {
    strictEqual(host, "switch.example");
    asked++;
    return answer === undefined ? none(host) : Promise.resolve(answer);
  };
  const senders = new TrapSenders([{ host: "switch.example", name: "sw" }], "me", clock, resolve);
  await clock.advance(1);
  strictEqual(senders.nameOf("2001:db8::7"), "sw");
  strictEqual(senders.nameOf("192.0.2.7"), "sw");
  strictEqual(asked, 1);
  answer = undefined;
  await clock.advance(300_000);
  strictEqual(senders.nameOf("192.0.2.7"), "sw");
  await clock.advance(1);
  strictEqual(senders.nameOf("192.0.2.7"), "sw");
  strictEqual(asked, 2);
  answer = ["192.0.2.8"];
  await clock.advance(300_000);
  senders.nameOf("192.0.2.7");
  await clock.advance(1);
  strictEqual(senders.nameOf("192.0.2.8"), "sw");
  strictEqual(senders.nameOf("192.0.2.7"), undefined);
});

const skip = missing("snmpd", "snmpget", "snmptrap");

Deno.test({
  name: `the collector: a device without a configured name has one host in polls and traps${skip ? ` (${skip})` : ""}`,
  ignore: skip !== undefined,
  fn: async () => {
    const snmpd = await startSnmpd();
    const port = await freePort();
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(), 10_000);
    const collector = snmpCollector.create(snmpSchema.parse({
      interval: "1s",
      profile: "minimal",
      devices: [{ host: "127.0.0.1", port: snmpd.port, community: COMMUNITY }],
      traps: { listen: `127.0.0.1:${port}` },
    }));
    const hosts = new Map<string, string>();
    try {
      const context = {
        host: "me",
        clock: systemClock,
        state: new StagedState("snmp"),
        signal: stop.signal,
        dropped: () => {},
        warn: () => {},
      };
      for await (const chunk of collector.collect(context)) {
        for (const { kind, host } of chunk) hosts.set(kind, host);
        if (hosts.has("snmp.trap")) stop.abort();
        await new Deno.Command("snmptrap", {
          args: ["-v2c", "-c", COMMUNITY, `127.0.0.1:${port}`, "1", "1.3.6.1.6.3.1.1.5.1"],
          stdout: "null",
          stderr: "null",
        }).output();
      }
    } finally {
      clearTimeout(deadline);
      await snmpd.stop();
    }
    strictEqual(hosts.get("snmp.device"), "lab-router");
    strictEqual(hosts.get("snmp.trap"), "lab-router");
  },
});

Deno.test({
  name: `the collector: traps without any device${skip ? ` (${skip})` : ""}`,
  ignore: skip !== undefined,
  fn: async () => {
    const port = await freePort();
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(), 10_000);
    const config = snmpSchema.parse({ traps: { listen: `127.0.0.1:${port}`, communities: ["only-traps"] } });
    strictEqual(snmpCollector.offReason?.(config), undefined);
    const found: string[] = [];
    const sending = (async () => {
      while (!stop.signal.aborted) {
        await new Deno.Command("snmptrap", {
          args: ["-v2c", "-c", "only-traps", `127.0.0.1:${port}`, "1", "1.3.6.1.6.3.1.1.5.2"],
          stdout: "null",
          stderr: "null",
        }).output();
      }
    })();
    const context = {
      host: "me",
      clock: systemClock,
      state: new StagedState("snmp"),
      signal: stop.signal,
      dropped: () => {},
      warn: () => {},
    };
    for await (const chunk of snmpCollector.create(config).collect(context)) {
      found.push(...chunk.map(({ fields, host }) => `${host} ${fields["snmp.trap.name"]}`));
      stop.abort();
    }
    clearTimeout(deadline);
    await sending;
    strictEqual(found[0], "me warmStart");
  },
});
