/** The process collector at work: look, say what is new, wait. */

import { CHUNK_EVENTS_MAX, type Collector, type CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { Connections } from "./connections.ts";
import { SOURCE_NAME } from "./ids.ts";
import { openProc } from "./proc_source.ts";
import type { ProcessConfig } from "./schema.ts";
import type { ProcessSource } from "./source.ts";
import { stats } from "./stats.ts";
import { Tracker } from "./tracker.ts";

/** While a start is held back the next look comes after at most this: milliseconds. */
const UNDECIDED_LOOK_MS = 50;

/** Opens the way of looking that a collector uses. */
export type OpenSource = (context: CollectorContext) => Promise<ProcessSource>;

/** A collector over any source; by default the one that the configuration names. */
export function makeProcessCollector(config: ProcessConfig, open = openConfigured(config.source)): Collector {
  return {
    name: SOURCE_NAME,
    summary: `every ${formatDuration(config.interval)}, connections every ${
      formatDuration(config.connections_interval)
    }`,
    collect: (context) => collect(config, context, open),
  };
}

/** The source that `auto` stands for on this system. */
function openConfigured(source: ProcessConfig["source"]): OpenSource {
  const isProc = source === "proc" || (source === "auto" && Deno.build.os === "linux");
  if (isProc) return (context) => Promise.resolve(openProc(context));
  return async (context) => {
    const { openPortable } = await import("./portable_source.ts"); // seldom needed where there is /proc
    return await openPortable(context);
  };
}

async function* collect(
  config: ProcessConfig,
  context: CollectorContext,
  open: OpenSource,
): AsyncGenerator<readonly TelemetryEvent[]> {
  if (context.signal.aborted) return;
  const source = await open(context);
  try {
    yield* looks(config, context, source);
  } finally {
    source.close();
  }
}

async function* looks(
  config: ProcessConfig,
  context: CollectorContext,
  source: ProcessSource,
): AsyncGenerator<readonly TelemetryEvent[]> {
  const { clock, signal } = context;
  const tracker = new Tracker(source, context);
  const connections = new Connections(source, context, (pid) => tracker.identity(pid));
  let statsAtMs = clock.monotonic() + config.stats_interval;
  let connectionsAtMs = clock.monotonic();
  while (!signal.aborted) {
    const events = await tracker.look();
    if (clock.monotonic() >= connectionsAtMs) {
      connectionsAtMs = clock.monotonic() + Math.max(config.connections_interval, source.intervalMinMs);
      append(events, await connections.look());
    }
    if (clock.monotonic() >= statsAtMs) {
      statsAtMs = clock.monotonic() + config.stats_interval;
      append(events, stats({ source, tracker, context, config, socketCount: connections.count }));
    }
    yield* inChunks(events, signal);
    const waitMs = tracker.isUndecided ? Math.min(config.interval, UNDECIDED_LOOK_MS) : config.interval;
    await clock.sleepTogether(Math.max(waitMs, source.intervalMinMs), signal);
  }
}

function* inChunks(events: readonly TelemetryEvent[], signal: AbortSignal): Generator<readonly TelemetryEvent[]> {
  for (let at = 0; at < events.length && !signal.aborted; at += CHUNK_EVENTS_MAX) {
    yield events.slice(at, at + CHUNK_EVENTS_MAX);
  }
}

function append(events: TelemetryEvent[], more: readonly TelemetryEvent[]): void {
  for (const event of more) events.push(event);
}
