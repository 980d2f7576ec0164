/** Profiles as a user changes them: the commented configuration file before and after, and what is on then. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { METRICS } from "../../src/collectors/snmp/objects.ts";
import { metricsOf, PROFILES } from "../../src/collectors/snmp/profile.ts";
import { systemAccess } from "../../src/config/access.ts";
import { loadConfig } from "../../src/config/load.ts";
import { weir } from "../e2e/weir.ts";

const GOLDEN = new URL("../golden/profiles/", import.meta.url);
const SHIPPED = new URL("../../profiles/", import.meta.url).pathname;

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function profiles(folder: string, ...args: string[]) {
  return await weir(["profiles", ...args], { cwd: folder });
}

Deno.test("use standard, enable processes, disable cpu, show: a commented file before and after", () =>
  withFolder(async (folder) => {
    const path = `${folder}/weir.yaml`;
    await Deno.copyFile(new URL("before.txt", GOLDEN), path);
    await Deno.chmod(path, 0o640);
    for (const args of [["use", "standard"], ["enable", "processes"], ["disable", "cpu"]]) {
      const { code, stdout, stderr } = await profiles(folder, ...args);
      strictEqual(code, 0, stderr);
      match(stdout, /^Wrote weir\.yaml: /);
    }
    strictEqual(await Deno.readTextFile(path), await Deno.readTextFile(new URL("after.txt", GOLDEN)));
    strictEqual(((await Deno.stat(path)).mode ?? 0) & 0o777, 0o640);
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["weir.yaml"]);
    const shown = await profiles(folder, "show");
    strictEqual(shown.stdout, await Deno.readTextFile(new URL("show.txt", GOLDEN)), shown.stderr);
    const again = await profiles(folder, "disable", "cpu");
    match(again.stdout, /says so already/);
    strictEqual(await Deno.readTextFile(path), await Deno.readTextFile(new URL("after.txt", GOLDEN)));
  }));

Deno.test("without a file one is made, for its owner only; the rules it brings are listed with their place", () =>
  withFolder(async (folder) => {
    strictEqual((await profiles(folder, "use", "network")).code, 0);
    strictEqual(await Deno.readTextFile(`${folder}/weir.yaml`), "collectors:\n  snmp:\n    profile: network\n");
    strictEqual(((await Deno.stat(`${folder}/weir.yaml`)).mode ?? 0) & 0o777, 0o600);
    await Deno.writeTextFile(
      `${folder}/weir.yaml`,
      "    devices: [{ host: 192.0.2.1, community: public }]\n    thresholds:\n      ifInErrors:\n        warning: 10\n",
      { append: true },
    );
    const listed = await weir(["rules", "list", "--json"], { cwd: folder });
    strictEqual(listed.code, 0, listed.stderr);
    const made = listed.stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ id }) => /^snmp-if(?:In|Out)Errors-/.test(id));
    deepStrictEqual(made.map(({ id, level, path, line }) => [id, level, path.replace(SHIPPED, "profiles/"), line]), [
      ["snmp-ifInErrors-warning", "low", "weir.yaml", 7],
      ["snmp-ifInErrors-critical", "medium", "profiles/network.yaml", lineOf("network", "ifInErrors")],
      ["snmp-ifOutErrors-warning", "low", "profiles/network.yaml", lineOf("network", "ifOutErrors")],
      ["snmp-ifOutErrors-critical", "medium", "profiles/network.yaml", lineOf("network", "ifOutErrors")],
    ]);
    const tested = await weir(["rules", "test"], { cwd: folder });
    strictEqual(tested.code, 0, tested.stdout);
    ok(tested.stdout.includes("ok     snmp-ifInErrors-warning: at 10, told once while it lasts"), tested.stdout);
  }));

function lineOf(profile: string, metric: string): number {
  return Deno.readTextFileSync(`${SHIPPED}${profile}.yaml`).split("\n").findIndex((line) =>
    line.trimStart().startsWith(`${metric}:`)
  ) + 1;
}

Deno.test("another profile goes where it did before; list tells what is in use; mistakes are exit code 2", () =>
  withFolder(async (folder) => {
    const path = `${folder}/weir.yaml`;
    strictEqual((await profiles(folder, "use", "light")).code, 0);
    strictEqual(await Deno.readTextFile(path), "profile: light\n");
    strictEqual((await profiles(folder, "use", "full")).code, 0);
    const listed = (await profiles(folder, "list", "--json")).stdout.trim().split("\n").map((line) => JSON.parse(line));
    deepStrictEqual(listed.map(({ name, metrics }) => [name, metrics]), [
      ["minimal", 5],
      ["standard", 13],
      ["full", 29],
      ["network", 13],
      ["performance", 12],
      ["light", null],
    ]);
    deepStrictEqual(listed.filter(({ in_use }) => in_use).map(({ name }) => name), ["full", "light"]);
    const before = await Deno.readTextFile(path);
    for (const args of [["use", "standrad"], ["show", "nothing"], ["enable", "procesess"]]) {
      const { code, stderr } = await profiles(folder, ...args);
      strictEqual(code, 2, args.join(" "));
      match(stderr, /did you mean|one of/);
    }
    strictEqual(await Deno.readTextFile(path), before);
  }));

Deno.test("a file that is a link is followed, keeps its owner and mode, and what stands beside it is let be", () =>
  withFolder(async (folder) => {
    const path = `${folder}/weir.yaml`;
    await Deno.writeTextFile(`${folder}/real.yaml`, "collectors:\n  snmp:\n    enable: processes # mine\n", {
      mode: 0o640,
    });
    await Deno.writeTextFile(`${folder}/real.yaml.new`, "somebody's own");
    await Deno.symlink("real.yaml", path);
    const isRoot = Deno.uid() === 0;
    if (isRoot) await Deno.chown(`${folder}/real.yaml`, 65_534, 65_534);
    strictEqual((await profiles(folder, "enable", "disk")).code, 0);
    strictEqual(
      await Deno.readTextFile(`${folder}/real.yaml`),
      "collectors:\n  snmp:\n    enable: [processes, disk] # mine\n",
    );
    ok((await Deno.lstat(path)).isSymlink);
    const { mode, uid, gid } = await Deno.stat(`${folder}/real.yaml`);
    strictEqual((mode ?? 0) & 0o777, 0o640);
    if (isRoot) deepStrictEqual([uid, gid], [65_534, 65_534]);
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name).sort(), [
      "real.yaml",
      "real.yaml.new",
      "weir.yaml",
    ]);
  }));

Deno.test("an edit is not held up by what was wrong before, and makes nothing wrong itself", () =>
  withFolder(async (folder) => {
    const path = `${folder}/weir.yaml`;
    const broken = "collectors:\n  snmp:\n    devices: [{ host: a, community: env:NOT_SET_HERE }]\n";
    await Deno.writeTextFile(path, broken);
    strictEqual((await profiles(folder, "use", "minimal")).code, 0);
    strictEqual(await Deno.readTextFile(path), `${broken}    profile: minimal\n`);
    const impossible = "collectors: &all\n  snmp: {}\nlog: *all\n";
    await Deno.writeTextFile(path, "collectors: 3\n");
    strictEqual((await profiles(folder, "use", "minimal")).code, 2);
    await Deno.writeTextFile(path, impossible);
    strictEqual((await profiles(folder, "use", "minimal")).code, 0); // as wrong as before, and no more
  }));

Deno.test("each shipped profile states the metrics and the thresholds that the metric list has", async () => {
  for (const profile of PROFILES) {
    const text = await Deno.readTextFile(`${SHIPPED}${profile}.yaml`);
    const names = new Set(METRICS.map(({ name }) => name));
    const comment = text.split("\n").filter((line) => line.startsWith("#")).join(" ").split(/\s+/);
    deepStrictEqual(comment.filter((word) => names.has(word)).sort(), metricsOf(profile).sort(), profile);
    match(text, new RegExp(`^# .*\\b${metricsOf(profile).length} metrics\\b`));
    const { config } = loadConfig({
      flags: { profile },
      profilesDirectory: SHIPPED,
      path: "/given.yaml",
      access: {
        ...systemAccess(),
        env: {},
        readTextFile: (path) => path === "/given.yaml" ? "" : Deno.readTextFileSync(path),
      },
    });
    const { snmp } = config.collectors as Record<string, { profile: string; thresholds: Record<string, unknown> }>;
    strictEqual(snmp?.profile, profile);
    const chosen = METRICS.filter(({ name }) => metricsOf(profile).includes(name));
    const stated = chosen.flatMap(({ name, threshold }) =>
      threshold === undefined
        ? []
        : [[name, { warning: threshold.warning, critical: threshold.critical, enabled: true }]]
    );
    deepStrictEqual({ ...snmp?.thresholds }, Object.fromEntries(stated), profile);
  }
});
