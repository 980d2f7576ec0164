/** The other thread of {@linkcode Aside}: a connection of its own, on which it does what it is asked for, in the order in which it comes. */

import { messageOf } from "../core/errors.ts";
import { Appender } from "./append.ts";
import type { AsideAnswer, AsideCommit, AsideJournal, AsideWriteBack } from "./aside.ts";
import { openSecondWriter } from "./database.ts";
import { recordBytes } from "./packed.ts";

/** This thread, as it is talked to: the library's types know only the window's. */
const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<AsideJournal | AsideCommit | AsideWriteBack>) => void;
  postMessage(answer: AsideAnswer): void;
};

/**
 * After so many bytes of records the log is written back: once the answer is out, while the other thread is busy with what comes next,
 * not within a commit that is waited for.
 */
const WRITE_BACK_BYTES = 2 ** 22;

let appender: Appender | undefined;
let writeBack: () => void = () => {};
let unwritten = 0;
/** Of the last commit, when that went through. */
let lastSeq: number | undefined;
let problem = "the journal is not open";

thread.onmessage = ({ data }) => {
  if ("directory" in data) return open(data);
  if ("writeBack" in data) {
    writeBack();
    return thread.postMessage({ writeBack: true });
  }
  thread.postMessage(commit(data));
  unwritten += recordBytes(data.packed.events);
  if (unwritten >= WRITE_BACK_BYTES) writeBack();
};

function open({ directory, pagesMax, logBytes, ended }: AsideJournal): void {
  try {
    const db = openSecondWriter(directory, logBytes);
    db.exec(`PRAGMA max_page_count = ${pagesMax}`);
    appender = new Appender(db, () => Atomics.load(ended, 0) !== 0);
    writeBack = () => {
      unwritten = 0;
      try {
        db.exec("PRAGMA wal_checkpoint(PASSIVE)");
      } catch {
        // A disk that is full or fails: what is committed stands in the log, and a commit that meets the same says so.
      }
    };
  } catch (error) {
    problem = messageOf(error);
  }
}

function commit({ packed, lastSeq: after = lastSeq }: AsideCommit): AsideAnswer {
  lastSeq = undefined;
  if (appender === undefined) return { problem };
  if (after === undefined) return { problem: "the commit before it did not go through" };
  try {
    lastSeq = appender.commit(packed, after);
    return { lastSeq };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
