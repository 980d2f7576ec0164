/** The commands as a user runs them: what they print, where, and how they end. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { weir } from "../e2e/weir.ts";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const RULE = `id: busy
title: Busy
level: low
select:
  seen:
    kind: process.stats
    where: { fact: process.cpu.percent, operator: greaterThan, value: 80 }
`;

const event = (seconds: number, cpu: number) =>
  JSON.stringify({
    id: `e${seconds}`,
    time: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
    kind: "process.stats",
    source: "process",
    host: "web-1",
    fields: { "process.cpu.percent": cpu },
  });

Deno.test("help, version and mistakes: 0, 0, 2", async () => {
  const [help, version, none, unknown] = await Promise.all([
    weir(["--help"]),
    weir(["--version"]),
    weir(["nonsense"]),
    weir(["start", "--nonsense"]),
  ]);
  deepStrictEqual([help.code, version.code, none.code, unknown.code], [0, 0, 2, 2]);
  ok(help.stdout.includes("replay"));
  ok(/^\d+\.\d+\.\d+\n$/.test(version.stdout), version.stdout);
  ok(unknown.stderr.includes("--nonsense"));
});

Deno.test("replay prints matches, detections and scores as JSON lines and nothing else on standard output", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/busy.yaml`, RULE);
    const input = [event(0, 90), event(1, 50), "", event(2, 95)].join("\n");
    const run = (emit: string) => weir(["replay", "--rules", folder, "--emit", emit], { stdin: input });
    const [matches, detections, scores] = await Promise.all([run("matches"), run("detections"), run("scores")]);
    for (const { code, stderr } of [matches, detections, scores]) strictEqual(code, 0, stderr);
    strictEqual(matches.stdout, '{"line":1,"rule":"busy"}\n{"line":4,"rule":"busy"}\n');
    const fired = detections.stdout.trim().split("\n").map((line) => JSON.parse(line));
    deepStrictEqual(
      fired.map(({ rule, level, time, group, count, event_ids }) => ({ rule, level, time, group, count, event_ids })),
      [
        {
          rule: "busy",
          level: "low",
          time: "2026-01-01T00:00:00.000Z",
          group: { "host.name": "web-1" },
          count: 1,
          event_ids: ["e0"],
        },
        {
          rule: "busy",
          level: "low",
          time: "2026-01-01T00:00:02.000Z",
          group: { "host.name": "web-1" },
          count: 1,
          event_ids: ["e2"],
        },
      ],
    );
    strictEqual(JSON.parse(scores.stdout.split("\n")[0] ?? "").entity, "host:web-1");
  }));

Deno.test("replay says which lines it could not read, goes on, and ends with 1", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/busy.yaml`, RULE);
    await Deno.writeTextFile(`${folder}/in.ndjson`, `not json\n[]\n${event(0, 90)}\n`);
    const { code, stdout, stderr } = await weir(["replay", "--rules", folder, "--input", `${folder}/in.ndjson`]);
    strictEqual(code, 1);
    strictEqual(stdout.trim().split("\n").length, 1);
    ok(stderr.includes("in.ndjson:1:1: error:") && stderr.includes("in.ndjson:2:1: error:"), stderr);
    strictEqual((await weir(["replay", "--rules", folder, "--input", `${folder}/none`])).code, 2);
  }));

Deno.test("replay twice is the same to the byte", () =>
  withFolder(async (folder) => {
    const input = Array.from({ length: 200 }, (_, i) => event(i, (i * 37) % 100)).join("\n");
    await Deno.writeTextFile(`${folder}/busy.yaml`, RULE);
    const runs = await Promise.all([1, 2].map(() => weir(["replay", "--rules", folder], { stdin: input })));
    strictEqual(runs[0]?.stdout, runs[1]?.stdout);
    ok((runs[0]?.stdout.length ?? 0) > 100);
  }));

Deno.test("rules check tells everything at once, in order, and ends with 1", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(
      `${folder}/a.yaml`,
      RULE.replace("greaterThan", "graterThan").replace("level: low", "level: lwo"),
    );
    await Deno.writeTextFile(
      `${folder}/b.yaml`,
      RULE.replace("id: busy", "id: other").replace("seen:", "seen:\n    knid: x"),
    );
    const { code, stdout } = await weir(["rules", "check", folder]);
    strictEqual(code, 1);
    const lines = stdout.trim().split("\n").filter((line) => line.includes(": error: "));
    deepStrictEqual(lines.map((line) => line.slice(folder.length + 1).replace(/: error.*/, "")), [
      "a.yaml:3:8",
      "a.yaml:7:51",
      "b.yaml:6:5",
    ]);
    ok(stdout.includes('did you mean "greaterThan"?') && stdout.includes('did you mean "kind"?'), stdout);
  }));

Deno.test("rules test fails on a failing test, rules list leaves that rule out", () =>
  withFolder(async (folder) => {
    const tests =
      "tests:\n  - name: wrong\n    events: [{ at: 0s, kind: process.stats, fields: { process.cpu.percent: 99 } }]\n    expect: []\n";
    await Deno.writeTextFile(`${folder}/a.yaml`, RULE + tests);
    const tested = await weir(["rules", "test", folder]);
    strictEqual(tested.code, 1);
    ok(tested.stdout.includes("FAILED busy: wrong"), tested.stdout);
    const listed = await weir(["rules", "list", folder, "--json"]);
    deepStrictEqual([listed.code, listed.stdout], [0, ""]);
  }));

Deno.test("rules explain shows each condition, the value it saw, and where it stopped", () =>
  withFolder(async (folder) => {
    const explained = await weir(["rules", "explain", "memory-exhaustion", "--event", "-"], {
      stdin: JSON.stringify({ kind: "host.memory", fields: { "system.memory.percent": 42 } }),
    });
    strictEqual(explained.code, 0, explained.stderr);
    ok(/- system\.memory\.percent greaterThan 90: saw 42/.test(explained.stdout), explained.stdout);
    const unknown = await weir(["rules", "explain", "memory-exaustion", "--event", "-"], { stdin: "{}", cwd: folder });
    strictEqual(unknown.code, 2);
    ok(unknown.stderr.includes('did you mean "memory-exhaustion"?'), unknown.stderr);
  }));

Deno.test("config init, validate, show and schema", () =>
  withFolder(async (folder) => {
    const init = await weir(["config", "init"], { cwd: folder });
    strictEqual(init.code, 0, init.stderr);
    strictEqual((await weir(["config", "init"], { cwd: folder })).code, 2, "it does not write over what is there");
    strictEqual((await weir(["config", "validate"], { cwd: folder })).code, 0);
    await Deno.writeTextFile(`${folder}/bad.yaml`, "colectors: {}\nlisten: here\njournal: { retention: 5 parsecs }\n");
    const bad = await weir(["config", "validate", "bad.yaml"], { cwd: folder });
    strictEqual(bad.code, 2);
    deepStrictEqual(bad.stderr.trim().split("\n").map((line) => line.replace(/: error.*/, "")), [
      "bad.yaml:1:1",
      "bad.yaml:2:9",
      "bad.yaml:3:23",
    ]);
    strictEqual((await weir(["start", "--config", "bad.yaml"], { cwd: folder })).code, 2);
    strictEqual(JSON.parse((await weir(["config", "schema"])).stdout).type, "object");
    ok((await weir(["config", "show"], { cwd: folder })).stdout.includes("127.0.0.1:8470"));
  }));

Deno.test("an alias bomb is refused", () =>
  withFolder(async (folder) => {
    const levels = Array.from({ length: 9 }, (_, i) => `b${i + 1}: &b${i + 1} [${`*b${i},`.repeat(9)}]`);
    await Deno.writeTextFile(`${folder}/weir.yaml`, ["b0: &b0 [x]", ...levels].join("\n"));
    const { code, stderr } = await weir(["config", "validate"], { cwd: folder });
    strictEqual(code, 2);
    ok(/alias/i.test(stderr), stderr);
  }));

Deno.test("query and journal without a journal: one clear line, exit 2", () =>
  withFolder(async (folder) => {
    for (const args of [["query", "scores"], ["journal", "stats"], ["journal", "verify"]]) {
      const { code, stderr } = await weir([...args, "--data", folder]);
      strictEqual(code, 2, stderr);
      strictEqual(stderr.trim().split("\n").length, 1, stderr);
    }
  }));

Deno.test("text from outside is printed escaped", async () => {
  const { code, stderr } = await weir(["replay", "--input", "/none\u001b[2J"]);
  strictEqual(code, 2);
  ok(!stderr.includes("\u001b") && stderr.includes("\\x1b[2J"), JSON.stringify(stderr));
});
