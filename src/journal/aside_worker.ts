/** The other thread of {@linkcode Aside}: a connection of its own, on which it commits what it is sent, in the order in which it comes. */

import { messageOf } from "../core/errors.ts";
import { Appender } from "./append.ts";
import type { AsideAnswer, AsideCommit, AsideJournal } from "./aside.ts";
import { openSecondWriter } from "./database.ts";

/** This thread, as it is talked to: the library's types know only the window's. */
const thread = globalThis as unknown as {
  onmessage: (event: MessageEvent<AsideJournal | AsideCommit>) => void;
  postMessage(answer: AsideAnswer): void;
};

let appender: Appender | undefined;
let problem = "the journal is not open";

thread.onmessage = ({ data }) => {
  if ("directory" in data) open(data);
  else thread.postMessage(commit(data));
};

function open({ directory, pagesMax }: AsideJournal): void {
  try {
    const db = openSecondWriter(directory);
    db.exec(`PRAGMA max_page_count = ${pagesMax}`);
    appender = new Appender(db);
  } catch (error) {
    problem = messageOf(error);
  }
}

function commit({ packed, lastSeq }: AsideCommit): AsideAnswer {
  if (appender === undefined) return { problem };
  try {
    return { lastSeq: appender.commit(packed, lastSeq) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}
