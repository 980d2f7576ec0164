/** Lines that are nothing but text. */

import { type Decoder, UNKNOWN_KIND } from "./source_line.ts";

/** A decoder that takes each line as its own message, at the time it was read. */
export function createPlainDecoder(): Decoder {
  return {
    decode({ text, at, observedMs }, into) {
      into.push({ kind: UNKNOWN_KIND, timeMs: observedMs, fields: { message: text }, at, index: 0 });
    },
    flush() {},
    heldFrom: () => undefined,
  };
}
