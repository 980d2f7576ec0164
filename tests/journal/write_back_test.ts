/** The log being written back by the other thread, while this one goes on committing. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { DATABASE_FILE, Journal, JournalReader } from "../../src/journal/mod.ts";
import { pack, type PackedCommit } from "../../src/journal/packed.ts";
import { WriteBackPace } from "../../src/journal/write_back.ts";
import { KEEP, NOTHING, sampleEvents } from "./samples.ts";

const SMALL = pack({ ...NOTHING, events: sampleEvents(1) });

/** Small commits until one makes it due, each `everyMs` after the one before; undefined when none of `most` does. */
function commitsUntilDue(everyMs: number, most: number, packed: PackedCommit = SMALL): number | undefined {
  let nowMs = 0;
  const pace = new WriteBackPace(() => nowMs);
  for (let n = 1; n <= most; n++) {
    nowMs += everyMs;
    if (pace.isDue(packed)) return n;
  }
  return undefined;
}

Deno.test("write back: never where little comes, soon where much does, sooner the larger commits are", () => {
  strictEqual(commitsUntilDue(50, 10_000), undefined);
  const small = commitsUntilDue(2, 10_000) ?? Infinity;
  ok(small > 100 && small < 500, `after ${small} small commits`);
  const large = commitsUntilDue(2, 10_000, pack({ ...NOTHING, events: sampleEvents(1_000) })) ?? Infinity;
  ok(large < small / 2, `after ${large} large commits`);
});

Deno.test("write back: a burst that is over in a moment asks for nothing, however many follow", () => {
  let nowMs = 0;
  const pace = new WriteBackPace(() => nowMs);
  for (let burst = 0; burst < 50; burst++) {
    for (let n = 0; n < 150; n++) strictEqual(pace.isDue(SMALL), false, `burst ${burst}, commit ${n}`);
    nowMs += 5_000;
  }
});

Deno.test("write back: a thread that does not answer is given up and told of, and commits go on", async () => {
  const directory = await Deno.makeTempDir({ prefix: "weir-journal-" });
  try {
    const lost: string[] = [];
    const journal = Journal.open(directory, { ...KEEP, threadAnswerMax: 0, onThreadLost: (why) => lost.push(why) });
    // Nothing here waits, so that no answer is heard.
    for (let commits = 0; commits < 1_000; commits++) {
      journal.commit({ ...NOTHING, events: sampleEvents(1, commits) });
    }
    strictEqual(journal.lastSeq, 1_000);
    ok(lost.length > 0, "none was given up");
    for (const why of lost) strictEqual(why, "it did not answer within 0 ms");
    journal.close();
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.verify().faults, []);
    reader.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("write back: commits go on meanwhile, and all of them are there", async () => {
  const directory = await Deno.makeTempDir({ prefix: "weir-journal-" });
  try {
    const journal = Journal.open(directory, KEEP);
    const sizeOf = (file: string) => Deno.statSync(join(directory, file)).size;
    const emptyBytes = sizeOf(DATABASE_FILE);
    let commits = 0;
    // The database itself would not write back before its log has some 64 MB.
    while (sizeOf(DATABASE_FILE) === emptyBytes && sizeOf(`${DATABASE_FILE}-wal`) < 60e6) {
      journal.commit({ ...NOTHING, events: sampleEvents(2, commits * 2) });
      commits++;
      await systemClock.sleep(1); // the log would be full before the thread has begun
    }
    ok(sizeOf(DATABASE_FILE) > emptyBytes, `nothing was written back in ${commits} commits`);
    for (let more = 0; more < 500; more++, commits++) {
      journal.commit({ ...NOTHING, events: sampleEvents(2, commits * 2) });
    }
    await journal.commitSent(journal.send({ ...NOTHING, events: sampleEvents(10, commits * 2) }));
    strictEqual(journal.lastSeq, commits * 2 + 10);
    journal.rest();
    journal.commit({ ...NOTHING, events: sampleEvents(1, commits * 2 + 10) });
    journal.close();
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.verify().faults, []);
    strictEqual(reader.verify().rows, commits * 2 + 11);
    reader.close();
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
