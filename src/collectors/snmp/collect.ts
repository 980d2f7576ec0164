/** All devices at once: each on its own beat, so many at a time, none holding up another. */

import type { CollectorContext } from "../../core/collector.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { Device, type DevicePlan, type Polled } from "./device.ts";
import { Lanes } from "./lanes.ts";
import { highestLevel } from "./security.ts";
import type { ObjectDefinition } from "./objects.ts";
import { Outbox } from "./outbox.ts";
import { type DeviceConfig, deviceKey, type SnmpConfig } from "./schema.ts";
import { chosenMetrics, ownObjects, type Selection, selectionOf } from "./selection.ts";
import type { DeviceAccess } from "./session.ts";
import { type DeviceStates, Troubles } from "./troubles.ts";

/** Digits of the poll's time in an id: enough until the year 2286, and ids sort as they are made. */
const TIME_DIGITS = 13;

/**
 * What devices tell when they are polled, until `context.signal` is aborted. How each is doing is kept in `states`; `onNamed` is told what the device at a host is called
 * each time it has answered.
 */
export async function* collectPolls(
  config: SnmpConfig,
  context: CollectorContext,
  states: DeviceStates,
  onNamed: (host: string, name: string) => void = () => {},
): AsyncGenerator<readonly TelemetryEvent[]> {
  const ended = new AbortController();
  const stop = AbortSignal.any([context.signal, ended.signal]);
  const outbox = new Outbox();
  stop.addEventListener("abort", () => outbox.close(), { once: true });
  if (stop.aborted) return;
  const { clock } = context;
  const plans = plansOf(config);
  const troubles = new Troubles(context, states, plans.length);
  const lanes = new Lanes(config.concurrency, clock);
  const failed = (error: unknown) => ended.abort(error);
  const watching = plans.map((plan) =>
    watch(new Device(plan, clock), { context, stop, outbox, lanes, troubles, onNamed }).catch(failed)
  );
  try {
    for (let chunk = await outbox.take(); chunk !== undefined; chunk = await outbox.take()) yield chunk;
    if (!context.signal.aborted) throw ended.signal.reason;
  } finally {
    ended.abort();
    await Promise.all(watching);
  }
}

interface Shared {
  readonly context: CollectorContext;
  readonly stop: AbortSignal;
  readonly outbox: Outbox;
  readonly lanes: Lanes;
  readonly troubles: Troubles;
  onNamed(host: string, name: string): void;
}

/** Polls a device on its beat until it is stopped. */
async function watch(device: Device, shared: Shared): Promise<void> {
  const { context: { clock }, stop, outbox, troubles } = shared;
  try {
    let dueMs = clock.monotonic();
    while (!stop.aborted) {
      const polled = await pollInTurn(device, shared);
      if (polled === undefined) return;
      troubles.note(device.plan.key, polled.result.error?.message);
      if (polled.result.error === undefined) shared.onNamed(device.plan.access.host, polled.result.host);
      await outbox.put(eventsOf(device.plan.key, polled.result, polled.timeMs, clock.now()));
      dueMs += device.waitMs;
      const nowMs = clock.monotonic();
      if (dueMs < nowMs) dueMs = nowMs;
      await clock.sleep(dueMs - nowMs, stop);
    }
  } finally {
    device.close();
  }
}

/** One poll, in its turn: a device that did not answer last time has none among the others until it does. */
async function pollInTurn(device: Device, { context: { clock }, stop, lanes }: Shared) {
  const place = await lanes.enter(device.isAnswering ? "reading" : "asking");
  try {
    if (stop.aborted) return undefined;
    const timeMs = clock.now();
    const result = await device.poll(stop, () => place.answered());
    return result === undefined ? undefined : { result, timeMs };
  } finally {
    place.leave();
  }
}

function eventsOf(key: string, { told, host }: Polled, timeMs: number, observedMs: number): TelemetryEvent[] {
  const stamp = String(Math.floor(timeMs)).padStart(TIME_DIGITS, "0");
  return told.map(({ kind, row, fields }) => ({
    id: `snmp:${stamp}:${key}:${kind}:${row}`,
    timeMs,
    observedMs,
    source: "snmp",
    kind,
    host,
    fields,
  }));
}

/** What each device is asked for, and how. Devices that are asked for the same share it. */
export function plansOf(config: SnmpConfig): DevicePlan[] {
  const own = ownObjects(config.objects);
  const selections = new Map<string, Selection>();
  return config.devices.map((device) => ({
    key: deviceKey(device),
    access: accessOf(device, config),
    selection: selectionFor(device, config, own, selections),
    intervalMs: device.interval ?? config.interval,
    deadlineMs: config.deadline,
    backoffMaxMs: config.backoff_max,
    repetitionsMax: config.repetitions_max,
    walksMax: config.walks_per_device,
  }));
}

function selectionFor(
  device: DeviceConfig,
  config: SnmpConfig,
  own: readonly ObjectDefinition[],
  known: Map<string, Selection>,
): Selection {
  const metrics = chosenMetrics(config, device, own);
  const key = metrics.join();
  let selection = known.get(key);
  if (selection === undefined) known.set(key, selection = selectionOf(metrics, own));
  return selection;
}

/** How a device is reached, with what is set for all filled in. */
export function accessOf(device: DeviceConfig, config: Pick<SnmpConfig, "timeout" | "retries">): DeviceAccess {
  const { level, auth, priv } = device;
  return {
    name: device.name,
    host: device.host,
    port: device.port,
    version: device.version,
    community: device.community,
    user: device.user,
    ...(device.version === "3" ? { level: level ?? highestLevel(auth, priv) } : {}),
    auth,
    priv,
    context: device.context,
    timeout: device.timeout ?? config.timeout,
    retries: device.retries ?? config.retries,
  };
}
