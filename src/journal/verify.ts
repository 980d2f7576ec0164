/** Whether everything in the journal is as it was written. */

import type { DatabaseSync } from "node:sqlite";
import type { DetectionJson } from "../core/detection_json.ts";
import type { ThreatScore } from "../core/score.ts";
import { scoreKeyPrefix } from "./append.ts";
import { EVENT_TYPES, integer, keyOf, recordFrom, type Row, text } from "./record.ts";

/** Examples that a fault gives. */
export const FAULT_EXAMPLES_MAX = 10;

/** One kind of thing that is not as it must be. */
export interface Fault {
  /** What is wrong, in words. */
  readonly fault: string;
  readonly count: number;
  /** Where: rows' seqs, keys, ids; at most {@linkcode FAULT_EXAMPLES_MAX}. */
  readonly examples: readonly string[];
}

export interface VerifyReport {
  /** Rows looked at. */
  readonly rows: number;
  readonly lastSeq: number;
  /** Rows that went by retention: they explain gaps in seq. */
  readonly purged: number;
  readonly detections: number;
  readonly matches: number;
  readonly faults: readonly Fault[];
  /** Whether there is no fault. */
  readonly clean: boolean;
}

class Faults {
  readonly #byText = new Map<string, { count: number; examples: string[] }>();

  add(fault: string, example: string, count = 1): void {
    let entry = this.#byText.get(fault);
    if (entry === undefined) this.#byText.set(fault, entry = { count: 0, examples: [] });
    entry.count += count;
    if (entry.examples.length < FAULT_EXAMPLES_MAX) entry.examples.push(example);
  }

  list(): Fault[] {
    return [...this.#byText].map(([fault, { count, examples }]) => ({ fault, count, examples }));
  }
}

/** Rows read at a time; between pages a running Weir goes on writing. */
const PAGE_ROWS = 500;

/** Reads every row, and lets SQLite check its own structures. A Weir may be writing meanwhile. */
export function verify(db: DatabaseSync): VerifyReport {
  const faults = new Faults();
  const { lastSeq } = accountOf(db);
  checkStructure(db, faults);
  const seen = checkRows(db, lastSeq, faults);
  checkAccount(db, seen, lastSeq, faults);
  const detections = checkDetections(db, faults);
  const matches = checkMatches(db, faults);
  const list = faults.list();
  const { purged } = accountOf(db);
  return { rows: seen, lastSeq, purged, detections, matches, faults: list, clean: list.length === 0 };
}

function accountOf(db: DatabaseSync): { lastSeq: number; purged: number } {
  const row = db.prepare("SELECT sum(appended) AS appended, sum(purged) AS purged FROM counts").get();
  return { lastSeq: integer(row, "appended"), purged: integer(row, "purged") };
}

/** SQLite's own check covers pages, indexes (so unique keys), types and NOT NULL. */
function checkStructure(db: DatabaseSync, faults: Faults): void {
  for (const row of db.prepare("PRAGMA integrity_check").all()) {
    const said = text(row, "integrity_check");
    if (said !== "ok") faults.add("the database's structure is damaged", said);
  }
  const twice = db.prepare("SELECT idem FROM journal GROUP BY idem HAVING count(*) > 1").all();
  for (const row of twice) faults.add("an idempotency key is there twice", text(row, "idem"));
}

function checkRows(db: DatabaseSync, lastSeq: number, faults: Faults): number {
  const page = db.prepare(
    `SELECT seq, idem, type, bytes, checksum FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ${PAGE_ROWS}`,
  );
  let seen = 0;
  for (let seq = 0;;) {
    const rows: Row[] = page.all(seq, lastSeq);
    for (const row of rows) {
      seq = integer(row, "seq");
      seen++;
      const found = recordFrom(row);
      if ("reason" in found) faults.add("a row is not what was written", `${seq}: ${found.reason}`);
      else if (!isKeyOf(text(row, "idem"), text(row, "type"), found.record)) {
        faults.add("a row's key is not that of its record", String(seq));
      }
    }
    if (rows.length < PAGE_ROWS) return seen;
  }
}

function isKeyOf(idem: string, type: string, record: unknown): boolean {
  if (EVENT_TYPES.some((eventType) => eventType === type)) return idem === keyOf((record as { id: string }).id);
  if (type === "ThreatScore") return idem.startsWith(scoreKeyPrefix((record as ThreatScore).entity));
  return idem === keyOf(`detection:${(record as DetectionJson).id}`);
}

/** Seq counts without gaps, so what is neither there nor purged (by now) has got lost. */
function checkAccount(db: DatabaseSync, seen: number, lastSeq: number, faults: Faults): void {
  const { purged } = accountOf(db);
  const missing = lastSeq - seen - purged;
  if (missing > 0) faults.add("rows are missing that retention did not remove", `of ${lastSeq}`, missing);
  const beyond = integer(db.prepare("SELECT max(seq) AS seq FROM journal").get(), "seq") - accountOf(db).lastSeq;
  if (beyond > 0) faults.add("rows are there that were never counted", `after ${lastSeq}`, beyond);
}

/** Detections are whole, and what they rest on is there unless retention removes rows. */
function checkDetections(db: DatabaseSync, faults: Faults): number {
  const page = db.prepare(`SELECT id, bytes, checksum FROM detections WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS}`);
  const find = db.prepare("SELECT 1 FROM journal WHERE idem = ?");
  let seen = 0;
  for (let id = "";;) {
    const rows: Row[] = page.all(id);
    for (const row of rows) {
      id = text(row, "id");
      seen++;
      const found = recordFrom(row);
      if ("reason" in found) {
        faults.add("a detection is not what was written", `${id}: ${found.reason}`);
        continue;
      }
      const detection = found.record as DetectionJson;
      for (const idem of [`detection:${id}`, ...detection.event_ids]) {
        if (find.get(keyOf(idem)) !== undefined || accountOf(db).purged > 0) continue;
        faults.add("a detection rests on a row that is missing", idem);
      }
    }
    if (rows.length < PAGE_ROWS) return seen;
  }
}

function checkMatches(db: DatabaseSync, faults: Faults): number {
  const orphans = "FROM matches m WHERE NOT EXISTS (SELECT 1 FROM journal j WHERE j.seq = m.seq)";
  const count = integer(db.prepare(`SELECT count(*) AS count ${orphans}`).get(), "count");
  const first = integer(db.prepare(`SELECT min(m.seq) AS seq ${orphans}`).get(), "seq");
  if (count > 0) faults.add("a match is there without its event", `first ${first}`, count);
  return integer(db.prepare("SELECT count(*) AS count FROM matches").get(), "count");
}
