/** Several lines that are one entry: a stack trace, a statement written over many lines. */

import type { TailedLine } from "./tail/lines.ts";

/** What belongs together, and up to what length. */
export interface MultilineOptions {
  /** Whether a line goes on with what the line before began. */
  continues(text: string): boolean;
  /** Lines in one entry, and characters of its text; past either, what follows is left out and the entry marked as cut. */
  readonly linesMax: number;
  readonly charactersMax: number;
  /** How long an entry is held for more lines: milliseconds. */
  readonly timeoutMs: number;
}

/** Joins lines into entries. An entry is complete when a line comes that does not go on with it, or when none comes in time. */
export class MultilineJoiner {
  readonly #options: MultilineOptions;
  #parts: string[] = [];
  #first: TailedLine | undefined;
  #characters = 0;
  #isCut = false;
  #isReplaced = false;
  #lastMs = 0;

  constructor(options: MultilineOptions) {
    this.#options = options;
  }

  /** Where the entry begins that is held. */
  get heldFrom(): number | undefined {
    return this.#first?.at;
  }

  /** Takes a line, read at `nowMs`; an entry that it completes is returned. */
  take(line: TailedLine, nowMs: number): TailedLine | undefined {
    this.#lastMs = nowMs;
    if (this.#first !== undefined && this.#options.continues(line.text)) {
      this.#add(line);
      return undefined;
    }
    const complete = this.#end();
    this.#first = line;
    this.#add(line);
    return complete;
  }

  /** The entry that is held, where it has waited long enough by `nowMs`. */
  flush(nowMs: number): TailedLine | undefined {
    return nowMs - this.#lastMs >= this.#options.timeoutMs ? this.#end() : undefined;
  }

  #add({ text, isCut, isReplaced }: TailedLine): void {
    const room = this.#options.charactersMax - this.#characters;
    this.#isReplaced ||= isReplaced;
    if (this.#parts.length >= this.#options.linesMax || room <= 0) {
      this.#isCut = true;
      return;
    }
    this.#isCut ||= isCut || text.length > room;
    const kept = text.slice(0, room);
    this.#characters += kept.length + 1;
    this.#parts.push(kept);
  }

  #end(): TailedLine | undefined {
    if (this.#first === undefined) return undefined;
    const { at } = this.#first;
    const entry = { text: this.#parts.join("\n"), at, isCut: this.#isCut, isReplaced: this.#isReplaced };
    this.#parts = [];
    this.#first = undefined;
    this.#characters = 0;
    this.#isCut = this.#isReplaced = false;
    return entry;
  }
}
