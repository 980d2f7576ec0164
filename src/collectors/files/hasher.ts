/** Hashes of files, read at a bounded rate in pieces, never whole. Never blocks on what is not a file. */

import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { Clock } from "../../core/clock.ts";
import { UNHASHED } from "./entry.ts";

/** Bytes read at a time; a file up to this size is read at once, which is many times faster than by turns. */
const PIECE_BYTES = 65_536;

/** What opening a small file counts as, in bytes read. */
const OPEN_BYTES = 4_096;

/** How far reading may run ahead of its rate before it waits: milliseconds. */
const AHEAD_MS = 25;

/** A file that changes while it is read is read again this often in all, then left as changing. */
const TRIES_MAX = 3;

/** A pipe that took a file's place would block an ordinary open, a link lead elsewhere. Absent on Windows, where neither can. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

export interface HasherOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Bytes a second. */
  readonly bytesPerSecond: number;
  /** Larger files have no hash: bytes. */
  readonly sizeMax: number;
}

/** What of a file must stay as it is while it is read. */
interface Held {
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
}

export class Hasher {
  readonly #options: HasherOptions;
  readonly #buffer = new Uint8Array(PIECE_BYTES);
  /** When the rate allows the next piece, by the monotonic clock: milliseconds. */
  #dueMs = 0;
  #bytes = 0;

  constructor(options: HasherOptions) {
    this.#options = options;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** SHA-256 in base64url, or `!` and why there is none; `undefined` when it was told to stop. */
  async hash(path: string, size: number): Promise<string | undefined> {
    if (size > this.#options.sizeMax) return UNHASHED.tooLarge;
    for (let i = 0; i < TRIES_MAX; i++) {
      const digest = size <= PIECE_BYTES ? this.#hashSmall(path) : await this.#hashLarge(path);
      await this.#pace();
      if (this.#options.signal.aborted) return undefined;
      if (digest !== null) return digest;
    }
    return UNHASHED.changing;
  }

  /** Null when the file was not the same at the end as at the beginning. */
  #hashSmall(path: string): string | null {
    let fd: number | undefined;
    try {
      fd = openSync(path, FLAGS);
      const before = fstatSync(fd);
      if (!before.isFile()) return null;
      const hash = createHash("sha256");
      for (let total = 0;;) {
        const count = readSync(fd, this.#buffer, 0, PIECE_BYTES, null);
        if (count === 0) break;
        this.#charge(count);
        this.#bytes += count;
        hash.update(this.#buffer.subarray(0, count));
        total += count;
        if (total > PIECE_BYTES) return null; // it has grown
      }
      return isSame(before, fstatSync(fd)) ? hash.digest("base64url") : null;
    } catch {
      return UNHASHED.unreadable;
    } finally {
      if (fd !== undefined) closeSync(fd);
      this.#charge(OPEN_BYTES);
    }
  }

  async #hashLarge(path: string): Promise<string | null> {
    let file: FileHandle | undefined;
    try {
      file = await open(path, FLAGS);
      const before = await file.stat();
      if (!before.isFile()) return null;
      const hash = createHash("sha256");
      for (let total = 0; !this.#options.signal.aborted;) {
        const { bytesRead } = await file.read(this.#buffer, 0, PIECE_BYTES, null);
        if (bytesRead === 0) break;
        this.#charge(bytesRead);
        this.#bytes += bytesRead;
        hash.update(this.#buffer.subarray(0, bytesRead));
        total += bytesRead;
        if (total > before.size) return null;
        await this.#pace();
      }
      return isSame(before, await file.stat()) ? hash.digest("base64url") : null;
    } catch {
      return UNHASHED.unreadable;
    } finally {
      await file?.close();
    }
  }

  #charge(bytes: number): void {
    const nowMs = this.#options.clock.monotonic();
    this.#dueMs = Math.max(this.#dueMs, nowMs) + bytes * 1000 / this.#options.bytesPerSecond;
  }

  async #pace(): Promise<void> {
    const { clock, signal } = this.#options;
    const aheadMs = this.#dueMs - clock.monotonic();
    if (aheadMs > AHEAD_MS) await clock.sleep(aheadMs, signal);
  }
}

function isSame(a: Held, b: Held): boolean {
  return a.ino === b.ino && a.size === b.size && a.mtimeMs === b.mtimeMs;
}
