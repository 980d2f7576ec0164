/** The structured data of an RFC 5424 message (6.3). */

import type { FieldsInTheMaking } from "./source_line.ts";

/** So many parameters of one message are kept; the others are left out, and it is marked. */
export const STRUCTURED_PARAMETERS_MAX = 256;

const PREFIX = "log.syslog.structured_data.";

const SPACE = 32;
const QUOTE = 34;
const OPEN = 91;
const BACKSLASH = 92;
const CLOSE = 93;

/**
 * Reads what stands at a place, each parameter into a field named by its element and itself, and returns where it ends. What is not
 * structured data is left for the message.
 */
export function readStructuredData(text: string, start: number, into: FieldsInTheMaking): number {
  if (text.charCodeAt(start) === 45) return start + 1;
  let [at, count] = [start, 0];
  while (text.charCodeAt(at) === OPEN) {
    const element = endOfName(text, at + 1);
    const prefix = `${PREFIX}${text.slice(at + 1, element)}.`;
    at = element;
    while (text.charCodeAt(at) === SPACE) {
      const equals = endOfName(text, at + 1);
      if (text.charCodeAt(equals) !== 61 || text.charCodeAt(equals + 1) !== QUOTE) return start;
      const end = endOfValue(text, equals + 2);
      if (end === -1) return start;
      if (count++ < STRUCTURED_PARAMETERS_MAX) {
        into[prefix + text.slice(at + 1, equals)] = unescaped(text.slice(equals + 2, end));
      } else into["log.fields_cut"] = true;
      at = end + 1;
    }
    if (text.charCodeAt(at) !== CLOSE) return start;
    at++;
  }
  return at;
}

function endOfName(text: string, start: number): number {
  for (let at = start;; at++) {
    const code = text.charCodeAt(at);
    if (Number.isNaN(code) || code === SPACE || code === 61 || code === CLOSE || code === QUOTE) return at;
  }
}

/** Where the quote stands that ends a value; -1 where none does. */
function endOfValue(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at++;
    else if (code === QUOTE) return at;
  }
  return -1;
}

/** `\"`, `\\` and `\]` stand for the second character; before any other the backslash stands for itself. */
function unescaped(value: string): string {
  return value.includes("\\") ? value.replace(/\\(["\\\]])/g, "$1") : value;
}
