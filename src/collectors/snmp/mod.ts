/** The SNMP collector: network devices and hosts, polled, and what they tell by themselves. */

import type { Collector, CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { Merge } from "../../core/stream.ts";
import type { CollectorDefinition } from "../definition.ts";
import { accessOf, collectPolls } from "./collect.ts";
import { type SnmpConfig, snmpSchema } from "./schema.ts";
import { listenText } from "./trap_schema.ts";
import { TrapSenders } from "./trap_senders.ts";
import { type DeviceStates, targetsOf } from "./troubles.ts";
import { receiveTraps, type TrapOptions } from "./traps.ts";

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
    collect: (context) => collect(config, context, states),
  };
}

function summaryOf({ devices, interval, traps }: SnmpConfig): string {
  const count = devices.length === 1 ? "1 device" : `${devices.length} devices`;
  const polls = devices.length === 0 ? "no device" : `${count} every ${formatDuration(interval)}`;
  return traps.listen === undefined ? polls : `${polls}, traps on ${listenText(traps.listen)}`;
}

async function* collect(
  config: SnmpConfig,
  context: CollectorContext,
  states: DeviceStates,
): AsyncGenerator<readonly TelemetryEvent[]> {
  if (config.traps.listen === undefined) return yield* collectPolls(config, context, states);
  const senders = new TrapSenders(config.devices, context.host, context.clock);
  const traps = trapOptions(config, config.traps.listen, senders);
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const merge = new Merge<TelemetryEvent>();
  const onEnd = (error: unknown) => ended.abort(error);
  const onNamed = (host: string, name: string) => senders.learn(host, name);
  merge.add({ name: "polls", chunks: collectPolls(config, { ...context, signal }, states, onNamed), onEnd });
  merge.add({ name: "traps", chunks: receiveTraps(traps, { ...context, signal }), onEnd });
  try {
    while (!signal.aborted) {
      await merge.arrival(signal);
      for (const { items } of merge.take(TAKEN_MAX)) yield items;
    }
    if (!context.signal.aborted) throw ended.signal.reason;
  } finally {
    ended.abort();
    await merge.end();
  }
}

/** Events taken from both at a time: no chunk is longer. */
const TAKEN_MAX = 1_000;

/** Traps are taken with the communities and from the users of the devices, and of the listener's own. */
function trapOptions(config: SnmpConfig, listen: TrapOptions["listen"], senders: TrapSenders): TrapOptions {
  const { devices, traps } = config;
  const communities = [...devices.map(({ community }) => community), ...traps.communities];
  return {
    listen,
    communities: [...new Set(communities.flatMap((community) => community === undefined ? [] : [community.reveal()]))],
    users: [
      ...devices.filter(({ version }) => version === "3").map((device) => accessOf(device, config)),
      ...traps.users,
    ],
    rateMax: traps.rate_max,
    nameOf: (address) => senders.nameOf(address),
  };
}
