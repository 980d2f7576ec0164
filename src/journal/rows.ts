/** The rows of the journal as they go out: for export, and for whoever sends them on. */

import type { DatabaseSync } from "node:sqlite";
import { integer, type OnBadRow, recordFrom, type Row, text } from "./record.ts";

/** One row. */
export interface JournalRow {
  readonly seq: number;
  readonly idem: string;
  /** Nanoseconds since the epoch, as text since a JSON number cannot hold it. */
  readonly ts_ns: string;
  readonly type: string;
  readonly host: string;
  readonly kind: string;
  /** CRC-32 of the record's bytes as they stand in the journal. */
  readonly checksum: number;
  /** What the row holds: an event, a detection or a score in its outside form. */
  readonly record: unknown;
}

/** Rows read at a time. */
const ROWS_PAGE = 500;

/** Every row after a seq, in order. Bad ones are told of and left out. */
export function* journalRows(db: DatabaseSync, afterSeq: number, onBadRow: OnBadRow): Generator<JournalRow> {
  const page = db.prepare(
    `SELECT seq, idem, CAST(ts_ns AS TEXT) AS ts_ns, type, host, kind, bytes, checksum FROM journal
     WHERE seq > ? ORDER BY seq LIMIT ${ROWS_PAGE}`,
  );
  for (let seq = afterSeq;;) {
    const rows: Row[] = page.all(seq);
    for (const row of rows) {
      seq = integer(row, "seq");
      const found = recordFrom(row);
      if ("reason" in found) {
        onBadRow({ table: "journal", key: String(seq), reason: found.reason });
        continue;
      }
      yield {
        seq,
        idem: text(row, "idem"),
        ts_ns: text(row, "ts_ns"),
        type: text(row, "type"),
        host: text(row, "host"),
        kind: text(row, "kind"),
        checksum: integer(row, "checksum"),
        record: found.record,
      };
    }
    if (rows.length < ROWS_PAGE) return;
  }
}
