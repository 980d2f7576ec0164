/** Putting rows in: one transaction a commit, by prepared statements over one connection. */

import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Detection } from "../core/detection.ts";
import { detectionToJson } from "../core/detection_json.ts";
import type { ThreatScore } from "../core/score.ts";
import type { StateWrite } from "../core/state_store.ts";
import {
  checksumOf,
  DETECTION_KIND,
  detectionType,
  eventType,
  keyOf,
  originJson,
  type RecordType,
  RecordWriter,
  SCORE_KIND,
  splitTime,
  TIME_VALUE,
} from "./record.ts";
import type { PackedCommit, PackedEvents, PackedMatches } from "./packed.ts";

/** Rows in one INSERT: a call into SQLite costs more than a row. */
const ROWS_PER_INSERT = 25;

const ROW_VALUES = `(?, ?, ${TIME_VALUE}, ?, ?, ?, CAST(? AS BLOB), ?)`;

const EVENT_PARAMETERS = 9;
const MATCH_PARAMETERS = 3;

export class Appender {
  readonly #db: DatabaseSync;
  readonly #isCalledOff: () => boolean;
  readonly #insertRows: StatementSync;
  readonly #insertRow: StatementSync;
  readonly #insertRowOnce: StatementSync;
  readonly #count: StatementSync;
  readonly #seqOf: StatementSync;
  readonly #insertSelector: StatementSync;
  readonly #insertMatches: StatementSync;
  readonly #insertMatch: StatementSync;
  readonly #putDetection: StatementSync;
  readonly #putScore: StatementSync;
  readonly #putState: StatementSync;
  readonly #deleteState: StatementSync;
  /** Selector by rule and selection, of selectors that are committed. */
  readonly #selectors = new Map<string, Map<string, number>>();
  #newSelectors: [rule: string, selection: string, selector: number][] = [];
  readonly #records = new RecordWriter();
  #seq = 0;
  #appended = new Map<RecordType, number>();

  /** `isCalledOff`: whether nothing may be put in any more. Asked when a commit has the database to itself. */
  constructor(db: DatabaseSync, isCalledOff = () => false) {
    this.#db = db;
    this.#isCalledOff = isCalledOff;
    const insert = "INSERT INTO journal VALUES ";
    this.#insertRows = db.prepare(insert + new Array(ROWS_PER_INSERT).fill(ROW_VALUES).join(", "));
    this.#insertRow = db.prepare(insert + ROW_VALUES);
    this.#insertRowOnce = db.prepare(`${insert}${ROW_VALUES} ON CONFLICT (idem) DO NOTHING`);
    this.#count = db.prepare(
      "INSERT INTO counts VALUES (?, ?, 0) ON CONFLICT (type) DO UPDATE SET appended = appended + excluded.appended",
    );
    this.#seqOf = db.prepare("SELECT seq FROM journal WHERE idem = ?");
    this.#insertSelector = db.prepare(
      "INSERT INTO selectors (rule, selection) VALUES (?, ?) ON CONFLICT DO UPDATE SET rule = rule RETURNING selector",
    );
    const insertMatch = "INSERT OR IGNORE INTO matches VALUES ";
    this.#insertMatches = db.prepare(insertMatch + new Array(ROWS_PER_INSERT).fill("(?, ?, ?)").join(", "));
    this.#insertMatch = db.prepare(`${insertMatch}(?, ?, ?)`);
    this.#putDetection = db.prepare(
      `INSERT INTO detections VALUES (?, ?, ${TIME_VALUE}, ${TIME_VALUE}, ?, ?, ?, ?, CAST(? AS BLOB), ?) ` +
        "ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, last_ns = excluded.last_ns, level = excluded.level, " +
        "state = excluded.state, bytes = excluded.bytes, checksum = excluded.checksum",
    );
    this.#putScore = db.prepare(
      "INSERT INTO scores VALUES (?, ?) ON CONFLICT (entity) DO UPDATE SET seq = excluded.seq",
    );
    this.#putState = db.prepare(
      "INSERT INTO state VALUES (?, ?, ?) ON CONFLICT (scope, key) DO UPDATE SET value = excluded.value",
    );
    this.#deleteState = db.prepare("DELETE FROM state WHERE scope = ? AND key = ?");
  }

  /**
   * Puts a commit in after `lastSeq`, in a transaction of its own, and returns the last seq then. When it throws, everything is as it was.
   */
  commit(packed: PackedCommit, lastSeq: number): number {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      if (this.#isCalledOff()) throw new Error("Cannot commit as it was called off");
      this.#begin(lastSeq);
      this.#events(packed.events);
      this.#matches(packed.matches, packed.events, lastSeq);
      this.#detections(packed.detections);
      this.#updates(packed.updates);
      this.#scores(packed.scores);
      this.#state(packed.state);
      for (const [type, count] of this.#appended) this.#count.run(type, count);
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
    this.#settle();
    return this.#seq;
  }

  /** Starts a transaction's rows after `lastSeq`. What an earlier one had begun and did not settle is forgotten. */
  #begin(lastSeq: number): void {
    this.#seq = lastSeq;
    this.#appended = new Map();
    this.#newSelectors = [];
  }

  /** The transaction is through. */
  #settle(): void {
    for (const [rule, selection, selector] of this.#newSelectors) {
      let ofRule = this.#selectors.get(rule);
      if (ofRule === undefined) this.#selectors.set(rule, ofRule = new Map());
      ofRule.set(selection, selector);
    }
  }

  #events({ ids, timesMs, observedMs, origins, originOf, fields }: PackedEvents): void {
    const values: SQLInputValue[] = [];
    const shared = origins.map((origin) => {
      const { source, host, kind } = origin;
      return { type: eventType(source), host, kind, json: originJson(origin), rows: 0 };
    });
    for (let i = 0; i < ids.length; i++) {
      const [id, timeMs] = [ids[i] as string, timesMs[i] as number];
      const origin = shared[originOf[i] as number] as typeof shared[number];
      const record = this.#records.write(id, timeMs, observedMs[i] as number, origin.json, fields[i] as string);
      const [ms, restNs] = splitTime(timeMs);
      const { type, host, kind } = origin;
      values.push(++this.#seq, keyOf(id), ms, restNs, type, host, kind, record, checksumOf(record));
      origin.rows++;
      if (values.length === ROWS_PER_INSERT * EVENT_PARAMETERS) flush(this.#insertRows, values);
    }
    flushEach(this.#insertRow, values, EVENT_PARAMETERS);
    for (const { type, rows } of shared) this.#countRows(type, rows);
  }

  /** Matches of events that are among `events`, which were appended first after `lastSeq`, or committed earlier. */
  #matches(
    { selectors, selections, events, earlier }: PackedMatches,
    { timesMs }: PackedEvents,
    lastSeq: number,
  ): void {
    const values: SQLInputValue[] = [];
    const selectorOf = selectors.map(([rule, selection]) => this.#selector(rule, selection));
    let nextEarlier = 0;
    for (let i = 0; i < events.length; i++) {
      const place = events[i] as number;
      const before = place < 0 ? earlier[nextEarlier++] : undefined;
      const seq = before === undefined ? lastSeq + 1 + place : this.#seqOf.get(before.key)?.["seq"];
      if (typeof seq !== "number") continue; // the event has gone by retention, and what it matched with it
      const timeMs = before?.timeMs ?? timesMs[place] as number;
      values.push(seq, selectorOf[selections[i] as number] as number, splitTime(timeMs)[0]);
      if (values.length === ROWS_PER_INSERT * MATCH_PARAMETERS) flush(this.#insertMatches, values);
    }
    flushEach(this.#insertMatch, values, MATCH_PARAMETERS);
  }

  /** New detections: a row that says how they fired, and their present form. */
  #detections(detections: readonly Detection[]): void {
    for (const detection of detections) {
      const json = JSON.stringify(detectionToJson(detection));
      const { id, timeMs, host } = detection;
      this.#appendOnce(keyOf(`detection:${id}`), timeMs, detectionType(detection), host, DETECTION_KIND, json);
      this.#putDetectionForm(detection, json);
    }
  }

  /** Detections that changed: their present form only. */
  #updates(detections: readonly Detection[]): void {
    for (const detection of detections) {
      this.#putDetectionForm(detection, JSON.stringify(detectionToJson(detection)));
    }
  }

  /** Scores, each a row. Two of one entity at the same nanosecond stand one nanosecond apart. */
  #scores(scores: readonly ThreatScore[]): void {
    for (const score of scores) {
      const json = JSON.stringify(score);
      const colon = score.entity.indexOf(":");
      const host = score.entity.startsWith("host:") ? score.entity.slice(colon + 1) : "";
      let ns = BigInt(score.timestamp_ns);
      const timeMs = Number(ns / 1_000_000n) + Number(ns % 1_000_000n) / 1e6;
      while (!this.#appendOnce(scoreKey(score.entity, ns), timeMs, "ThreatScore", host, SCORE_KIND, json)) ns++;
      this.#putScore.run(keyOf(score.entity), this.#seq);
    }
  }

  #state(writes: readonly StateWrite[]): void {
    for (const { scope, key, value } of writes) {
      if (value === null) this.#deleteState.run(scope, key);
      else this.#putState.run(scope, key, value);
    }
  }

  /** Whether the row went in: not when its key was there. */
  #appendOnce(idem: string, timeMs: number, type: RecordType, host: string, kind: string, record: string): boolean {
    const [ms, restNs] = splitTime(timeMs);
    const checksum = checksumOf(record);
    const { changes } = this.#insertRowOnce.run(this.#seq + 1, idem, ms, restNs, type, host, kind, record, checksum);
    if (Number(changes) === 0) return false;
    this.#seq++;
    this.#countRows(type, 1);
    return true;
  }

  #putDetectionForm({ id, timeMs, lastMs, rule, level, host, state }: Detection, record: string): void {
    const [ms, restNs] = splitTime(timeMs);
    const [endMs, endRestNs] = splitTime(lastMs);
    const checksum = checksumOf(record);
    this.#putDetection.run(id, this.#seq, ms, restNs, endMs, endRestNs, rule, level, host, state, record, checksum);
  }

  #selector(rule: string, selection: string): number {
    const known = this.#selectors.get(rule)?.get(selection);
    if (known !== undefined) return known;
    const selector = Number(this.#insertSelector.get(rule, selection)?.["selector"]);
    this.#newSelectors.push([rule, selection, selector]);
    return selector;
  }

  #countRows(type: RecordType, rows: number): void {
    this.#appended.set(type, (this.#appended.get(type) ?? 0) + rows);
  }
}

/** Runs a statement with the values, which are used up. */
function flush(statement: StatementSync, values: SQLInputValue[]): void {
  statement.run(...values);
  values.length = 0;
}

/** The same for a statement of one row, a row at a time. */
function flushEach(statement: StatementSync, values: SQLInputValue[], parameters: number): void {
  for (let i = 0; i < values.length; i += parameters) statement.run(...values.slice(i, i + parameters));
  values.length = 0;
}

/** The key of a score's row: all of one entity stand together, in the order of their times. */
export function scoreKey(entity: string, ns: bigint | string): string {
  return `${scoreKeyPrefix(entity)}${ns}`;
}

/** What the keys of an entity's scores start with. */
export function scoreKeyPrefix(entity: string): string {
  return `score:${keyOf(entity)}:`;
}
