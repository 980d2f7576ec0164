/** What comes of correlating: detections that fire, what is counted on them while they are open, and their end. */

import { type Detection, DETECTION_EVENTS_MAX } from "../core/detection.ts";
import { type Draft, type Firing, makeDetection } from "./firing.ts";
import type { Entry } from "./window.ts";

/** A detection on which more may be counted. */
export class OpenDetection {
  count: number;
  lastMs: number;
  state: Detection["state"] = "open";
  readonly eventIds: string[];
  sources: readonly string[];

  constructor(
    /** As it was when it fired, or as the journal had it. */
    readonly first: Detection,
    /** Until when its group stays silent: milliseconds since the epoch. */
    readonly silentUntilMs: number,
    /** Events up to this time that were there before a restart are counted on it already. */
    readonly countedUntilMs: number,
  ) {
    this.count = first.count;
    this.lastMs = first.lastMs;
    this.eventIds = [...first.eventIds];
    this.sources = first.sources;
  }

  /** Its form now. */
  get detection(): Detection {
    return {
      ...this.first,
      count: this.count,
      lastMs: this.lastMs,
      eventIds: [...this.eventIds],
      sources: this.sources,
      state: this.state,
    };
  }
}

/** Stands in `countedOn` of entries that were there before a restart. */
export const FROM_JOURNAL: object = Object.freeze({});

/** What has come of it since the last time. */
export interface Outcome {
  readonly fired: Firing[];
  /** Detections whose count, last time or state changed, whole, each once. */
  readonly counted: Detection[];
}

/** Collects what the deciders of all rules say. */
export class Outbox {
  /** While true, decisions are taken as made and told before: nothing is emitted. */
  muted = false;
  #fired: Firing[] = [];
  #changed = new Set<OpenDetection>();
  readonly #open = new Map<string, OpenDetection>();
  /** Detections that were told of before a restart, by id. */
  readonly #told = new Map<string, Detection>();
  #firedCount = 0;

  /** How many detections are open. */
  get openCount(): number {
    return this.#open.size;
  }

  isOpen(id: string): boolean {
    return this.#open.has(id);
  }

  /** How many have fired. */
  get firedCount(): number {
    return this.#firedCount;
  }

  /** Makes a detection known that was told of before a restart. */
  remember(detection: Detection): void {
    this.#told.set(detection.id, detection);
  }

  /** Fires. The detection is open when more may be counted on it, else over with this; `undefined` then. */
  fire(draft: Draft, stays: boolean): OpenDetection | undefined {
    const detection = makeDetection(draft, stays ? "open" : "closed");
    const told = this.#told.get(detection.id);
    if (told !== undefined) {
      return stays && told.state === "open" ? this.resume(told, draft.rule.suppressMs) : undefined;
    }
    if (this.muted) return undefined;
    const { rule, event, facts, lastBySelection } = draft;
    this.#fired.push({ detection, rule, event, facts, lastBySelection });
    this.#firedCount++;
    if (!stays) return undefined;
    const open = new OpenDetection(detection, detection.timeMs + rule.suppressMs, -Infinity);
    this.#open.set(detection.id, open);
    return open;
  }

  /** Goes on with a detection that was open before a restart. */
  resume(detection: Detection, suppressMs: number): OpenDetection {
    const known = this.#open.get(detection.id);
    if (known !== undefined) return known;
    const open = new OpenDetection(detection, detection.timeMs + suppressMs, detection.lastMs);
    this.#open.set(detection.id, open);
    return open;
  }

  /** Whether a firing is the one that made a detection, found again after a restart. */
  isSame(open: OpenDetection, draft: Draft): boolean {
    return this.#told.has(open.first.id) && makeDetection(draft, "open").id === open.first.id;
  }

  /** Counts an event on an open detection, once. */
  count(open: OpenDetection, entry: Entry): void {
    if (entry.countedOn === open) return;
    const before = entry.countedOn === FROM_JOURNAL && entry.timeMs <= open.countedUntilMs;
    entry.countedOn = open;
    if (before || this.muted) return;
    open.count++;
    open.lastMs = Math.max(open.lastMs, entry.timeMs);
    if (open.eventIds.length < DETECTION_EVENTS_MAX) open.eventIds.push(entry.id);
    if (!open.sources.includes(entry.source)) open.sources = [...open.sources, entry.source].sort();
    this.#changed.add(open);
  }

  close(open: OpenDetection): void {
    if (open.state === "closed") return;
    open.state = "closed";
    this.#open.delete(open.first.id);
    if (!this.muted) this.#changed.add(open);
  }

  take(): Outcome {
    const counted = [...this.#changed].map((open) => open.detection);
    const fired = this.#fired;
    this.#fired = [];
    this.#changed.clear();
    return { fired, counted };
  }
}
