/** Commits until it cannot, and says how much went through: run with a limit on the length of files. */

import { Journal, JournalError } from "../../src/journal/mod.ts";
import { KEEP, NOTHING, sampleEvents } from "./samples.ts";

const journal = Journal.open(Deno.args[0] ?? "", KEEP);
let committed = 0;
let condition = "";
while (condition === "") {
  try {
    committed = journal.commit({ ...NOTHING, events: sampleEvents(500, committed) }).lastSeq;
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    condition = error.condition;
  }
}
Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify({ committed, condition })));
Deno.exit(0);
