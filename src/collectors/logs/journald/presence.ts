/** Whether there is a journal of systemd's to read. */

import { readdirSync } from "node:fs";
import { statOf } from "../tail/rotation.ts";

/** Where a journal lies, if there is one. */
const JOURNAL_FOLDERS = ["/var/log/journal", "/run/log/journal"] as const;

/** Files that a syslog daemon writes what is in the journal to as well. */
const SYSLOG_FILES = ["/var/log/syslog", "/var/log/messages"] as const;

/** Whether this host has a journal, and nobody writes what is in it to files. */
export function isJournalTheOnlyLog(): boolean {
  return JOURNAL_FOLDERS.some(hasEntries) && !SYSLOG_FILES.some((path) => statOf(path)?.isFile() === true);
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
