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
  /** The collector it came from: `process`, `metrics`, `logs`, ... */
  readonly source: string;
  /** `<category>.<type>`: `process.start`, `authentication.failure`, ... Empty for a foreign event. */
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

/** First and last time that RFC 3339 can write with its four digits of a year: milliseconds since the epoch. */
const RFC3339_MIN_MS = -62_135_596_800_000;
const RFC3339_MAX_MS = 253_402_300_799_999;

/** The last second that was written, and how: most events share theirs with the one before. */
let writtenSecond = NaN;
let writtenText = "";

/** RFC 3339 text, UTC, with as many digits of a second as `timeMs` carries, up to microseconds. */
export function toRfc3339(timeMs: number): string {
  const micros = Math.round(Math.min(Math.max(timeMs, RFC3339_MIN_MS), RFC3339_MAX_MS) * 1000);
  const second = Math.floor(micros / 1e6);
  if (second !== writtenSecond) {
    writtenText = new Date(second * 1000).toISOString().slice(0, -4);
    writtenSecond = second;
  }
  const rest = micros - second * 1e6;
  const digits = rest % 1000 === 0 ? String(rest / 1000).padStart(3, "0") : String(rest).padStart(6, "0");
  return `${writtenText}${digits}Z`;
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
  if (isFlat(from)) return from;
  const fields: Record<string, FieldValue> = Object.create(null);
  flattenInto(fields, "", from, 0);
  return fields;
}

/** Whether an object can be an event's fields as it is, which saves making another of it. */
function isFlat(from: Record<string, unknown>): from is Record<string, FieldValue> {
  for (const name in from) {
    const value = from[name];
    if (Array.isArray(value) ? !value.every(isScalar) : !isScalar(value)) return false;
  }
  return true;
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null;
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
