/** The SNMP collector: network devices and hosts, polled, and what they tell by themselves. */

import type { Collector } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import type { CollectorDefinition } from "../definition.ts";
import { type SnmpConfig, snmpSchema } from "./schema.ts";
import { listenText } from "./trap_schema.ts";
import { type DeviceStates, targetsOf } from "./troubles.ts";

export const snmpCollector: CollectorDefinition<typeof snmpSchema> = {
  name: "snmp",
  description:
    "Network devices and hosts over SNMP: system, CPU, memory, storage, disks, interfaces, processes, traps.",
  kinds: [
    {
      kind: "snmp.device",
      description: "One for each poll of a device: whether it answered, how fast, what was amiss",
    },
    { kind: "snmp.system", description: "What a device is, its name, where it stands, how long it has been up" },
    { kind: "snmp.cpu", description: "How busy its processors are" },
    { kind: "snmp.memory", description: "Its memory, and what is in use" },
    { kind: "snmp.storage", description: "One for each storage area: mounts, and kinds of memory" },
    { kind: "snmp.disk", description: "One for each disk: reads and writes" },
    { kind: "snmp.interface", description: "One for each network interface: state, bytes, errors and their rates" },
    { kind: "snmp.process", description: "One for each process that runs on it" },
    { kind: "snmp.load", description: "Its load averages" },
    { kind: "snmp.object", description: "One for each value of the configuration's own objects" },
    { kind: "snmp.trap", description: "What a device told by itself: a trap or an inform" },
  ],
  schema: snmpSchema,
  offReason: ({ devices, traps }) =>
    devices.length === 0 && traps.listen === undefined ? "no device is configured" : undefined,
  create: createSnmp,
};

function createSnmp(config: SnmpConfig): Collector {
  const states: DeviceStates = new Map();
  return {
    name: snmpCollector.name,
    summary: summaryOf(config),
    targets: () => targetsOf(states),
    // what asks and listens is loaded where there is a device or a listener: most hosts have none
    collect: async function* (context) {
      const { collect } = await import("./run.ts");
      yield* collect(config, context, states);
    },
  };
}

function summaryOf({ devices, interval, traps }: SnmpConfig): string {
  const count = devices.length === 1 ? "1 device" : `${devices.length} devices`;
  const polls = devices.length === 0 ? "no device" : `${count} every ${formatDuration(interval)}`;
  return traps.listen === undefined ? polls : `${polls}, traps on ${listenText(traps.listen)}`;
}
