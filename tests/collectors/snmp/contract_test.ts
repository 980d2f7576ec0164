/** The contract of all collectors, over a real snmpd. */

import { snmpCollector } from "../../../src/collectors/snmp/mod.ts";
import { collectorContract } from "../../contract/collector_contract.ts";
import { COMMUNITY, type Peer, startSnmpd } from "./peers.ts";
import { missing } from "../../peers.ts";

const skip = missing("snmpd", "snmpget");
const peer: Peer | undefined = skip === undefined ? await startSnmpd() : undefined;

collectorContract("snmp", {
  definition: snmpCollector,
  skip,
  withinMs: 60_000,
  eventsMin: 20,
  untilKinds: ["device", "system", "memory", "storage", "disk", "interface", "process", "load"].map((kind) =>
    `snmp.${kind}`
  ),
  make: () =>
    snmpCollector.create(snmpCollector.schema.parse({
      interval: "1s",
      profile: "full",
      devices: [{ host: "127.0.0.1", port: peer?.port ?? 161, community: COMMUNITY }],
    })),
});

Deno.test({
  name: "snmp: the agent of the contract is ended",
  ignore: peer === undefined,
  fn: async () => await peer?.stop(),
});
