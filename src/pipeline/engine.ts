/**
 * Events in, decisions out: match, correlate, score, in memory. The same for the live stream, replay and rules' tests; who
 * drives it says what time it is and what becomes of the decisions.
 */

import type { Detection, Evidence } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { ThreatScore } from "../core/score.ts";
import type { StateWrite } from "../core/state_store.ts";
import type { Correlator, Firing, PastMatch, Scoreboard } from "../correlate/mod.ts";
import { createMatcher, type Matcher } from "../rules/matcher.ts";
import type { Match, Rule } from "../rules/rule.ts";
import { findEvidence } from "./evidence.ts";

/** Which selection of which rule an event met. */
export interface MatchRecord {
  readonly rule: string;
  readonly selection: string;
  readonly event: TelemetryEvent;
  /** It bears on the rule's correlation, and is no match of the rule: the selection is one that Weir made. Absent: no. */
  readonly hidden?: true;
  /** Nothing can come of it any more: it need not be kept. */
  readonly passing?: true;
}

/** All that came of the events observed since the last time. */
export interface Decisions {
  readonly matches: readonly MatchRecord[];
  /** New, with their evidence. */
  readonly detections: readonly Detection[];
  /** Changed since they were new: counts, last times, state. */
  readonly updates: readonly Detection[];
  readonly scores: readonly ThreatScore[];
  /** What the rules have learnt, to be committed with the rest. */
  readonly state: readonly StateWrite[];
}

/** What the journal says of the time before a start. */
export interface Past {
  /** What was committed of {@linkcode Decisions.state}, by key. */
  readonly state: Iterable<readonly [key: string, value: string]>;
  readonly matches: Iterable<PastMatch>;
  readonly detections: readonly Detection[];
}

/** What of {@linkcode Decisions} is wanted; all of it by default. */
interface Wanted {
  readonly withEvidence?: boolean;
  readonly withScores?: boolean;
}

/** Of detections whose evidence nobody wants. */
const NO_EVIDENCE: Evidence = { selections: [] };

/** What the engine is made of. */
export interface EngineParts {
  readonly matcher: Matcher;
  readonly correlator: Correlator;
  readonly scoreboard: Scoreboard;
}

/** Counts of this run. */
export interface EngineStats {
  readonly matches: number;
  readonly detections: number;
  /** Firings on which json-rules-engine and the closures parted: each is a defect. */
  readonly disagreements: number;
}

export class Engine {
  readonly #parts: EngineParts;
  #matcher: Matcher;
  readonly #found: Match[] = [];
  #matches: MatchRecord[] = [];
  #matchCount = 0;
  #detectionCount = 0;
  #disagreements = 0;
  /** Of open detections: the correlator counts on them without knowing why they fired. */
  readonly #evidence = new Map<string, Evidence>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#matcher = parts.matcher;
  }

  /** Goes on with other rules, between two batches. What was gathered for a rule that asks for the same as before is kept. */
  replace(rules: readonly Rule[]): void {
    const matcher = createMatcher(rules);
    this.#parts.correlator.replace(rules);
    this.#matcher = matcher;
  }

  /** Matches and correlates events of one source, in the order given. Synchronous. */
  observe(events: readonly TelemetryEvent[], sourceKey: string): void {
    const { correlator } = this.#parts;
    const matcher = this.#matcher;
    const found = this.#found; // of all events: emptied for each, it would be allocated anew for each
    for (let i = 0; i < events.length; i++) {
      const event = events[i] as TelemetryEvent;
      const from = found.length;
      matcher.match(event, found);
      let kept = from;
      for (let m = from; m < found.length; m++) {
        const match = found[m] as Match;
        const passing = correlator.comesToNothing(match, event);
        this.#record(match, event, passing);
        if (!passing) found[kept++] = match;
      }
      if (kept < found.length) found.length = kept;
      correlator.observe(event, found, sourceKey, from);
    }
    found.length = 0;
  }

  #record({ rule, selection: { name, hidden } }: Match, event: TelemetryEvent, passing: boolean): void {
    if (hidden !== true) this.#matchCount++;
    if (hidden === true) this.#matches.push({ rule: rule.id, selection: name, event, hidden });
    else if (passing) this.#matches.push({ rule: rule.id, selection: name, event, passing });
    else this.#matches.push({ rule: rule.id, selection: name, event });
  }

  /** Start-up: what was learnt, windows, open detections and scores as the journal has them. Nothing is decided again. */
  rebuild(past: Past, startMs: number): void {
    const { state, matches, detections } = past;
    this.#parts.correlator.restoreState(state);
    this.#parts.correlator.rebuild(matches, detections, startMs);
    for (const detection of detections) {
      if (detection.state === "open") this.#evidence.set(detection.id, detection.evidence);
      this.#parts.scoreboard.restore(detection);
    }
  }

  /** Time goes on. See {@linkcode Correlator.advance}. */
  advance(nowMs: number, waitedMs: (sourceKey: string) => number): void {
    this.#parts.correlator.advance(nowMs, waitedMs);
  }

  /** The input has ended: makes every decision that was waiting for more. */
  flush(): void {
    this.#parts.correlator.flush();
  }

  /** Takes what has come of it all: with evidence and scores, unless nobody wants them. */
  async decide(nowMs: number, { withEvidence = true, withScores = true }: Wanted = {}): Promise<Decisions> {
    const { correlator, scoreboard } = this.#parts;
    const { fired, counted } = correlator.take();
    const detections = withEvidence && fired.length > 0
      ? await Promise.all(fired.map((firing) => this.#withEvidence(firing)))
      : fired.map(({ detection }) => ({ ...detection, evidence: NO_EVIDENCE }));
    const updates = counted.map((update) => this.#withKnownEvidence(update));
    if (withScores) { for (const detection of [...detections, ...updates]) scoreboard.put(detection); }
    const matches = this.#matches;
    this.#matches = [];
    this.#detectionCount += detections.length;
    return {
      matches,
      detections,
      updates,
      scores: withScores ? scoreboard.take(nowMs) : [],
      state: correlator.stateWrites(),
    };
  }

  stats(): EngineStats {
    return { matches: this.#matchCount, detections: this.#detectionCount, disagreements: this.#disagreements };
  }

  async #withEvidence(firing: Firing): Promise<Detection> {
    const { evidence, agrees } = await findEvidence(firing);
    if (!agrees) this.#disagreements++;
    const detection = { ...firing.detection, evidence };
    if (detection.state === "open") this.#evidence.set(detection.id, evidence);
    return detection;
  }

  #withKnownEvidence(update: Detection): Detection {
    const evidence = this.#evidence.get(update.id);
    if (update.state === "closed") this.#evidence.delete(update.id);
    return evidence === undefined ? update : { ...update, evidence };
  }
}
