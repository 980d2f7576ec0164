/** The journal: the only SQL in Weir. */

export type { Commit, MatchRecord } from "./packed.ts";
export { type JournalCondition, JournalError } from "./condition.ts";
export { DATABASE_FILE, LOCK_FILE } from "./database.ts";
export { type Committed, Journal, type JournalOptions, type SentCommit } from "./journal.ts";
export { type DetectionFilter, type EventFilter, JournalReader, type Page, type Paged } from "./reader.ts";
export { type BadRow, EVENT_TYPES, type OnBadRow, RECORD_TYPES, type RecordType } from "./record.ts";
export type { JournalRow } from "./rows.ts";
export { type JournalConfig, journalSchema } from "./schema.ts";
export type { JournalSize, JournalStats } from "./stats.ts";
export type { Fault, VerifyReport } from "./verify.ts";
