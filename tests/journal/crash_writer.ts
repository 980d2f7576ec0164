/** Commits without end, here and, two ahead, in the other thread, until it is killed: a dot for each commit that went through. */

import { Journal, type SentCommit } from "../../src/journal/mod.ts";
import { KEEP, sampleDetection, sampleEvents, sampleScore } from "./samples.ts";

const journal = Journal.open(Deno.args[0] ?? "", KEEP);
const BATCH = 97;
const ahead: SentCommit[] = [];
const dot = new TextEncoder().encode(".");
for (let from = journal.state("test").length === 0 ? 0 : Number(journal.state("test")[0]?.[1]);; from += BATCH) {
  const events = sampleEvents(BATCH, from);
  const commit = {
    events,
    matches: events.slice(0, 5).map((event) => ({ rule: "r", selection: "s", event })),
    detections: [sampleDetection(from)],
    updates: [],
    scores: [sampleScore(events[0]?.timeMs ?? 0)],
    state: [{ scope: "test", key: "next", value: String(from + BATCH) }],
  };
  const isAside = from % (5 * BATCH) !== 0;
  if (isAside) ahead.push(journal.send(commit));
  while (ahead.length > (isAside ? 2 : 0)) {
    await journal.commitSent(ahead.shift() as SentCommit);
    Deno.stdout.writeSync(dot);
  }
  if (isAside) continue;
  journal.commit(commit);
  Deno.stdout.writeSync(dot);
}
