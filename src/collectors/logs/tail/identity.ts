/** What tells one file from another: device, inode, how it begins, and what stands before the place up to which it was read. */

import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** Bytes of a file's start by which it is known again. */
export const HEAD_BYTES = 1_024;

/** Bytes before the place up to which a file was read that must be there still for it to be the same file. */
export const TAIL_BYTES = 64;

const LINE_FEED = 10;

/** How a file began when it was last looked at. It may have grown since. */
export interface Head {
  readonly bytes: number;
  readonly hash: string;
}

/** Where a file is, whatever it is called. */
export interface Place {
  readonly device: number;
  readonly inode: number;
}

/** A place as a text. */
export function placeKey({ device, inode }: Place): string {
  return `${device}:${inode}`;
}

/** A file opened for reading. */
export interface OpenFile extends Place {
  readonly fd: number;
}

/**
 * Opens a regular file for reading; never waits, whatever stands there by then.
 *
 * @throws {Error} when it cannot be opened, or is no regular file.
 */
export function openRegular(path: string): OpenFile {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0));
  const stat = fstatSync(fd);
  if (stat.isFile()) return { fd, device: stat.dev, inode: stat.ino };
  closeSync(fd);
  throw new TypeError(`it must be a regular file: current value is ${typeOf(stat)}`);
}

/** What stands at a path, in a word. */
export function typeOf(stat: Stats): string {
  if (stat.isFile()) return "a regular file";
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a FIFO";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

/** How large a file is by now: bytes. */
export function sizeOf(fd: number): number {
  return fstatSync(fd).size;
}

/** Up to `count` bytes from a place in a file: fewer where it ends. */
export function readAt(fd: number, at: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let length = 0;
  while (length < count) {
    const more = readSync(fd, bytes, length, count - length, at + length);
    if (more === 0) break;
    length += more;
  }
  return bytes.subarray(0, length);
}

/** How a file begins at present. */
export function headOf(fd: number, bytes = HEAD_BYTES): Head {
  return headIn(readAt(fd, 0, bytes));
}

/** How a file begins, of the bytes that it begins with. */
export function headIn(start: Uint8Array): Head {
  return { bytes: start.length, hash: hashOf(start) };
}

/** Whether a file begins as it did. An empty beginning says nothing: then it does. */
export function hasHead(fd: number, { bytes, hash }: Head): boolean {
  return bytes === 0 || headOf(fd, bytes).hash === hash;
}

/**
 * The fingerprint that stands in ids: of the first line with its end, or of its first {@linkcode HEAD_BYTES}. It is the same
 * however much of the file is there, as long as a line is. `undefined` while none is.
 */
export function fingerprintIn(start: Uint8Array): string | undefined {
  const end = start.indexOf(LINE_FEED);
  if (end >= 0) return hashOf(start.subarray(0, end + 1));
  return start.length === HEAD_BYTES ? hashOf(start) : undefined;
}

/** What a file held that was read up to `offset`. */
export interface Trace {
  readonly head: Head | null;
  readonly offset: number;
  readonly tail: number;
}

/** Whether a file holds what was read, at the places where it was read. */
export function hasTrace(fd: number, { head, offset, tail }: Trace): boolean {
  return head === null || (hasHead(fd, head) && hasTail(fd, offset, tail));
}

/** A check of the bytes before a place. */
export function tailOf(fd: number, at: number): number {
  const count = Math.min(TAIL_BYTES, at);
  return crc32(readAt(fd, at - count, count));
}

/** Whether what stood before a place when it was read stands there still. */
export function hasTail(fd: number, at: number, tail: number): boolean {
  const count = Math.min(TAIL_BYTES, at);
  const bytes = readAt(fd, at - count, count);
  return bytes.length === count && crc32(bytes) === tail;
}

/** Where the line begins that stands before `end`, when no more than `bytesMax` before; else `end`. */
export function lineStart(fd: number, end: number, bytesMax: number): number {
  const count = Math.min(bytesMax, end);
  const last = readAt(fd, end - count, count).lastIndexOf(LINE_FEED);
  if (last >= 0) return end - count + last + 1;
  return count === end ? 0 : end;
}

/** Twelve hexadecimal digits that tell texts or bytes apart. */
export function hashOf(of: string | Uint8Array): string {
  return createHash("sha256").update(of).digest("hex").slice(0, 12);
}
