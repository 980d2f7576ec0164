/** What goes, and when: the oldest rows first, by age and by room, in small slices so that no commit waits long. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { logBytesFor, PAGE_BYTES } from "./database.ts";
import { integer, splitTime, TIME_END_MS } from "./record.ts";
import type { JournalConfig } from "./schema.ts";

/** Rows looked at in one slice. */
export const PURGE_SLICE_ROWS = 2_000;

/** Kept free of what the cap allows, for the next commit: bytes. */
const RESERVE_BYTES = 2 * 2 ** 20;

/** Pages given back to the file system in one go, when the cap was lowered. */
const VACUUM_PAGES = 256;

/** A commit that finds no room although less than this share of the cap is used finds the disk full, not the journal. */
export const CROWDED_SHARE = 0.75;

export class Retention {
  readonly #db: DatabaseSync;
  readonly #keep: JournalConfig;
  /** Pages the database may have. */
  readonly pagesMax: number;
  readonly #pageCount: StatementSync;
  readonly #freeCount: StatementSync;
  readonly #sliceEnd: StatementSync;
  readonly #count: StatementSync;
  readonly #deletes: readonly StatementSync[];

  constructor(db: DatabaseSync, keep: JournalConfig) {
    this.#db = db;
    this.#keep = keep;
    this.pagesMax = Math.floor((keep.size_max - logBytesFor(keep.size_max)) / PAGE_BYTES);
    db.exec(`PRAGMA max_page_count = ${this.pagesMax}`);
    this.#pageCount = db.prepare("PRAGMA page_count");
    this.#freeCount = db.prepare("PRAGMA freelist_count");
    this.#sliceEnd = db.prepare(
      "SELECT max(seq) AS seq FROM (SELECT seq FROM journal WHERE seq > ? ORDER BY seq LIMIT ?)",
    );
    const gone = "seq > ?1 AND seq <= ?2 AND ts_ns < CAST(?3 AS INTEGER) * 1000000";
    this.#count = db.prepare(
      `UPDATE counts SET purged = purged + gone.count
       FROM (SELECT type, count(*) AS count FROM journal WHERE ${gone} GROUP BY type) AS gone
       WHERE counts.type = gone.type`,
    );
    this.#deletes = [
      `DELETE FROM matches WHERE seq IN (SELECT seq FROM journal WHERE ${gone})`,
      "DELETE FROM detections WHERE seq <= ?2 AND last_ns < CAST(?3 AS INTEGER) * 1000000 AND ?1 >= 0",
      `DELETE FROM scores WHERE seq IN (SELECT seq FROM journal WHERE ${gone})`,
      `DELETE FROM journal WHERE ${gone}`,
    ].map((sql) => db.prepare(sql));
  }

  /** One slice of what is too old or too much. `more`: there may be another, worth asking for soon. */
  slice(nowMs: number): { rows: number; more: boolean } {
    const isCrowded = this.isCrowded();
    const rows = isCrowded
      ? this.makeRoom(PURGE_SLICE_ROWS)
      : this.purgeBefore(nowMs - this.#keep.retention, 0)?.rows ?? 0;
    const isTooLong = this.#giveBack();
    return { rows, more: isTooLong || (isCrowded ? rows > 0 : rows >= PURGE_SLICE_ROWS / 2) };
  }

  /** Whether less than `reserveBytes` are left of the room that the cap allows. */
  isCrowded(reserveBytes = RESERVE_BYTES): boolean {
    const used = integer(this.#pageCount.get(), "page_count") - integer(this.#freeCount.get(), "freelist_count");
    return used + reserveBytes / PAGE_BYTES > this.pagesMax;
  }

  /** Whether a commit that found no room may have met the cap. */
  mayBeAtCap(): boolean {
    return this.isCrowded(this.pagesMax * PAGE_BYTES * (1 - CROWDED_SHARE));
  }

  /** Removes the oldest rows, whatever their age; returns how many went. */
  makeRoom(rows: number): number {
    const toSeq = this.#sliceEnd.get(0, rows)?.["seq"];
    return typeof toSeq === "number" ? this.#purge(0, toSeq, TIME_END_MS) : 0;
  }

  /**
   * Removes, of the slice that follows the row `afterSeq`, the rows with times before `cutoffMs`. Returns how many went and
   * the slice's last seq, or `undefined` when nothing follows.
   */
  purgeBefore(cutoffMs: number, afterSeq: number): { rows: number; toSeq: number } | undefined {
    const toSeq = this.#sliceEnd.get(afterSeq, PURGE_SLICE_ROWS)?.["seq"];
    if (typeof toSeq !== "number") return undefined;
    return { rows: this.#purge(afterSeq, toSeq, splitTime(cutoffMs)[0]), toSeq };
  }

  #purge(afterSeq: number, toSeq: number, cutoffMs: number): number {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      let rows = 0;
      this.#count.run(afterSeq, toSeq, cutoffMs);
      for (const statement of this.#deletes) rows = Number(statement.run(afterSeq, toSeq, cutoffMs).changes);
      this.#db.exec("COMMIT");
      return rows;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Gives free pages back to the file system; 0 for all there are. */
  vacuum(pages: number): void {
    this.#db.prepare(`PRAGMA incremental_vacuum(${pages})`).all(); // a page a step, which exec would take only one of
  }

  /**
   * Shortens the file a little where it is longer than the cap: only after the cap was lowered, as freed pages are used again.
   * Whether it could be shortened further.
   */
  #giveBack(): boolean {
    const excess = integer(this.#pageCount.get(), "page_count") - this.pagesMax;
    if (excess <= 0) return false;
    this.vacuum(Math.min(excess, VACUUM_PAGES));
    this.#db.exec(`PRAGMA max_page_count = ${this.pagesMax}`); // SQLite takes no maximum under the present length
    return excess > VACUUM_PAGES && integer(this.#freeCount.get(), "freelist_count") > 0;
  }
}
