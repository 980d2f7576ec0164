/** Records of systemd's journal, as `journalctl -o json` writes them: one JSON object a line. */

import type { FieldsInTheMaking } from "../decode/decoder.ts";

/** Fields that are asked for; the place and the times of a record always come. */
export const JOURNAL_FIELDS = [
  "MESSAGE",
  "PRIORITY",
  "SYSLOG_FACILITY",
  "SYSLOG_IDENTIFIER",
  "SYSLOG_PID",
  "_PID",
  "_UID",
  "_COMM",
  "_EXE",
  "_CMDLINE",
  "_HOSTNAME",
  "_SYSTEMD_UNIT",
  "_SOURCE_REALTIME_TIMESTAMP",
] as const;

/** One record. */
export interface JournalRecord {
  /** Where it stands; reading is resumed after it. */
  readonly cursor: string;
  /** When the journal took it: microseconds since the epoch. */
  readonly takenUs: number;
  /** When it was sent: milliseconds since the epoch. */
  readonly timeMs: number;
  readonly message: string;
  readonly host: string | undefined;
  readonly program: string | undefined;
  readonly pid: number | undefined;
  /** What else it tells, beside the message. */
  readonly fields: FieldsInTheMaking;
}

const SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

/** Reads one line; `undefined` when it is no record. A record without a message has an empty one. */
export function readJournalRecord(line: string): JournalRecord | undefined {
  let json: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    json = parsed as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const cursor = textOf(json.__CURSOR);
  const takenUs = Number(textOf(json.__REALTIME_TIMESTAMP));
  if (cursor === undefined || !Number.isFinite(takenUs)) return undefined;
  const sentUs = Number(textOf(json._SOURCE_REALTIME_TIMESTAMP) ?? takenUs);
  return {
    cursor,
    takenUs,
    timeMs: (Number.isFinite(sentUs) ? sentUs : takenUs) / 1000,
    message: textOf(json.MESSAGE) ?? "",
    host: textOf(json._HOSTNAME),
    program: textOf(json.SYSLOG_IDENTIFIER) ?? textOf(json._COMM),
    pid: numberOf(json.SYSLOG_PID) ?? numberOf(json._PID),
    fields: fieldsOf(json),
  };
}

function fieldsOf(json: Record<string, unknown>): FieldsInTheMaking {
  const fields: FieldsInTheMaking = {};
  const put = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== "") fields[name] = value;
  };
  put("log.syslog.severity.name", SEVERITIES[numberOf(json.PRIORITY) ?? -1]);
  put("process.executable", textOf(json._EXE));
  put("process.command_line", textOf(json._CMDLINE));
  put("user.id", textOf(json._UID));
  put("service.name", textOf(json._SYSTEMD_UNIT));
  return fields;
}

/** A field's text: one that is not UTF-8 comes as its bytes; of several of one name the first counts. */
function textOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (value.every((byte) => Number.isInteger(byte))) return new TextDecoder().decode(Uint8Array.from(value));
  return textOf(value[0]);
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
