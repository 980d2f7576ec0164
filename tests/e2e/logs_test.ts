/**
 * A log written at 20,000 lines a second and rotated every 2 s, read by a Weir that is killed every few seconds: each line is
 * committed, none twice. `TAIL_SECONDS=60` writes for a minute, killing every 5 s.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { RunningWeir, until } from "./weir.ts";

const SECONDS = Number(Deno.env.get("TAIL_SECONDS") ?? 10);
const LINES_PER_SECOND = 20_000;
const KILL_EVERY_MS = SECONDS >= 60 ? 5_000 : 3_000;

/** How often it is killed at least: a busy machine takes long to start it again. */
const KILLS_MIN = SECONDS >= 60 ? 5 : 1;

/** How long Weir may take, once the writer has ended, to have read it all: milliseconds. */
const CATCH_UP_MS = 180_000;

const WRITER = fileURLToPath(new URL("./log_writer.ts", import.meta.url));

const TEXT = "of a log that is rotated while it is read and read while it is rotated";

interface Written {
  readonly written: number;
  readonly thrownAway: readonly (readonly [first: number, last: number])[];
}

function write(path: string, mode: "rename" | "alternate"): Promise<Written> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-config", WRITER, path, String(LINES_PER_SECOND), String(SECONDS), mode],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  return child.output().then(({ stdout }) => JSON.parse(new TextDecoder().decode(stdout)));
}

/** What is in the journal, in the order in which it was committed: the numbers of whole lines, and of the beginnings of lines. */
function committed(folder: string): { readonly whole: number[]; readonly begun: number[] } {
  const db = new DatabaseSync(`${folder}/data/weir.db`, { readOnly: true });
  try {
    const whole: number[] = [];
    const begun: number[] = [];
    for (const { bytes } of db.prepare("SELECT bytes FROM journal WHERE kind = 'log.line' ORDER BY seq").iterate()) {
      const { message } = JSON.parse(new TextDecoder().decode(bytes as Uint8Array)).fields;
      const number = Number(/^line (\d+) of /.exec(message)?.[1]);
      if (message === `line ${number} ${TEXT}`) whole.push(number);
      else begun.push(number);
    }
    return { whole, begun };
  } finally {
    db.close();
  }
}

function countOf(folder: string): number {
  const db = new DatabaseSync(`${folder}/data/weir.db`, { readOnly: true });
  try {
    return Number(db.prepare("SELECT count(*) AS n FROM journal WHERE kind = 'log.line'").get()?.["n"]);
  } finally {
    db.close();
  }
}

/** Lines that were not committed, those apart that a truncation threw away. */
function lost({ written, thrownAway }: Written, whole: readonly number[]): number[] {
  const seen = new Set(whole);
  const numbers: number[] = [];
  for (let n = 1; n <= written; n++) {
    if (!seen.has(n) && !thrownAway.some(([first, last]) => n >= first && n <= last)) numbers.push(n);
  }
  return numbers;
}

/** Writes, rotates, kills and starts again; then waits until Weir has caught up. */
async function run(mode: "rename" | "alternate") {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/logs`);
  await Deno.writeTextFile(
    `${folder}/weir.yaml`,
    "collectors:\n  process: { enabled: false }\n  metrics: { enabled: false }\n" +
      `  logs: { paths: ["${folder}/logs/app.log"], read_from: start, format: plain, rotated_wait: 5s }\n`,
  );
  const start = () => RunningWeir.start(folder, ["--config", `${folder}/weir.yaml`]);
  let running = await start();
  try {
    let result: Written | undefined;
    const done = write(`${folder}/logs/app.log`, mode).then((written) => result = written);
    let kills = 0;
    while (result === undefined) {
      const untilMs = performance.now() + KILL_EVERY_MS;
      await until(() => result !== undefined || performance.now() >= untilMs, KILL_EVERY_MS * 10);
      await running.end("SIGKILL");
      kills++;
      running = await start();
    }
    const written = await done;
    const thrown = written.thrownAway.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    let count = -1;
    const why = async () =>
      `${count} of ${written.written} lines committed, ${thrown} thrown away.\n${await running.describe()}`;
    await until(() => (count = countOf(folder)) >= written.written - thrown, CATCH_UP_MS, why);
    // Of what was thrown away some may have been read: then as much of the rest is still to come.
    await until(() => lost(written, committed(folder).whole).length === 0, 30_000, why).catch(() => {});
    await running.end("SIGTERM");
    return { written, kills, ...committed(folder) };
  } finally {
    await running.end("SIGKILL").catch(() => {});
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "e2e: rotated by renaming and killed again and again, every line once",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { written, kills, whole, begun } = await run("rename");
    ok(kills >= KILLS_MIN, `killed ${kills} times`);
    ok(written.written >= LINES_PER_SECOND * SECONDS * 0.9, `${written.written} lines written`);
    deepStrictEqual([lost(written, whole), begun], [[], []]);
    deepStrictEqual(
      [whole.length, new Set(whole).size],
      [written.written, written.written],
      "a line was committed twice",
    );
  },
});

Deno.test({
  name: "e2e: rotated by renaming and by copying in turn, lost is at most what a truncation threw away",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { written, kills, whole, begun } = await run("alternate");
    ok(kills >= KILLS_MIN, `killed ${kills} times`);
    ok(written.thrownAway.length >= 2, `${written.thrownAway.length} truncations`);
    deepStrictEqual(lost(written, whole), []);
    strictEqual(new Set(whole).size, whole.length, "a line was committed twice");
    // Of a line that was being written at that moment its beginning may have been read.
    ok(begun.length <= written.thrownAway.length, `${begun.length} beginnings`);
  },
});
