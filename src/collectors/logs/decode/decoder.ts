/** From the lines of one source to events, by the format they are in. */

import { createAccessDecoder } from "./access.ts";
import { createAuditDecoder } from "./audit/decoder.ts";
import { createAutoDecoder } from "./auto.ts";
import { createJsonDecoder } from "./json_line.ts";
import { createPlainDecoder } from "./plain.ts";
import type { DecodedEvent, Decoder } from "./source_line.ts";
import { createZone } from "./stamp.ts";
import { createSyslogDecoder } from "./syslog.ts";
import { createErrorDecoder } from "./web_error.ts";

export { DECODED_KINDS, SYSTEM_LOG_KINDS } from "./kinds.ts";
export { decodeMessage, type MessageHeader } from "./syslog.ts";
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
export function createDecoder(format: LogFormat, options: DecodeOptions): Decoder {
  const decoder = decoderOf(format, options);
  return {
    decode(line, into) {
      const before = into.length;
      decoder.decode(line, into);
      if (line.isCut !== true) return;
      for (let i = before; i < into.length; i++) (into[i] as DecodedEvent).fields["log.line_cut"] = true;
    },
    flush: (nowMs, into) => decoder.flush(nowMs, into),
    heldFrom: () => decoder.heldFrom(),
  };
}

function decoderOf(format: LogFormat, { timeZone, nowMs }: DecodeOptions): Decoder {
  switch (format) {
    case "auto":
      return createAutoDecoder(timeZone, nowMs);
    case "syslog":
      return createSyslogDecoder(timeZone, nowMs);
    case "access":
      return createAccessDecoder();
    case "error":
      return createErrorDecoder(createZone(timeZone));
    case "audit":
      return createAuditDecoder();
    case "json":
      return createJsonDecoder();
    case "plain":
      return createPlainDecoder();
  }
}
