/** From what was decoded to events: ids that come from where a line stands, hosts by one name. */

import type { FieldValue, TelemetryEvent } from "../../core/event.ts";
import type { DecodedEvent } from "./decode/decoder.ts";

/** The collector's name, which every id begins with. */
export const SOURCE_NAME = "logs";

/** Digits of a place in an id: up to a petabyte, ids of one file sort as its lines stand. */
const PLACE_DIGITS = 15;

/** The event of something that was decoded, whose source's ids begin with `prefix`. */
export function lineEvent(prefix: string, decoded: DecodedEvent, host: string, observedMs: number): TelemetryEvent {
  const { kind, timeMs, fields, at, index } = decoded;
  const place = prefix + String(at).padStart(PLACE_DIGITS, "0");
  return {
    id: index === 0 ? place : `${place}:${index}`,
    timeMs,
    observedMs,
    source: SOURCE_NAME,
    kind,
    host: decoded.host === undefined ? host : hostName(decoded.host, host),
    fields,
  };
}

/** An event about a source of lines itself. */
export function sourceEvent(
  id: string,
  kind: string,
  timeMs: number,
  host: string,
  fields: Readonly<Record<string, FieldValue>>,
): TelemetryEvent {
  return { id: `${SOURCE_NAME}:${id}`, timeMs, observedMs: timeMs, source: SOURCE_NAME, kind, host, fields };
}

/** The host that a line names; this host under its own name, though lines have it without the domain, or with it. */
export function hostName(named: string, own: string): string {
  if (named === own) return own;
  const [a, b] = [named.toLowerCase(), own.toLowerCase()];
  return a === b || a === "localhost" || b.startsWith(`${a}.`) || a.startsWith(`${b}.`) ? own : named;
}
