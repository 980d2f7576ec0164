/**
 * A commit made ready for SQLite. What is many (events, matches) stands in lists of texts and numbers, so that it can be handed to
 * another thread at a fraction of what writing it takes.
 */

import type { Detection } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { ThreatScore } from "../core/score.ts";
import type { StateWrite } from "../core/state_store.ts";
import { EventEncoder, eventType, keyOf, type RecordType } from "./record.ts";

/** An event that met a selection of a rule, as the journal keeps it. */
export interface MatchRecord {
  readonly rule: string;
  readonly selection: string;
  readonly event: TelemetryEvent;
}

/** What one transaction holds. */
export interface Commit {
  /** Never committed before, ids distinct: {@linkcode Journal.known} says. */
  readonly events: readonly TelemetryEvent[];
  /** Of `events`, or of events committed earlier. */
  readonly matches: readonly MatchRecord[];
  /** New ones. */
  readonly detections: readonly Detection[];
  /** Changed ones, whole. */
  readonly updates: readonly Detection[];
  readonly scores: readonly ThreatScore[];
  readonly state: readonly StateWrite[];
}

/** Columns of the rows of events: each list has one item an event. */
export interface PackedEvents {
  readonly keys: string[];
  readonly timesMs: number[];
  readonly types: RecordType[];
  readonly hosts: string[];
  readonly kinds: string[];
  /** JSON. */
  readonly records: string[];
}

export interface PackedMatches {
  /** Which selections were met, each once. */
  readonly selectors: (readonly [rule: string, selection: string])[];
  /** For each match, in which place its selection stands. */
  readonly selections: number[];
  /** For each match, in which place its event stands; -1 for one committed earlier. */
  readonly events: number[];
  /** Of those, in their order. */
  readonly earlier: { readonly key: string; readonly timeMs: number }[];
}

export interface PackedCommit extends Pick<Commit, "detections" | "updates" | "scores" | "state"> {
  readonly events: PackedEvents;
  readonly matches: PackedMatches;
}

/** Packs commits. Keeps what one batch shares with the next. */
export class Packer {
  readonly #encoder = new EventEncoder();

  pack({ events, matches, detections, updates, scores, state }: Commit): PackedCommit {
    return {
      events: this.#packEvents(events),
      matches: packMatches(matches, events),
      detections,
      updates,
      scores,
      state,
    };
  }

  #packEvents(events: readonly TelemetryEvent[]): PackedEvents {
    const packed: PackedEvents = { keys: [], timesMs: [], types: [], hosts: [], kinds: [], records: [] };
    for (const event of events) {
      packed.keys.push(keyOf(event.id));
      packed.timesMs.push(event.timeMs);
      packed.types.push(eventType(event.source));
      packed.hosts.push(event.host);
      packed.kinds.push(event.kind);
      packed.records.push(this.#encoder.encode(event));
    }
    return packed;
  }
}

function packMatches(matches: readonly MatchRecord[], events: readonly TelemetryEvent[]): PackedMatches {
  const packed: PackedMatches = { selectors: [], selections: [], events: [], earlier: [] };
  if (matches.length === 0) return packed;
  const selectorOf = selectorPlaces(packed.selectors);
  const places = new Map(events.map((event, place) => [event, place]));
  for (const { rule, selection, event } of matches) {
    const place = places.get(event) ?? -1;
    packed.selections.push(selectorOf(rule, selection));
    packed.events.push(place);
    if (place < 0) packed.earlier.push({ key: keyOf(event.id), timeMs: event.timeMs });
  }
  return packed;
}

/** Gives each rule and selection its place in a list, which grows. */
function selectorPlaces(selectors: PackedMatches["selectors"]): (rule: string, selection: string) => number {
  const places = new Map<string, Map<string, number>>();
  return (rule, selection) => {
    let ofRule = places.get(rule);
    if (ofRule === undefined) places.set(rule, ofRule = new Map());
    let place = ofRule.get(selection);
    if (place === undefined) ofRule.set(selection, place = selectors.push([rule, selection]) - 1);
    return place;
  };
}
