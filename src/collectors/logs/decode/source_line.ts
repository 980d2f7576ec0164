/** What goes into a decoder of log lines, and what comes out. */

import type { FieldValue } from "../../../core/event.ts";

/** A line as its source gives it, without its line ending. */
export interface SourceLine {
  readonly text: string;
  /** Where it stands in its source: a byte offset or a count; grows. */
  readonly at: number;
  /** When it was read: milliseconds since the epoch. */
  readonly observedMs: number;
  /** Whether it was longer than the most that is kept, and cut. */
  readonly isCut?: boolean;
}

/** The kind of a line that no decoder knows. */
export const UNKNOWN_KIND = "log.line";

/** Fields while a decoder fills them in. */
export type FieldsInTheMaking = Record<string, FieldValue>;

/** One event that was read from one line, or from several that belong together. */
export interface DecodedEvent {
  readonly kind: string;
  /** Of the line, milliseconds since the epoch; when it was read where it tells none. */
  readonly timeMs: number;
  /** The host that the line names, where it does. */
  readonly host?: string;
  readonly fields: FieldsInTheMaking;
  /** Of its first line. */
  readonly at: number;
  /** Which of the events that line gave, from 0. */
  readonly index: number;
}

/**
 * Reads lines of one source, in their order.
 *
 * Protocol: `decode` each line; `flush` now and then, and with Infinity when the source has ended. A decoder that joins lines holds
 * some back: a source that is to resume without losing any does so from `heldFrom`.
 */
export interface Decoder {
  /** Reads a line; what became complete is appended to `into`. */
  decode(line: SourceLine, into: DecodedEvent[]): void;
  /** Gives what is held and has waited long enough by `nowMs` (milliseconds since the epoch; Infinity: everything). */
  flush(nowMs: number, into: DecodedEvent[]): void;
  /** The place of the oldest line that is held back still: a source resumes from there. */
  heldFrom(): number | undefined;
}
