/** What can be wrong with the database while Weir runs: stated conditions that a later try may find gone. */

import { messageOf } from "../core/errors.ts";

/**
 * `full`: the disk, or the journal's own cap with nothing left that may go. `locked`: another program holds the database.
 * `damaged`: what is in the file is not what was written. `io`: reading or writing failed.
 */
export type JournalCondition = "full" | "locked" | "damaged" | "io";

/** The journal could not do what was asked, and has left everything as it was. The same call may be made again. */
export class JournalError extends Error {
  override readonly name = "JournalError";
  constructor(readonly condition: JournalCondition, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** SQLite's own words (`sqlite3_errstr`): Deno's node:sqlite tells no result codes for most errors. */
const CONDITION_BY_TEXT: readonly (readonly [text: string, condition: JournalCondition])[] = [
  ["disk is full", "full"],
  ["is locked", "locked"],
  ["malformed", "damaged"],
  ["not a database", "damaged"],
  ["disk I/O error", "io"],
  ["unable to open", "io"],
  ["readonly database", "io"],
  ["locking protocol", "locked"],
];

const WORDS: Readonly<Record<JournalCondition, string>> = {
  full: "must have room on the disk and under journal.size_max",
  locked: "must not be locked by another program",
  damaged: "must be undamaged (see weir journal verify)",
  io: "must be readable and writable",
};

/** The condition that an error of SQLite stands for, or `undefined` when it is another kind of error. */
export function conditionOf(error: unknown): JournalCondition | undefined {
  const message = messageOf(error);
  return CONDITION_BY_TEXT.find(([text]) => message.includes(text))?.[1];
}

/** What to throw for an error of SQLite: a {@linkcode JournalError} where it is a stated condition, else the error itself. */
export function asJournalError(doing: string, path: string, error: unknown): unknown {
  if (error instanceof JournalError) return error;
  const condition = conditionOf(error);
  if (condition === undefined) return error;
  const message = `Cannot ${doing} as ${JSON.stringify(path)} ${WORDS[condition]}: current value is ${
    JSON.stringify(messageOf(error))
  }`;
  return new JournalError(condition, message, { cause: error });
}
