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

/** Writes, rotates, kills and starts again; then waits until nothing more comes. */
async function run(mode: "rename" | "alternate", isWhole: (count: number, written: Written) => boolean) {
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
    let count = -1;
    await until(
      () => isWhole(count = countOf(folder), written),
      CATCH_UP_MS,
      () => `${count} of ${written.written} lines committed. ${running.said}`,
    );
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
    const { written, kills, whole, begun } = await run("rename", (count, { written }) => count >= written);
    ok(kills >= 2, `killed ${kills} times`);
    ok(written.written >= LINES_PER_SECOND * SECONDS * 0.9, `${written.written} lines written`);
    deepStrictEqual(begun, []);
    strictEqual(whole.length, written.written);
    const seen = new Set(whole);
    strictEqual(seen.size, whole.length, "a line was committed twice");
    for (let n = 1; n <= written.written; n++) ok(seen.has(n), `line ${n} was not committed`);
  },
});

Deno.test({
  name: "e2e: rotated by renaming and by copying in turn, lost is at most what a truncation threw away",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const thrown = ({ thrownAway }: Written) => thrownAway.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    const isWhole = (count: number, result: Written) => count >= result.written - thrown(result);
    const { written, kills, whole, begun } = await run("alternate", isWhole);
    ok(kills >= 2, `killed ${kills} times`);
    const seen = new Set(whole);
    strictEqual(seen.size, whole.length, "a line was committed twice");
    // Of a line that is being written at that moment its beginning may have been read.
    ok(begun.length <= written.thrownAway.length, `${begun.length} beginnings`);
    const missing: number[] = [];
    for (let n = 1; n <= written.written; n++) if (!seen.has(n)) missing.push(n);
    const explained = missing.filter((n) => written.thrownAway.some(([first, last]) => n >= first && n <= last));
    deepStrictEqual(missing, explained);
  },
});
