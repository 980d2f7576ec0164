/** What the API is given: views of what runs. It reads, and changes nothing. */

import type { Clock } from "../core/clock.ts";
import type { Diagnostic } from "../core/errors.ts";
import type { EntityKey, Level } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { LedgerRow } from "../core/ledger.ts";
import type { Log } from "../core/log.ts";
import type { Secret } from "../core/schema.ts";
import type { ThreatScore } from "../core/score.ts";
import type { CorrelatorStats } from "../correlate/mod.ts";
import type { JournalReader } from "../journal/mod.ts";
import type { Rule } from "../rules/rule.ts";

/** How a collector is doing. */
export interface CollectorStatus {
  readonly name: string;
  readonly state: "running" | "degraded" | "off";
  /** Why it is degraded or off, or what it warned of; null when there is nothing to say. */
  readonly reason: string | null;
  /** What it watches. */
  readonly summary: string;
  /** When it came to its present state: milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly restarts: number;
  /** When it last gave something; null when it has not yet. */
  readonly lastEventMs: number | null;
  /** What it watches elsewhere, devices, and why one cannot be watched; of a collector that does. */
  readonly targets?: readonly { readonly name: string; readonly trouble: string | null }[];
}

/** Something amiss that is neither a collector's nor a rule's: the journal cannot commit, a row is bad. */
export interface Problem {
  readonly component: string;
  readonly message: string;
  readonly sinceMs: number;
}

/** Counts by upper bound, cumulative, the last bound infinite: in seconds. */
export interface HistogramView {
  cumulative(): readonly { readonly bound: number; readonly count: number }[];
  readonly sum: number;
  readonly count: number;
}

/** What the pipeline counts, for `/metrics`. */
export interface Measures {
  /** New detections of this run. */
  readonly detections: readonly { readonly rule: string; readonly level: Level; readonly count: number }[];
  /** The ring of recent events. */
  readonly recent: { readonly size: number; readonly evicted: number };
  readonly hostsEvicted: number;
  /** Threads that commit and were given up, as they failed or did not answer. */
  readonly threadsLost: number;
  readonly correlator: CorrelatorStats;
  /** From a batch being taken to its commit being through. */
  readonly commitSeconds: HistogramView;
  /** From an event being seen to its commit being through. */
  readonly eventSeconds: HistogramView;
}

export interface ApiDeps {
  readonly version: string;
  /** Name of this host. */
  readonly host: string;
  readonly clock: Clock;
  /** When Weir started: milliseconds since the epoch. */
  readonly startedMs: number;
  readonly log: Log;
  readonly reader: Pick<
    JournalReader,
    "events" | "detections" | "detection" | "scoreHistory" | "size"
  >;
  /** An event by its id: from memory while it is recent, else from the journal. */
  event(id: string): TelemetryEvent | undefined;
  readonly scores: {
    score(entity: EntityKey, nowMs: number): ThreatScore | undefined;
    /** Highest first. */
    all(nowMs: number): readonly ThreatScore[];
  };
  readonly hosts: {
    /** By name, with when each was last heard of. */
    hosts(): readonly { readonly host: string; readonly lastMs: number }[];
    lastMs(host: string): number | undefined;
    /** The latest rows of one kind of event about a host. */
    latest(host: string, kind: string): readonly TelemetryEvent[];
  };
  /** The rules in force, and everything that was said about them; `sinceMs`: since when, absent where that is the start. */
  rules(): {
    readonly rules: readonly Rule[];
    readonly diagnostics: readonly Diagnostic[];
    readonly sinceMs?: number;
  };
  collectors(): readonly CollectorStatus[];
  ledger(): readonly LedgerRow[];
  problems(): readonly Problem[];
  measures(): Measures;
}

/** Who may ask. */
export interface Access {
  /** What a client has to send; absent: nothing. */
  readonly token?: Secret | undefined;
  /**
   * Names under which this machine is asked, without port, where the API listens on loopback: a page of another name that
   * resolves here is refused. Null: every name is answered, for listeners that need a token instead.
   */
  readonly hostNames: readonly string[] | null;
}
