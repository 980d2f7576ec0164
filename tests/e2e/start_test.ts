/** The main job on this very host: a miner is seen, scored and explained; Weir stops when told to, with nothing lost. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { freePort, RunningWeir, until, weir } from "./weir.ts";

const linuxOnly = { ignore: Deno.build.os !== "linux" };

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Ledger {
  readonly collected: number;
  readonly committed: number;
  readonly duplicate: number;
  readonly pending: number;
  readonly dropped: Readonly<Record<string, number>>;
}

function addsUp({ collected, committed, duplicate, pending, dropped }: Ledger): boolean {
  return collected === committed + duplicate + pending + Object.values(dropped).reduce((sum, n) => sum + n, 0);
}

Deno.test({
  name: "a busy program named xmrig makes this host HIGH within 15 s, and the detection says why",
  ...linuxOnly,
  fn: () =>
    withFolder(async (folder) => {
      const running = await RunningWeir.start(folder);
      const miner = `${folder}/xmrig`;
      await Deno.copyFile("/usr/bin/yes", miner);
      const child = new Deno.Command(miner, { stdout: "null", stderr: "null" }).spawn();
      try {
        const hostScore = async () => (await running.get("/api/v1/scores?type=host")).items[0];
        const CORRELATED = "high-cpu-and-suspicious-process";
        const isCorrelated = (score: { contributions: { rule: string }[] } | undefined) =>
          score?.contributions.some(({ rule }) => rule === CORRELATED) === true;
        await until(async () => isCorrelated(await hostScore()), 15_000, () => running.said);

        const score = await hostScore();
        ok(score.overall_score >= 61 && ["HIGH", "CRITICAL"].includes(score.threat_level), JSON.stringify(score));
        const shares = score.contributions.reduce((sum: number, c: { share: number }) => sum + c.share, 0);
        ok(Math.abs(shares - score.overall_score) < 1e-6, `${shares} is not ${score.overall_score}`);

        const { detection } = score.contributions.find((c: { rule: string }) => c.rule === CORRELATED);
        const { evidence, events } = await running.get(`/api/v1/detections/${detection}`);
        strictEqual(evidence.when.result, true);
        const busy = evidence.selections.find((s: { selection: string }) => s.selection === "busy");
        const met = busy.where.of.find((node: { result: boolean }) => node.result);
        ok(met.saw > 80 && met.value === 80, JSON.stringify(busy));
        ok(events.some((e: { fields: Record<string, unknown> }) => e.fields["process.name"] === "xmrig"));

        for (const { name, ledger } of (await running.get("/api/v1/collectors")).items) ok(addsUp(ledger), name);
        const { code, tookMs } = await running.end("SIGTERM");
        strictEqual(code, 0, running.said);
        ok(tookMs < 2_000, `it took ${tookMs} ms`);
      } finally {
        child.kill("SIGKILL");
        await child.status;
        await running.end("SIGKILL").catch(() => {});
      }
      const verified = await weir(["journal", "verify", "--data", `${folder}/data`]);
      strictEqual(verified.code, 0, verified.stdout);
      const scores = await weir(["query", "scores", "--data", `${folder}/data`, "--json"]);
      ok(JSON.parse(scores.stdout.split("\n")[0] ?? "").overall_score > 60, scores.stdout + scores.stderr);
    }),
});

Deno.test("SIGINT stops it as well, and a restart takes up where it was", () =>
  withFolder(async (folder) => {
    const first = await RunningWeir.start(folder);
    await until(async () => (await first.get("/api/v1/events?limit=1")).items.length > 0, 5_000, () => first.said);
    strictEqual((await first.end("SIGINT")).code, 0);
    const second = await RunningWeir.start(folder);
    const duplicates = async () =>
      (await second.get("/api/v1/collectors")).items.find((c: { name: string }) => c.name === "process").ledger
        .duplicate;
    await until(async () => await duplicates() > 0, 5_000, () => second.said);
    ok(/[1-9]\d* rows/.test(second.said), second.said);
    strictEqual((await second.end("SIGTERM")).code, 0);
  }));

Deno.test("a second instance, a port in use, a folder that is none: one clear line each, exit 2", () =>
  withFolder(async (folder) => {
    const running = await RunningWeir.start(folder);
    const start = (...args: string[]) => weir(["start", ...args], { cwd: folder });
    const second = await start("--data", `${folder}/data`, "--listen", `127.0.0.1:${freePort()}`);
    const portInUse = await start("--data", `${folder}/other`, "--listen", running.url.replace("http://", ""));
    await Deno.writeTextFile(`${folder}/file`, "");
    const noFolder = await start("--data", `${folder}/file`, "--listen", `127.0.0.1:${freePort()}`);
    for (const { code, stderr } of [second, portInUse, noFolder]) {
      strictEqual(code, 2, stderr);
      strictEqual(stderr.trim().split("\n").length, 1, stderr);
      ok(stderr.startsWith("weir: Cannot "), stderr);
    }
    await running.end("SIGTERM");
  }));

Deno.test("a rule with an error is left out and said; --strict does not start", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/rules`);
    await Deno.writeTextFile(
      `${folder}/rules/a.yaml`,
      "id: a\ntitle: A\nlevel: hihg\nselect:\n  x: { kind: process.start }\n",
    );
    await Deno.writeTextFile(
      `${folder}/rules/b.yaml`,
      "id: b\ntitle: B\nlevel: low\nselect:\n  x: { kind: process.start }\n",
    );
    const strict = await weir(["start", "--strict"], { cwd: folder });
    strictEqual(strict.code, 1, strict.stderr);
    const running = await RunningWeir.start(folder);
    const health = await running.get("/health");
    strictEqual(health.status, "degraded");
    deepStrictEqual([health.rules.loaded, health.rules.refused], [1, 1]);
    ok(health.problems[0].message.startsWith("rules/a.yaml:3:8: "), health.problems[0].message);
    ok(running.said.includes("rules/a.yaml:3:8: error"), running.said);
    await running.end("SIGTERM");
  }));
