/** A Weir ready to run: journal, engine and live stream put together, and the view of them that the API is given. */

import type { ApiDeps, Measures, Problem } from "../api/deps.ts";
import { COLLECTORS } from "../collectors/registry.ts";
import type { WeirConfig } from "../config/schema.ts";
import type { Clock } from "../core/clock.ts";
import type { Collector } from "../core/collector.ts";
import type { Detection, Level } from "../core/detection.ts";
import type { Log } from "../core/log.ts";
import { createMasking } from "../core/masking.ts";
import { type BadRow, Journal, JournalReader } from "../journal/mod.ts";
import { hasLinearEngine } from "../core/expression.ts";
import type { Rule } from "../rules/rule.ts";
import type { Tuning } from "../rules/tuning.ts";
import { type Assembled, createEngine } from "./assemble.ts";
import { HOST_VIEW_KINDS, HostView } from "./host_view.ts";
import { Live } from "./live.ts";
import { LiveRules, type RuleSource } from "./live_rules.ts";
import { rebuild } from "./rebuild.ts";
import { RecentEvents } from "./recent_events.ts";
import type { RuleBook } from "./rule_book.ts";

export interface WeirOptions {
  readonly config: WeirConfig;
  readonly book: RuleBook;
  /** Where changed rules come from while it runs, and what was said of them when the book was made; absent: they stay. */
  readonly rules?: { readonly source: RuleSource; readonly tuning: Tuning };
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Called again and again while little comes. */
  readonly onQuiet?: () => void;
}

/** A collector that does not run, and why. */
export interface OffCollector {
  readonly name: string;
  readonly summary: string;
  readonly reason: string;
}

/** Events of each kind looked at when the host view is filled again at start. */
const HOST_VIEW_EVENTS = 200;

/** Of what goes into the journal's past at start: events no older than this, in milliseconds. */
const HOST_VIEW_AGE_MS = 3_600_000;

export class Weir {
  readonly collectors: readonly Collector[];
  readonly off: readonly OffCollector[];
  /** What was taken up again from the journal. */
  readonly rebuilt: { readonly matches: number; readonly detections: number };
  readonly #options: WeirOptions;
  readonly #journal: Journal;
  readonly #reader: JournalReader;
  readonly #assembled: Assembled;
  readonly #hosts = new HostView();
  readonly #recent: RecentEvents;
  readonly #live: Live;
  readonly #rules: LiveRules | null;
  readonly #ended = new AbortController();
  readonly #detections = new Map<string, { rule: string; level: Level; count: number }>();
  readonly #startedMs: number;
  #threadsLost = 0;
  #badRows: { count: number; last: string; sinceMs: number } | null = null;

  /** @throws {UsageError} when the data directory cannot be used: one line that says why. */
  constructor(options: WeirOptions) {
    const { config, book, clock, log } = options;
    this.#options = options;
    this.#startedMs = clock.now();
    this.#recent = new RecentEvents(config.recent_events);
    const onBadRow = (bad: BadRow) => this.#noteBadRow(bad);
    const onThreadLost = (why: string) => this.#noteThreadLost(why);
    this.#journal = Journal.open(config.data, { ...config.journal, onBadRow, onThreadLost });
    this.#reader = JournalReader.open(config.data, { onBadRow });
    this.#assembled = createEngine(book.rules, config);
    this.rebuilt = rebuild(this.#journal, this.#assembled.engine, book.rules, config, this.#startedMs);
    this.#fillHostView();
    ({ on: this.collectors, off: this.off } = configured(config));
    this.#live = new Live({
      host: config.host,
      clock,
      log,
      journal: this.#journal,
      engine: this.#assembled.engine,
      hosts: this.#hosts,
      recent: this.#recent,
      collectors: this.collectors,
      masking: createMasking(config.masking),
      dataDirectory: Deno.realPathSync(config.data),
      off: this.off,
      onDetection: (detection) => this.#noteDetection(detection),
      onQuiet: () => this.#rest(),
    });
    const apply = (rules: readonly Rule[]) => this.#apply(rules);
    this.#rules = options.rules === undefined ? null : new LiveRules({ ...options.rules, book, clock, log, apply });
  }

  /** Runs until `stop` is aborted; what had arrived is then committed, and the journal closed. */
  async run(stop: AbortSignal): Promise<void> {
    const following = this.#rules?.run(AbortSignal.any([stop, this.#ended.signal]));
    try {
      await this.#live.run(stop);
    } finally {
      this.#ended.abort();
      await following;
      this.#reader.close();
      this.#journal.close();
    }
  }

  /** Rows in the journal. */
  get rows(): number {
    return this.#reader.size().rows;
  }

  /** What the API reads. */
  apiDeps(): ApiDeps {
    const { clock, config, log, version } = this.#options;
    return {
      version,
      host: config.host,
      clock,
      startedMs: this.#startedMs,
      log,
      reader: this.#reader,
      event: (id) => this.#recent.get(id) ?? this.#reader.event(id),
      scores: this.#assembled.scoreboard,
      hosts: this.#hosts,
      rules: () => this.#inForce(),
      collectors: () => this.#live.collectors(),
      ledger: () => this.#live.ledger.rows(),
      problems: () => this.#problems(),
      measures: () => this.#measures(),
    };
  }

  #inForce() {
    return this.#rules === null ? this.#options.book : { ...this.#rules.book, sinceMs: this.#rules.sinceMs };
  }

  /** Goes on with other rules between two batches; resolves once that is so, or Weir has ended. */
  #apply(rules: readonly Rule[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ended.signal.addEventListener("abort", () => resolve(), { once: true });
      this.#live.betweenBatches(() => {
        try {
          this.#assembled.engine.replace(rules);
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #problems(): Problem[] {
    const problems: Problem[] = [];
    const kept = this.#rules?.book.kept ?? [];
    if (this.#rules !== null && kept.length > 0) {
      const message = `What stands in the file is wrong, so that the last good version is in force: ${kept.join(", ")}`;
      problems.push({ component: "rules", message, sinceMs: this.#rules.sinceMs });
    }
    const { trouble } = this.#live;
    if (trouble !== null) problems.push({ component: "journal", ...trouble });
    if (this.#badRows !== null) {
      const { count, last, sinceMs } = this.#badRows;
      problems.push({
        component: "journal",
        message: `${count} bad rows were kept and passed by, the last: ${last}`,
        sinceMs,
      });
    }
    const { disagreements } = this.#assembled.engine.stats();
    if (disagreements > 0) {
      const message =
        `json-rules-engine and Weir's closures parted on ${disagreements} firings: a defect, please report it`;
      problems.push({ component: "rules", message, sinceMs: this.#startedMs });
    }
    if (!hasLinearEngine()) {
      const message = "Started without V8's linear regular-expression engine: rules' expressions run slower, on re2js";
      problems.push({ component: "rules", message, sinceMs: this.#startedMs });
    }
    return problems;
  }

  #measures(): Measures {
    const { commitSeconds, eventSeconds } = this.#live;
    return {
      detections: [...this.#detections.values()],
      recent: { size: this.#recent.size, evicted: this.#recent.evicted },
      hostsEvicted: this.#hosts.evicted,
      threadsLost: this.#threadsLost,
      correlator: this.#assembled.correlator.stats(),
      commitSeconds,
      eventSeconds,
    };
  }

  /** Little comes: gives memory back. */
  #rest(): void {
    this.#journal.rest();
    this.#reader.rest();
    this.#options.onQuiet?.();
  }

  #noteDetection({ rule, level, message }: Detection): void {
    const counted = this.#detections.get(rule);
    if (counted === undefined) this.#detections.set(rule, { rule, level, count: 1 });
    else counted.count++;
    this.#options.log("info", rule, `${level}: ${message}`);
  }

  #noteThreadLost(why: string): void {
    this.#threadsLost++;
    this.#options.log("warn", "journal", `The thread that commits was given up: ${why}; nothing is lost`);
  }

  #noteBadRow({ table, key, reason }: BadRow): void {
    const last = `${table} ${key}: ${reason}`;
    if (this.#badRows === null) this.#options.log("error", "journal", `Bad row, kept and passed by: ${last}`);
    const { count, sinceMs } = this.#badRows ?? { count: 0, sinceMs: this.#options.clock.now() };
    this.#badRows = { count: count + 1, last, sinceMs };
  }

  #fillHostView(): void {
    const sinceMs = this.#startedMs - HOST_VIEW_AGE_MS;
    for (const kind of HOST_VIEW_KINDS) {
      const { items } = this.#reader.events({ kind, sinceMs }, { limit: HOST_VIEW_EVENTS });
      for (const event of items.toReversed()) this.#hosts.observe(event);
    }
  }
}

/** The collectors that are on, made ready, and those that are off. */
function configured(config: WeirConfig): { on: Collector[]; off: OffCollector[] } {
  const on: Collector[] = [];
  const off: OffCollector[] = [];
  for (const definition of COLLECTORS) {
    const settings = config.collectors[definition.name] ?? {};
    const collector = definition.create(settings);
    const reason = settings.enabled === true ? definition.offReason?.(settings) : "switched off in the configuration";
    if (reason === undefined) on.push(collector);
    else off.push({ name: definition.name, summary: collector.summary, reason });
  }
  return { on, off };
}
