/**
 * A commit made ready to be handed to another thread at a fraction of what writing it takes: what is many (events, matches) stands in
 * lists of texts and numbers, and what events share stands there once. Of their records only the fields are made here: JSON of them costs
 * less than to hand them over as they are.
 */

import type { Detection } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { ThreatScore } from "../core/score.ts";
import type { StateWrite } from "../core/state_store.ts";
import { keyOf } from "./record.ts";

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

/** Where an event came from. */
export type Origin = Pick<TelemetryEvent, "source" | "kind" | "host">;

/** Events, a list for each of what they have; each list but `origins` has one item an event. */
export interface PackedEvents {
  readonly ids: string[];
  readonly timesMs: Float64Array;
  readonly observedMs: Float64Array;
  /** Each once. */
  readonly origins: Origin[];
  /** For each event, in which place its origin stands. */
  readonly originOf: Uint32Array;
  /** JSON. */
  readonly fields: string[];
}

export interface PackedMatches {
  /** Which selections were met, each once. */
  readonly selectors: (readonly [rule: string, selection: string])[];
  /** For each match, in which place its selection stands. */
  readonly selections: Uint32Array;
  /** For each match, in which place its event stands; -1 for one committed earlier. */
  readonly events: Int32Array;
  /** Of those, in their order. */
  readonly earlier: { readonly key: string; readonly timeMs: number }[];
}

export interface PackedCommit extends Pick<Commit, "detections" | "updates" | "scores" | "state"> {
  readonly events: PackedEvents;
  readonly matches: PackedMatches;
}

export function pack({ events, matches, detections, updates, scores, state }: Commit): PackedCommit {
  return { events: packEvents(events), matches: packMatches(matches, events), detections, updates, scores, state };
}

/** What a record has beside its fields, about: bytes. */
const RECORD_FRAME_BYTES = 160;

/** About how many bytes the records of events have. */
export function recordBytes({ fields }: PackedEvents): number {
  let bytes = RECORD_FRAME_BYTES * fields.length;
  for (const json of fields) bytes += json.length;
  return bytes;
}

function packEvents(events: readonly TelemetryEvent[]): PackedEvents {
  const packed: PackedEvents = {
    ids: [],
    timesMs: new Float64Array(events.length),
    observedMs: new Float64Array(events.length),
    origins: [],
    originOf: new Uint32Array(events.length),
    fields: [],
  };
  const placeOf = originPlaces(packed.origins);
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as TelemetryEvent;
    packed.ids.push(event.id);
    packed.timesMs[i] = event.timeMs;
    packed.observedMs[i] = event.observedMs;
    packed.originOf[i] = placeOf(event);
    packed.fields.push(JSON.stringify(event.fields));
  }
  return packed;
}

/** Gives each origin its place in a list, which grows. */
function originPlaces(origins: Origin[]): (event: TelemetryEvent) => number {
  const places = new Map<string, Map<string, Map<string, number>>>();
  let [last, lastPlace]: [Origin | undefined, number] = [undefined, -1];
  return ({ source, kind, host }) => {
    if (last?.kind === kind && last.host === host && last.source === source) return lastPlace;
    const known = places.get(kind)?.get(host)?.get(source);
    lastPlace = known ?? origins.push({ source, kind, host }) - 1;
    last = origins[lastPlace];
    if (known !== undefined) return known;
    places.getOrInsertComputed(kind, () => new Map<string, Map<string, number>>())
      .getOrInsertComputed(host, () => new Map<string, number>()).set(source, lastPlace);
    return lastPlace;
  };
}

function packMatches(matches: readonly MatchRecord[], events: readonly TelemetryEvent[]): PackedMatches {
  const packed: PackedMatches = {
    selectors: [],
    selections: new Uint32Array(matches.length),
    events: new Int32Array(matches.length),
    earlier: [],
  };
  const selectorOf = selectorPlaces(packed.selectors);
  const placeOf = eventPlaces(events);
  for (let i = 0; i < matches.length; i++) {
    const match = matches[i] as MatchRecord;
    const place = placeOf(match.event);
    packed.selections[i] = selectorOf(match);
    packed.events[i] = place;
    if (place < 0) packed.earlier.push({ key: keyOf(match.event.id), timeMs: match.event.timeMs });
  }
  return packed;
}

/**
 * Tells at which place an event stands, -1 where it does not. Matches come in the order of their events, but for those that were decided
 * later: up to the first of these a look ahead from the last place finds them, without a table of all events.
 */
function eventPlaces(events: readonly TelemetryEvent[]): (event: TelemetryEvent) => number {
  let last = 0;
  let places: Map<TelemetryEvent, number> | undefined;
  return (event) => {
    if (places !== undefined) return places.get(event) ?? -1;
    const place = events.indexOf(event, last);
    if (place >= 0) return last = place;
    places = new Map(events.map((each, i) => [each, i]));
    return places.get(event) ?? -1;
  };
}

/** Gives each rule and selection its place in a list, which grows. */
function selectorPlaces(selectors: PackedMatches["selectors"]): (match: MatchRecord) => number {
  const places = new Map<string, Map<string, number>>();
  return ({ rule, selection }) => {
    const known = places.get(rule)?.get(selection); // a function to make it with would be made for each match
    if (known !== undefined) return known;
    const place = selectors.push([rule, selection]) - 1;
    places.getOrInsertComputed(rule, () => new Map<string, number>()).set(selection, place);
    return place;
  };
}
