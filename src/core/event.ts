/** The one kind of thing that flows through Weir: an observation, normalised. */

import { parseRfc3339 } from "./clock.ts";

/** What a field may hold. A list holds scalars only, so that every field stays flat. */
export type FieldValue = string | number | boolean | null | readonly (string | number | boolean | null)[];

/** Fields by dotted name (Elastic Common Schema's names where it has one). */
export type Fields = Readonly<Record<string, FieldValue>>;

/** One normalised observation. Immutable. */
export interface TelemetryEvent {
  /** Idempotency key: the same observation always yields the same id. Keys of one source should grow. */
  readonly id: string;
  /** When it happened, by the source's clock: milliseconds since the epoch, fractions allowed. */
  readonly timeMs: number;
  /** When Weir saw it: milliseconds since the epoch. */
  readonly observedMs: number;
  /** The collector it came from: `process`, `metrics`, `logs`, … */
  readonly source: string;
  /** `<category>.<type>`: `process.start`, `authentication.failure`, … Empty for a foreign event. */
  readonly kind: string;
  /** The device it is about. */
  readonly host: string;
  readonly fields: Fields;
}

/** An event as it is written everywhere outside: replay, rule tests, explain, the API, ingest. */
export interface EventJson {
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly kind: string;
  readonly host: string;
  readonly fields: Fields;
}

/** The kind of an event that came from elsewhere and is known by its literal field names only. */
export const FOREIGN_KIND = "";

/** The source of a foreign event. */
export const FOREIGN_SOURCE = "foreign";

/** How far ahead of the time it was seen an event's own time may stand: 5 minutes, in milliseconds. */
export const FUTURE_TIME_MAX_MS = 5 * 60_000;

/** The field that keeps an event's own time when it was replaced for standing too far ahead. */
export const ORIGINAL_TIME_FIELD = "weir.original_time";

/**
 * The event, or, when its time stands more than {@linkcode FUTURE_TIME_MAX_MS} ahead of its observation, a copy at the
 * observed time with the original kept in {@linkcode ORIGINAL_TIME_FIELD}: one forged line must not make all else late.
 */
export function withPlausibleTime(event: TelemetryEvent): TelemetryEvent {
  if (event.timeMs <= event.observedMs + FUTURE_TIME_MAX_MS) return event;
  return {
    ...event,
    timeMs: event.observedMs,
    fields: { ...event.fields, [ORIGINAL_TIME_FIELD]: toRfc3339(event.timeMs) },
  };
}

/** Latest time a `Date` can hold: milliseconds since the epoch (ECMA-262, time values). */
const DATE_MAX_MS = 8.64e15;

/** RFC 3339 text, UTC, with as many digits of a second as `timeMs` carries, up to microseconds. */
export function toRfc3339(timeMs: number): string {
  const bounded = Math.min(Math.max(timeMs, -62135596800000), DATE_MAX_MS);
  const whole = Math.floor(bounded);
  const micros = Math.round((bounded - whole) * 1000);
  if (micros === 0) return new Date(whole).toISOString();
  if (micros === 1000) return new Date(whole + 1).toISOString();
  return new Date(whole).toISOString().replace("Z", String(micros).padStart(3, "0") + "Z");
}

/** The outside form of an event. */
export function eventToJson(event: TelemetryEvent): EventJson {
  return {
    id: event.id,
    time: toRfc3339(event.timeMs),
    source: event.source,
    kind: event.kind,
    host: event.host,
    fields: event.fields,
  };
}

/** What {@linkcode eventFromJson} needs to know of the place a JSON event stands in. */
export interface EventPlace {
  /** Used where the JSON carries no id. */
  readonly id: string;
  /** Used where it carries no time. */
  readonly timeMs: number;
  readonly observedMs: number;
  /** Used where it carries no host. */
  readonly host: string;
}

/**
 * Reads an event from parsed JSON. An object with neither `kind` nor `fields` is a foreign event: its own members are its
 * fields (nested objects by dotted names), its time comes from `@timestamp` or `time`.
 *
 * @throws {TypeError} when the value is not an object, or a member is not of the form that {@linkcode EventJson} states.
 */
export function eventFromJson(value: unknown, place: EventPlace): TelemetryEvent {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`Cannot read an event as it must be a JSON object: current value is ${describe(value)}`);
  }
  const json = value as Record<string, unknown>;
  if (json.kind === undefined && json.fields === undefined) return foreignEvent(json, place);
  const kind = text(json.kind ?? FOREIGN_KIND, "kind");
  const fields = json.fields ?? {};
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) {
    throw new TypeError(`Cannot read an event as "fields" must be an object: current value is ${describe(fields)}`);
  }
  return {
    id: text(json.id ?? place.id, "id"),
    timeMs: json.time === undefined ? place.timeMs : timeOf(json.time, "time"),
    observedMs: place.observedMs,
    source: text(json.source ?? FOREIGN_SOURCE, "source"),
    kind,
    host: text(json.host ?? place.host, "host"),
    fields: flatten(fields as Record<string, unknown>),
  };
}

function foreignEvent(json: Record<string, unknown>, place: EventPlace): TelemetryEvent {
  const stamp = json["@timestamp"] ?? json["time"];
  const timeMs = typeof stamp === "string" ? parseRfc3339(stamp) : undefined;
  return {
    id: place.id,
    timeMs: timeMs ?? place.timeMs,
    observedMs: place.observedMs,
    source: FOREIGN_SOURCE,
    kind: FOREIGN_KIND,
    host: place.host,
    fields: flatten(json),
  };
}

/** How deep a nested JSON object is followed when its members become dotted fields. */
const NESTING_MAX = 16;

function flatten(from: Record<string, unknown>): Fields {
  const fields: Record<string, FieldValue> = Object.create(null);
  flattenInto(fields, "", from, 0);
  return fields;
}

function flattenInto(into: Record<string, FieldValue>, prefix: string, from: object, depth: number): void {
  for (const [name, value] of Object.entries(from)) {
    const field = prefix + name;
    if (value === undefined) continue;
    if (Array.isArray(value)) into[field] = value.map(scalar);
    else if (typeof value === "object" && value !== null) {
      if (depth < NESTING_MAX) flattenInto(into, field + ".", value, depth + 1);
      else into[field] = JSON.stringify(value);
    } else into[field] = scalar(value);
  }
}

function scalar(value: unknown): string | number | boolean | null {
  switch (typeof value) {
    case "string":
    case "number":
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : JSON.stringify(value);
  }
}

function text(value: unknown, member: string): string {
  if (typeof value === "string") return value;
  throw new TypeError(`Cannot read an event as "${member}" must be a string: current value is ${describe(value)}`);
}

function timeOf(value: unknown, member: string): number {
  const timeMs = typeof value === "string" ? parseRfc3339(value) : undefined;
  if (timeMs !== undefined) return timeMs;
  throw new TypeError(
    `Cannot read an event as "${member}" must be an RFC 3339 time: current value is ${describe(value)}`,
  );
}

function describe(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 80 ? json.slice(0, 77) + "..." : json;
}
