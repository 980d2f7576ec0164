/** Weir killed again and again while programs come and go: nothing lost that lived while it was up, nothing twice. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { RunningWeir, until, weir } from "./weir.ts";

/** How often Weir is killed. */
const KILLS = 20;

/** How long each program lives at least: milliseconds. */
const LIFE_MS = 200;

/** What a program that is told of must have had of its life while Weir was up: a look every 50 ms, twice, and a commit. */
const OVERLAP_MS = 200;

interface Program {
  /** In its command line, and nowhere else. */
  readonly mark: string;
  readonly fromMs: number;
  untilMs: number;
}

/** Starts programs one after another, two at a time, until told to stop. */
class Programs {
  readonly all: Program[] = [];
  #running = new Set<Promise<void>>();
  #stopped = false;

  async run(): Promise<void> {
    for (let n = 0; !this.#stopped; n++) {
      this.#spawn(n);
      if (this.#running.size >= 2) await Promise.race(this.#running);
    }
    await Promise.all(this.#running);
  }

  stop(): void {
    this.#stopped = true;
  }

  #spawn(n: number): void {
    // `sleep` adds up its arguments: the second one is 0 with the mark in its digits.
    const mark = `0.${String(n).padStart(6, "0")}1e-30`;
    const child = new Deno.Command("sleep", { args: [String(LIFE_MS / 1000 + (n % 5) / 50), mark] }).spawn();
    const program: Program = { mark, fromMs: performance.now(), untilMs: Infinity };
    this.all.push(program);
    const ended = child.status.then(() => {
      program.untilMs = performance.now();
      this.#running.delete(ended);
    });
    this.#running.add(ended);
  }
}

async function exported(folder: string): Promise<{ idem: string; type: string; text: string }[]> {
  const { code, stdout, stderr } = await weir(["journal", "export", "--data", `${folder}/data`, "--json"]);
  strictEqual(code, 0, stderr);
  return stdout.split("\n").filter((line) => line !== "").map((line) => {
    const row = JSON.parse(line);
    return { idem: row.idem, type: row.type, text: line };
  });
}

Deno.test({
  name: `killed ${KILLS} times: journal clean, no key twice, every program there that lived while Weir was up`,
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const folder = await Deno.makeTempDir();
    const programs = new Programs();
    const spawning = programs.run();
    const up: { fromMs: number; untilMs: number }[] = [];
    try {
      for (let i = 0; i < KILLS; i++) {
        const running = await RunningWeir.start(folder);
        const fromMs = performance.now();
        const committed = async () =>
          (await running.get("/api/v1/collectors")).items
            .find((c: { name: string }) => c.name === "process")?.ledger.committed > 0;
        await until(committed, 10_000, () => running.said);
        await until(() => performance.now() - fromMs > 500 + 37 * i, 10_000);
        const untilMs = performance.now();
        const { code } = await running.end("SIGKILL");
        ok(code !== 0);
        up.push({ fromMs, untilMs });
      }
      programs.stop();
      await spawning;

      const verified = await weir(["journal", "verify", "--data", `${folder}/data`, "--json"]);
      strictEqual(verified.code, 0, verified.stdout + verified.stderr);

      const rows = await exported(folder);
      strictEqual(new Set(rows.map((row) => row.idem)).size, rows.length, "an idempotency key stands twice");

      const text = rows.filter((row) => row.type === "ProcessEvent").map((row) => row.text).join("\n");
      const due = programs.all.filter((p) =>
        up.some(({ fromMs, untilMs }) => Math.min(untilMs, p.untilMs) - Math.max(fromMs, p.fromMs) >= OVERLAP_MS)
      );
      ok(due.length >= KILLS, `only ${due.length} programs lived while Weir was up`);
      deepStrictEqual(due.filter((p) => !text.includes(p.mark)).map((p) => p.mark), []);
    } finally {
      programs.stop();
      await spawning;
      await Deno.remove(folder, { recursive: true });
    }
  },
});
