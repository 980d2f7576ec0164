/** Commits in the other thread: the same rows, the same refusals, nothing half there. */
import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Appender } from "../../src/journal/append.ts";
import { Aside } from "../../src/journal/aside.ts";
import { openSecondWriter } from "../../src/journal/database.ts";
import {
  type Commit,
  DATABASE_FILE,
  Journal,
  JournalError,
  JournalReader,
  type SentCommit,
} from "../../src/journal/mod.ts";
import { pack } from "../../src/journal/packed.ts";
import { missing } from "../peers.ts";
import { DAY_MS, KEEP, NOTHING, sampleDetection, sampleEvents, sampleScore, START_MS } from "./samples.ts";

async function inFolder(work: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "weir-journal-" });
  try {
    await work(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

/** Commits of all sorts, each resting on those before. */
const COMMITS: readonly Commit[] = Array.from({ length: 12 }, (_, i) => {
  const events = sampleEvents(i * 7, i * 100);
  const earlier = sampleEvents(1, (i - 1) * 100);
  const matched = i > 1 ? [...events, ...earlier] : events;
  return {
    events,
    matches: matched.map((event, k) => ({ rule: `rule-${k % 3}`, selection: "seen", event })),
    detections: i % 2 === 0 ? [sampleDetection(i * 100)] : [],
    updates: i % 2 === 1 ? [sampleDetection((i - 1) * 100, { count: 2 })] : [],
    scores: [sampleScore(START_MS + i)],
    state: [{ scope: "test", key: `key-${i % 2}`, value: i === 5 ? null : String(i) }],
  };
});

function tablesOf(directory: string): Record<string, unknown[]> {
  const db = new DatabaseSync(join(directory, DATABASE_FILE), { readOnly: true });
  const tables = ["journal", "counts", "selectors", "matches", "detections", "scores", "state"];
  const columns = (table: string) =>
    table === "journal" ? "seq, idem, ts_ns / 1000, type, host, kind, bytes, checksum" : "*";
  db.exec("PRAGMA query_only = 1");
  const rows = (table: string) => {
    const statement = db.prepare(`SELECT ${columns(table)} FROM ${table}`);
    statement.setReadBigInts(true);
    return statement.all();
  };
  const all = Object.fromEntries(tables.map((table) => [table, rows(table)]));
  db.close();
  return all;
}

Deno.test("aside: what is put in by turns is what is put in here, to the last row", () =>
  inFolder((here) =>
    inFolder(async (there) => {
      const [straight, turns] = [Journal.open(here, KEEP), Journal.open(there, KEEP)];
      for (const [i, commit] of COMMITS.entries()) {
        straight.commit(commit);
        if (commit.events.length > 0 && i % 4 !== 0) await turns.commitSent(turns.send(commit));
        else turns.commit(commit);
        strictEqual(turns.lastSeq, straight.lastSeq);
        if (i === 7) turns.rest();
      }
      deepStrictEqual(turns.known(["no", COMMITS[3]?.events[0]?.id ?? ""]), new Set([COMMITS[3]?.events[0]?.id]));
      straight.close();
      turns.close();
      deepStrictEqual(tablesOf(there), tablesOf(here));
    })
  ));

Deno.test("aside: at its cap the oldest rows go, as they do here", () =>
  inFolder(async (directory) => {
    const journal = Journal.open(directory, { retention: 365 * DAY_MS, size_max: 64 * 2 ** 20 });
    const long = "x".repeat(2_000);
    for (let from = 0; from < 40_000; from += 1_000) {
      const events = sampleEvents(1_000, from).map((event) => ({
        ...event,
        fields: { ...event.fields, message: long },
      }));
      await journal.commitSent(journal.send({ ...NOTHING, events }));
    }
    strictEqual(journal.lastSeq, 40_000);
    ok(journal.purged > 0 && journal.purged < 40_000, `${journal.purged} have gone`);
    journal.close();
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.verify().faults, []);
    reader.close();
  }));

Deno.test("aside: while another program holds the database it is a stated condition, and goes through later", () =>
  inFolder(async (directory) => {
    const journal = Journal.open(directory, KEEP);
    const commit = { ...NOTHING, events: sampleEvents(30) };
    const other = new DatabaseSync(join(directory, DATABASE_FILE));
    other.exec("BEGIN IMMEDIATE");
    const sent = journal.send(commit);
    await rejects(
      journal.commitSent(sent),
      (error: unknown) => error instanceof JournalError && error.condition === "locked",
    );
    other.exec("ROLLBACK");
    other.close();
    await journal.commitSent(sent);
    strictEqual(journal.lastSeq, 30);
    journal.close();
  }));

/** Waits for the commit of a thread that was ended. */
function awaitEnd(directory: string): void {
  const db = new DatabaseSync(join(directory, DATABASE_FILE), { timeout: 10_000 });
  db.exec("BEGIN IMMEDIATE; ROLLBACK");
  db.close();
}

Deno.test("aside: what was sent behind a commit that did not go through waits for it", () =>
  inFolder((here) =>
    inFolder(async (there) => {
      const [straight, ahead] = [Journal.open(here, KEEP), Journal.open(there, KEEP)];
      const commits = COMMITS.filter(({ events }) => events.length > 0);
      for (const commit of commits) straight.commit(commit);
      const other = new DatabaseSync(join(there, DATABASE_FILE));
      other.exec("BEGIN IMMEDIATE");
      const [first, ...more] = commits.map((commit) => ahead.send(commit)) as [SentCommit, ...SentCommit[]];
      for (let tries = 0; tries < 2; tries++) {
        await rejects(ahead.commitSent(first), (error: unknown) => (error as JournalError).condition === "locked");
      }
      other.exec("ROLLBACK");
      other.close();
      for (const sent of [first, ...more]) await ahead.commitSent(sent);
      for (const journal of [straight, ahead]) journal.close();
      deepStrictEqual(tablesOf(there), tablesOf(here));
    })
  ));

Deno.test("aside: a thread that is ended in the midst leaves a batch whole or nothing of it, and no lock", () =>
  inFolder(async (directory) => {
    Journal.open(directory, KEEP).close();
    for (let round = 0, rows = 0; round < 8; round++) {
      const aside = new Aside({ directory, pagesMax: 1_000_000, logBytes: 2 ** 24 });
      const packed = pack({ ...NOTHING, events: sampleEvents(3_000, round * 10_000) });
      const done = aside.commit({ packed, lastSeq: rows }).then(() => true, () => false);
      await new Promise((resolve) => setTimeout(resolve, 40 * round));
      aside.end();
      const said = await done;
      awaitEnd(directory);
      const reopened = Journal.open(directory, KEEP);
      ok(reopened.lastSeq === rows + 3_000 || (reopened.lastSeq === rows && !said), `${reopened.lastSeq} of ${rows}`);
      rows = reopened.lastSeq;
      reopened.commit({ ...NOTHING, events: sampleEvents(1, round * 10_000 + 5_000) });
      rows++;
      reopened.close();
    }
  }));

Deno.test("aside: a journal that is closed while the thread commits can be opened at once, and says what went in", () =>
  inFolder(async (directory) => {
    for (let round = 0, rows = 0; round < 8; round++) {
      const journal = Journal.open(directory, KEEP);
      strictEqual(journal.lastSeq, rows);
      const events = sampleEvents(2_000, round * 10_000);
      const done = journal.commitSent(journal.send({ ...NOTHING, events })).then(() => true, () => false);
      await new Promise((resolve) => setTimeout(resolve, 40 * round));
      journal.close();
      const said = await done;
      const reopened = Journal.open(directory, KEEP);
      const known = reopened.known(events.map(({ id }) => id)).size;
      ok(known === 2_000 || (known === 0 && !said), `${known} are known`);
      if (known === 0) reopened.commit({ ...NOTHING, events });
      rows += 2_000;
      strictEqual(reopened.lastSeq, rows);
      reopened.close();
    }
  }));

/** As the pipeline does it: again and again, while the thread that was given up may still be at it. */
async function insist(journal: Journal, sent: SentCommit): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await journal.commitSent(sent);
    } catch (error) {
      ok(error instanceof JournalError && error.condition === "locked" && tries < 100, String(error));
    }
  }
}

for (const threadAnswerMax of [0, 1, 5, 30]) {
  Deno.test(`aside: a thread that does not answer within ${threadAnswerMax} ms is given up, and everything is there once`, () =>
    inFolder((here) =>
      inFolder(async (there) => {
        const lost: string[] = [];
        const onThreadLost = (why: string) => lost.push(why);
        const [straight, hasty] = [
          Journal.open(here, KEEP),
          Journal.open(there, { ...KEEP, threadAnswerMax, onThreadLost }),
        ];
        const ahead: SentCommit[] = [];
        const untilAhead = async (count: number) => {
          while (ahead.length > count) await insist(hasty, ahead.shift() as SentCommit);
        };
        for (const commit of COMMITS) {
          straight.commit(commit);
          if (commit.events.length > 0) ahead.push(hasty.send(commit));
          await untilAhead(commit.events.length > 0 ? 2 : 0);
          if (commit.events.length === 0) hasty.commit(commit);
        }
        await untilAhead(0);
        straight.close();
        hasty.close();
        deepStrictEqual(tablesOf(there), tablesOf(here));
        ok(threadAnswerMax > 0 || lost.length > 0, "none was given up");
        for (const why of lost) strictEqual(why, `it did not answer within ${threadAnswerMax} ms`);
      })
    ));
}

Deno.test("aside: a thread that answers again and again is not given up for what stands behind", () =>
  inFolder(async (directory) => {
    const lost: string[] = [];
    const answerMaxMs = 1_000;
    const options = { ...KEEP, threadAnswerMax: answerMaxMs, onThreadLost: (why: string) => lost.push(why) };
    const journal = Journal.open(directory, options);
    let [commits, longestMs] = [0, 0];
    let through = Promise.resolve();
    // Sent faster than they are put in, until one has waited, from its being sent, for longer than an answer may take.
    for (; longestMs <= answerMaxMs && commits < 1_000; commits++) {
      const sentMs = performance.now();
      const sent = journal.send({ ...NOTHING, events: sampleEvents(1_000, commits * 1_000) });
      through = through.then(() => journal.commitSent(sent)).then(() => {
        longestMs = Math.max(longestMs, performance.now() - sentMs);
      });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await through;
    ok(longestMs > answerMaxMs, "none waited for long");
    deepStrictEqual(lost, []);
    strictEqual(journal.lastSeq, commits * 1_000);
    journal.close();
  }));

const skipVisit = missing("sqlite3");

Deno.test({
  name:
    "aside: another program that comes and goes is not the last one, and leaves the log of what was committed alone",
  ignore: skipVisit !== undefined,
  fn: () =>
    inFolder(async (directory) => {
      const journal = Journal.open(directory, KEEP);
      const rows = async () => {
        const args = [join(directory, DATABASE_FILE), "SELECT count(*) FROM journal"];
        const { stdout } = await new Deno.Command("sqlite3", { args }).output();
        return Number(new TextDecoder().decode(stdout));
      };
      const log = () => Deno.statSync(join(directory, `${DATABASE_FILE}-wal`)).ino;
      await journal.commitSent(journal.send({ ...NOTHING, events: sampleEvents(30) }));
      const before = log();
      strictEqual(await rows(), 30);
      strictEqual(log(), before);
      journal.commit({ ...NOTHING, events: sampleEvents(30, 100) });
      strictEqual(await rows(), 60);
      journal.close();
    }),
});

Deno.test("aside: a commit that is called off before it begins leaves nothing, and no lock", () =>
  inFolder(async (directory) => {
    const journal = Journal.open(directory, KEEP);
    const db = openSecondWriter(directory, 2 ** 24);
    const commit = { ...NOTHING, events: sampleEvents(30) };
    throws(() => new Appender(db, () => true).commit(pack(commit), 0), /called off/);
    db.close();
    await journal.commitSent(journal.send(commit));
    strictEqual(journal.lastSeq, 30);
    journal.close();
  }));
