/** The live stream with a real journal and collectors made for the occasion. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { loadConfig } from "../../src/config/load.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Collector } from "../../src/core/collector.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { type Log, noLog } from "../../src/core/log.ts";
import { DATABASE_FILE, Journal, JournalReader } from "../../src/journal/mod.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { RecentEvents } from "../../src/pipeline/recent_events.ts";
import { HostView } from "../../src/pipeline/host_view.ts";
import { Live } from "../../src/pipeline/live.ts";
import { rebuild } from "../../src/pipeline/rebuild.ts";
import { parseRules } from "../rules/parse.ts";

const { config } = loadConfig();

const THREE = parseRules(
  "three.yaml",
  `id: three
title: Three
level: high
select: { seen: { kind: log.line } }
correlate: { group-by: [host.name], timespan: 5m }
when: { fact: seen.count, operator: greaterThanInclusive, value: 3 }
`,
).rules;

function line(n: number, timeMs = systemClock.now()): TelemetryEvent {
  const id = `logs:${String(n).padStart(6, "0")}`;
  return { id, timeMs, observedMs: systemClock.now(), source: "logs", kind: "log.line", host: "h", fields: { n } };
}

/** Gives chunks, then stops the stream. */
function source(stop: AbortController, ...chunks: (readonly TelemetryEvent[])[]): Collector {
  return {
    name: "logs",
    summary: "made up",
    async *collect({ state }) {
      for (const chunk of chunks) {
        state.set("cursor", chunk.at(-1)?.id ?? "");
        yield await Promise.resolve(chunk);
      }
      stop.abort();
    },
  };
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Stands in the way of a journal's calls; may stop the stream. */
type Spoil = (journal: Journal, stop: AbortController) => void;

/** Runs chunks through a stream on the journal of a folder; `spoil` may stand in the way. */
async function run(
  folder: string,
  chunks: (readonly TelemetryEvent[])[],
  spoil: Spoil = () => {},
  rules = THREE,
  log: Log = noLog,
) {
  const stop = new AbortController();
  const journal = Journal.open(folder, config.journal);
  const { engine } = createEngine(rules, config);
  rebuild(journal, engine, rules, config, systemClock.now());
  spoil(journal, stop);
  const fired: string[] = [];
  const live = new Live({
    host: "h",
    clock: systemClock,
    log,
    journal,
    engine,
    hosts: new HostView(),
    recent: new RecentEvents(100),
    collectors: [source(stop, ...chunks)],
    off: [],
    onDetection: ({ id }) => fired.push(id),
  });
  await live.run(stop.signal);
  const row = live.ledger.rows().find(({ collector }) => collector === "logs");
  const state = journal.state("logs");
  journal.close();
  return { row, state, fired };
}

function events(folder: string): string[] {
  const reader = JournalReader.open(folder);
  const ids = [...reader.rows()].filter(({ type }) => type === "LogEvent").map(({ idem }) => idem);
  reader.close();
  return ids;
}

Deno.test("live: what is given is committed once, with the cursor; what is known, or has no time, is counted", () =>
  withFolder(async (folder) => {
    const first = await run(folder, [[line(1), line(2), line(1)], [line(3, NaN)]]);
    deepStrictEqual(first.row, {
      collector: "logs",
      collected: 4,
      committed: 2,
      duplicate: 1,
      dropped: { no_time: 1 },
      pending: 0,
    });
    deepStrictEqual(first.state, [["cursor", "logs:000003"]]);
    const second = await run(folder, [[line(2), line(4)]]);
    deepStrictEqual([second.row?.committed, second.row?.duplicate], [1, 1]);
    deepStrictEqual(events(folder), ["logs:000001", "logs:000002", "logs:000004"]);
  }));

Deno.test("live: a correlation goes on over a restart, and what is read again does not count twice", () =>
  withFolder(async (folder) => {
    deepStrictEqual((await run(folder, [[line(1), line(2)]])).fired, []);
    deepStrictEqual((await run(folder, [[line(1), line(2)]])).fired, []);
    strictEqual((await run(folder, [[line(2), line(3)]])).fired.length, 1);
    deepStrictEqual((await run(folder, [[line(4)]])).fired, [], "it is still open");
  }));

Deno.test("live: a commit that fails is tried again with the batch as it is, and windows are not fed twice", () =>
  withFolder(async (folder) => {
    let failures = 3;
    const { row, fired } = await run(folder, [[line(1), line(2)]], (journal) => {
      const commit = journal.commit.bind(journal);
      journal.commit = (batch) => {
        if (failures-- > 0) throw new Error("Cannot commit as the disk is full");
        return commit(batch);
      };
    });
    ok(failures < 0);
    deepStrictEqual([row?.committed, row?.pending, fired.length], [2, 0, 0]);
    deepStrictEqual(events(folder), ["logs:000001", "logs:000002"]);
  }));

/** Chunks so large, and so many of them, that they are committed in the other thread; each begins with the end of the one before. */
const flood = () => Array.from({ length: 12 }, (_, i) => Array.from({ length: 1_000 }, (_, k) => line(i * 900 + k)));

Deno.test("live: while much comes it is committed in another thread: each once, in order, whatever fails meanwhile", () =>
  withFolder(async (folder) => {
    let [asides, failures] = [0, 2];
    const said: string[] = [];
    const spoil = (journal: Journal) => {
      const commitSent = journal.commitSent.bind(journal);
      journal.commitSent = (sent) => {
        asides++;
        if (asides > 3 && failures-- > 0) return Promise.reject(new Error("Cannot commit as the disk is full"));
        return commitSent(sent);
      };
    };
    const { row, state, fired } = await run(folder, flood(), spoil, THREE, (level) => said.push(level));
    deepStrictEqual(said, ["error", "info"], "it does not say that it commits again while it does not");
    ok(asides >= 5, `${asides} commits in the other thread`);
    const distinct = 11 * 900 + 1_000;
    deepStrictEqual([row?.committed, row?.duplicate, row?.pending], [distinct, 12_000 - distinct, 0]);
    deepStrictEqual(state, [["cursor", `logs:${String(distinct - 1).padStart(6, "0")}`]]);
    strictEqual(fired.length, 1);
    const ids = events(folder);
    deepStrictEqual([ids.length, new Set(ids).size], [distinct, distinct]);
    deepStrictEqual(ids, ids.toSorted());
  }));

/** Holds the journal's database from the time the `nth` commit was sent on, until it is let go. */
function holdAfter(nth: number, folder: string, journal: Journal, onHeld: (letGo: () => void) => void): void {
  const send = journal.send.bind(journal);
  let sends = 0;
  journal.send = (commit) => {
    const sent = send(commit);
    if (++sends === nth) {
      const other = new DatabaseSync(join(folder, DATABASE_FILE), { timeout: 5_000 });
      other.exec("BEGIN IMMEDIATE");
      onHeld(() => {
        other.exec("ROLLBACK");
        other.close();
      });
    }
    return sent;
  };
}

Deno.test("live: what is sent ahead while another program holds the journal goes in later, each once, in order", () =>
  withFolder(async (folder) => {
    let troubles = 0;
    const said: string[] = [];
    const spoil = (journal: Journal) => {
      holdAfter(3, folder, journal, (letGo) => {
        const commitSent = journal.commitSent.bind(journal);
        journal.commitSent = (sent) =>
          commitSent(sent).catch((error: unknown) => {
            if (++troubles === 2) letGo();
            throw error;
          });
      });
    };
    const { row, state } = await run(folder, flood(), spoil, THREE, (level) => said.push(level));
    strictEqual(troubles, 2);
    deepStrictEqual(said, ["error", "info"]);
    const distinct = 11 * 900 + 1_000;
    deepStrictEqual([row?.committed, row?.pending], [distinct, 0]);
    deepStrictEqual(state, [["cursor", `logs:${String(distinct - 1).padStart(6, "0")}`]]);
    const ids = events(folder);
    deepStrictEqual([ids.length, ids], [distinct, [...new Set(ids)].sort()]);
  }));

Deno.test("live: stopped while another program holds the journal, nothing is in behind what is not, and all comes once when read again", () =>
  withFolder(async (folder) => {
    let letGo = () => {};
    const { row, state } = await run(folder, flood(), (journal, stop) => {
      holdAfter(3, folder, journal, (release) => {
        letGo = release;
        stop.abort();
      });
    }).finally(() => letGo());
    const committed = events(folder);
    strictEqual(committed.length, row?.committed);
    deepStrictEqual(committed, Array.from({ length: committed.length }, (_, n) => line(n).id));
    deepStrictEqual(state, [["cursor", committed.at(-1)]]);
    await run(folder, flood());
    const ids = events(folder);
    deepStrictEqual(ids, Array.from({ length: 11 * 900 + 1_000 }, (_, n) => line(n).id));
  }));

Deno.test("live: a stop does not wait for ever on a journal that will not take anything; the rest stays pending", () =>
  withFolder(async (folder) => {
    const startedMs = performance.now();
    const { row, state } = await run(folder, [[line(1)], [line(2)]], (journal, stop) => {
      journal.commit = () => {
        stop.abort(); // the source is never asked on, so the stop comes from here
        throw new Error("Cannot commit as the disk is full");
      };
    });
    ok(performance.now() - startedMs < 5_000);
    strictEqual(row?.committed, 0);
    deepStrictEqual(state, []);
  }));

Deno.test("live: matches of which nothing can come any more are not kept", () =>
  withFolder(async (folder) => {
    const rules = parseRules(
      "novel.yaml",
      `id: novel
title: Novel
level: low
select: { seen: { kind: log.line } }
correlate: { group-by: [host.name], timespan: 1m, new: name, learning: 0s }
`,
    ).rules;
    const named = (n: number, name: string): TelemetryEvent => ({ ...line(n), fields: { name } });
    const startMs = systemClock.now();
    const at = (n: number, seconds: number) => ({ ...named(n, "cron"), timeMs: startMs - 600_000 + seconds * 1000 });
    await run(folder, [[at(1, 0), at(2, 100), at(3, 200), at(4, 300)]], () => {}, rules);
    const journal = Journal.open(folder, config.journal);
    const kept = [...journal.matchesSince(0)].map(({ event }) => event.id);
    journal.close();
    // The first is decided on, and so known, only as the second moves the watermark past it.
    deepStrictEqual(kept, ["logs:000001", "logs:000002"]);
  }));
