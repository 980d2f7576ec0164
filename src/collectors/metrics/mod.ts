/** The metrics collector: how busy and how full this host is. */

import type { Clock } from "../../core/clock.ts";
import { CHUNK_EVENTS_MAX, type Collector, type CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import type { CollectorDefinition } from "../definition.ts";
import { linuxReadings } from "./linux.ts";
import { portableReadings } from "./portable.ts";
import type { Readings } from "./readings.ts";
import type { Row } from "./rows.ts";
import { Sampler } from "./sampler.ts";
import { type MetricsConfig, metricsSchema } from "./schema.ts";

/** Time from the first sample to the second, so that rates are there soon: milliseconds. */
const FIRST_RATES_AFTER_MS = 1_000;

export const metricsCollector: CollectorDefinition<typeof metricsSchema> = {
  name: "metrics",
  description: "CPU, memory, mounts, disks, network interfaces and connections of this host.",
  kinds: [
    { kind: "host.cpu", description: "CPU in use, cores, load, and how long the host has been up" },
    { kind: "host.memory", description: "Memory and swap in use" },
    { kind: "host.filesystem", description: "One for each mount: space in use, and the I/O of its device" },
    { kind: "host.disk", description: "One for each disk: what is read and written" },
    { kind: "host.interface", description: "One for each network interface: bytes, errors and their rates" },
    { kind: "host.connections", description: "How many internet sockets there are, established and listening" },
  ],
  schema: metricsSchema,
  create: (config) => createMetrics(config, Deno.build.os === "linux" ? linuxReadings() : portableReadings()),
};

/** The collector over other readings than this machine's. */
export function createMetrics(config: MetricsConfig, readings: Readings): Collector {
  return {
    name: metricsCollector.name,
    summary: `CPU, memory, mounts, disks and interfaces every ${formatDuration(config.interval)}`,
    collect: (context) => collect(config, readings, context),
  };
}

async function* collect(
  config: MetricsConfig,
  readings: Readings,
  context: CollectorContext,
): AsyncGenerator<readonly TelemetryEvent[]> {
  const { clock, signal } = context;
  if (signal.aborted) return;
  const sampler = new Sampler(config, readings, context);
  // Samples are due on a fixed beat, so that a slow one does not put off all that follow.
  let dueMs = clock.monotonic();
  for (let sample = 0; !signal.aborted; sample++) {
    const timeMs = clock.now();
    const rows = await sampler.sample();
    if (signal.aborted) return;
    const events = rows.map((row) => toEvent(row, context.host, timeMs, clock));
    for (let i = 0; i < events.length; i += CHUNK_EVENTS_MAX) yield events.slice(i, i + CHUNK_EVENTS_MAX);
    dueMs += sample === 0 ? Math.min(FIRST_RATES_AFTER_MS, config.interval) : config.interval;
    const nowMs = clock.monotonic();
    if (dueMs < nowMs) dueMs = nowMs;
    await clock.sleep(dueMs - nowMs, signal);
  }
}

/** Digits of the sample time in an id: enough until the year 2286, and ids sort as they are made. */
const TIME_DIGITS = 13;

/** All rows of one sample have its time, so that they can be told to belong together. */
function toEvent({ kind, row, fields }: Row, host: string, timeMs: number, clock: Clock): TelemetryEvent {
  const stamp = String(Math.floor(timeMs)).padStart(TIME_DIGITS, "0");
  const id = `metrics:${stamp}:${host}:${kind}:${row}`;
  return { id, timeMs, observedMs: clock.now(), source: metricsCollector.name, kind, host, fields };
}
