/** The tables, and how older ones become them: forward only. */

import type { DatabaseSync } from "node:sqlite";

/** In the header of every journal (SQLite's `application_id`): "Weir". */
export const APPLICATION_ID = 0x57656972;

/**
 * What leads from each version to the next; the number of steps is the version.
 *
 * `journal` is append-only: `seq` counts from 1 without gaps, rows go only by retention, which `counts` keeps account of
 * (so `appended` adds up to the last seq, and `appended - purged` to the rows there are). `ts_ns` is nanoseconds since the
 * epoch. There is no index on time, host or kind, which every commit would have to keep up (`tests/bench/journal.ts` has the
 * figures): reading goes from the newest row back, in bounded slices. `detections` and `scores` hold the latest form of what
 * the journal holds as it first was.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY,
    idem TEXT NOT NULL UNIQUE,
    ts_ns INTEGER NOT NULL,
    type TEXT NOT NULL,
    host TEXT NOT NULL,
    kind TEXT NOT NULL,
    bytes BLOB NOT NULL,
    checksum INTEGER NOT NULL
  );
  CREATE TABLE counts (
    type TEXT PRIMARY KEY,
    appended INTEGER NOT NULL,
    purged INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE selectors (
    selector INTEGER PRIMARY KEY,
    rule TEXT NOT NULL,
    selection TEXT NOT NULL,
    UNIQUE (rule, selection)
  );
  CREATE TABLE matches (
    seq INTEGER NOT NULL,
    selector INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,
    PRIMARY KEY (seq, selector)
  ) WITHOUT ROWID;
  CREATE TABLE detections (
    id TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    last_ns INTEGER NOT NULL,
    rule TEXT NOT NULL,
    level TEXT NOT NULL,
    host TEXT NOT NULL,
    state TEXT NOT NULL,
    bytes BLOB NOT NULL,
    checksum INTEGER NOT NULL
  );
  CREATE INDEX detections_by_seq ON detections (seq);
  CREATE INDEX detections_by_time ON detections (time_ns, id);
  CREATE INDEX detections_open ON detections (last_ns) WHERE state = 'open';
  CREATE TABLE scores (
    entity TEXT PRIMARY KEY,
    seq INTEGER NOT NULL
  );
  CREATE INDEX scores_by_seq ON scores (seq);
  CREATE TABLE state (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (scope, key)
  ) WITHOUT ROWID;
  PRAGMA application_id = ${APPLICATION_ID};
  `,
];

/** The version this Weir reads and writes. */
export const VERSION = MIGRATIONS.length;

/** Brings a database of ours that is not newer than this Weir up to {@linkcode VERSION}, all of it or nothing. */
export function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version === VERSION) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${VERSION}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
