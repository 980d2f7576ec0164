/** Lines out of the bytes of a file, each with the place where it begins. */

/** The byte that ends a line. */
const LINE_FEED = 10;

/** One line without its end (`\n` or `\r\n`). Never empty: a blank line tells nothing. */
export interface TailedLine {
  readonly text: string;
  /** Where its first byte stands in the file. */
  readonly at: number;
  /** Whether it was longer than the most that is kept, and cut. */
  readonly isCut: boolean;
  /** Whether it holds U+FFFD, which bytes that are not UTF-8 become. */
  readonly isReplaced: boolean;
}

/**
 * Splits what is read of a file, in order, into lines. A line that has no end yet is held until its end comes, however long that
 * takes; of one longer than `bytesMax` the first bytes are kept and the rest goes by. NULs before a line are left out: a
 * file truncated under a writer that does not append is full of them.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #bytesMax: number;
  /** Where the next byte that is given stands. */
  #next: number;
  /** Where the line begins that has no end yet. */
  #at: number;
  /** What is kept of it. */
  #held: Uint8Array = new Uint8Array(0);
  #isCut = false;

  constructor(at: number, bytesMax: number) {
    this.#next = at;
    this.#at = at;
    this.#bytesMax = bytesMax;
  }

  /** Where a reader would have to go on who has every line given so far: the start of the line that has no end yet. */
  get at(): number {
    return this.#at;
  }

  /** Where the next byte stands. */
  get next(): number {
    return this.#next;
  }

  /** Takes the bytes that follow; the lines that they complete are appended to `into`. The bytes may be used again after. */
  push(bytes: Uint8Array, into: TailedLine[]): void {
    let from = this.#next === 0 && isByteOrderMark(bytes) ? BYTE_ORDER_MARK.length : 0;
    this.#next += from;
    if (this.#held.length > 0) {
      const end = bytes.indexOf(LINE_FEED);
      this.#hold(bytes.subarray(0, end < 0 ? bytes.length : end));
      if (end < 0) return this.#advance(bytes.length);
      this.#next += end + 1;
      this.#endHeld(into);
      from = end + 1;
    }
    const last = bytes.lastIndexOf(LINE_FEED);
    if (last >= from) {
      this.#whole(bytes.subarray(from, last + 1), into);
      this.#next += last + 1 - from;
      this.#at = this.#next;
      from = last + 1;
    }
    this.#start(bytes.subarray(from));
  }

  /** Gives the line that has no end, where there is one: no more bytes come. */
  finish(into: TailedLine[]): void {
    if (this.#held.length > 0) this.#endHeld(into);
  }

  #advance(count: number): void {
    this.#next += count;
  }

  /** The beginning of a line. */
  #start(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length && bytes[from] === 0) from++;
    this.#at = this.#next + from;
    this.#hold(bytes.subarray(from));
    this.#advance(bytes.length);
  }

  #hold(more: Uint8Array): void {
    const room = this.#bytesMax - this.#held.length;
    if (more.length > room) this.#isCut = true;
    const kept = more.subarray(0, Math.max(0, room));
    if (kept.length === 0) return;
    const joined = new Uint8Array(this.#held.length + kept.length);
    joined.set(this.#held);
    joined.set(kept, this.#held.length);
    this.#held = joined;
  }

  #endHeld(into: TailedLine[]): void {
    this.#emit(this.#held, this.#at, this.#isCut, into);
    this.#held = new Uint8Array(0);
    this.#isCut = false;
    this.#at = this.#next;
  }

  /** Whole lines, each with its end. Decoded at once; where each byte is a character, places in the text are places in the file. */
  #whole(bytes: Uint8Array, into: TailedLine[]): void {
    const text = this.#decoder.decode(bytes);
    if (text.length !== bytes.length || text.includes("\ufffd")) return this.#wholeByBytes(bytes, into);
    for (let from = 0; from < text.length;) {
      const end = text.indexOf("\n", from);
      let start = from;
      while (text.charCodeAt(start) === 0) start++;
      const isCut = end - start > this.#bytesMax;
      const line = text.slice(start, isCut ? start + this.#bytesMax : withoutReturn(text, start, end));
      if (line !== "") into.push({ text: line, at: this.#next + start, isCut, isReplaced: false });
      from = end + 1;
    }
  }

  #wholeByBytes(bytes: Uint8Array, into: TailedLine[]): void {
    for (let from = 0; from < bytes.length;) {
      const end = bytes.indexOf(LINE_FEED, from);
      let start = from;
      while (bytes[start] === 0) start++;
      this.#emit(bytes.subarray(start, end), this.#next + start, false, into);
      from = end + 1;
    }
  }

  #emit(bytes: Uint8Array, at: number, wasCut: boolean, into: TailedLine[]): void {
    const isCut = wasCut || bytes.length > this.#bytesMax;
    const kept = isCut ? bytes.subarray(0, characterEnd(bytes, this.#bytesMax)) : bytes;
    const whole = this.#decoder.decode(kept);
    const text = !isCut && whole.endsWith("\r") ? whole.slice(0, -1) : whole;
    if (text === "") return;
    into.push({ text, at, isCut, isReplaced: text.includes("\ufffd") });
  }
}

/** What some programs write at the start of a file in UTF-8. */
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

function isByteOrderMark(bytes: Uint8Array): boolean {
  return BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte);
}

function withoutReturn(text: string, start: number, end: number): number {
  return end > start && text.charCodeAt(end - 1) === 13 ? end - 1 : end;
}

/** The last place up to `limit` at which no character of UTF-8 is cut in two. */
function characterEnd(bytes: Uint8Array, limit: number): number {
  let end = Math.min(limit, bytes.length);
  let lead = end;
  while (lead > 0 && end - lead < 4 && ((bytes[lead - 1] ?? 0) & 0xc0) === 0x80) lead--;
  if (lead === 0) return end;
  const first = bytes[lead - 1] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  if (length > 1 && lead - 1 + length > end) end = lead - 1;
  return end;
}
