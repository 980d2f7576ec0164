/** Messages out of a TCP stream of syslog: with a count of bytes before each (RFC 6587, 3.4.1), or each on a line (3.4.2). */

/** One message, as its bytes. */
export interface Frame {
  readonly bytes: Uint8Array;
  /** Whether it was longer than is kept, or its end never came. */
  readonly isCut: boolean;
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SPACE = 32;
const ZERO = 48;
const NINE = 57;

/** Digits of a count: no message is a billion bytes long. */
const COUNT_DIGITS_MAX = 9;

/**
 * Splits what comes over one connection. Each message may be framed in its own way: one that begins with a digit has a count, any
 * other ends at a line feed. Of a message longer than `bytesMax` the first bytes are kept.
 */
export class FrameSplitter {
  readonly #bytesMax: number;
  #kept: Uint8Array = new Uint8Array(0);
  /** Bytes of a message with a count that are still to come; -1 within a line; -2 before a message; -3 within a count. */
  #left: number = BEFORE;
  #count = "";
  #isCut = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Takes what came; the messages it completes are appended to `into`. */
  push(bytes: Uint8Array, into: Frame[]): void {
    for (let at = 0; at < bytes.length;) at = this.#step(bytes, at, into);
  }

  /** The connection has ended: what has come of a last message is given. */
  finish(into: Frame[]): void {
    if (this.#left === COUNT) this.#keep(new TextEncoder().encode(this.#count));
    const isWhole = this.#left < 0;
    if (this.#kept.length > 0) this.#emit(this.#isCut || !isWhole, into);
  }

  #step(bytes: Uint8Array, at: number, into: Frame[]): number {
    if (this.#left === BEFORE) return this.#begin(bytes, at);
    if (this.#left === COUNT) return this.#readCount(bytes, at);
    if (this.#left === LINE) return this.#readLine(bytes, at, into);
    const end = Math.min(bytes.length, at + this.#left);
    this.#keep(bytes.subarray(at, end));
    this.#left -= end - at;
    if (this.#left === 0) this.#emit(this.#isCut, into);
    return end;
  }

  #begin(bytes: Uint8Array, at: number): number {
    const first = bytes[at] ?? 0;
    if (first === LINE_FEED || first === CARRIAGE_RETURN || first === 0) return at + 1;
    this.#left = first > ZERO && first <= NINE ? COUNT : LINE;
    this.#count = "";
    return at;
  }

  /** A count and a space. What only begins like one is a line. */
  #readCount(bytes: Uint8Array, at: number): number {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE && this.#count.length < COUNT_DIGITS_MAX) {
      this.#count += String.fromCharCode(byte);
      return at + 1;
    }
    if (byte === SPACE) {
      this.#left = Number(this.#count);
      return at + 1;
    }
    this.#left = LINE;
    this.#keep(new TextEncoder().encode(this.#count));
    return at;
  }

  #readLine(bytes: Uint8Array, at: number, into: Frame[]): number {
    const end = bytes.indexOf(LINE_FEED, at);
    this.#keep(bytes.subarray(at, end < 0 ? bytes.length : end));
    if (end < 0) return bytes.length;
    this.#emit(this.#isCut, into);
    return end + 1;
  }

  #keep(more: Uint8Array): void {
    const room = this.#bytesMax - this.#kept.length;
    if (more.length > room) this.#isCut = true;
    const kept = more.subarray(0, Math.max(0, room));
    if (kept.length === 0) return;
    const joined = new Uint8Array(this.#kept.length + kept.length);
    joined.set(this.#kept);
    joined.set(kept, this.#kept.length);
    this.#kept = joined;
  }

  #emit(isCut: boolean, into: Frame[]): void {
    if (this.#kept.length > 0) into.push({ bytes: this.#kept, isCut });
    this.#kept = new Uint8Array(0);
    this.#left = BEFORE;
    this.#isCut = false;
  }
}

const LINE = -1;
const BEFORE = -2;
const COUNT = -3;
