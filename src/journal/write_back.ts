/**
 * When the other thread is to write the log back into the database. The database does so by itself once the log is long, within a
 * commit, which then takes 50 ms and more: where little comes that is seldom, and not worth a thread.
 */

import { systemClock } from "../core/clock.ts";
import { type PackedCommit, recordBytes } from "./packed.ts";

/** Asked for after so much: bytes of the log. Little enough that the rest, which came meanwhile, is soon written back as well. */
const PORTION_BYTES = 2 * 2 ** 20;

/** What a commit takes of the log beside its records, as a page is written of each table and index that it touches: bytes. */
const COMMIT_BYTES = 65_536;

/** Much comes, when so many portions have each come within so many milliseconds. */
const PORTIONS_MIN = 8;
const PORTION_WITHIN_MS = 500;

export class WriteBackPace {
  readonly #monotonic: () => number;
  #bytes = 0;
  #sinceMs: number;
  /** Portions that came fast, one after the other. */
  #fast = 0;

  constructor(monotonic: () => number = systemClock.monotonic) {
    this.#monotonic = monotonic;
    this.#sinceMs = monotonic();
  }

  /** Counts a commit of this thread; true when a portion is full, and much comes. */
  isDue({ events }: PackedCommit): boolean {
    this.#bytes += COMMIT_BYTES + recordBytes(events);
    if (this.#bytes < PORTION_BYTES) return false;
    const nowMs = this.#monotonic();
    this.#fast = nowMs - this.#sinceMs <= PORTION_WITHIN_MS ? this.#fast + 1 : 0;
    this.#bytes = 0;
    this.#sinceMs = nowMs;
    return this.#fast >= PORTIONS_MIN;
  }
}
