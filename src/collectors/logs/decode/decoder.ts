/** From the lines of one source to events, by the format they are in. */

import type { Decoder, SourceLine } from "./source_line.ts";

export type { DecodedEvent, Decoder, FieldsInTheMaking, SourceLine } from "./source_line.ts";

/** What lines may be in. `auto` decides for each line by its shape. */
export const LOG_FORMATS = ["auto", "syslog", "access", "error", "audit", "json", "plain"] as const;

export type LogFormat = (typeof LOG_FORMATS)[number];

export interface DecodeOptions {
  /** Of times that say none, as RFC 3164 has them: an IANA name; this host's by default. */
  readonly timeZone?: string;
  /** The time by which the year is told of a time without one: milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/**
 * Makes a decoder for one source.
 *
 * @throws {RangeError} for a time zone that is not known.
 */
export function createDecoder(_format: LogFormat, _options: DecodeOptions): Decoder {
  return {
    decode(line: SourceLine, into) {
      const { text, at, observedMs } = line;
      into.push({ kind: "log.line", timeMs: observedMs, fields: { message: text }, at, index: 0 });
    },
    flush() {},
    heldFrom: () => undefined,
  };
}
