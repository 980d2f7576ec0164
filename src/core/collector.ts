/** What every collector is: an async iterator of events, and nothing more. It decides nothing; rules do. */

import type { Clock } from "./clock.ts";
import type { TelemetryEvent } from "./event.ts";
import type { Masking } from "./masking.ts";
import type { StateStore } from "./state_store.ts";

/** A chunk holds what was there when the collector looked. More than this many events go into several chunks. */
export const CHUNK_EVENTS_MAX = 1_000;

/**
 * What a collector is given.
 *
 * Protocol: the pipeline calls `next()` again only when the last chunk has gone into a batch, so a collector that can wait
 * is slowed by not being pulled; one that cannot buffers within a stated limit and calls `dropped` for what it turns away.
 * It ends at once when `signal` is aborted, and releases what it holds when `return()` is called.
 * A problem that ends it is thrown (the supervisor starts it again with back-off); one it can work round is told to `warn`.
 */
export interface CollectorContext {
  /** The name of this host, for events about it. */
  readonly host: string;
  /**
   * Weir's own folder, absolute and without links. No file in it may be opened: in closing it the process would let go of the locks that
   * SQLite holds on its database (fcntl(2), "Record locking"). Absent: there is none.
   */
  readonly dataDirectory?: string;
  readonly clock: Clock;
  readonly state: StateStore;
  readonly signal: AbortSignal;
  /** Masks secrets: every text from outside that may hold one goes through it first. Absent: nothing is masked. */
  readonly masking?: Masking;
  /** Counts events lost at the collector's own edge, by a short reason in snake_case. */
  dropped(reason: string, count: number): void;
  /** Says what is amiss while work goes on; the same text is told once until it changes. */
  warn(message: string): void;
}

/** One kind of event a collector yields, for rule checking and the reference. */
export interface KindDescription {
  readonly kind: string;
  readonly description: string;
}

/** How one of the things that a collector watches elsewhere is doing: a device, a peer. */
export interface TargetReport {
  /** What tells it from the others. */
  readonly name: string;
  /** Why it cannot be watched; null while it can. */
  readonly trouble: string | null;
}

/** How far a collector is with something long that it does once. */
export interface Progress {
  /** What it does, in a few words. */
  readonly doing: string;
  /** From 0 to 1. */
  readonly done: number;
}

/** A collector that is configured and ready to run. */
export interface Collector {
  /** Its name: the `source` of its events, its key in the configuration, its row in the ledger. */
  readonly name: string;
  /** What it watches, in a few words, for the start banner: "every 50 ms, connections every 1 s". */
  readonly summary: string;
  /** How the things it watches elsewhere are doing, those of which something is known, in any order. */
  targets?(): readonly TargetReport[];
  /** How far it is with something long that it does once; null while it does no such thing. */
  progress?(): Progress | null;
  /** Events in the chunks in which they came, each of 1 to {@linkcode CHUNK_EVENTS_MAX} events. */
  collect(context: CollectorContext): AsyncIterable<readonly TelemetryEvent[]>;
}
