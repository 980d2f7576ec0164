/**
 * The stream, live: collectors -> merge and batch -> match, correlate, score -> one commit a batch. The only place that wires the
 * stages. A batch is in memory until its transaction is through; killed before, the sources are read again. While much comes, batches
 * are committed in another thread, in their order, while the next one is matched and correlated: never more than a few are under way.
 */

import { type Clock, yieldToOthers } from "../core/clock.ts";
import type { Collector } from "../core/collector.ts";
import type { Detection } from "../core/detection.ts";
import { messageOf } from "../core/errors.ts";
import type { TelemetryEvent } from "../core/event.ts";
import { Ledger } from "../core/ledger.ts";
import type { Log } from "../core/log.ts";
import type { Masking } from "../core/masking.ts";
import type { StateWrite } from "../core/state_store.ts";
import { type Batch, Merge } from "../core/stream.ts";
import type { Commit, Journal, SentCommit } from "../journal/mod.ts";
import { type Admitted, BatchIds } from "./batch_ids.ts";
import type { Engine } from "./engine.ts";
import type { HostView } from "./host_view.ts";
import { Histogram } from "./histogram.ts";
import type { RecentEvents } from "./recent_events.ts";
import { selfCollector } from "./self.ts";
import { type CollectorReport, Supervisor } from "./supervisor.ts";

/** Events in one transaction at most. */
export const BATCH_EVENTS_MAX = 1_000;

/**
 * Batches on their way into the journal at most, beside the one that is decided on: with one alone, each thread would stand still whenever
 * the other takes longer than it mostly does.
 */
const UNDER_WAY_MAX = 3;

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
  /** Batches that are being committed, in their order. */
  readonly #underWay: UnderWay[] = [];
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
    await this.#untilUnderWay(0);
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

  /** Decides on a batch while those before are committed, then begins to commit it. */
  async #process(batch: Batch<TelemetryEvent>): Promise<void> {
    const decided = await this.#decide(batch);
    if (decided === undefined) return;
    const isLarge = this.#noteSize(decided.commit);
    await this.#untilUnderWay(isLarge ? UNDER_WAY_MAX - 1 : 0);
    const sent = isLarge ? this.#options.journal.send(decided.commit) : null;
    const before = this.#underWay.at(-1)?.done;
    const done = this.#finish(decided, sent, before);
    done.catch(() => {}); // whoever waits for it hears of it
    this.#underWay.push({ ids: decided.ids, done });
    if (!isLarge) await this.#untilUnderWay(0);
    await this.#retain();
  }

  /** Waits until no more than so many batches are under way. */
  async #untilUnderWay(count: number): Promise<void> {
    while (this.#underWay.length > count) {
      await this.#underWay[0]?.done;
      this.#underWay.shift();
    }
  }

  /** Whether a commit is large and much comes: it is for the other thread. */
  #noteSize({ events }: Commit): boolean {
    this.#largeBatches = events.length < LARGE_BATCH_EVENTS_MIN ? 0 : this.#largeBatches + 1;
    return this.#largeBatches >= LARGE_BATCHES_MIN;
  }

  /** Matches, correlates and scores a batch; `undefined` when Weir was stopped before the journal said what it has. */
  async #decide(batch: Batch<TelemetryEvent>): Promise<Decided | undefined> {
    const { engine, clock, hosts, recent } = this.#options;
    const startedMs = batch.length > 0 ? clock.monotonic() : null;
    const admitted: TelemetryEvent[] = [];
    const state: StateWrite[] = [];
    const known = await this.#known(batch);
    if (known === undefined) return undefined;
    const ids = new BatchIds(known);
    const underWay = this.#underWay.map((one) => one.ids);
    const taken = new Map<string, Admitted>();
    for (const part of batch) {
      const admission = ids.admit(part.items, underWay);
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

  /**
   * Commits what was decided once the batch `before` is through, and tells of it; false, when Weir was stopped before that was done: then
   * nothing later may go in either, as sources would go on behind it.
   */
  async #finish(decided: Decided, sent: SentCommit | null, before: Promise<boolean> | undefined): Promise<boolean> {
    const { startedMs, taken, commit } = decided;
    const { clock } = this.#options;
    if (await before === false || !await this.#commit(commit, sent)) return false;
    this.#settle(taken);
    if (startedMs !== null) this.commitSeconds.observe((clock.monotonic() - startedMs) / 1000);
    const nowMs = clock.now();
    for (const event of commit.events) this.eventSeconds.observe(Math.max(0, nowMs - event.observedMs) / 1000);
    for (const detection of commit.detections) this.#options.onDetection?.(detection);
    this.#lately += commit.events.length;
    return true;
  }

  /** Ids of the batch that the journal has; `undefined` when Weir was stopped before it would say. */
  #known(batch: Batch<TelemetryEvent>): Promise<Set<string> | undefined> {
    if (batch.length === 0) return Promise.resolve(new Set());
    const ids: string[] = [];
    for (const { items } of batch) for (const { id } of items) ids.push(id);
    return this.#persist(() => this.#options.journal.known(ids));
  }

  /** Whether the commit went through; it is tried until it does or Weir is stopped. */
  async #commit(commit: Commit, sent: SentCommit | null): Promise<boolean> {
    if (isEmpty(commit)) return true;
    const { journal } = this.#options;
    const done = await this.#persist(async () => {
      if (sent === null) journal.commit(commit);
      else await journal.commitSent(sent);
      return true;
    });
    return done !== undefined;
  }

  /**
   * Does something with the journal, again and again while that fails. Sources that can wait are waiting meanwhile. What goes at once says
   * nothing of what fails beside it: a locked journal can be read.
   */
  async #persist<T>(work: () => T | Promise<T>): Promise<T | undefined> {
    const { clock, log } = this.#options;
    for (let waitMs = RETRY_MIN_MS;; waitMs = Math.min(RETRY_MAX_MS, waitMs * 2)) {
      try {
        const result = await work();
        if (waitMs > RETRY_MIN_MS) this.#noteEndOfTrouble();
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

  #noteEndOfTrouble(): void {
    if (this.#trouble !== null) this.#options.log("info", "journal", "Committing again");
    this.#trouble = null;
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

  /** Removes a slice of old rows, where it is time to. */
  async #retain(): Promise<void> {
    const { clock, journal, log } = this.#options;
    const nowMs = clock.now();
    if (nowMs - this.#retainedMs < RETAIN_INTERVAL_MS) return;
    await this.#untilUnderWay(0);
    try {
      const { more } = journal.retain(nowMs);
      if (!more) this.#retainedMs = nowMs;
    } catch (error) {
      this.#retainedMs = nowMs;
      log("warn", "journal", `Cannot remove old rows: ${messageOf(error)}`);
    }
  }
}

/** A batch that is being committed. */
interface UnderWay {
  readonly ids: BatchIds;
  /** Whether it went through. */
  readonly done: Promise<boolean>;
}

/** A batch that was decided on. */
interface Decided {
  /** When it was taken, by the monotonic clock: milliseconds; null for an empty one, with which only time went on. */
  readonly startedMs: number | null;
  readonly ids: BatchIds;
  /** By source. */
  readonly taken: ReadonlyMap<string, Admitted>;
  readonly commit: Commit;
}

function isEmpty({ events, matches, detections, updates, scores, state }: Commit): boolean {
  return events.length + matches.length + detections.length + updates.length + scores.length + state.length === 0;
}
