/** Lines of any format, told for each line by its shape. */

import { createAccessReader, isAccess } from "./access.ts";
import { createAuditDecoder } from "./audit/decoder.ts";
import { decodeJson } from "./json_line.ts";
import type { Decoder, FieldsInTheMaking } from "./source_line.ts";
import { createZone, fourDigits, monthAt } from "./stamp.ts";
import { createSyslogDecoder } from "./syslog.ts";
import { decodeWebError, isWebError } from "./web_error.ts";

/** A decoder that looks at each line. What none of the formats fits has a syslog header or is plain. */
export function createAutoDecoder(timeZone: string | undefined, nowMs: () => number): Decoder {
  const zone = createZone(timeZone);
  const syslog = createSyslogDecoder(timeZone, nowMs);
  const audit = createAuditDecoder();
  const readAccess = createAccessReader();
  return {
    decode(line, into) {
      const { text, at, observedMs } = line;
      if (text.startsWith("{")) return decodeJson(line, into);
      if (text.startsWith("type=") || text.startsWith("node=")) return audit.decode(line, into);
      if (isSyslog(text)) return syslog.decode(line, into);
      const fields: FieldsInTheMaking = { message: text };
      if (isWebError(text)) {
        const { kind, timeMs = observedMs } = decodeWebError(text, zone, fields);
        into.push({ kind, timeMs, fields, at, index: 0 });
        return;
      }
      const timeMs = isAccess(text) ? readAccess(text, fields) : undefined;
      if (timeMs !== undefined) into.push({ kind: "web.access", timeMs, fields, at, index: 0 });
      else syslog.decode(line, into);
    },
    flush: (nowMs, into) => audit.flush(nowMs, into),
    heldFrom: () => audit.heldFrom(),
  };
}

/** Whether a line begins as syslog's do: what stands behind that is a program's message, whatever it looks like. */
function isSyslog(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first === 60) return true; // <
  if (first >= 65) return monthAt(text, 0) >= 0 && text.charCodeAt(3) === 32;
  return fourDigits(text, 0) >= 0 && (text.charCodeAt(4) === 45 || text.charCodeAt(4) === 32);
}
