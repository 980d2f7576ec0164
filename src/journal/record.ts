/** What a row holds: its type, its bytes, and the checksum that says whether they are what was written. */

import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { parseRfc3339 } from "../core/clock.ts";
import type { Detection } from "../core/detection.ts";
import { detectionFromJson, type DetectionJson } from "../core/detection_json.ts";
import { type EventJson, type Fields, type TelemetryEvent, toRfc3339 } from "../core/event.ts";

/** Types of rows that hold events, by the collector they came from. */
const TYPE_BY_SOURCE: Readonly<Record<string, RecordType>> = {
  process: "ProcessEvent",
  metrics: "DeviceTelemetry",
  snmp: "DeviceTelemetry",
  logs: "LogEvent",
  files: "FileEvent",
  flows: "FlowRecord",
  syscalls: "SyscallEvent",
  commands: "CommandEvent",
  weir: "WeirEvent",
};

/** Types of rows that hold events. */
export const EVENT_TYPES = [
  "DeviceTelemetry",
  "ProcessEvent",
  "LogEvent",
  "FileEvent",
  "FlowRecord",
  "SyscallEvent",
  "CommandEvent",
  "WeirEvent",
] as const;

/** Every type of row there is. */
export const RECORD_TYPES = [...EVENT_TYPES, "ProcessAlert", "Detection", "ThreatScore"] as const;

export type RecordType = (typeof RECORD_TYPES)[number];

/** The type of an event's row; of a source that has none of its own, Weir's and foreign ones, `WeirEvent`. */
export function eventType(source: string): RecordType {
  return Object.hasOwn(TYPE_BY_SOURCE, source) ? TYPE_BY_SOURCE[source] ?? "WeirEvent" : "WeirEvent";
}

/** A detection that rests on processes alone is a `ProcessAlert`. */
export function detectionType({ sources }: Detection): RecordType {
  return sources.length === 1 && sources[0] === "process" ? "ProcessAlert" : "Detection";
}

/** Kinds of the rows that hold no event. */
export const DETECTION_KIND = "weir.detection";
export const SCORE_KIND = "weir.score";

/** Ids up to this long are the key of their row as they are. */
const KEY_CHARS_MAX = 256;

/**
 * The key under which an id is found: the id itself, or its hash where SQLite would not keep it exactly (half a surrogate
 * pair, a NUL) or the index would swell.
 */
export function keyOf(id: string): string {
  if (id.length <= KEY_CHARS_MAX && id.isWellFormed() && !id.includes("\0")) return id;
  return `sha256:${createHash("sha256").update(JSON.stringify(id)).digest("hex")}`;
}

/** An event as its row holds it: the outside form, and when it was seen. */
interface EventRecord extends EventJson {
  readonly observed: string;
}

/**
 * Writes the records of events from what stands in lists. Keeps the text of the last observation time, as a batch shares few of them.
 */
export class RecordWriter {
  #observedMs = NaN;
  #observed = "";

  /** `origin` is what {@linkcode originJson} says, `fields` JSON. */
  write(id: string, timeMs: number, observedMs: number, origin: string, fields: string): string {
    if (observedMs !== this.#observedMs) {
      this.#observed = toRfc3339(observedMs);
      this.#observedMs = observedMs;
    }
    const times = `"time":"${toRfc3339(timeMs)}","observed":"${this.#observed}"`;
    return `{"id":${JSON.stringify(id)},${times},${origin},"fields":${fields}}`;
  }
}

/** Where events came from, as their records have it. */
export function originJson({ source, kind, host }: Pick<EventRecord, "source" | "kind" | "host">): string {
  return JSON.stringify({ source, kind, host }).slice(1, -1);
}

/** CRC-32 of a record's UTF-8 bytes. */
export function checksumOf(record: string | Uint8Array): number {
  return crc32(record);
}

/** Times that fit `ts_ns`, 64 bits of nanoseconds: milliseconds since the epoch, the years 1677 to 2262. */
const TIME_MAX_MS = 9_223_372_036_853;

/** Later than any time in the journal. */
export const TIME_END_MS = TIME_MAX_MS + 1;

/** In a statement, nanoseconds from the two numbers of {@linkcode splitTime}. Without the cast a large number is a REAL. */
export const TIME_VALUE = "CAST(? AS INTEGER) * 1000000 + CAST(? AS INTEGER)";

/** `ts_ns` as two numbers that a statement puts together, by {@linkcode TIME_VALUE}: no bigint a row. */
export function splitTime(timeMs: number): readonly [ms: number, restNs: number] {
  const bounded = Math.min(Math.max(timeMs, -TIME_MAX_MS), TIME_MAX_MS);
  const ms = Math.floor(bounded);
  return [ms, Math.round((bounded - ms) * 1e6)];
}

/** The columns that {@linkcode timeFrom} needs, of a column of nanoseconds. */
export function timeColumns(column: string, name: string): string {
  return `${column} / 1000000 AS ${name}_ms, ${column} % 1000000 AS ${name}_rest_ns`;
}

/** Milliseconds since the epoch, exactly those that {@linkcode splitTime} was given (from 1987 on). */
export function timeFrom(row: Row, name: string): number {
  return integer(row, `${name}_ms`) + integer(row, `${name}_rest_ns`) / 1e6;
}

/** A row as node:sqlite gives it. */
export type Row = Readonly<Record<string, unknown>>;

/** Columns of `journal` that reading takes. */
export const JOURNAL_COLUMNS = `seq, idem, ${timeColumns("ts_ns", "time")}, type, host, kind, bytes, checksum`;

/** Columns of `detections` that {@linkcode detectionFrom} takes. */
export const DETECTION_COLUMNS = `id, ${timeColumns("time_ns", "time")}, ${
  timeColumns("last_ns", "last")
}, bytes, checksum`;

/** A row that is not what was written: it is kept, and skipped by whoever reads. */
export interface BadRow {
  readonly table: "journal" | "detections";
  /** The row's seq, or the detection's id. */
  readonly key: string;
  readonly reason: string;
}

/** Told of each bad row that is met. */
export type OnBadRow = (bad: BadRow) => void;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** The record of a row, or the reason why it is not what was written. */
export function recordFrom(row: Row): { readonly record: unknown } | { readonly reason: string } {
  const { bytes, checksum } = row;
  if (!(bytes instanceof Uint8Array)) return { reason: "bytes are missing" };
  const sum = checksumOf(bytes);
  if (sum !== checksum) return { reason: `checksum is ${sum}, written was ${String(checksum)}` };
  try {
    return { record: JSON.parse(decoder.decode(bytes)) };
  } catch {
    return { reason: "bytes are not JSON" };
  }
}

/** The event of a row of `journal`, or `undefined` when the row is bad, which `onBadRow` is told. */
export function eventFrom(row: Row, onBadRow: OnBadRow): TelemetryEvent | undefined {
  const found = recordFrom(row);
  if ("reason" in found) {
    onBadRow({ table: "journal", key: String(row["seq"]), reason: found.reason });
    return undefined;
  }
  const { id, observed, source, kind, host, fields } = found.record as EventRecord;
  const timeMs = timeFrom(row, "time");
  return { id, timeMs, observedMs: parseRfc3339(observed) ?? timeMs, source, kind, host, fields: fields as Fields };
}

/** The detection of a row of `detections`, or `undefined` when the row is bad, which `onBadRow` is told. */
export function detectionFrom(row: Row, onBadRow: OnBadRow): Detection | undefined {
  const found = recordFrom(row);
  if ("reason" in found) {
    onBadRow({ table: "detections", key: String(row["id"]), reason: found.reason });
    return undefined;
  }
  const detection = detectionFromJson(found.record as DetectionJson);
  return { ...detection, timeMs: timeFrom(row, "time"), lastMs: timeFrom(row, "last") };
}

/** An integer column. */
export function integer(row: Row | undefined, column: string): number {
  const value = row?.[column];
  return typeof value === "number" ? value : Number(value ?? 0);
}

/** A text column. */
export function text(row: Row | undefined, column: string): string {
  return String(row?.[column] ?? "");
}
