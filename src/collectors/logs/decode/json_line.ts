/**
 * Lines that are JSON objects. What is in them is somebody else's: the event is a foreign one, known by its literal field names, and
 * takes neither kind nor host from the line.
 */

import { eventFromJson, FOREIGN_KIND } from "../../../core/event.ts";
import {
  type DecodedEvent,
  type Decoder,
  type FieldsInTheMaking,
  type SourceLine,
  UNKNOWN_KIND,
} from "./source_line.ts";

/** Fields of one line at most; the others are left out, and it is marked. */
export const JSON_FIELDS_MAX = 2_000;

/** A decoder of JSON lines. Others are `log.line`. */
export function createJsonDecoder(): Decoder {
  return { decode: decodeJson, flush() {}, heldFrom: () => undefined };
}

/** Appends the event of a line. */
export function decodeJson(line: SourceLine, into: DecodedEvent[]): void {
  const { text, at, observedMs } = line;
  const value = parse(text);
  if (value === undefined) {
    into.push({ kind: UNKNOWN_KIND, timeMs: observedMs, fields: { message: text }, at, index: 0 });
    return;
  }
  // Wrapped, an object that looks like an event of ours is taken for none.
  const place = { id: "", timeMs: observedMs, observedMs, host: "" };
  const stamp = value["@timestamp"] ?? value["time"] ?? value["timestamp"] ?? value["ts"];
  const { timeMs } = eventFromJson({ "@timestamp": stamp }, place);
  const { fields } = eventFromJson({ kind: FOREIGN_KIND, fields: value }, place);
  into.push({ kind: FOREIGN_KIND, timeMs, fields: bounded(fields), at, index: 0 });
}

function parse(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bounded(fields: Readonly<FieldsInTheMaking>): FieldsInTheMaking {
  const names = Object.keys(fields);
  if (names.length <= JSON_FIELDS_MAX) return { ...fields };
  const kept: FieldsInTheMaking = Object.fromEntries(
    names.slice(0, JSON_FIELDS_MAX).map((name) => [name, fields[name] ?? null]),
  );
  kept["log.fields_cut"] = true;
  return kept;
}
