import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Journal, JournalReader } from "../../src/journal/mod.ts";
import { KEEP } from "./samples.ts";

/** Rows of one batch of the writer: its events, a detection and a score. */
const BATCH_EVENTS = 97;
const BATCH_ROWS = BATCH_EVENTS + 2;

/** Starts the writer, waits for some commits and kills it; returns how many commits it had said went through. */
async function writeAndKill(directory: string, commits: number): Promise<number> {
  const writer = new URL("crash_writer.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", writer, directory],
    stdout: "piped",
  }).spawn();
  let said = 0;
  for await (const chunk of child.stdout) {
    said += chunk.length;
    if (said >= commits) child.kill("SIGKILL");
  }
  await child.status;
  return said;
}

Deno.test("killed in the midst of commits, every batch is whole or not there, and what was said to be there is", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "weir-journal-" });
  try {
    let said = 0;
    for (const commits of [1, 3, 20, 60, 7]) {
      said += await writeAndKill(directory, commits);
      const journal = Journal.open(directory, KEEP); // recovers the log; the killed process holds no lock
      const { lastSeq } = journal;
      strictEqual(lastSeq % BATCH_ROWS, 0, "half a batch is there");
      ok(lastSeq >= said * BATCH_ROWS, `${said} commits were said to be through, ${lastSeq} rows are there`);
      const batches = lastSeq / BATCH_ROWS;
      deepStrictEqual(journal.state("test"), [["next", String(batches * BATCH_EVENTS)]]);
      journal.close();
      const reader = JournalReader.open(directory);
      const report = reader.verify();
      deepStrictEqual(report.faults, []);
      deepStrictEqual([report.rows, report.detections, report.matches], [lastSeq, batches, batches * 5]);
      reader.close();
      said = batches;
    }
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});
