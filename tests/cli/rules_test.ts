/** The rule author's commands as they are run: what they print, where, and how they end. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Journal } from "../../src/journal/mod.ts";
import { weir } from "../e2e/weir.ts";
import { KEEP, NOTHING, sampleEvent } from "../journal/samples.ts";

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const lines = (text: string) => text.trim().split("\n");

const NATIVE = `id: shell
title: Shell
level: medium
tags: [attack.t1059]
select: { started: { kind: process.start, where: { fact: process.name, operator: equal, value: sh } } }
tests:
  - name: a shell <starts>
    events: [{ at: 0s, kind: process.start, fields: { process.name: sh } }]
    expect: [{ at: 0s }]
`;

const sigma = (id: string, logsource: string, value = "whoami") =>
  `title: Sigma ${id}
id: ${id}
level: high
tags: [attack.t1059.004]
logsource: { ${logsource} }
detection:
  selection: { Image|endswith: /sh }
  filter: { CommandLine|contains: ${value} }
  condition: selection and not filter
`;

Deno.test("rules check tells of log sources that nothing yields in one line, and lists them when asked", () =>
  withFolder(async (folder) => {
    for (const id of ["s1", "s2", "s3"]) {
      await Deno.writeTextFile(`${folder}/${id}.yml`, sigma(id, "product: aws, service: cloudtrail"));
    }
    await Deno.writeTextFile(`${folder}/s4.yml`, sigma("s4", "product: linux, category: process_creation"));
    await Deno.writeTextFile(`${folder}/native.yaml`, NATIVE);
    const [plain, verbose, json] = await Promise.all([
      weir(["rules", "check", folder]),
      weir(["rules", "check", "-v", folder]),
      weir(["rules", "check", "--json", folder]),
    ]);
    deepStrictEqual([plain.code, verbose.code, json.code], [0, 0, 0], plain.stderr + verbose.stderr + json.stderr);
    strictEqual(plain.stdout, "");
    const notes = lines(plain.stderr);
    strictEqual(notes.length, 2, plain.stderr);
    ok(notes[0]?.startsWith("3 Sigma rules wait for 1 log source that no collector yields"), plain.stderr);
    strictEqual(notes[1], "5 files, 5 rules in force, 0 errors, 0 warnings");
    ok(/^3 +aws \/ cloudtrail +sigma\.aws\.cloudtrail$/m.test(verbose.stdout), verbose.stdout);
    ok(/^2 +process\.start$/m.test(verbose.stdout) && /^4 +sigma$/m.test(verbose.stdout), verbose.stdout);
    const report = JSON.parse(json.stdout);
    deepStrictEqual(report.unfed, [
      { log_source: "aws / cloudtrail", kinds: ["sigma.aws.cloudtrail"], rules: ["s1", "s2", "s3"] },
    ]);
    deepStrictEqual([report.files, report.rules, report.errors, report.by_kind["process.start"]], [5, 5, 0, 2]);
  }));

Deno.test("rules check --json has every diagnostic with its place, lists what is costly, and ends with 1 on an error", () =>
  withFolder(async (folder) => {
    const path = `${folder}/a.yaml`;
    await Deno.writeTextFile(path, NATIVE.replace("medium", "mediun").replace("process.name: sh", "process.nam: sh"));
    await Deno.writeTextFile(
      `${folder}/b.yaml`,
      NATIVE.replace("id: shell", "id: busy")
        .replace("fact: process.name, operator: equal, value: sh", "fact: process.pid, operator: greaterThan, value: 1")
        .replace(/tests:[^]*/, ""),
    );
    const { code, stdout } = await weir(["rules", "check", "--json", folder]);
    strictEqual(code, 1);
    const { diagnostics, errors, warnings, costly } = JSON.parse(stdout);
    deepStrictEqual([errors, warnings], [1, 1]);
    deepStrictEqual(
      diagnostics.map(({ severity, line, hint }: Record<string, unknown>) => ({ severity, line, hint })),
      [
        { severity: "error", line: 3, hint: 'did you mean "medium"?' },
        { severity: "warning", line: 8, hint: 'did you mean "process.name"?' },
      ],
    );
    deepStrictEqual(diagnostics[0].path, path);
    deepStrictEqual(costly.map(({ rule }: { rule: string }) => rule), ["busy"]);
  }));

Deno.test("rules test --junit writes the report, with what did not load, and --filter takes the tests of one rule", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.yaml`, NATIVE);
    await Deno.writeTextFile(
      `${folder}/b.yaml`,
      NATIVE.replace("id: shell", "id: other").replace("[{ at: 0s }]", "[]"),
    );
    await Deno.writeTextFile(`${folder}/c.yaml`, "id: [\n");
    const report = `${folder}/junit.xml`;
    const [all, one, none] = await Promise.all([
      weir(["rules", "test", folder, "--junit", report]),
      weir(["rules", "test", folder, "--filter", "shell", "--junit", "-"]),
      weir(["rules", "test", folder, "--filter", "shel"]),
    ]);
    deepStrictEqual([all.code, one.code, none.code], [1, 0, 2], all.stderr + one.stderr + none.stderr);
    ok(none.stderr.includes('did you mean "shell"?'), none.stderr);
    const xml = await Deno.readTextFile(report);
    deepStrictEqual(xml.match(/<testsuite name/g)?.length, 3, xml);
    ok(/<testsuites name="weir rules" tests="\d+" failures="1" errors="[1-9]/.test(xml), xml);
    ok(xml.includes('name="a shell &lt;starts&gt;"') && xml.includes("<failure ") && xml.includes("<error "), xml);
    ok(one.stdout.startsWith("<?xml") && one.stdout.includes('tests="1" failures="0" errors="0"'), one.stdout);
    const nowhere = await weir(["rules", "test", folder, "--junit", `${folder}/none/junit.xml`]);
    strictEqual(nowhere.code, 2);
  }));

Deno.test("rules explain shows where a Sigma rule stopped, and the rules that a correlation takes", () =>
  withFolder(async (folder) => {
    const correlation = "title: Twice\nid: twice\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [s1]\n" +
      "  group-by: [User]\n  timespan: 5m\n  condition: { gte: 2 }\n";
    await Deno.writeTextFile(
      `${folder}/s.yml`,
      `${sigma("s1", "product: linux, category: process_creation")}---\n${correlation}`,
    );
    const stdin = JSON.stringify({
      kind: "process.start",
      fields: { "process.executable": "/bin/sh", "process.command_line": "sh -c whoami" },
    });
    const args = ["rules", "explain", "twice", "--rules", folder, "--event", "-"];
    const [text, json] = await Promise.all([weir(args, { stdin }), weir([...args, "--json"], { stdin })]);
    deepStrictEqual([text.code, json.code], [0, 0], text.stderr + json.stderr);
    ok(
      /^ +\+ filter: CommandLine \(process\.command_line\) contains "whoami": saw "sh -c whoami" +<- stopped here$/m
        .test(text.stdout),
      text.stdout,
    );
    ok(text.stdout.includes("within 5m") && text.stdout.includes("events.count greaterThanInclusive 2"), text.stdout);
    deepStrictEqual(lines(json.stdout).map((line) => JSON.parse(line).rule), ["twice", "s1"]);
  }));

/** A journal in which `sh` was started every minute of the last quarter of an hour, and `zsh` five minutes ago. */
function writeJournal(folder: string): void {
  const nowMs = Date.now();
  const event = (number: number, name: string, minutesAgo: number) => {
    const timeMs = nowMs - minutesAgo * 60_000;
    return sampleEvent(number, { timeMs, observedMs: timeMs, fields: { "process.name": name } });
  };
  const shells = Array.from({ length: 15 }, (_, i) => event(i, "sh", 15 - i));
  const journal = Journal.open(folder, KEEP);
  journal.commit({ ...NOTHING, events: [...shells, event(99, "zsh", 5)] });
  journal.close();
}

Deno.test("rules backtest shows what a rule in force made of the journal, and what a changed file makes different", () =>
  withFolder(async (folder) => {
    writeJournal(`${folder}/data`);
    await Deno.mkdir(`${folder}/rules`);
    await Deno.writeTextFile(`${folder}/rules/shell.yaml`, NATIVE);
    const changed = `${folder}/shell.yaml`;
    await Deno.writeTextFile(changed, NATIVE.replace("operator: equal, value: sh", "operator: equal, value: zsh"));
    const args = (rule: string, ...more: string[]) =>
      weir(["rules", "backtest", rule, "--rules", `${folder}/rules`, "--data", `${folder}/data`, ...more]);
    const [inForce, edited, json, limited] = await Promise.all([
      args("shell", "--since", "1h"),
      args(changed, "--since", "1h"),
      args(changed, "--since", "630s", "--json"),
      args("shell", "--since", "1h", "--limit", "2"),
    ]);
    for (const { code, stderr } of [inForce, edited, json, limited]) strictEqual(code, 0, stderr);
    strictEqual(lines(inForce.stdout).length, 15);
    ok(inForce.stderr.includes("shell would have fired 15 times"), inForce.stderr);
    deepStrictEqual(lines(edited.stdout).map((line) => line[0]).sort(), ["+", ..."-".repeat(15)]);
    ok(edited.stderr.includes("shell would have fired once; the version in force 15 times"), edited.stderr);
    ok(edited.stderr.includes("both: 0, only now (+): 1, only before (-): 15"), edited.stderr);
    const told = lines(json.stdout).map((line) => JSON.parse(line));
    const { events, now, before, both, only_now, only_before } = told.pop();
    deepStrictEqual({ now, before, both, only_now, only_before }, {
      now: 1,
      before: 10,
      both: 0,
      only_now: 1,
      only_before: 10,
    });
    deepStrictEqual([events, told.length, told.every(({ type }) => type === "firing")], [11, 11, true]);
    strictEqual(lines(limited.stdout).length, 2);
    ok(limited.stderr.includes("and 13 more"), limited.stderr);
  }));

Deno.test("rules backtest says what is wrong: a broken file 1, an unknown rule, a missing journal or a bad time 2", () =>
  withFolder(async (folder) => {
    writeJournal(`${folder}/data`);
    await Deno.mkdir(`${folder}/rules`);
    await Deno.writeTextFile(`${folder}/rules/shell.yaml`, NATIVE);
    await Deno.writeTextFile(`${folder}/broken.yaml`, NATIVE.replace("medium", "mediun"));
    await Deno.writeTextFile(`${folder}/two.yaml`, `${NATIVE}---\n${NATIVE.replace("id: shell", "id: second")}`);
    const run = (rule: string, ...more: string[]) =>
      weir(["rules", "backtest", rule, "--rules", `${folder}/rules`, "--since", "1h", ...more]);
    const data = ["--data", `${folder}/data`];
    const [broken, two, unknown, missing, time, absent] = await Promise.all([
      run(`${folder}/broken.yaml`, ...data),
      run(`${folder}/two.yaml`, ...data),
      run("shel", ...data),
      run("shell", "--data", `${folder}/none`),
      run("shell", ...data, "--since", "yesterday"),
      run(`${folder}/absent.yaml`, ...data),
    ]);
    deepStrictEqual([broken, two, unknown, missing, time, absent].map(({ code }) => code), [1, 2, 2, 2, 2, 2]);
    ok(broken.stderr.includes(`${folder}/broken.yaml:3:8: error: `), broken.stderr);
    ok(two.stderr.includes("current value is shell, second"), two.stderr);
    ok(unknown.stderr.includes('did you mean "shell"?'), unknown.stderr);
    ok(absent.stderr.includes(`Cannot read ${folder}/absent.yaml`), absent.stderr);
  }));

Deno.test("rules fields, coverage and schema print what programs and people read", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a.yaml`, NATIVE);
    await Deno.writeTextFile(`${folder}/s.yml`, sigma("s1", "product: linux, category: process_creation"));
    const layerFile = `${folder}/layer.json`;
    writeJournal(`${folder}/data`);
    const [seen, table, fields, coverage, layer, schema] = await Promise.all([
      weir(["rules", "fields", "process.name", "--seen", "--data", `${folder}/data`]),
      weir(["rules", "fields", "cpu"]),
      weir(["rules", "fields", "--json"]),
      weir(["rules", "coverage", folder]),
      weir(["rules", "coverage", folder, "--json", "--output", layerFile, "--name", "Mine"]),
      weir(["rules", "schema"]),
    ]);
    for (const { code, stderr } of [seen, table, fields, coverage, layer, schema]) strictEqual(code, 0, stderr);
    ok(/^process\.cpu\.percent +number +percent +/m.test(table.stdout) && /^host\.cpu +/m.test(table.stdout));
    ok(!table.stdout.includes("process.name"), table.stdout);
    ok(/^process\.name .* process\.start$/m.test(seen.stdout), seen.stdout);
    strictEqual((await weir(["rules", "fields", "--seen", "--data", `${folder}/none`])).code, 2);
    const known = JSON.parse(fields.stdout);
    ok(known.fields.some(({ name, type }: Record<string, string>) => name === "process.pid" && type === "number"));
    ok(known.kinds.some(({ kind }: Record<string, string>) => kind === "process.start"));
    ok(/^T1059 +1 +medium +shell$/m.test(coverage.stdout), coverage.stdout);
    ok(/^T1059\.004 +1 +high +s1$/m.test(coverage.stdout), coverage.stdout);
    strictEqual(JSON.parse(layer.stdout).name, "Mine");
    deepStrictEqual(JSON.parse(await Deno.readTextFile(layerFile)), JSON.parse(layer.stdout));
    strictEqual(JSON.parse(schema.stdout).title, "Weir rule");
  }));
