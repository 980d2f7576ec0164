/** The SNMP collector at work: polls and, where they are listened for, traps. */

import type { CollectorContext } from "../../core/collector.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { Merge } from "../../core/stream.ts";
import { accessOf, collectPolls } from "./collect.ts";
import type { SnmpConfig } from "./schema.ts";
import { TrapSenders } from "./trap_senders.ts";
import type { DeviceStates } from "./troubles.ts";
import { receiveTraps, type TrapOptions } from "./traps.ts";

/** Events until the context's signal is aborted. `states` is kept up with how each device is doing. */
export async function* collect(
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
