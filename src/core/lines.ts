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
  let number = 0;
  let rest: Buffer | undefined;
  const add = (lines: Line[], raw: string) => {
    const start = number === 0 && raw.charCodeAt(0) === 0xfeff ? 1 : 0; // the mark of UTF-8
    const end = raw.endsWith("\r") ? raw.length - 1 : raw.length;
    const text = start === 0 && end === raw.length ? raw : raw.slice(start, end);
    const cut = text.length > LINE_LENGTH_MAX;
    lines.push({ number: ++number, text: cut ? text.slice(0, LINE_LENGTH_MAX) : text, cut });
  };
  for await (const chunk of bytes) {
    const piece = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let start = 0;
    if (rest !== undefined) {
      const end = piece.indexOf(NEWLINE);
      rest = joined(rest, end === -1 ? piece : piece.subarray(0, end));
      start = end === -1 ? piece.length : end + 1;
      if (end !== -1) {
        add(lines, rest.toString("utf8"));
        rest = undefined;
      }
    }
    for (let end = endOfBlock(piece, start); end !== -1; end = endOfBlock(piece, start)) {
      const text = piece.toString("utf8", start, end);
      let at = 0;
      for (let next = text.indexOf("\n"); next !== -1; next = text.indexOf("\n", at)) {
        add(lines, text.slice(at, next));
        at = next + 1;
      }
      start = end;
    }
    if (start < piece.length) rest = joined(undefined, piece.subarray(start));
    if (lines.length > 0) yield lines;
  }
  if (rest === undefined) return;
  const lines: Line[] = [];
  add(lines, rest.toString("utf8"));
  yield lines;
}

/** Where the last whole line of the next block ends, its newline included; one that is longer is a block by itself; -1 for none. */
function endOfBlock(piece: Buffer, start: number): number {
  const last = piece.lastIndexOf(NEWLINE, Math.min(start + BLOCK_BYTES, piece.length) - 1);
  if (last >= start) return last + 1;
  const next = piece.indexOf(NEWLINE, start);
  return next === -1 ? -1 : next + 1;
}

/** A copy of both, as far as it can be needed: whoever gave a chunk may use its memory again. */
function joined(rest: Buffer | undefined, more: Buffer): Buffer {
  if (rest === undefined) return Buffer.from(more);
  return rest.length > REST_BYTES_MAX ? rest : Buffer.concat([rest, more]);
}
