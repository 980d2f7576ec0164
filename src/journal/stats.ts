/** How much the journal holds. */

import type { DatabaseSync } from "node:sqlite";
import { integer, text, timeColumns, timeFrom } from "./record.ts";

/** What is known without looking at the rows. */
export interface JournalSize {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Rows there are, and rows that went by retention. */
  readonly rows: number;
  readonly purged: number;
  readonly rowsByType: Readonly<Record<string, number>>;
  readonly openDetections: number;
  /** Length of the database's file, and of it what is free for new rows: bytes. */
  readonly databaseBytes: number;
  readonly freeBytes: number;
  /** Length of the write-ahead log: bytes. */
  readonly walBytes: number;
}

export interface JournalStats extends JournalSize {
  /** Earliest and latest time of a row: milliseconds since the epoch; null when there is none. */
  readonly firstTimeMs: number | null;
  readonly lastTimeMs: number | null;
  readonly matches: number;
  readonly detections: number;
  /** Entities that a score was written of. */
  readonly entities: number;
  /** Version of the tables. */
  readonly version: number;
}

export function sizeOf(db: DatabaseSync, path: string): JournalSize {
  const counts = db.prepare("SELECT type, appended, purged FROM counts ORDER BY type").all();
  const pageBytes = integer(db.prepare("PRAGMA page_size").get(), "page_size");
  const appended = counts.reduce((sum, row) => sum + integer(row, "appended"), 0);
  const purged = counts.reduce((sum, row) => sum + integer(row, "purged"), 0);
  return {
    firstSeq: integer(db.prepare("SELECT min(seq) AS seq FROM journal").get(), "seq"),
    lastSeq: appended,
    rows: appended - purged,
    purged,
    rowsByType: Object.fromEntries(
      counts.map((row) => [text(row, "type"), integer(row, "appended") - integer(row, "purged")]),
    ),
    openDetections: countOf(db, "detections WHERE state = 'open'"),
    databaseBytes: lengthOf(path),
    freeBytes: integer(db.prepare("PRAGMA freelist_count").get(), "freelist_count") * pageBytes,
    walBytes: lengthOf(`${path}-wal`),
  };
}

export function statsOf(db: DatabaseSync, path: string): JournalStats {
  const times = db.prepare(
    `SELECT count(*) AS rows, ${timeColumns("min(ts_ns)", "first")}, ${timeColumns("max(ts_ns)", "last")} FROM journal`,
  ).get();
  const isEmpty = times === undefined || integer(times, "rows") === 0;
  return {
    ...sizeOf(db, path),
    firstTimeMs: isEmpty ? null : timeFrom(times, "first"),
    lastTimeMs: isEmpty ? null : timeFrom(times, "last"),
    matches: countOf(db, "matches"),
    detections: countOf(db, "detections"),
    entities: countOf(db, "scores"),
    version: integer(db.prepare("PRAGMA user_version").get(), "user_version"),
  };
}

function countOf(db: DatabaseSync, from: string): number {
  return integer(db.prepare(`SELECT count(*) AS count FROM ${from}`).get(), "count");
}

function lengthOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0; // no write-ahead log while nobody has the database open
  }
}
