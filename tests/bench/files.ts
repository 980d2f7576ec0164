/** Taking stock of 10,000 files, and looking at them again, beside AIDE on the same files by turns. */

import process from "node:process";
import { systemClock } from "../../src/core/clock.ts";
import { StagedState } from "../../src/core/state_store.ts";
import { makeFilesCollector } from "../../src/collectors/files/collect.ts";
import { openInotify } from "../../src/collectors/files/inotify.ts";
import { filesSchema } from "../../src/collectors/files/schema.ts";
import { Journal } from "../../src/journal/mod.ts";
import { journalSchema } from "../../src/journal/schema.ts";
import { Aide } from "../collectors/files/aide.ts";
import { missing } from "../peers.ts";
import { grouped, median, print } from "./machine.ts";

const FILES = 10_000;
const FILES_PER_FOLDER = 50;

/** Runs of each, by turns. */
const RUNS = 5;

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

export async function benchFiles(): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "weir-bench-files-" }));
  try {
    const bytes = plant(`${folder}/tree`);
    print(
      `files: ${grouped(FILES)} files in ${FILES / FILES_PER_FOLDER} folders, ${
        grouped(bytes / 1e6)
      } MB, ${RUNS} runs by turns`,
    );
    await compare(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function compare(folder: string): Promise<void> {
  const tree = `${folder}/tree`;
  const skip = missing("aide");
  const aide = skip === undefined ? await Aide.over(tree, folder) : undefined;
  const [init, check, stock, again]: [number[], number[], Run[], Run[]] = [[], [], [], []];
  let stateBytes = 0;
  for (let run = 0; run < RUNS; run++) {
    if (aide !== undefined) {
      init.push(await secondsOf(() => aide.init()));
      check.push(await secondsOf(async () => void await aide.check()));
    }
    const data = `${folder}/data${run}`;
    stock.push(await scan(tree, data));
    again.push(await scan(tree, data, "1s")); // every file is read again, as AIDE does
    const journal = Journal.open(data, journalSchema.parse({}));
    stateBytes = journal.state("files").reduce((sum, [key, value]) => sum + key.length + value.length, 0);
    journal.close();
  }
  const seconds = (runs: readonly Run[]) => median(runs.map((run) => run.seconds)).toFixed(2);
  const cpu = (runs: readonly Run[]) => median(runs.map((run) => run.cpuSeconds)).toFixed(2);
  const beside = (of: readonly number[]) => (aide === undefined ? skip : `${median(of).toFixed(2)} s`);
  print(`  taking stock, committed      ${seconds(stock)} s (CPU ${cpu(stock)} s)   aide --init  ${beside(init)}`);
  print(`  every file read again        ${seconds(again)} s (CPU ${cpu(again)} s)   aide --check ${beside(check)}`);
  print(`  what is kept                 ${grouped(stateBytes / FILES)} bytes a file`);
  print(`  resident                     ${Math.round(Deno.memoryUsage().rss / 2 ** 20)} MB`);
}

/** Files of 100 bytes to 64 KB, small ones more often; returns how many bytes they are. */
function plant(tree: string): number {
  let bytes = 0;
  const content = new Uint8Array(65_536).map((_, i) => i * 31 + (i >> 8));
  for (let i = 0; i < FILES; i++) {
    const folder = `${tree}/d${Math.floor(i / FILES_PER_FOLDER)}`;
    if (i % FILES_PER_FOLDER === 0) Deno.mkdirSync(folder, { recursive: true });
    const size = 100 + Math.floor(65_000 * ((i * 7919 % 1000) / 1000) ** 4);
    content[0] = i & 255;
    Deno.writeFileSync(`${folder}/file${i}`, content.subarray(0, size));
    bytes += size;
  }
  return bytes;
}

/** Looks at everything once, unhurried by a rate, and commits what is to be kept. */
async function scan(tree: string, data: string, rehashInterval = "365d"): Promise<Run> {
  const journal = Journal.open(data, journalSchema.parse({}));
  const state = new StagedState("files", journal.state("files"));
  if (rehashInterval !== "365d") await systemClock.sleep(1_100);
  const config = filesSchema.parse({ paths: [tree], exclude: [], hash_rate: "100GB", rehash_interval: rehashInterval });
  const system = {
    openNotifier: openInotify,
    owners: { passwd: "/etc/passwd", group: "/etc/group" },
    mounts: () => "",
  };
  const stop = new AbortController();
  const context = { host: "bench", clock: systemClock, state, signal: stop.signal, dropped: () => {}, warn: () => {} };
  const startMs = performance.now();
  const cpu = process.cpuUsage();
  for await (const events of makeFilesCollector(config, system).collect(context)) {
    journal.commit({ events, matches: [], detections: [], updates: [], scores: [], state: state.take() });
    if (events.some(({ kind, fields }) => kind === "file.scan" && fields["file.scan.complete"] === true)) break;
  }
  const { user, system: kernel } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startMs) / 1000;
  stop.abort();
  journal.close();
  return { seconds, cpuSeconds: (user + kernel) / 1e6 };
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}
