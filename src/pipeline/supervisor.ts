/** Runs collectors: each with a context of its own, started again with back-off when it fails, the others not noticing. */

import type { Clock } from "../core/clock.ts";
import type { Collector, CollectorContext, TargetReport } from "../core/collector.ts";
import { messageOf } from "../core/errors.ts";
import { formatDuration } from "../core/duration.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { Ledger } from "../core/ledger.ts";
import type { Log } from "../core/log.ts";
import type { Masking } from "../core/masking.ts";
import { StagedState, type StateWrite } from "../core/state_store.ts";
import type { Merge } from "../core/stream.ts";

/** Before a failed collector is started again: this long, doubled with each failure in a row. */
export const BACKOFF_MIN_MS = 1_000;
export const BACKOFF_MAX_MS = 60_000;

/** A collector that ran this long has recovered: its next failure counts as the first. */
export const RECOVERED_AFTER_MS = 60_000;

/** A collector started again counts as running once it has given something, or has run this long. */
export const SETTLED_AFTER_MS = 5_000;

/** `off` collectors are configured not to run, or cannot on this host. */
export type CollectorState = "running" | "degraded" | "off";

/** How a collector is doing. */
export interface CollectorReport {
  readonly name: string;
  readonly summary: string;
  readonly state: CollectorState;
  /** Why it is degraded or off; what it warned of, while it runs. */
  readonly reason: string | null;
  /** When it came to its present state: milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly restarts: number;
  readonly lastEventMs: number | null;
  /** What it watches elsewhere, of a collector that does. */
  readonly targets?: readonly TargetReport[];
}

interface Watched {
  readonly collector: Collector;
  readonly state: StagedState;
  phase: CollectorState;
  reason: string | null;
  warning: string | null;
  sinceMs: number;
  startedMs: number;
  failures: number;
  restarts: number;
  lastEventMs: number | null;
  /** Since when it has had nothing to give; only meaningful while the merge waits for it. */
  idleSinceMs: number;
  /**
   * What it had set when each chunk arrived that is not through yet, the oldest first: goes with that chunk's last event. While one
   * chunk waits for the journal the next may have arrived.
   */
  readonly staged: StateWrite[][];
}

export interface SupervisorOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly merge: Merge<TelemetryEvent>;
  readonly log: Log;
  readonly masking?: Masking;
  /** Weir's own folder: see {@linkcode CollectorContext.dataDirectory}. */
  readonly dataDirectory?: string;
  /** A collector's state as last committed. */
  committedState(scope: string): Iterable<readonly [string, string]>;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #off: CollectorReport[] = [];
  readonly #stop = new AbortController();

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Starts a collector and keeps it running until {@linkcode stop}. */
  start(collector: Collector): void {
    const { clock, committedState } = this.#options;
    const nowMs = clock.now();
    const watched: Watched = {
      collector,
      state: new StagedState(collector.name, committedState(collector.name)),
      phase: "running",
      reason: null,
      warning: null,
      sinceMs: nowMs,
      startedMs: nowMs,
      failures: 0,
      restarts: 0,
      lastEventMs: null,
      idleSinceMs: nowMs,
      staged: [],
    };
    this.#watched.set(collector.name, watched);
    this.#run(watched);
  }

  /** Notes a collector that does not run, so that the API can say why. */
  noteOff(name: string, summary: string, reason: string): void {
    const sinceMs = this.#options.clock.now();
    this.#off.push({ name, summary, state: "off", reason, sinceMs, restarts: 0, lastEventMs: null });
  }

  /** Asks every collector to end. The merge runs dry as they do. */
  stop(): void {
    this.#stop.abort();
  }

  /** State that goes into the commit of a chunk's last event. To be taken once for each chunk, in their order. */
  takeState(name: string): StateWrite[] {
    return this.#watched.get(name)?.staged.shift() ?? [];
  }

  /** How long a collector has had nothing to give, 0 while what it gave has not been taken: milliseconds. */
  waitedMs(name: string): number {
    const watched = this.#watched.get(name);
    if (watched === undefined || !this.#options.merge.isWaiting(name)) return 0;
    return Math.max(0, this.#options.clock.now() - watched.idleSinceMs);
  }

  /** Tells that what a collector gave has been taken. */
  noteTaken(name: string): void {
    const watched = this.#watched.get(name);
    if (watched !== undefined) watched.idleSinceMs = this.#options.clock.now();
  }

  reports(): CollectorReport[] {
    for (const watched of this.#watched.values()) this.#settle(watched);
    const running = [...this.#watched.values()].map((watched): CollectorReport => ({
      name: watched.collector.name,
      summary: watched.collector.summary,
      state: watched.phase,
      reason: watched.reason ?? watched.warning,
      sinceMs: watched.sinceMs,
      restarts: watched.restarts,
      lastEventMs: watched.lastEventMs,
      ...(watched.collector.targets === undefined ? {} : { targets: watched.collector.targets() }),
    }));
    return [...running, ...this.#off].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #run(watched: Watched): void {
    const { merge, clock } = this.#options;
    watched.startedMs = clock.now();
    watched.idleSinceMs = watched.startedMs;
    merge.add({
      name: watched.collector.name,
      chunks: watched.collector.collect(this.#context(watched)),
      onChunk: (chunk) => this.#arrived(watched, chunk),
      onEnd: (error) => this.#ended(watched, error),
    });
  }

  #arrived(watched: Watched, chunk: readonly TelemetryEvent[]): void {
    const { ledger, clock } = this.#options;
    ledger.collected(watched.collector.name, chunk.length);
    watched.staged.push(watched.state.take());
    watched.lastEventMs = clock.now();
    if (watched.phase === "degraded") this.#enter(watched, "running", null);
  }

  #ended(watched: Watched, error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { clock, log } = this.#options;
    const nowMs = clock.now();
    watched.failures = nowMs - watched.startedMs >= RECOVERED_AFTER_MS ? 1 : watched.failures + 1;
    const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MIN_MS * 2 ** (watched.failures - 1));
    const reason = error === undefined ? "ended by itself" : messageOf(error);
    this.#enter(watched, "degraded", reason);
    log("warn", watched.collector.name, `${reason}; trying again in ${formatDuration(waitMs)}`);
    clock.sleep(waitMs, this.#stop.signal).then(() => {
      if (this.#stop.signal.aborted) return;
      watched.restarts++;
      this.#run(watched);
    });
  }

  #settle(watched: Watched): void {
    const ranMs = this.#options.clock.now() - watched.startedMs;
    const runs = this.#options.merge.isWaiting(watched.collector.name);
    if (watched.phase === "degraded" && runs && ranMs >= SETTLED_AFTER_MS) this.#enter(watched, "running", null);
  }

  #enter(watched: Watched, phase: CollectorState, reason: string | null): void {
    if (watched.phase !== phase) watched.sinceMs = this.#options.clock.now();
    watched.phase = phase;
    watched.reason = reason;
  }

  #context(watched: Watched): CollectorContext {
    const { host, clock, ledger, log, masking, dataDirectory } = this.#options;
    const { name } = watched.collector;
    return {
      host,
      ...(masking === undefined ? {} : { masking }),
      ...(dataDirectory === undefined ? {} : { dataDirectory }),
      clock,
      state: watched.state,
      signal: this.#stop.signal,
      dropped: (reason, count) => {
        ledger.collected(name, count);
        ledger.dropped(name, reason, count);
      },
      warn: (message) => {
        if (watched.warning === message) return;
        watched.warning = message;
        log("warn", name, message);
      },
    };
  }
}
