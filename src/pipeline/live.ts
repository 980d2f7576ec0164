/**
 * The stream, live: collectors -> merge and batch -> match, correlate, score -> one commit a batch. The only place that wires the
 * stages. A batch is in memory until its transaction is through; killed before, the sources are read again. While much comes, a batch
 * is committed in another thread, and the next one is matched and correlated meanwhile: there are never more than these two.
 */

import { type Clock, yieldToOthers } from "../core/clock.ts";
import type { Collector } from "../core/collector.ts";
import type { Detection } from "../core/detection.ts";
import { messageOf } from "../core/errors.ts";
import { type TelemetryEvent, withPlausibleTime } from "../core/event.ts";
import { Ledger } from "../core/ledger.ts";
import type { Log } from "../core/log.ts";
import type { Masking } from "../core/masking.ts";
import type { StateWrite } from "../core/state_store.ts";
import { type Batch, Merge, type Part } from "../core/stream.ts";
import type { Commit, Journal, PackedCommit } from "../journal/mod.ts";
import type { Engine } from "./engine.ts";
import type { HostView } from "./host_view.ts";
import { Histogram } from "./histogram.ts";
import type { RecentEvents } from "./recent_events.ts";
import { selfCollector } from "./self.ts";
import { type CollectorReport, Supervisor } from "./supervisor.ts";

/** Events in one transaction at most. */
export const BATCH_EVENTS_MAX = 1_000;

/** Time goes on about this often, whether or not events come: milliseconds. */
const TICK_MS = 1_000;

/** How long a stop waits for collectors and for the journal before it gives up: milliseconds. */
const STOP_MAX_MS = 1_500;

/** Waits between tries of a commit that fails: from, to, in milliseconds. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 5_000;

/** How often old rows are looked for: milliseconds. */
const RETAIN_INTERVAL_MS = 60_000;

/** Much comes, when so many batches of so many events followed one another. */
const LARGE_BATCH_EVENTS_MIN = 500;
const LARGE_BATCHES_MIN = 4;

/** Little comes, when fewer events than this came in {@linkcode QUIET_INTERVAL_MS}. */
const QUIET_EVENTS_MAX = 4_500;
const QUIET_INTERVAL_MS = 45_000;

export interface LiveOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: Journal;
  readonly engine: Engine;
  readonly hosts: HostView;
  /** Recent events. */
  readonly recent: RecentEvents;
  readonly collectors: readonly Collector[];
  /** How secrets are masked in what collectors read; absent: not at all. */
  readonly masking?: Masking;
  /** Weir's own folder, in which collectors open nothing; absent: there is none. */
  readonly dataDirectory?: string;
  /** Collectors that do not run, and why. */
  readonly off: readonly { readonly name: string; readonly summary: string; readonly reason: string }[];
  /** Called again and again while little comes, some 45 s apart: the time to tidy up. */
  readonly onQuiet?: () => void;
  /** Called with each new detection once it is durable. */
  readonly onDetection?: (detection: Detection) => void;
}

/** What stands in the way of committing, while it does. */
export interface CommitTrouble {
  readonly message: string;
  readonly sinceMs: number;
}

export class Live {
  readonly ledger = new Ledger();
  /** From a batch being taken to its commit being through: seconds. */
  readonly commitSeconds = new Histogram([0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]);
  /** From an event being seen to its commit being through: seconds. */
  readonly eventSeconds = new Histogram([0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5]);
  readonly #options: LiveOptions;
  readonly #merge = new Merge<TelemetryEvent>();
  readonly #supervisor: Supervisor;
  readonly #giveUp = new AbortController();
  /** What is to be done before the next batch is taken. */
  readonly #between: (() => void)[] = [];
  #trouble: CommitTrouble | null = null;
  #retainedMs = 0;
  /** The batch that is being committed, and the ids of its events. */
  #underWay: Promise<void> = Promise.resolve();
  #underWayIds: ReadonlySet<string> = new Set();
  #largeBatches = 0;
  /** Events admitted since it was last looked whether little comes, and when that was. */
  #lately = 0;
  #lookedMs = 0;

  constructor(options: LiveOptions) {
    this.#options = options;
    const { host, clock, log, journal, masking, dataDirectory } = options;
    this.#supervisor = new Supervisor({
      host,
      clock,
      log,
      ...(masking === undefined ? {} : { masking }),
      ...(dataDirectory === undefined ? {} : { dataDirectory }),
      ledger: this.ledger,
      merge: this.#merge,
      committedState: (scope) => journal.state(scope),
    });
  }

  /** Runs until `stop` is aborted, then ends with everything committed that had arrived. */
  async run(stop: AbortSignal): Promise<void> {
    this.#startCollectors();
    const end = () => this.#beginStop();
    if (stop.aborted) end();
    else stop.addEventListener("abort", end, { once: true });
    const ticking = this.#tick();
    while (!this.#giveUp.signal.aborted) {
      if (this.#merge.size === 0) {
        if (stop.aborted) break;
        await this.#options.clock.sleep(TICK_MS, stop); // every collector is waiting to be started again
      }
      await this.#merge.arrival(this.#giveUp.signal);
      for (const work of this.#between.splice(0)) work();
      const batch = this.#merge.take(BATCH_EVENTS_MAX);
      await this.#process(batch);
      if (batch.length > 0) await yieldToOthers();
    }
    await this.#underWay;
    this.#giveUp.abort();
    await ticking;
    for (const problem of await this.#endMerge()) this.#options.log("warn", "stop", problem);
  }

  /** Does something at once where no batch is in the works, else after it. Not done any more once Weir has stopped. */
  betweenBatches(work: () => void): void {
    this.#between.push(work);
    this.#merge.wake();
  }

  /** Why nothing can be committed at the moment; null while it can. */
  get trouble(): CommitTrouble | null {
    return this.#trouble;
  }

  collectors(): CollectorReport[] {
    return this.#supervisor.reports();
  }

  #startCollectors(): void {
    const { collectors, off } = this.#options;
    for (const { name, summary, reason } of off) this.#supervisor.noteOff(name, summary, reason);
    for (const collector of collectors) this.#supervisor.start(collector);
    this.#supervisor.start(selfCollector(() => this.collectors(), () => this.ledger.rows()));
  }

  #beginStop(): void {
    const { clock, log } = this.#options;
    this.#supervisor.stop();
    clock.sleep(STOP_MAX_MS, this.#giveUp.signal).then(() => {
      if (this.#giveUp.signal.aborted) return;
      log("warn", "stop", `Not everything ended within ${STOP_MAX_MS} ms; what was not committed will be read again`);
      this.#giveUp.abort();
    });
    this.#merge.wake();
  }

  /** Waits for sources to let go, no longer than a stop may take. */
  async #endMerge(): Promise<string[]> {
    const deadline = this.#options.clock.sleep(100).then((): string[] => []);
    return await Promise.race([this.#merge.end(), deadline]);
  }

  async #tick(): Promise<void> {
    const { signal } = this.#giveUp;
    while (!signal.aborted) {
      await this.#options.clock.sleepTogether(TICK_MS, signal);
      this.#merge.wake();
      this.#noticeQuiet();
    }
  }

  /** Decides on a batch while the one before is committed, then begins to commit it. */
  async #process(batch: Batch<TelemetryEvent>): Promise<void> {
    const decided = await this.#decide(batch);
    const packed = decided === undefined ? null : this.#packLarge(decided.commit);
    await this.#underWay;
    if (decided === undefined) return;
    this.#underWayIds = decided.ids;
    this.#underWay = this.#finish(decided, packed);
    if (packed === null) await this.#underWay;
  }

  /** Makes a commit ready for the other thread where much comes; null where it does not. */
  #packLarge(commit: Commit): PackedCommit | null {
    this.#largeBatches = commit.events.length < LARGE_BATCH_EVENTS_MIN ? 0 : this.#largeBatches + 1;
    return this.#largeBatches < LARGE_BATCHES_MIN ? null : this.#options.journal.pack(commit);
  }

  /** Matches, correlates and scores a batch; `undefined` when Weir was stopped before the journal said what it has. */
  async #decide(batch: Batch<TelemetryEvent>): Promise<Decided | undefined> {
    const { engine, clock, hosts, recent } = this.#options;
    const startedMs = batch.length > 0 ? clock.monotonic() : null;
    const admitted: TelemetryEvent[] = [];
    const state: StateWrite[] = [];
    const ids = await this.#known(batch);
    if (ids === undefined) return undefined;
    const taken = new Map<string, Admitted>();
    for (const part of batch) {
      const admission = admit(part, ids, this.#underWayIds);
      const { fresh } = admission;
      taken.set(part.source, admission);
      for (const event of fresh) {
        recent.push(event);
        hosts.observe(event);
        admitted.push(event);
      }
      engine.observe(fresh, part.source);
      if (part.endsChunk) {
        state.push(...this.#supervisor.takeState(part.source));
        this.#supervisor.noteTaken(part.source);
      }
    }
    engine.advance(clock.now(), (source) => this.#supervisor.waitedMs(source));
    const decisions = await engine.decide(clock.now());
    const matches = decisions.matches.filter(({ passing }) => passing !== true);
    const commit = { ...decisions, events: admitted, matches, state: [...state, ...decisions.state] };
    return { startedMs, ids, taken, commit };
  }

  /** Commits what was decided, and tells of it. */
  async #finish({ startedMs, taken, commit }: Decided, packed: PackedCommit | null): Promise<void> {
    const { clock } = this.#options;
    if (!await this.#commit(commit, packed)) return;
    this.#settle(taken);
    if (startedMs !== null) this.commitSeconds.observe((clock.monotonic() - startedMs) / 1000);
    const nowMs = clock.now();
    for (const event of commit.events) this.eventSeconds.observe(Math.max(0, nowMs - event.observedMs) / 1000);
    for (const detection of commit.detections) this.#options.onDetection?.(detection);
    this.#lately += commit.events.length;
    this.#retain(nowMs);
  }

  /** Ids of the batch that the journal has; `undefined` when Weir was stopped before it would say. */
  #known(batch: Batch<TelemetryEvent>): Promise<Set<string> | undefined> {
    if (batch.length === 0) return Promise.resolve(new Set());
    const ids: string[] = [];
    for (const { items } of batch) for (const { id } of items) ids.push(id);
    return this.#persist(() => this.#options.journal.known(ids));
  }

  /** Whether the commit went through; it is tried until it does or Weir is stopped. */
  async #commit(commit: Commit, packed: PackedCommit | null): Promise<boolean> {
    if (isEmpty(commit)) return true;
    const { journal } = this.#options;
    const done = await this.#persist(() => packed === null ? journal.commit(commit) : journal.commitAside(packed));
    return done !== undefined;
  }

  /** Does something with the journal, again and again while that fails. Sources that can wait are waiting meanwhile. */
  async #persist<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    const { clock, log } = this.#options;
    for (let waitMs = RETRY_MIN_MS;; waitMs = Math.min(RETRY_MAX_MS, waitMs * 2)) {
      try {
        const result = await work();
        if (this.#trouble !== null) log("info", "journal", "Committing again");
        this.#trouble = null;
        return result;
      } catch (error) {
        const message = messageOf(error);
        if (this.#trouble === null) log("error", "journal", `${message}; trying again until it goes`);
        this.#trouble = { message, sinceMs: this.#trouble?.sinceMs ?? clock.now() };
      }
      await clock.sleep(waitMs, this.#giveUp.signal);
      if (this.#giveUp.signal.aborted) return undefined;
    }
  }

  #settle(taken: ReadonlyMap<string, Admitted>): void {
    for (const [source, { fresh, duplicates, timeless }] of taken) {
      this.ledger.committed(source, fresh.length);
      if (duplicates > 0) this.ledger.duplicate(source, duplicates);
      if (timeless > 0) this.ledger.dropped(source, "no_time", timeless);
    }
  }

  #noticeQuiet(): void {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#lookedMs < QUIET_INTERVAL_MS) return;
    if (this.#lately < QUIET_EVENTS_MAX) this.#options.onQuiet?.();
    this.#lookedMs = nowMs;
    this.#lately = 0;
  }

  #retain(nowMs: number): void {
    if (nowMs - this.#retainedMs < RETAIN_INTERVAL_MS) return;
    try {
      const { more } = this.#options.journal.retain(nowMs);
      if (!more) this.#retainedMs = nowMs;
    } catch (error) {
      this.#retainedMs = nowMs;
      this.#options.log("warn", "journal", `Cannot remove old rows: ${messageOf(error)}`);
    }
  }
}

/** A batch that was decided on. */
interface Decided {
  /** When it was taken, by the monotonic clock: milliseconds; null for an empty one, with which only time went on. */
  readonly startedMs: number | null;
  /** Of its events, and of those of them that were known. */
  readonly ids: ReadonlySet<string>;
  /** By source. */
  readonly taken: ReadonlyMap<string, Admitted>;
  readonly commit: Commit;
}

/** What became of a part of a batch. */
interface Admitted {
  readonly fresh: readonly TelemetryEvent[];
  /** Known by their ids. */
  readonly duplicates: number;
  /** Turned away, as their time is no number: nothing could be said of when they were. */
  readonly timeless: number;
}

/** The events of a part that were never seen before, with plausible times. Adds their ids to `known`; `underWay` are known as well. */
function admit(part: Part<TelemetryEvent>, known: Set<string>, underWay: ReadonlySet<string>): Admitted {
  const fresh: TelemetryEvent[] = [];
  let timeless = 0;
  for (const event of part.items) {
    if (!Number.isFinite(event.timeMs)) timeless++;
    else if (!known.has(event.id) && !underWay.has(event.id)) {
      known.add(event.id);
      fresh.push(withPlausibleTime(event));
    }
  }
  return { fresh, timeless, duplicates: part.items.length - fresh.length - timeless };
}

function isEmpty({ events, matches, detections, updates, scores, state }: Commit): boolean {
  return events.length + matches.length + detections.length + updates.length + scores.length + state.length === 0;
}
