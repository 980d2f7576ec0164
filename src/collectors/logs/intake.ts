/** From the lines of one source to decoded events: masked, joined where several are one entry, decoded, marked. */

import type { Masking } from "../../core/masking.ts";
import type { DecodedEvent, Decoder } from "./decode/decoder.ts";
import { maskDecoded } from "./masked.ts";
import { MultilineJoiner, type MultilineOptions } from "./multiline.ts";
import type { TailedLine } from "./tail/lines.ts";

export interface IntakeOptions {
  readonly decoder: Decoder;
  /** A line's text goes through it before anything is made of it. */
  readonly masking: Masking;
  readonly multiline?: MultilineOptions | undefined;
}

/** On an event whose line was longer than is kept, and on one whose line held what is not UTF-8. */
export const CUT_FIELD = "log.line_cut";
export const REPLACED_FIELD = "log.line_replaced";

/** Lines that are marked and whose events are still to come, at most: their decoder holds no more. */
const MARKED_MAX = 1_000;

export class Intake {
  readonly #options: IntakeOptions;
  readonly #joiner: MultilineJoiner | undefined;
  /** Lines that were cut or replaced, by where they begin. */
  readonly #marked = new Map<number, TailedLine>();

  constructor(options: IntakeOptions) {
    this.#options = options;
    if (options.multiline !== undefined) this.#joiner = new MultilineJoiner(options.multiline);
  }

  /** Takes lines read at `nowMs`; what they complete is appended to `into`. */
  take(lines: readonly TailedLine[], nowMs: number, into: DecodedEvent[]): void {
    for (const line of lines) {
      const entry = this.#joiner === undefined ? line : this.#joiner.take(line, nowMs);
      if (entry !== undefined) this.#decode(entry, nowMs, into);
    }
  }

  /** Gives what has been held long enough by `nowMs`; with Infinity, whatever is held. */
  flush(nowMs: number, observedMs: number, into: DecodedEvent[]): void {
    const entry = this.#joiner?.flush(nowMs);
    if (entry !== undefined) this.#decode(entry, observedMs, into);
    const from = into.length;
    this.#options.decoder.flush(nowMs, into);
    this.#complete(into, from);
  }

  /** Where the oldest line begins that is held: a reader has to go on from there. */
  get heldFrom(): number | undefined {
    const decoding = this.#options.decoder.heldFrom();
    const joining = this.#joiner?.heldFrom;
    if (decoding === undefined || joining === undefined) return decoding ?? joining;
    return Math.min(decoding, joining);
  }

  #decode(line: TailedLine, observedMs: number, into: DecodedEvent[]): void {
    const { at, isCut, isReplaced } = line;
    if (isCut || isReplaced) this.#remember(line);
    const text = this.#options.masking.mask(line.text);
    const from = into.length;
    this.#options.decoder.decode({ text, at, observedMs, isCut }, into);
    this.#complete(into, from);
  }

  #remember(line: TailedLine): void {
    this.#marked.set(line.at, line);
    for (const oldest of this.#marked.keys()) {
      if (this.#marked.size <= MARKED_MAX) break;
      this.#marked.delete(oldest);
    }
  }

  /** What is done with decoded events before anybody has them. */
  #complete(events: readonly DecodedEvent[], from: number): void {
    const { masking } = this.#options;
    for (let i = from; i < events.length; i++) maskDecoded(events[i] as DecodedEvent, masking);
    if (this.#marked.size > 0) this.#mark(events, from);
  }

  #mark(events: readonly DecodedEvent[], from: number): void {
    for (let i = from; i < events.length; i++) {
      const { at, fields } = events[i] as DecodedEvent;
      const line = this.#marked.get(at);
      if (line?.isCut === true) fields[CUT_FIELD] = true;
      if (line?.isReplaced === true) fields[REPLACED_FIELD] = true;
    }
    if (this.#options.decoder.heldFrom() === undefined) this.#marked.clear();
  }
}
