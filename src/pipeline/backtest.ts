/** What a rule would have made of the journal's events, and what a change to it makes different. */

import type { TelemetryEvent } from "../core/event.ts";
import type { JournalReader } from "../journal/mod.ts";
import type { Correlation, Rule } from "../rules/rule.ts";
import { createEngine, type EngineConfig } from "./assemble.ts";
import type { Engine } from "./engine.ts";
import { type ComparedFiring, type FiringChange, FiringComparison } from "./firing_comparison.ts";
import { withReferences } from "./rule_tests.ts";

/** A version of a rule, with the rules it builds on among `all`. */
export interface RuleVersion {
  readonly rule: Rule;
  readonly all: readonly Rule[];
}

export interface BacktestOptions {
  readonly reader: JournalReader;
  readonly config: EngineConfig;
  readonly now: RuleVersion;
  /** The version it is held against; null: there is none, so all firings are new. The same as `now`: nothing changes. */
  readonly before: RuleVersion | null;
  /** Firings before this are none of the test's: milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Told of each firing, once it is clear whether both versions make it. */
  readonly onFiring: (firing: ComparedFiring) => void;
}

/** What came of a backtest. */
export interface BacktestResult extends Readonly<Record<FiringChange, number>> {
  /** Events that were run through the rule, those before the time asked for included. */
  readonly events: number;
  /** Times at which the first and the last of them were seen: milliseconds since the epoch; null when there was none. */
  readonly firstMs: number | null;
  readonly lastMs: number | null;
  /** Firings that could not wait for their like for want of room. */
  readonly hurried: number;
}

/**
 * Runs the journal's events through the rule as they came: in the order of their commits, each source with a watermark of its
 * own, the time being that at which each event was seen. Events from before `sinceMs`, as far back as a window reaches, go in too,
 * so that a window is as full at the start as it was. Memory does not grow with the journal.
 */
export async function backtest(options: BacktestOptions): Promise<BacktestResult> {
  const { reader, config, now, before, sinceMs, onFiring } = options;
  const versions = before === null ? [now] : [now, before];
  const rules = versions.map(rulesOf);
  const reachMs = longestReachMs(rules.flat()) + 2 * config.correlate.lateness;
  const apartMs = Math.max(...versions.map(({ rule }) => spanMs(rule)));
  const comparison = new FiringComparison({ apartMs, waitMs: reachMs + apartMs, onFiring });
  const runs = before === now ? [new Run(now, config)] : versions.map((version) => new Run(version, config));
  const take = async (timeMs: number) => {
    for (const [index, run] of runs.entries()) {
      for (const detection of await run.firings(timeMs)) {
        if (detection.timeMs < sinceMs) continue;
        comparison.add(index === 0 ? "now" : "before", detection, timeMs);
        if (before === now) comparison.add("before", detection, timeMs);
      }
    }
    comparison.settle(timeMs);
  };
  const clock = new SeenClock();
  let events = 0;
  for (const chunk of reader.eventsSince(sinceMs - reachMs)) {
    events += chunk.length;
    clock.observe(chunk);
    for (const run of runs) run.observe(chunk, clock);
    if (chunk.length > 0) await take(clock.nowMs);
  }
  for (const run of runs) run.end();
  await take(clock.nowMs);
  comparison.end();
  return { ...comparison.counts(), events, firstMs: clock.firstMs, lastMs: events === 0 ? null : clock.nowMs };
}

function rulesOf({ rule, all }: RuleVersion): readonly Rule[] {
  return withReferences(rule, new Map(all.map((one) => [one.id, one])));
}

/** How far back a rule's firing may look, through all the rules it builds on, what they must have learnt first included. */
function longestReachMs(rules: readonly Rule[]): number {
  return rules.reduce((total, { correlation }) => total + (correlation === null ? 0 : reachMs(correlation)), 0);
}

function reachMs({ timespanMs, pattern }: Correlation): number {
  if (pattern?.type === "new") return timespanMs + pattern.learningMs;
  return pattern?.type === "baseline" ? Math.max(timespanMs, pattern.historyMs) : timespanMs;
}

/** How long one firing of a rule speaks for what comes after it. */
function spanMs({ correlation, suppressMs }: Rule): number {
  return Math.max(correlation?.timespanMs ?? 0, suppressMs);
}

/** The time of the stream, by when its events were seen. */
class SeenClock {
  firstMs: number | null = null;
  nowMs = 0;
  readonly #lastMs = new Map<string, number>();

  observe(events: readonly TelemetryEvent[]): void {
    for (const { source, observedMs } of events) {
      this.firstMs ??= observedMs;
      this.nowMs = Math.max(this.nowMs, observedMs);
      this.#lastMs.set(source, this.nowMs);
    }
  }

  /** For how long a source has been silent: milliseconds. */
  waitedMs(source: string): number {
    return this.nowMs - (this.#lastMs.get(source) ?? this.nowMs);
  }
}

/** One version at work. */
class Run {
  readonly #engine: Engine;
  readonly #id: string;

  constructor(version: RuleVersion, config: EngineConfig) {
    this.#engine = createEngine(rulesOf(version), config).engine;
    this.#id = version.rule.id;
  }

  /** Runs of events of one source go in together. */
  observe(events: readonly TelemetryEvent[], clock: SeenClock): void {
    for (let start = 0; start < events.length;) {
      const source = events[start]?.source ?? "";
      let end = start + 1;
      while (events[end]?.source === source) end++;
      this.#engine.observe(events.slice(start, end), source);
      start = end;
    }
    this.#engine.advance(clock.nowMs, (source) => clock.waitedMs(source));
  }

  end(): void {
    this.#engine.flush();
  }

  async firings(nowMs: number) {
    const { detections } = await this.#engine.decide(nowMs);
    return detections.filter(({ rule }) => rule === this.#id);
  }
}
