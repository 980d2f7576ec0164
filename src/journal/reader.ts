/** Reading the journal over a connection of its own: beside a running Weir, in the same process or another, or without one. */

import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Detection, Level } from "../core/detection.ts";
import { CursorError } from "../core/errors.ts";
import type { TelemetryEvent } from "../core/event.ts";
import type { ThreatScore } from "../core/score.ts";
import { scoreKeyPrefix } from "./append.ts";
import { asJournalError } from "./condition.ts";
import { DATABASE_FILE, openReader } from "./database.ts";
import { detectionsSince } from "./detections.ts";
import { eventsSince } from "./events_since.ts";
import {
  type BadRow,
  DETECTION_COLUMNS,
  detectionFrom,
  EVENT_TYPES,
  eventFrom,
  eventType,
  integer,
  JOURNAL_COLUMNS,
  keyOf,
  type OnBadRow,
  recordFrom,
  type Row,
  splitTime,
  text,
  TIME_VALUE,
} from "./record.ts";
import { type JournalRow, journalRows } from "./rows.ts";
import { type JournalSize, type JournalStats, sizeOf, statsOf } from "./stats.ts";
import { verify, type VerifyReport } from "./verify.ts";

/** Rows that one call of {@linkcode JournalReader.events} looks at, at most. */
export const EVENTS_SCAN_MAX = 10_000;

/** Detections that one call of {@linkcode JournalReader.detections} looks at, at most, and reads at a time. */
export const DETECTIONS_SCAN_MAX = 2_000;
const DETECTIONS_CHUNK = 100;

/** Where to read on, and how much at most. The cursor is what the last page gave as `next`. */
export interface Page {
  readonly limit: number;
  readonly cursor?: string;
}

/** A page may be short, even empty, and not the last: it is the last when `next` is null. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** What an event must be like; what is left out does not matter. */
export interface EventFilter {
  readonly host?: string;
  readonly kind?: string;
  readonly source?: string;
  /** Times at or after. */
  readonly sinceMs?: number;
  /** Times before. */
  readonly untilMs?: number;
}

/** What a detection must be like; what is left out does not matter. */
export interface DetectionFilter {
  readonly rule?: string;
  readonly host?: string;
  readonly entity?: string;
  readonly level?: Level;
  readonly state?: Detection["state"];
  /** Times of firing at or after. */
  readonly sinceMs?: number;
}

export class JournalReader {
  readonly #db: DatabaseSync;
  readonly #path: string;
  readonly #onBadRow: OnBadRow;

  private constructor(directory: string, db: DatabaseSync, onBadRow: OnBadRow) {
    this.#db = db;
    this.#path = join(directory, DATABASE_FILE);
    this.#onBadRow = onBadRow;
  }

  /** @throws {UsageError} when there is no journal in the directory, or none that this Weir can read. */
  static open(directory: string, options: { readonly onBadRow?: (bad: BadRow) => void } = {}): JournalReader {
    return new JournalReader(directory, openReader(directory), options.onBadRow ?? (() => {}));
  }

  /**
   * Events, the last committed first. Looks at no more than {@linkcode EVENTS_SCAN_MAX} rows, so a page may be short.
   *
   * @throws {CursorError}
   */
  events(filter: EventFilter, page: Page): Paged<TelemetryEvent> {
    return this.#reading(() => {
      const firstSeq = integer(this.#db.prepare("SELECT min(seq) AS seq FROM journal").get(), "seq");
      const lastSeq = integer(this.#db.prepare("SELECT max(seq) AS seq FROM journal").get(), "seq");
      let before = page.cursor === undefined ? lastSeq + 1 : seqFromCursor(page.cursor);
      const floor = Math.max(firstSeq, Math.min(before, lastSeq + 1) - EVENTS_SCAN_MAX);
      const { where, values } = eventConditions(filter);
      const statement = this.#db.prepare(
        `SELECT ${JOURNAL_COLUMNS} FROM journal WHERE seq < ? AND seq >= ? AND ${where} ORDER BY seq DESC LIMIT ?`,
      );
      const items: TelemetryEvent[] = [];
      for (;;) {
        const room = page.limit - items.length;
        const rows: Row[] = statement.all(before, floor, ...values, room);
        for (const row of rows) {
          before = integer(row, "seq");
          const event = eventFrom(row, this.#onBadRow);
          if (event !== undefined && (filter.source ?? event.source) === event.source) items.push(event);
        }
        if (rows.length < room) return { items, next: floor > firstSeq ? String(floor) : null };
        if (items.length === page.limit) return { items, next: before > firstSeq ? String(before) : null };
      }
    });
  }

  /**
   * Events that were seen at or after a time, in chunks, in the order in which they were committed, up to the last that is there
   * now. Bad rows are told of and left out. Holds no lock between chunks.
   */
  eventsSince(observedMs: number): Iterable<readonly TelemetryEvent[]> {
    return eventsSince(this.#db, observedMs, this.#onBadRow);
  }

  /** The event of an id; `undefined` when it is not there (any more), or its row is bad. */
  event(id: string): TelemetryEvent | undefined {
    return this.#reading(() => {
      const row = this.#db.prepare(`SELECT ${JOURNAL_COLUMNS} FROM journal WHERE idem = ?`).get(keyOf(id));
      const isEvent = EVENT_TYPES.some((type) => type === row?.["type"]);
      return row === undefined || !isEvent ? undefined : eventFrom(row, this.#onBadRow);
    });
  }

  /**
   * Detections in their present form, the last fired first. Looks at no more than {@linkcode DETECTIONS_SCAN_MAX} of them, so
   * a page may be short.
   *
   * @throws {CursorError}
   */
  detections(filter: DetectionFilter, page: Page): Paged<Detection> {
    return this.#reading(() => {
      const from = splitTime(filter.sinceMs ?? -Infinity);
      let place = page.cursor === undefined ? LAST_PLACE : placeFromCursor(page.cursor);
      const statement = this.#db.prepare(
        `SELECT ${DETECTION_COLUMNS}, CAST(time_ns AS TEXT) AS place, rule, level, host, state FROM detections
         WHERE (time_ns, id) < (CAST(? AS INTEGER), ?) AND time_ns >= ${TIME_VALUE}
         ORDER BY time_ns DESC, id DESC LIMIT ${DETECTIONS_CHUNK}`,
      );
      const items: Detection[] = [];
      for (let looked = 0; looked < DETECTIONS_SCAN_MAX; looked += DETECTIONS_CHUNK) {
        const rows: Row[] = statement.all(...place, ...from);
        for (const row of rows) {
          place = [text(row, "place"), text(row, "id")];
          const detection = detectionColumnsMeet(row, filter) ? detectionFrom(row, this.#onBadRow) : undefined;
          if (detection === undefined) continue;
          if (filter.entity !== undefined && !detection.entities.some((entity) => entity === filter.entity)) continue;
          items.push(detection);
          if (items.length === page.limit) {
            const isLast = row === rows.at(-1) && rows.length < DETECTIONS_CHUNK;
            return { items, next: isLast ? null : place.join(".") };
          }
        }
        if (rows.length < DETECTIONS_CHUNK) return { items, next: null };
      }
      return { items, next: place.join(".") };
    });
  }

  /** Detections whose last event came at or after `lastMs`, in the order of their times. */
  detectionsSince(lastMs: number): Detection[] {
    return this.#reading(() => detectionsSince(this.#db, lastMs, this.#onBadRow));
  }

  /** The detection of an id in its present form; `undefined` when it is not there (any more), or its row is bad. */
  detection(id: string): Detection | undefined {
    return this.#reading(() => {
      const row = this.#db.prepare(`SELECT ${DETECTION_COLUMNS} FROM detections WHERE id = ?`).get(id);
      return row === undefined ? undefined : detectionFrom(row, this.#onBadRow);
    });
  }

  /** The last score written of each entity, as it was at its time; the last written first, at most `limit`. */
  latestScores(limit: number): ThreatScore[] {
    return this.#reading(() => {
      const rows = this.#db.prepare(
        `SELECT ${JOURNAL_COLUMNS} FROM (SELECT seq FROM scores ORDER BY seq DESC LIMIT ?) JOIN journal USING (seq)
         ORDER BY seq DESC`,
      ).all(limit);
      return this.#scores(rows);
    });
  }

  /**
   * Scores of an entity, the latest first.
   *
   * @throws {CursorError}
   */
  scoreHistory(entity: string, page: Page): Paged<ThreatScore> {
    return this.#reading(() => {
      const prefix = scoreKeyPrefix(entity);
      if (page.cursor !== undefined && !/^\d{1,19}$/.test(page.cursor)) throw new CursorError(page.cursor);
      // After the prefix come digits alone, or it is that of another entity; ":" is the character after "9".
      const rows: Row[] = this.#db.prepare(
        `SELECT ${JOURNAL_COLUMNS} FROM journal WHERE idem >= ?1 AND idem < ?2 AND instr(substr(idem, length(?1) + 1), ':') = 0
         ORDER BY idem DESC LIMIT ?3`,
      ).all(prefix, `${prefix}${page.cursor ?? ":"}`, page.limit);
      const last = rows[page.limit - 1];
      const next = last === undefined ? null : text(last, "idem").slice(prefix.length);
      return { items: this.#scores(rows), next };
    });
  }

  /** How much there is: quick, whatever there is. */
  size(): JournalSize {
    return this.#reading(() => sizeOf(this.#db, this.#path));
  }

  /** How much there is of everything, from when to when: looks at every row's time. */
  stats(): JournalStats {
    return this.#reading(() => statsOf(this.#db, this.#path));
  }

  /** Whether everything is as it was written: reads all of it. */
  verify(): VerifyReport {
    return this.#reading(() => verify(this.#db));
  }

  /** Every row after a seq, in order; bad rows are told of and left out. Holds no lock between rows. */
  rows(afterSeq = 0): Iterable<JournalRow> {
    return journalRows(this.#db, afterSeq, this.#onBadRow);
  }

  /** Gives the memory back that only speeds reading up. */
  rest(): void {
    this.#db.exec("PRAGMA shrink_memory");
  }

  close(): void {
    this.#db.close();
  }

  #scores(rows: readonly Row[]): ThreatScore[] {
    const scores: ThreatScore[] = [];
    for (const row of rows) {
      const found = recordFrom(row);
      if ("reason" in found) this.#onBadRow({ table: "journal", key: text(row, "seq"), reason: found.reason });
      else scores.push(found.record as ThreatScore);
    }
    return scores;
  }

  #reading<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw asJournalError("read the journal", this.#path, error);
    }
  }
}

type Place = readonly [timeNs: string, id: string];

/** After every detection there can be: 64 bits at their largest, and a text after every id. */
const LAST_PLACE: Place = [String(2n ** 63n - 1n), "\u{10ffff}"];

function placeFromCursor(cursor: string): Place {
  const [, timeNs, id] = /^(-?\d{1,19})\.(.+)$/.exec(cursor) ?? [];
  if (timeNs === undefined || id === undefined) throw new CursorError(cursor);
  return [timeNs, id];
}

function seqFromCursor(cursor: string): number {
  if (!/^\d{1,15}$/.test(cursor)) throw new CursorError(cursor);
  return Number(cursor);
}

function detectionColumnsMeet(row: Row, { rule, host, level, state }: DetectionFilter): boolean {
  const wanted = { rule, host, level, state };
  return Object.entries(wanted).every(([column, value]) => value === undefined || row[column] === value);
}

function eventConditions({ host, kind, source, sinceMs, untilMs }: EventFilter) {
  const types = source === undefined ? EVENT_TYPES : [eventType(source)];
  const where = [`type IN (${types.map(() => "?").join(", ")})`];
  const values: (string | number)[] = [...types];
  if (host !== undefined) where.push("host = ?"), values.push(host);
  if (kind !== undefined) where.push("kind = ?"), values.push(kind);
  if (sinceMs !== undefined) where.push(`ts_ns >= ${TIME_VALUE}`), values.push(...splitTime(sinceMs));
  if (untilMs !== undefined) where.push(`ts_ns < ${TIME_VALUE}`), values.push(...splitTime(untilMs));
  return { where: where.join(" AND "), values };
}
