/** Detections in their present form, all that are needed at once. */

import type { DatabaseSync } from "node:sqlite";
import type { Detection } from "../core/detection.ts";
import { DETECTION_COLUMNS, detectionFrom, type OnBadRow, splitTime, TIME_VALUE } from "./record.ts";

/** Those whose last event came at or after `lastMs`, in the order of their times. */
export function detectionsSince(db: DatabaseSync, lastMs: number, onBadRow: OnBadRow): Detection[] {
  return detectionsWhere(db, `last_ns >= ${TIME_VALUE}`, splitTime(lastMs), onBadRow);
}

/** Those that go on, in the order of their times. */
export function openDetections(db: DatabaseSync, onBadRow: OnBadRow): Detection[] {
  return detectionsWhere(db, "state = 'open'", [], onBadRow);
}

function detectionsWhere(db: DatabaseSync, where: string, values: readonly number[], onBadRow: OnBadRow): Detection[] {
  const rows = db.prepare(`SELECT ${DETECTION_COLUMNS} FROM detections WHERE ${where} ORDER BY time_ns, id`).all(
    ...values,
  );
  return rows.map((row) => detectionFrom(row, onBadRow)).filter((found) => found !== undefined);
}
