/** Events of the journal from some time on, oldest first: for whoever runs them through rules again. */

import type { DatabaseSync } from "node:sqlite";
import type { TelemetryEvent } from "../core/event.ts";
import { EVENT_TYPES, eventFrom, integer, JOURNAL_COLUMNS, type OnBadRow, type Row } from "./record.ts";

/** Events read at a time. */
const CHUNK_EVENTS = 1_000;

/** How much later than its neighbours in the journal an event may have been seen, as sources are merged: milliseconds. */
const SEEN_SPREAD_MS = 10 * 60_000;

const IS_EVENT = `type IN (${EVENT_TYPES.map((type) => `'${type}'`).join(", ")})`;

/**
 * Events that were seen at or after a time, in the order in which they were committed, up to the last that is there now. Bad rows
 * are told of and left out. Holds no lock between chunks.
 */
export function* eventsSince(
  db: DatabaseSync,
  observedMs: number,
  onBadRow: OnBadRow,
): Generator<readonly TelemetryEvent[]> {
  const lastSeq = integer(db.prepare("SELECT max(seq) AS seq FROM journal").get(), "seq");
  const page = db.prepare(
    `SELECT ${JOURNAL_COLUMNS} FROM journal WHERE seq >= ? AND seq <= ? AND ${IS_EVENT} ORDER BY seq LIMIT ${CHUNK_EVENTS}`,
  );
  for (let seq = firstSeq(db, observedMs - SEEN_SPREAD_MS, lastSeq);;) {
    const rows: Row[] = page.all(seq, lastSeq);
    const events = rows.flatMap((row) => eventFrom(row, onBadRow) ?? []);
    yield events.filter((event) => event.observedMs >= observedMs);
    if (rows.length < CHUNK_EVENTS) return;
    seq = integer(rows.at(-1), "seq") + 1;
  }
}

/** The first seq whose event was seen at or after a time, found by halving: events are committed as they are seen. */
function firstSeq(db: DatabaseSync, observedMs: number, lastSeq: number): number {
  const next = db.prepare(`SELECT ${JOURNAL_COLUMNS} FROM journal WHERE seq >= ? AND ${IS_EVENT} ORDER BY seq LIMIT 1`);
  let low = integer(db.prepare("SELECT min(seq) AS seq FROM journal").get(), "seq");
  let high = lastSeq + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const row: Row | undefined = next.get(middle);
    const event = row === undefined ? undefined : eventFrom(row, () => {});
    if (event === undefined || event.observedMs >= observedMs) high = middle;
    else low = integer(row, "seq") + 1;
  }
  return low;
}
