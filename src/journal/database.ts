/** Opening the database: its folder, its lock, its connections. */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, UsageError } from "../core/errors.ts";
import { conditionOf } from "./condition.ts";
import { APPLICATION_ID, migrate, VERSION } from "./tables.ts";

/** The database's file in the data directory. */
export const DATABASE_FILE = "weir.db";

/** Held by the one Weir that writes; its process id is in it. */
export const LOCK_FILE = "weir.lock";

/** Of a page: bytes. Larger than SQLite's own 4,096, of which an event of a few hundred bytes wastes more. */
export const PAGE_BYTES = 8_192;

/**
 * Pages a writing connection keeps: KiB. The first has what little comes and is open for as long as Weir runs; the second is there
 * while much comes.
 */
const FIRST_CACHE_KIB = 512;
const SECOND_CACHE_KIB = 4_096;

/** How long a connection waits for another program's lock before it says so: milliseconds. */
const BUSY_WAIT_MS = 200;

/**
 * How long the write-ahead log may be, of a journal that may have so much room: bytes. It is written back when it is two thirds of that:
 * seldom, as a commit that does it takes some 15 ms longer, most of it waiting for the disk. At a thousand events a second, each commit
 * of a few, some 24 MB go into it.
 */
export function logBytesFor(sizeMax: number): number {
  return Math.min(LOG_BYTES_MAX, Math.max(LOG_BYTES_MIN, Math.floor(sizeMax / 16)));
}

const LOG_BYTES_MIN = 16 * 2 ** 20;
const LOG_BYTES_MAX = 96 * 2 ** 20;

/** Makes the data directory, readable by its owner alone, when it is not there. */
export function makeDirectory(directory: string): void {
  try {
    Deno.mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw unusable(directory, error);
  }
}

/**
 * Holds the data directory for this process until the returned file is closed.
 *
 * @throws {UsageError} when another process holds it, or it cannot be written to.
 */
export function lockDirectory(directory: string): Deno.FsFile {
  const path = join(directory, LOCK_FILE);
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(path, { read: true, write: true, create: true, mode: 0o600 });
  } catch (error) {
    throw unusable(directory, error);
  }
  if (!file.tryLockSync(true)) {
    file.close();
    const pid = Deno.readTextFileSync(path).trim();
    throw new UsageError(
      `Cannot open the journal as ${JSON.stringify(directory)} must be used by one Weir at a time: ` +
        `current value is in use by process ${pid || "(unknown)"}`,
    );
  }
  file.truncateSync(0);
  file.writeSync(new TextEncoder().encode(`${Deno.pid}\n`));
  return file;
}

/**
 * The connection that writes, its tables made or brought up to date; `logBytes` is what {@linkcode logBytesFor} says. Nothing else in
 * this process may have the database open: see {@linkcode keepPrivate}.
 *
 * @throws {UsageError} when the file is no journal of this Weir, newer than it, damaged, locked or not writable.
 */
export function openWriter(directory: string, logBytes: number): DatabaseSync {
  try {
    keepPrivate(join(directory, DATABASE_FILE));
  } catch (error) {
    throw unusable(directory, error);
  }
  return openToWrite(directory, logBytes, FIRST_CACHE_KIB);
}

/** Another one, beside that: the two take turns. Throws what {@linkcode openWriter} throws. */
export function openSecondWriter(directory: string, logBytes: number): DatabaseSync {
  return openToWrite(directory, logBytes, SECOND_CACHE_KIB);
}

function openToWrite(directory: string, logBytes: number, cacheKib: number): DatabaseSync {
  const path = join(directory, DATABASE_FILE);
  return opening(path, () => {
    const db = new DatabaseSync(path, { timeout: BUSY_WAIT_MS });
    try {
      db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`); // of effect on an empty file only
      const mode = db.prepare("PRAGMA journal_mode = WAL").get()?.["journal_mode"];
      if (mode !== "wal") throw new UsageError(`${cannotOpen(path)} be on a file system that can do WAL`);
      db.exec(`PRAGMA synchronous = NORMAL; PRAGMA cache_size = -${cacheKib}; PRAGMA temp_store = MEMORY`);
      const logPages = Math.floor((logBytes * 2) / 3 / PAGE_BYTES);
      db.exec(`PRAGMA wal_autocheckpoint = ${logPages}; PRAGMA journal_size_limit = ${logBytes}`);
      requireOurs(db, path);
      migrate(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/**
 * A connection that only reads, beside a Weir that writes or without one.
 *
 * @throws {UsageError} when there is no journal, or it cannot be read by this Weir.
 */
export function openReader(directory: string): DatabaseSync {
  const path = join(directory, DATABASE_FILE);
  if (!isFile(path)) {
    throw new UsageError(`${cannotOpen(path)} be there: start Weir once, or give the data directory with --data`);
  }
  return opening(path, () => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_WAIT_MS });
    try {
      const version = requireOurs(db, path);
      if (version < VERSION) {
        throw new UsageError(
          `${cannotOpen(path)} be of version ${VERSION}, which starting Weir brings it to: ` +
            `current value is ${version}`,
        );
      }
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

/** The version of a database of ours; 0 for an empty one. */
function requireOurs(db: DatabaseSync, path: string): number {
  const version = Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
  const application = Number(db.prepare("PRAGMA application_id").get()?.["application_id"]);
  const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() === undefined;
  if (!isEmpty && application !== APPLICATION_ID) {
    throw new UsageError(`${cannotOpen(path)} be a journal of Weir: current value is another program's database`);
  }
  if (version > VERSION) {
    throw new UsageError(
      `${cannotOpen(path)} be of version ${VERSION} or older: ` +
        `current value is ${version}, written by a newer Weir`,
    );
  }
  return version;
}

function opening(path: string, open: () => DatabaseSync): DatabaseSync {
  try {
    return open();
  } catch (error) {
    if (error instanceof UsageError) throw error;
    switch (conditionOf(error)) {
      case "damaged":
        throw new UsageError(
          `${cannotOpen(path)} be an undamaged SQLite database: current value is ${
            JSON.stringify(messageOf(error))
          }; ` +
            `move it and its -wal file away to start with an empty one, or put a copy back`,
        );
      case "locked":
        throw new UsageError(`${cannotOpen(path)} not be locked by another program`);
      default:
        throw new UsageError(
          `${cannotOpen(path)} be readable and writable: current value is ${JSON.stringify(messageOf(error))}`,
        );
    }
  }
}

/**
 * The file with nobody else's permissions on it; SQLite gives the same to the files it makes beside it. A process that closes a file lets
 * go of all its locks on it, those of SQLite's connections included (fcntl(2), "Record locking"): whoever came next would believe to
 * be the last one when leaving, and remove the write-ahead log under those that go on. So it is done before there is any.
 */
function keepPrivate(path: string): void {
  Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o600);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function cannotOpen(path: string): string {
  return `Cannot open the journal as ${JSON.stringify(path)} must`;
}

function unusable(directory: string, error: unknown): UsageError {
  return new UsageError(
    `Cannot open the journal as ${JSON.stringify(directory)} must be a directory that can be written to: ` +
      `current value is ${JSON.stringify(messageOf(error))}`,
  );
}
