/** What the processes that matter most use, and how many processes there are. */

import type { CollectorContext } from "../../core/collector.ts";
import type { FieldValue, TelemetryEvent } from "../../core/event.ts";
import { identityFields, measureFields, parentFields } from "./events.ts";
import { SOURCE_NAME, statsId } from "./ids.ts";
import type { ProcessConfig } from "./schema.ts";
import type { ProcessSource } from "./source.ts";
import type { Tracked, Tracker } from "./tracker.ts";

/** A share of CPU over less than this is noise: milliseconds. */
const SHARE_PERIOD_MIN_MS = 500;

type StatsConfig = Pick<ProcessConfig, "top_cpu" | "top_memory" | "cpu_percent_over" | "connections_over">;

interface Measured {
  readonly tracked: Tracked;
  readonly cpuPercent: number | undefined;
}

/** Parts of one round. */
export interface StatsParts {
  readonly source: ProcessSource;
  readonly tracker: Tracker;
  readonly context: CollectorContext;
  readonly config: StatsConfig;
  /** Internet sockets of the whole host: no process holds more. */
  readonly socketCount: number;
}

/** One round: every process is looked at; those over a threshold or among the first have an event, and so has the host. */
export function stats({ source, tracker, context, config, socketCount }: StatsParts): TelemetryEvent[] {
  source.refresh();
  tracker.retryUnreadable();
  const uptimeMs = source.uptimeMs();
  const events: TelemetryEvent[] = [];
  for (const tracked of [...tracker.living()]) events.push(...tracker.lookAt(tracked));
  const measured = [...tracker.living()].filter(({ phase }) => phase === "told")
    .map((tracked) => ({ tracked, cpuPercent: share(tracked, uptimeMs) }));
  const nowMs = context.clock.now();
  const stamp = { timeMs: nowMs, observedMs: nowMs, source: SOURCE_NAME, host: context.host };
  for (const { tracked, cpuPercent, connections } of chosen(measured, source, config, socketCount)) {
    const { identity, measures, parent, parentPid } = tracked;
    events.push({
      ...stamp,
      id: statsId(source.key, uptimeMs, identity),
      kind: "process.stats",
      fields: {
        ...identityFields(source.key, identity),
        ...parentFields(source.key, parentPid, parent),
        ...measureFields(measures, cpuPercent, connections),
        "process.uptime": Math.max(0, nowMs - identity.startMs) / 1000,
      },
    });
  }
  events.push({ ...stamp, id: statsId(source.key, uptimeMs), kind: "host.processes", fields: hostFields(tracker) });
  return events;
}

/** Share of a core since the last round, and the beginning of the next; absent when it was too short a time ago. */
function share(tracked: Tracked, uptimeMs: number): number | undefined {
  const { cpuMs, cpuPercent } = tracked.measures;
  if (cpuMs === undefined) return cpuPercent;
  const periodMs = uptimeMs - tracked.shareFrom.uptimeMs;
  if (periodMs < SHARE_PERIOD_MIN_MS) return undefined;
  const usedMs = Math.max(0, cpuMs - tracked.shareFrom.cpuMs);
  tracked.shareFrom = { cpuMs, uptimeMs };
  return 100 * usedMs / periodMs;
}

/**
 * Who has an event. Counting a process's connections means looking at all its open files, so only those are counted that
 * have an event anyway, or could be over the limit: nobody holds more connections than open files.
 */
function* chosen(
  measured: readonly Measured[],
  source: ProcessSource,
  config: StatsConfig,
  socketCount: number,
): Generator<Measured & { connections: number | undefined }> {
  const first = new Set([
    ...largest(measured, config.top_cpu, ({ cpuPercent }) => cpuPercent),
    ...largest(measured, config.top_memory, ({ tracked }) => tracked.measures.residentBytes),
    ...measured.filter(({ cpuPercent }) => cpuPercent !== undefined && cpuPercent > config.cpu_percent_over),
  ]);
  const over = config.connections_over;
  for (const one of measured) {
    const { identity, measures } = one.tracked;
    const mayBeOver = socketCount > over && (measures.openFiles ?? Infinity) > over;
    if (!first.has(one) && !mayBeOver) continue;
    const connections = source.connectionsOf(identity.pid);
    if (first.has(one) || (connections ?? 0) > over) yield { ...one, connections };
  }
}

/** The `count` with the largest values; one whose value is not known or is 0 is not among them. */
function largest(
  measured: readonly Measured[],
  count: number,
  value: (of: Measured) => number | undefined,
): Measured[] {
  const valued = measured.filter((one) => (value(one) ?? 0) > 0);
  return valued.sort((a, b) => (value(b) ?? 0) - (value(a) ?? 0)).slice(0, count);
}

function hostFields(tracker: Tracker): Record<string, FieldValue> {
  const counts = { running: 0, disk_sleep: 0, zombie: 0, all: 0 };
  for (const { measures } of tracker.all()) {
    counts.all++;
    const { state } = measures;
    if (state === "running" || state === "disk_sleep" || state === "zombie") counts[state]++;
  }
  return {
    "system.processes.count": counts.all,
    "system.processes.running": counts.running,
    "system.processes.blocked": counts.disk_sleep,
    "system.processes.zombie": counts.zombie,
  };
}
