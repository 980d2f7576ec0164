/** Weir watching itself: its ledger as events, so that a rule can tell of a collector gone silent. */

import type { Collector, KindDescription } from "../core/collector.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { LedgerRow } from "../core/ledger.ts";
import type { CollectorReport } from "./supervisor.ts";

/** The source of what Weir says of itself. */
export const SELF = "weir";

/** How often a ledger row is told: milliseconds. */
export const SELF_INTERVAL_MS = 60_000;

export const SELF_KINDS: readonly KindDescription[] = [
  { kind: "weir.collector", description: "Each minute, how a collector is doing and where its events went" },
];

/** A collector of Weir's own ledger rows. */
export function selfCollector(reports: () => CollectorReport[], rows: () => LedgerRow[]): Collector {
  return {
    name: SELF,
    summary: "its own ledger, every 1m",
    async *collect({ clock, host, signal }) {
      for (;;) {
        await clock.sleep(SELF_INTERVAL_MS, signal);
        if (signal.aborted) return;
        yield ledgerEvents(reports(), rows(), clock.now(), host);
      }
    },
  };
}

function ledgerEvents(reports: CollectorReport[], rows: LedgerRow[], nowMs: number, host: string): TelemetryEvent[] {
  const byName = new Map(rows.map((row) => [row.collector, row]));
  return reports.map((report) => {
    const row = byName.get(report.name);
    const silentSeconds = report.lastEventMs === null ? undefined : Math.round((nowMs - report.lastEventMs) / 1000);
    return {
      id: `weir:${String(nowMs).padStart(15, "0")}:${report.name}`,
      timeMs: nowMs,
      observedMs: nowMs,
      source: SELF,
      kind: "weir.collector",
      host,
      fields: {
        "weir.collector.name": report.name,
        "weir.collector.state": report.state,
        "weir.collector.restarts": report.restarts,
        "weir.collector.collected": row?.collected ?? 0,
        "weir.collector.committed": row?.committed ?? 0,
        "weir.collector.duplicate": row?.duplicate ?? 0,
        "weir.collector.dropped": Object.values(row?.dropped ?? {}).reduce((sum, n) => sum + n, 0),
        "weir.collector.pending": row?.pending ?? 0,
        ...(silentSeconds === undefined ? {} : { "weir.collector.silent_seconds": silentSeconds }),
      },
    };
  });
}
