/** One file being read: its bytes into lines into events, and up to where that has come. */

import { Buffer } from "node:buffer";
import { closeSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { DecodedEvent } from "../decode/decoder.ts";
import type { Intake } from "../intake.ts";
import { fingerprintIn, hashOf, type Head, HEAD_BYTES, headIn, type OpenFile } from "./identity.ts";
import { type Place, readAt, sizeOf, TAIL_BYTES, tailOf, type Trace } from "./identity.ts";
import { LineSplitter, type TailedLine } from "./lines.ts";
import type { FileRecord } from "./record.ts";

/** What came of a look for more. `truncated`: what was read before does not stand there any more. */
export type ReadResult = "data" | "end" | "truncated";

/** How a file is opened for reading. */
export interface FileStart {
  readonly open: OpenFile;
  /** The device and inode it is known by: its own, but of one whose content was copied elsewhere. */
  readonly place: Place;
  readonly generation: number;
  readonly path: string;
  /** Where to begin. */
  readonly offset: number;
  readonly fingerprint: string | null;
  readonly lineBytesMax: number;
  readonly intake: Intake;
  readonly nowMs: number;
}

export class TailedFile {
  readonly place: Place;
  readonly generation: number;
  path: string;
  /** When its path was last seen to lead here: milliseconds since the epoch. */
  hereMs: number;
  /** Since when its path leads elsewhere; null while it leads here. */
  goneMs: number | null = null;
  /** Whether that has been told as an event. */
  isGoneTold = false;
  /** Whether it has been told who it is. */
  isIntroduced: boolean;
  /** From where it has been read. */
  readonly startedAt: number;
  /** Whether there may be something to read. */
  isReady = true;
  /** Whether it is a copy that rotation made, which does not grow. */
  isCopy = false;
  /** Whether there is anything new to commit. */
  isChanged = true;
  #open: OpenFile;
  readonly #splitter: LineSplitter;
  readonly #intake: Intake;
  readonly #lines: TailedLine[] = [];
  #pending: DecodedEvent[] = [];
  #taken = 0;
  /** The last bytes read: they must be there still when more is read. */
  #overlap: Uint8Array;
  #fingerprint: string | null;
  #head: Head;
  /** When it last gave something: milliseconds since the epoch. */
  #dataMs: number;
  #isFinished = false;

  constructor({ open, place, generation, path, offset, fingerprint, lineBytesMax, intake, nowMs }: FileStart) {
    this.place = { device: place.device, inode: place.inode };
    this.generation = generation;
    this.path = path;
    this.#open = open;
    this.#splitter = new LineSplitter(offset, lineBytesMax);
    this.#intake = intake;
    const count = Math.min(TAIL_BYTES, offset);
    this.#overlap = readAt(open.fd, offset - count, count);
    this.startedAt = offset;
    this.isIntroduced = fingerprint !== null;
    const start = readAt(open.fd, 0, HEAD_BYTES);
    this.#fingerprint = fingerprint ?? fingerprintIn(start) ?? null;
    this.#head = headIn(start);
    this.#dataMs = nowMs;
    this.hereMs = nowMs;
  }

  /** Events that wait to be taken. */
  get pendingCount(): number {
    return this.#pending.length - this.#taken;
  }

  /** The event that is taken next. */
  get first(): DecodedEvent | undefined {
    return this.#pending[this.#taken];
  }

  /** Takes the first event, which must be there. */
  take(): DecodedEvent {
    const event = this.#pending[this.#taken++] as DecodedEvent;
    this.isChanged = true;
    if (this.#taken === this.#pending.length) {
      this.#pending = [];
      this.#taken = 0;
    }
    return event;
  }

  /** What ids of its lines name it by, beside device, inode and generation: of its first line, which is there once a line is. */
  get fingerprint(): string {
    return this.#fingerprint ??= hashOf(this.#head.hash);
  }

  /** Whether it can be told from others by how it begins. */
  get hasIdentity(): boolean {
    return this.#fingerprint !== null || this.pendingCount > 0;
  }

  /** What a copy of it must hold to be one. */
  get trace(): Trace {
    return { head: this.#head, offset: this.#splitter.next, tail: crc32(this.#overlap) };
  }

  /** How large it is by now: bytes. */
  get size(): number {
    return sizeOf(this.#open.fd);
  }

  /** The same bytes of it at present as a copy begins with. */
  begins(count: number): Uint8Array {
    return readAt(this.#open.fd, 0, count);
  }

  /** Whether lines are held back that time will release. */
  get isHolding(): boolean {
    return this.#intake.heldFrom !== undefined;
  }

  /** When it last gave something: milliseconds since the epoch. */
  get dataMs(): number {
    return this.#dataMs;
  }

  /** Whether its last event has been taken, and it was told that no more comes. */
  get isDone(): boolean {
    return this.#isFinished && this.pendingCount === 0;
  }

  /** Reads what fits into `buffer`; the events that come of it wait to be taken. */
  read(buffer: Uint8Array, nowMs: number): ReadResult {
    const { length } = this.#overlap;
    const count = readSync(this.#open.fd, buffer, 0, buffer.length, this.#splitter.next - length);
    if (count < length || Buffer.compare(buffer.subarray(0, length), this.#overlap) !== 0) return "truncated";
    if (count === length) {
      this.isReady = false;
      return "end";
    }
    // Filled again beyond what was read, with lines that differ in their beginnings only: the overlap alone may look the same.
    const isFromStart = this.#splitter.next === length && count >= this.#head.bytes;
    if (!this.#learnStart(isFromStart ? buffer.subarray(0, count) : readAt(this.#open.fd, 0, HEAD_BYTES))) {
      return "truncated";
    }
    this.#splitter.push(buffer.subarray(length, count), this.#lines);
    this.#overlap = buffer.slice(Math.max(0, count - TAIL_BYTES), count);
    this.#dataMs = nowMs;
    this.isChanged = true;
    this.#decodeLines(nowMs);
    return "data";
  }

  /** Releases what has been held long enough. */
  flush(nowMs: number): void {
    this.#intake.flush(nowMs, nowMs, this.#pending);
  }

  /** No more comes: a last line without an end is given, and whatever is held. */
  finish(nowMs: number): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.isReady = false;
    this.#splitter.finish(this.#lines);
    this.#decodeLines(nowMs);
    this.#intake.flush(Infinity, nowMs, this.#pending);
    this.isChanged = true;
  }

  /** Goes on in a copy of its content: it was copied and truncated. */
  moveTo(copy: OpenFile): void {
    this.close();
    this.#open = copy;
    this.isCopy = true;
    this.isReady = true;
  }

  /** What is known of it, as it would be resumed once what has been taken is committed. */
  record(): FileRecord {
    const offset = this.#resumeAt();
    const { device, inode } = this.#open;
    return {
      ...this.place,
      generation: this.generation,
      content: { device, inode },
      path: this.path,
      fingerprint: this.#fingerprint,
      offset,
      head: this.#head,
      tail: offset === this.#splitter.next ? crc32(this.#overlap) : tailOf(this.#open.fd, offset),
      seenMs: this.hereMs,
      isOver: this.isDone,
    };
  }

  close(): void {
    closeSync(this.#open.fd);
  }

  /**
   * Whether the first bytes go on as it was known to begin: then more is known of how it begins. What is checked and what is learnt are
   * the same bytes, those just read where they are its first: it may be truncated between any two looks, and what it would then be
   * known by is not how its copy begins.
   */
  #learnStart(first: Uint8Array): boolean {
    const { bytes, hash } = this.#head;
    if (first.length < bytes || hashOf(first.subarray(0, bytes)) !== hash) return false;
    const start = first.subarray(0, HEAD_BYTES);
    if (start.length > bytes) this.#head = headIn(start);
    this.#fingerprint ??= fingerprintIn(start) ?? null;
    return true;
  }

  #decodeLines(nowMs: number): void {
    this.#intake.take(this.#lines, nowMs, this.#pending);
    this.#lines.length = 0;
  }

  #resumeAt(): number {
    let at = this.#isFinished ? this.#splitter.next : this.#splitter.at;
    for (let i = this.#taken; i < this.#pending.length; i++) at = Math.min(at, this.#pending[i]?.at ?? at);
    return Math.min(at, this.#intake.heldFrom ?? at);
  }
}
