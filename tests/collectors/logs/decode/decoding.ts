/** Decoding in tests: lines in, events out. */

import { createDecoder, type DecodedEvent, type LogFormat } from "../../../../src/collectors/logs/decode/decoder.ts";

/** The time by which years are told. */
export const NOW_MS = Date.UTC(2026, 2, 1, 12);

/** The events of some lines, numbered from 0, the source having ended. */
export function eventsOf(format: LogFormat, lines: readonly string[]): DecodedEvent[] {
  const decoder = createDecoder(format, { timeZone: "UTC", nowMs: () => NOW_MS });
  const into: DecodedEvent[] = [];
  for (const [at, text] of lines.entries()) decoder.decode({ text, at, observedMs: NOW_MS }, into);
  decoder.flush(Infinity, into);
  return into;
}
