/** Rules and their tuning go live as their files are saved, under a running Weir. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { RunningWeir, until, weir } from "./weir.ts";

/** How soon after a save it must be in force: milliseconds. */
const LIVE_WITHIN_MS = 2_000;

const linuxOnly = { ignore: Deno.build.os !== "linux" };

interface Scene {
  readonly folder: string;
  readonly running: RunningWeir;
  write(name: string, text: string): Promise<void>;
  /** Waits until the API shows the rule so; null: no such rule. */
  shows(id: string, level: string | null): Promise<void>;
  /** What `/health` says of rules, without the folder. */
  problems(): Promise<string[]>;
}

async function withWeir(files: Readonly<Record<string, string>>, work: (scene: Scene) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/rules`);
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    const running = await RunningWeir.start(folder);
    const levelOf = async (id: string) =>
      (await running.get("/api/v1/rules?limit=1000")).items.find((rule: { id: string }) => rule.id === id)?.level ??
        null;
    try {
      await work({
        folder,
        running,
        write: (name, text) => Deno.writeTextFile(`${folder}/${name}`, text),
        shows: (id, level) =>
          until(async () => (await levelOf(id)) === level, LIVE_WITHIN_MS, () => `${id} ${level}\n${running.said}`),
        problems: async () =>
          (await running.get("/health")).problems
            .filter(({ component }: { component: string }) => component === "rules")
            .map(({ message }: { message: string }) => message),
      });
    } finally {
      await running.end("SIGTERM");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const rule = (id: string, level: string) =>
  `id: ${id}\ntitle: T\nlevel: ${level}\nselect: { s: { kind: process.start } }\n`;

Deno.test({
  name: "a rule is edited, broken, mended, added and deleted while Weir runs",
  ...linuxOnly,
  fn: () =>
    withWeir(
      { "rules/a.yaml": rule("a", "low"), "rules/b.yaml": rule("b", "low") },
      async ({ folder, running, write, shows, problems }) => {
        await shows("a", "low");
        deepStrictEqual(await problems(), []);

        await write("rules/a.yaml", rule("a", "medium"));
        await shows("a", "medium");

        await write("rules/a.yaml", rule("a", "meduim"));
        await until(async () => (await problems()).length > 0, LIVE_WITHIN_MS, () => running.said);
        await shows("a", "medium");
        strictEqual((await running.get("/health")).status, "degraded");
        deepStrictEqual(await problems(), [
          "What stands in the file is wrong, so that the last good version is in force: a",
          'rules/a.yaml:3:8: Cannot read level as it must be one of those known: current value is "meduim"',
        ]);
        ok(running.said.includes("rules/a.yaml:3:8: error: Cannot read level"), running.said);
        ok(running.said.includes("in their last good version: a"), running.said);

        // As an editor saves: another file is put in the place of the one that was.
        await write("rules/.a.yaml.swp", rule("a", "high"));
        await Deno.rename(`${folder}/rules/.a.yaml.swp`, `${folder}/rules/a.yaml`);
        await shows("a", "high");
        deepStrictEqual(await problems(), []);

        await Deno.mkdir(`${folder}/rules/more`);
        await write("rules/more/c.yaml", rule("c", "low"));
        await shows("c", "low");

        await Deno.remove(`${folder}/rules/a.yaml`);
        await shows("a", null);
        await shows("b", "low");
      },
    ),
});

const COUNTED = `
id: counted
title: Counted
level: high
select: { start: { kind: process.start, where: { fact: process.name, operator: equal, value: wlprobe } } }
correlate: { timespan: 5m }
when: { fact: start.count, operator: greaterThanInclusive, value: 5 }
`;

Deno.test({
  name: "what a rule has counted is kept when others change: four before, one after, and it fires",
  ...linuxOnly,
  fn: () =>
    withWeir({ "rules/counted.yaml": COUNTED, "rules/a.yaml": rule("a", "low") }, async (scene) => {
      const { folder, running, write, shows } = scene;
      const probe = `${folder}/wlprobe`;
      await Deno.copyFile("/usr/bin/sleep", probe);
      const run = async () => {
        await new Deno.Command(probe, { args: ["0.4"], stdout: "null", stderr: "null" }).output();
      };
      const starts = async () =>
        (await running.get("/api/v1/events?kind=process.start&limit=1000")).items
          .filter(({ fields }: { fields: Record<string, unknown> }) => fields["process.name"] === "wlprobe").length;
      const fired = async () => (await running.get("/api/v1/detections?rule=counted")).items;
      await Promise.all([run(), run(), run(), run()]);
      await until(async () => (await starts()) === 4, 5_000, () => running.said);

      await write("rules/a.yaml", rule("a", "medium"));
      await shows("a", "medium");
      await write("rules/counted.yaml", COUNTED.replace("level: high", "level: critical"));
      await shows("counted", "critical");
      deepStrictEqual(await fired(), []);

      await run();
      await until(async () => (await fired()).length === 1, 5_000, () => running.said);
      const [detection] = await fired();
      deepStrictEqual([detection.rule, detection.level, detection.count], ["counted", "critical", 5]);
    }),
});

Deno.test({
  name: "tuning and lists in weir.yaml are live, and what is wrong with them is told with its place",
  ...linuxOnly,
  fn: () =>
    withWeir({ "weir.yaml": "log: { level: info }\n", "rules/a.yaml": rule("a", "low") }, async (scene) => {
      const { running, write, shows, problems } = scene;
      await shows("a", "low");
      await write("weir.yaml", "log: { level: info }\nrules: { tune: { a: { level: critical } } }\n");
      await shows("a", "critical");

      await write("weir.yaml", "log: { level: info }\nrules: { tune: { aa: { level: low } } }\n");
      await shows("a", "low");
      deepStrictEqual(await problems(), [
        'weir.yaml:2:18: Cannot tune rule as it must be one that is loaded: current value is "aa"',
      ]);

      await write("weir.yaml", "log: { level: info }\nrules: { tune: { a: { level: hgih } } }\n");
      await until(async () => (await problems()).some((one) => one.includes("rules.tune.a.level")), LIVE_WITHIN_MS);
      await write("weir.yaml", "log: { level: debug }\nrules: { tune: { a: { enabled: false } } }\n");
      await shows("a", null);
      deepStrictEqual(await problems(), []);
      ok(running.said.includes("only rules.tune and rules.lists are live"), running.said);
    }),
});

Deno.test({
  name: "with watch: false what is in force stays",
  ...linuxOnly,
  fn: () =>
    withWeir(
      { "weir.yaml": "rules: { watch: false }\n", "rules/a.yaml": rule("a", "low") },
      (still) =>
        withWeir({ "weir.yaml": `rules: { directories: [${still.folder}/rules] }\n` }, async (watching) => {
          await watching.shows("a", "low");
          await still.write("rules/a.yaml", rule("a", "high"));
          await watching.shows("a", "high");
          await still.shows("a", "low");
          ok(!still.running.said.includes("read anew"), still.running.said);
        }),
    ),
});

Deno.test("rules check: tuning that is wrong is an error of its own place, exit 1; one of another form exit 2", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/rules`);
    await Deno.writeTextFile(`${folder}/rules/a.yaml`, rule("a", "low"));
    const check = async (yaml: string, ...dirs: string[]) => {
      await Deno.writeTextFile(`${folder}/weir.yaml`, yaml);
      return await weir(["rules", "check", ...dirs], { cwd: folder });
    };
    const fine = await check("rules: { tune: { a: { level: high } } }");
    deepStrictEqual([fine.code, fine.stdout], [0, ""], fine.stderr);
    const slip = await check("rules: { tune: { aa: { level: high }, a: { threshold: 3 } } }");
    strictEqual(slip.code, 1);
    deepStrictEqual(slip.stdout.trim().split("\n"), [
      'weir.yaml:1:18: error: Cannot tune rule as it must be one that is loaded: current value is "aa" (did you mean "a"?)',
      "weir.yaml:1:55: error: Cannot set threshold as the rule must have one comparison with a number: current value is none",
    ]);
    const named = await check("rules: { tune: { other: { level: high } } }", "rules");
    strictEqual(named.code, 0, named.stdout);
    const form = await check("rules: { tune: { a: { threshold: many } } }");
    strictEqual(form.code, 2);
    ok(form.stderr.includes("weir.yaml:1:34: error:"), form.stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("rules check of 3,000 files of which 5 are broken: exactly 5 diagnostics, in order, exit 1", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const broken = [3, 700, 1_499, 1_500, 2_998];
    const name = (i: number) => `r${String(i).padStart(4, "0")}.yaml`;
    for (let i = 0; i < 3_000; i++) {
      await Deno.writeTextFile(`${folder}/${name(i)}`, rule(`rule-${i}`, broken.includes(i) ? "none" : "low"));
    }
    const { code, stdout, stderr } = await weir(["rules", "check", folder]);
    strictEqual(code, 1);
    const lines = stdout.trim().split("\n");
    deepStrictEqual(
      lines.map((line) => line.slice(folder.length + 1).split(": ", 2)[0]),
      broken.map((i) => `${name(i)}:3:8`),
    );
    ok(stderr.includes("3000 files, 2995 rules in force, 5 errors, 0 warnings"), stderr);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
