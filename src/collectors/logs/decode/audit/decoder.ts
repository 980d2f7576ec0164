/**
 * auditd's log. The records of one event have the same time and serial, and come interleaved with those of others, sometimes in another
 * order. Nothing in the log says for sure that an event is whole: it is given once there has been nothing of it for a while.
 */

import { type DecodedEvent, type Decoder, type SourceLine, UNKNOWN_KIND } from "../source_line.ts";
import { auditFields } from "./fields.ts";
import { type AuditRecord, readRecord } from "./record.ts";

/** An event waits so long for more of its records: milliseconds, by the log's times as well as by the clock. */
export const RECORDS_WAIT_MS = 2_000;

/** One that has come to its end record, so long for those that were overtaken by it. */
export const ENDED_WAIT_MS = 100;

/** Events that wait at most; past it the oldest are given. */
export const WAITING_EVENTS_MAX = 1_000;

/** Records of one event at most; past it the event is given, and what comes later is another. */
export const EVENT_RECORDS_MAX = 4_096;

/** Text of all that waits at most: UTF-16 units. */
export const WAITING_TEXT_MAX = 16 * 1_048_576;

interface Waiting {
  readonly at: number;
  readonly records: AuditRecord[];
  readonly timeMs: number;
  /** When its last record was read. */
  observedMs: number;
  waitMs: number;
  length: number;
}

/** A decoder of the audit log. Lines that are no records are `log.line`. */
export function createAuditDecoder(): Decoder {
  const waiting = new Map<string, Waiting>();
  let lastMs = NaN;
  let length = 0;
  const give = (key: string, event: Waiting, into: DecodedEvent[]) => {
    waiting.delete(key);
    length -= event.length;
    into.push(eventOf(event));
  };
  const giveDue = (isDue: (event: Waiting) => boolean, into: DecodedEvent[]) => {
    for (const [key, event] of waiting) if (isDue(event)) give(key, event, into);
  };
  const add = (key: string, record: AuditRecord, line: SourceLine): Waiting => {
    let event = waiting.get(key);
    if (event === undefined) {
      const { at, observedMs } = line;
      event = { at, records: [], timeMs: record.timeMs, observedMs, waitMs: RECORDS_WAIT_MS, length: 0 };
      waiting.set(key, event);
    }
    event.records.push(record);
    event.observedMs = line.observedMs;
    event.length += line.text.length;
    length += line.text.length;
    if (record.type === "EOE") event.waitMs = ENDED_WAIT_MS;
    return event;
  };
  return {
    decode(line, into) {
      const record = readRecord(line.text);
      if (record === undefined) {
        into.push({
          kind: UNKNOWN_KIND,
          timeMs: line.observedMs,
          fields: { message: line.text },
          at: line.at,
          index: 0,
        });
        return;
      }
      const { timeMs } = record;
      if (timeMs !== lastMs) giveDue((event) => Math.abs(timeMs - event.timeMs) > event.waitMs, into);
      lastMs = timeMs;
      const key = `${record.node ?? ""} ${record.timeMs} ${record.serial}`;
      const event = add(key, record, line);
      if (isAlone(record, event) || event.records.length >= EVENT_RECORDS_MAX) give(key, event, into);
      while (waiting.size > WAITING_EVENTS_MAX || length > WAITING_TEXT_MAX) {
        const [oldest] = waiting;
        if (oldest === undefined) break;
        give(...oldest, into);
      }
    },
    flush(nowMs, into) {
      giveDue((event) => nowMs >= event.observedMs + event.waitMs, into);
    },
    heldFrom() {
      for (const { at } of waiting.values()) return at;
    },
  };
}

/** Whether a record is an event by itself: what programs say, and what the daemon says of itself, is always one record. */
function isAlone({ type, values, text }: AuditRecord, { records }: Waiting): boolean {
  if (records.length > 1 || type === "AVC" || type === "SYSCALL") return false;
  return type.startsWith("DAEMON_") || (text.includes("msg='") && !values.has("syscall"));
}

function eventOf({ at, records, timeMs }: Waiting): DecodedEvent {
  const host = records[0]?.node;
  const fields = auditFields(records);
  return { kind: "audit.event", timeMs, ...(host === undefined ? {} : { host }), fields, at, index: 0 };
}
