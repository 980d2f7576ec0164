/** Lines out of bytes, in the chunks in which they came. */

import { Buffer } from "node:buffer";

/** The longest line taken, in UTF-16 units; of a longer one the rest is left out, and it is marked. */
export const LINE_LENGTH_MAX = 1_048_576;

/** One line without its end (`\n` or `\r\n`). */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Whether it was longer than {@linkcode LINE_LENGTH_MAX}. */
  readonly cut: boolean;
}

const NEWLINE = 10;

/**
 * So many bytes of whole lines become text at a time. A line's text is a piece of that text and keeps it alive: with short ones, an
 * event that is kept for long keeps little else.
 */
const BLOCK_BYTES = 4_096;

/** Of a line that is too long so many bytes are kept: enough for any {@linkcode LINE_LENGTH_MAX} units of text. */
const REST_BYTES_MAX = 4 * LINE_LENGTH_MAX;

/** Splits a stream of UTF-8 into lines; what is not UTF-8 becomes U+FFFD. A last line without an end counts. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  const splitter = new Splitter();
  for await (const chunk of bytes) {
    splitter.add(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    const lines = splitter.take();
    if (lines.length > 0) yield lines;
  }
  splitter.end();
  const lines = splitter.take();
  if (lines.length > 0) yield lines;
}

class Splitter {
  #number = 0;
  #lines: Line[] = [];
  /** The start of a line whose end has not come. */
  #rest: Buffer | undefined;

  /** What has become whole since the last time. */
  take(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  add(piece: Buffer): void {
    let start = this.#rest === undefined ? 0 : this.#addToRest(this.#rest, piece);
    for (let end = endOfBlock(piece, start); end !== -1; end = endOfBlock(piece, start)) {
      const text = piece.toString("utf8", start, end);
      let at = 0;
      for (let next = text.indexOf("\n"); next !== -1; next = text.indexOf("\n", at)) {
        this.#push(text.slice(at, next));
        at = next + 1;
      }
      start = end;
    }
    if (start < piece.length) this.#rest = Buffer.from(piece.subarray(start)); // whoever gave it may use its memory again
  }

  /** Goes on with a line that was begun. Returns where in the piece the next begins. */
  #addToRest(rest: Buffer, piece: Buffer): number {
    const newline = piece.indexOf(NEWLINE);
    const end = newline === -1 ? piece.length : newline;
    this.#rest = rest.length > REST_BYTES_MAX ? rest : Buffer.concat([rest, piece.subarray(0, end)]);
    if (newline === -1) return end;
    this.end();
    return newline + 1;
  }

  /** The line that was begun ends here. */
  end(): void {
    if (this.#rest !== undefined) this.#push(this.#rest.toString("utf8"));
    this.#rest = undefined;
  }

  #push(raw: string): void {
    const start = this.#number === 0 && raw.charCodeAt(0) === 0xfeff ? 1 : 0; // the mark of UTF-8
    const end = raw.endsWith("\r") ? raw.length - 1 : raw.length;
    const text = start === 0 && end === raw.length ? raw : raw.slice(start, end);
    const cut = text.length > LINE_LENGTH_MAX;
    this.#lines.push({ number: ++this.#number, text: cut ? text.slice(0, LINE_LENGTH_MAX) : text, cut });
  }
}

/** Where the last whole line of the next block ends, its newline included; one that is longer is a block by itself; -1 for none. */
function endOfBlock(piece: Buffer, start: number): number {
  const last = piece.lastIndexOf(NEWLINE, Math.min(start + BLOCK_BYTES, piece.length) - 1);
  if (last >= start) return last + 1;
  const next = piece.indexOf(NEWLINE, start);
  return next === -1 ? -1 : next + 1;
}
