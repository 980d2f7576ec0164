/** What `/metrics` says. */

import process from "node:process";
import { messageOf } from "../core/errors.ts";
import { parseEntityKey } from "../core/detection.ts";
import type { ApiDeps, HistogramView } from "./deps.ts";
import { Exposition, type HistogramSample, type Sample } from "./exposition.ts";

/** Entities whose scores are told of: the highest. */
export const METRIC_SCORES_MAX = 100;

export function metricsText(deps: ApiDeps): string {
  const out = new Exposition();
  writeSelf(out, deps);
  writeCollectors(out, deps);
  writeStream(out, deps);
  writeCorrelator(out, deps);
  writeFindings(out, deps);
  writeJournal(out, deps);
  return out.toString();
}

function writeSelf(out: Exposition, deps: ApiDeps): void {
  const { rules, diagnostics } = deps.rules();
  const { user, system } = process.cpuUsage();
  out.gauge("weir_build_info", "Version of Weir.", [[{ version: deps.version }, 1]]);
  out.gauge("weir_uptime_seconds", "Since Weir was started.", Math.max(0, deps.clock.now() - deps.startedMs) / 1000);
  out.counter("process_cpu_seconds_total", "CPU time of this process, user and system.", (user + system) / 1e6);
  out.gauge("process_resident_memory_bytes", "Resident memory of this process.", Deno.memoryUsage().rss);
  out.gauge("weir_rules_loaded", "Rules in force.", rules.length);
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  out.gauge("weir_rule_errors", "Errors in rule files, each of which leaves something out.", errors);
}

function writeCollectors(out: Exposition, deps: ApiDeps): void {
  const rows = deps.ledger();
  const counts = (of: "collected" | "committed" | "duplicate" | "pending") =>
    rows.map((row): Sample => [{ collector: row.collector }, row[of]]);
  out.counter(
    "weir_events_collected_total",
    "Events that came out of a collector, or that it had to drop.",
    counts("collected"),
  );
  out.counter("weir_events_committed_total", "Events committed to the journal.", counts("committed"));
  out.counter("weir_events_duplicate_total", "Events that were known already.", counts("duplicate"));
  out.counter(
    "weir_events_dropped_total",
    "Events given up, by reason.",
    rows.flatMap(({ collector, dropped }) =>
      Object.entries(dropped).map(([reason, count]): Sample => [{ collector, reason }, count])
    ),
  );
  out.gauge("weir_events_pending", "Events on their way to a commit.", counts("pending"));
  const collectors = deps.collectors();
  out.gauge(
    "weir_collector_up",
    "Whether a collector runs (1) or is degraded or off (0).",
    collectors.map(({ name, state }): Sample => [{ collector: name }, state === "running" ? 1 : 0]),
  );
  out.gauge(
    "weir_target_up",
    "Whether a thing that a collector watches elsewhere, a device, answers (1) or not (0).",
    collectors.flatMap(({ name, targets = [] }) =>
      targets.map((target): Sample => [{ collector: name, target: target.name }, target.trouble === null ? 1 : 0])
    ),
  );
  out.counter(
    "weir_collector_restarts_total",
    "Times a collector was started again after a failure.",
    collectors.map(({ name, restarts }): Sample => [{ collector: name }, restarts]),
  );
  out.gauge(
    "weir_collector_last_event_timestamp_seconds",
    "When a collector last gave something.",
    collectors.flatMap(({ name, lastEventMs }): Sample[] =>
      lastEventMs === null ? [] : [[{ collector: name }, lastEventMs / 1000]]
    ),
  );
}

function writeStream(out: Exposition, deps: ApiDeps): void {
  const { recent, hostsEvicted, threadsLost, commitSeconds, eventSeconds } = deps.measures();
  out.gauge("weir_recent_events", "Events in the ring of recent events.", recent.size);
  out.counter("weir_recent_events_evicted_total", "Events that left the ring for newer ones.", recent.evicted);
  out.counter("weir_hosts_evicted_total", "Hosts that left the view of hosts for others.", hostsEvicted);
  out.counter("weir_journal_threads_lost_total", "Threads that commit and were given up.", threadsLost);
  out.histogram(
    "weir_commit_seconds",
    "From a batch being taken to its commit being through.",
    sampleOf(commitSeconds),
  );
  out.histogram("weir_event_commit_seconds", "From an event being seen to its commit.", sampleOf(eventSeconds));
}

function writeCorrelator(out: Exposition, deps: ApiDeps): void {
  const stats = deps.measures().correlator;
  out.gauge("weir_correlator_groups", "Groups with a window or a silence.", stats.groups);
  out.gauge("weir_correlator_entries", "Entries in windows.", stats.entries);
  out.gauge("weir_correlator_pending", "Entries waiting for the watermark.", stats.pending);
  out.counter("weir_correlator_fired_total", "Firings.", stats.fired);
  out.counter("weir_correlator_groups_evicted_total", "Groups that had to go for others.", stats.groupsEvicted);
  out.counter(
    "weir_correlator_entries_evicted_total",
    "Entries that had to leave a full window.",
    stats.entriesEvicted,
  );
  out.counter("weir_correlator_hurried_total", "Entries decided early as too many were waiting.", stats.pendingHurried);
  out.counter("weir_correlator_late_total", "Matches later than the lateness, in no window.", stats.late);
  out.counter("weir_correlator_ungrouped_total", "Matches that lack a field of the group.", stats.ungrouped);
  out.counter("weir_correlator_held_evicted_total", "Whole events let go before their windows.", stats.heldEvicted);
  out.gauge("weir_correlator_learnt_values", "Values that rules looking for new ones have learnt.", stats.learntValues);
  out.counter("weir_correlator_learnt_forgotten_total", "Learnt values forgotten for others.", stats.learntForgotten);
  out.gauge("weir_correlator_baselines", "Groups with a history that values are held against.", stats.baselines);
  out.counter("weir_correlator_baselines_forgotten_total", "Histories that went for others.", stats.baselinesForgotten);
  out.counter("weir_correlator_sources_refused_total", "Events of too many sources.", stats.sourcesRefused);
}

function writeFindings(out: Exposition, deps: ApiDeps): void {
  out.counter(
    "weir_detections_total",
    "New detections, by rule and level.",
    deps.measures().detections.map(({ rule, level, count }): Sample => [{ rule, level }, count]),
  );
  const scores = deps.scores.all(deps.clock.now()).slice(0, METRIC_SCORES_MAX);
  out.gauge(
    "weir_threat_score",
    `Threat scores, 0 to 100: the highest ${METRIC_SCORES_MAX}.`,
    scores.map(({ entity, overall_score }): Sample => {
      const { type, id } = parseEntityKey(entity) ?? { type: "", id: entity };
      return [{ type, id }, overall_score];
    }),
  );
}

function writeJournal(out: Exposition, deps: ApiDeps): void {
  try {
    const size = deps.reader.size();
    out.gauge("weir_journal_up", "Whether the journal can be read.", 1);
    out.gauge(
      "weir_journal_rows",
      "Rows in the journal, by type.",
      Object.entries(size.rowsByType).map(([type, rows]): Sample => [{ type }, rows]),
    );
    out.counter("weir_journal_rows_purged_total", "Rows removed by retention since the journal began.", size.purged);
    out.gauge("weir_journal_last_seq", "The newest row.", size.lastSeq);
    out.gauge("weir_journal_database_bytes", "Length of the database's file.", size.databaseBytes);
    out.gauge("weir_journal_free_bytes", "Of it, free for new rows.", size.freeBytes);
    out.gauge("weir_journal_wal_bytes", "Length of the write-ahead log.", size.walBytes);
    out.gauge("weir_detections_open", "Detections that go on.", size.openDetections);
  } catch (error) {
    deps.log("warn", "api", messageOf(error));
    out.gauge("weir_journal_up", "Whether the journal can be read.", 0);
  }
}

function sampleOf(histogram: HistogramView): HistogramSample {
  return { buckets: histogram.cumulative(), sum: histogram.sum, count: histogram.count };
}
