/** The journal, as the one Weir that writes it holds it. */

import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Detection } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import { Appender } from "./append.ts";
import { Aside, ThreadLostError } from "./aside.ts";
import { asJournalError, conditionOf } from "./condition.ts";
import { DATABASE_FILE, lockDirectory, logBytesFor, makeDirectory, openWriter } from "./database.ts";
import { detectionsSince, openDetections } from "./detections.ts";
import { KnownIds } from "./known.ts";
import { type Commit, type MatchRecord, pack, type PackedCommit } from "./packed.ts";
import { eventFrom, integer, JOURNAL_COLUMNS, type OnBadRow, type Row, splitTime, text } from "./record.ts";
import { PURGE_SLICE_ROWS, Retention } from "./retention.ts";
import type { JournalConfig } from "./schema.ts";
import { WriteBackPace } from "./write_back.ts";

/** A commit that holds events, on its way through another thread. */
export interface SentCommit {
  readonly packed: PackedCommit;
  /** Absent where no thread has it yet, or any more. */
  asked?: Asked;
}

/** Which thread has a commit, and the last seq it will answer with. */
interface Asked {
  readonly aside: Aside;
  readonly lastSeq: Promise<number>;
}

/** The rows of a commit: `firstSeq` is one more than `lastSeq` when there were none. */
export interface Committed {
  readonly firstSeq: number;
  readonly lastSeq: number;
}

export interface JournalOptions extends JournalConfig {
  /** Told of each row that is not what was written. */
  readonly onBadRow?: OnBadRow;
  /** Told why the thread that commits aside was given up, whose commit is looked for and, where it is not there, made here. */
  readonly onThreadLost?: (why: string) => void;
  /** How long that thread may take for a commit: milliseconds. */
  readonly threadAnswerMax?: number;
}

/** Matches read at a time on start. */
const MATCHES_PAGE = 1_000;

/**
 * Protocol: one instance a data directory, held by a lock. Calls are synchronous, but for {@linkcode commitSent}, and leave everything
 * as it was when they throw; a {@linkcode JournalError} says what is in the way, and the same call may be made again.
 */
export class Journal {
  readonly #db: DatabaseSync;
  readonly #lock: Deno.FsFile;
  readonly #path: string;
  readonly #onBadRow: OnBadRow;
  readonly #options: JournalOptions;
  readonly #appender: Appender;
  readonly #known: KnownIds;
  readonly #retention: Retention;
  readonly #matchesPage: StatementSync;
  readonly #directory: string;
  readonly #writeBack = new WriteBackPace();
  #aside: Aside | undefined;
  /** Sent, and not gone through with. */
  readonly #sent: SentCommit[] = [];
  #lastSeq: number;
  #purged = 0;

  private constructor(directory: string, options: JournalOptions, lock: Deno.FsFile, db: DatabaseSync) {
    this.#directory = directory;
    this.#path = join(directory, DATABASE_FILE);
    this.#lock = lock;
    this.#db = db;
    this.#options = options;
    this.#onBadRow = options.onBadRow ?? (() => {});
    this.#appender = new Appender(db);
    this.#known = new KnownIds(db);
    this.#retention = new Retention(db, options);
    this.#matchesPage = db.prepare(
      `SELECT m.selector, s.rule, s.selection, j.* FROM matches m
       JOIN selectors s USING (selector) JOIN (SELECT ${JOURNAL_COLUMNS} FROM journal) j ON j.seq = m.seq
       WHERE (m.seq, m.selector) > (?, ?) AND m.time_ms >= ? ORDER BY m.seq, m.selector LIMIT ?`,
    );
    this.#lastSeq = lastSeqOf(db);
  }

  /**
   * Opens the journal of a data directory, making both where they are not there, and holds it until {@linkcode close}.
   *
   * @throws {UsageError} when another Weir holds it, it cannot be written to, or it is not a journal this Weir can use.
   */
  static open(directory: string, options: JournalOptions): Journal {
    makeDirectory(directory);
    const lock = lockDirectory(directory);
    try {
      return new Journal(directory, options, lock, openWriter(directory, logBytesFor(options.size_max)));
    } catch (error) {
      lock.close();
      throw error;
    }
  }

  /** Those of the ids that are in the journal. */
  known(ids: readonly string[]): Set<string> {
    return this.#stated("look for known events", () => this.#known.among(ids));
  }

  /** Puts all of it in, or nothing. Makes room first where the cap leaves too little. */
  commit(commit: Commit): Committed {
    const packed = pack(commit);
    const committed = this.#commitPacked(packed);
    if (this.#writeBack.isDue(packed)) this.#writeBackAside();
    return committed;
  }

  /**
   * Sends a commit that holds events to another thread, behind those sent before, where nothing stands in the way. Until
   * {@linkcode commitSent} is through with it nothing else is asked of the journal but what reads, which may or may not see it.
   */
  send(commit: Commit): SentCommit {
    const sent: SentCommit = { packed: pack(commit) };
    const before = this.#sent.at(-1);
    this.#sent.push(sent);
    try {
      // Behind one that no thread has, or one that is lost, it has to wait for its turn.
      const mayGo = before === undefined || (before.asked !== undefined && before.asked.aside === this.#aside);
      if (mayGo && !this.#retention.isCrowded()) this.#ask(sent, before === undefined ? this.#lastSeq : undefined);
    } catch {
      // In its turn it meets the same, which is told then.
    }
    return sent;
  }

  /**
   * Goes through with what was sent, one after the other in that order, and tried again until it is through. What the other thread
   * cannot do is tried here, so that it throws what {@linkcode commit} throws.
   */
  async commitSent(sent: SentCommit): Promise<void> {
    const { packed } = sent;
    if (sent.asked === undefined) this.#stated("commit", () => this.#makeRoomFor(packed));
    try {
      this.#lastSeq = await (sent.asked ?? this.#ask(sent, this.#lastSeq)).lastSeq;
    } catch (error) {
      if (sent.asked?.aside === this.#aside) this.#giveUpAside(error);
      delete sent.asked;
      this.#lastSeq = this.#stated("commit", () => lastSeqOf(this.#db));
      if (!this.#isIn(packed)) this.#commitPacked(packed); // else only the answer was lost
    }
    this.#sent.shift();
  }

  /** Little comes: gives back the memory that is of use only while much does. */
  rest(): void {
    if (this.#aside?.isBusy === true) return;
    this.#endAside();
    this.#stated("give memory back", () => this.#db.exec("PRAGMA shrink_memory"));
  }

  /** What a component keeps, as last committed, by key. */
  state(scope: string): [key: string, value: string][] {
    return this.#stated("read state", () => {
      const rows = this.#db.prepare("SELECT key, value FROM state WHERE scope = ? ORDER BY key").all(scope);
      return rows.map((row) => [text(row, "key"), text(row, "value")]);
    });
  }

  /** Matches of events at or after `sinceMs`, in the order in which they were committed. */
  *matchesSince(sinceMs: number): Generator<MatchRecord> {
    const [from] = splitTime(sinceMs);
    // Walks the matches from the oldest on: some tens of nanoseconds each, once a start; an index would cost every commit.
    const lowest = "SELECT min(seq) AS seq FROM matches WHERE time_ms >= ?";
    const first = this.#stated("read matches", () => this.#db.prepare(lowest).get(from)?.["seq"]);
    if (typeof first !== "number") return;
    let [seq, selector] = [first, -1];
    let event: TelemetryEvent | undefined;
    for (;;) {
      const rows = this.#stated("read matches", (): Row[] => this.#matchesPage.all(seq, selector, from, MATCHES_PAGE));
      for (const row of rows) {
        if (integer(row, "seq") !== seq || event === undefined) event = eventFrom(row, this.#onBadRow);
        [seq, selector] = [integer(row, "seq"), integer(row, "selector")];
        if (event === undefined || event.timeMs < sinceMs) continue;
        yield { rule: text(row, "rule"), selection: text(row, "selection"), event };
      }
      if (rows.length < MATCHES_PAGE) return;
    }
  }

  /** The time of the newest match, in the order in which they were committed; `undefined` when there is none. */
  lastMatchMs(): number | undefined {
    const newest = "SELECT time_ms FROM matches ORDER BY seq DESC LIMIT 1";
    const row = this.#stated("read matches", () => this.#db.prepare(newest).get());
    return row === undefined ? undefined : integer(row, "time_ms");
  }

  /** Detections whose last event came at or after `lastMs`, in the order of their times. */
  detectionsSince(lastMs: number): Detection[] {
    return this.#stated("read detections", () => detectionsSince(this.#db, lastMs, this.#onBadRow));
  }

  /** Detections that go on, in the order of their times. */
  openDetections(): Detection[] {
    return this.#stated("read detections", () => openDetections(this.#db, this.#onBadRow));
  }

  /** Removes a slice of what is too old or too much. `more`: there may be another slice, worth asking for soon. */
  retain(nowMs: number): { rows: number; more: boolean } {
    return this.#stated("remove old rows", () => {
      const { rows, more } = this.#retention.slice(nowMs);
      this.#purged += rows;
      return { rows, more };
    });
  }

  /** Removes every row with a time before `cutoffMs` and gives the room back; returns how many went. */
  purge(cutoffMs: number): number {
    return this.#stated("remove rows", () => {
      let total = 0;
      let slice = this.#retention.purgeBefore(cutoffMs, 0);
      for (; slice !== undefined; slice = this.#retention.purgeBefore(cutoffMs, slice.toSeq)) total += slice.rows;
      this.#retention.vacuum(0);
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      this.#purged += total;
      return total;
    });
  }

  /** The newest row's seq; 0 when nothing was ever committed. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Rows removed by retention since it was opened. */
  get purged(): number {
    return this.#purged;
  }

  /** Writes the log back into the database and lets go of the directory. */
  close(): void {
    this.#endAside();
    try {
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } catch (error) {
      if (conditionOf(error) === undefined) throw error; // what is committed is in the log, and read from it next time
    } finally {
      this.#db.close();
      this.#lock.close();
    }
  }

  #commitPacked(packed: PackedCommit): Committed {
    return this.#stated("commit", () => {
      this.#makeRoomFor(packed);
      for (;;) {
        try {
          const before = this.#lastSeq;
          this.#lastSeq = this.#appender.commit(packed, before);
          return { firstSeq: before + 1, lastSeq: this.#lastSeq };
        } catch (error) {
          // On a disk that is full nothing is removed: that gives the file system nothing back.
          if (conditionOf(error) !== "full" || !this.#retention.mayBeAtCap()) throw error;
          const gone = this.#retention.makeRoom(rowsFor(packed));
          if (gone === 0) throw error;
          this.#purged += gone;
        }
      }
    });
  }

  #ask(sent: SentCommit, lastSeq: number | undefined): Asked {
    this.#aside ??= this.#openAside();
    const asked = { aside: this.#aside, lastSeq: this.#aside.commit({ packed: sent.packed, lastSeq }) };
    asked.lastSeq.catch(() => {}); // commitSent hears of it
    return sent.asked = asked;
  }

  /** Whether a commit that holds events is there: they are in it or out of it all together. */
  #isIn({ events }: PackedCommit): boolean {
    return this.known(events.ids.slice(0, 1)).size > 0;
  }

  #makeRoomFor(packed: PackedCommit): void {
    if (this.#retention.isCrowded()) this.#purged += this.#retention.makeRoom(rowsFor(packed));
  }

  #openAside(): Aside {
    const { pagesMax } = this.#retention;
    const { size_max, threadAnswerMax } = this.#options;
    return new Aside({ directory: this.#directory, pagesMax, logBytes: logBytesFor(size_max) }, threadAnswerMax);
  }

  /** Has the log written back by the other thread; without one the database does it by itself, once the log is long. */
  #writeBackAside(): void {
    try {
      this.#aside ??= this.#openAside();
      this.#aside.writeBack();
    } catch (error) {
      this.#giveUpAside(error);
    }
  }

  /** Ends a thread that has failed at something; the next time it is needed there is another. */
  #giveUpAside(error: unknown): void {
    this.#endAside();
    if (error instanceof ThreadLostError) this.#options.onThreadLost?.(error.message);
  }

  #endAside(): void {
    if (this.#aside === undefined) return;
    this.#aside.end();
    this.#aside = undefined;
    awaitOtherWriter(this.#db);
  }

  #stated<T>(doing: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asJournalError(doing, this.#path, error);
    }
  }
}

/** Seqs are counted from 1 without gaps: the last one is how many were ever appended. */
function lastSeqOf(db: DatabaseSync): number {
  return integer(db.prepare("SELECT sum(appended) AS seq FROM counts").get(), "seq");
}

/**
 * Waits until no other connection is within a commit: that of a thread that was ended goes on to its end, and what is looked up before
 * would be stale after. A commit that begins later than this finds that it was called off.
 */
function awaitOtherWriter(db: DatabaseSync): void {
  try {
    db.exec("BEGIN IMMEDIATE; ROLLBACK");
  } catch (error) {
    if (conditionOf(error) === undefined) throw error; // the next commit meets the same, and says so
  }
}

/** Rows that are to go at least where a commit finds no room. */
function rowsFor({ events }: PackedCommit): number {
  return Math.max(PURGE_SLICE_ROWS, 2 * events.ids.length);
}
