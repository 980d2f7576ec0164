/** What makes watching files hard: lost watches, odd files, many files, kills, paths that are not there yet. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../../src/core/clock.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { Baseline } from "../../../src/collectors/files/baseline.ts";
import { entryOf, statusOf, UNHASHED } from "../../../src/collectors/files/entry.ts";
import { Hasher } from "../../../src/collectors/files/hasher.ts";
import type { Notice, OpenNotifier } from "../../../src/collectors/files/inotify.ts";
import { changesIn, inFolder, NO_OWNERS, stockOf, Watching, type WatchingOptions } from "./watching.ts";

const write = (path: string, text = path) => Deno.writeTextFileSync(path, text);

function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test({ name: `files: ${name}`, ignore: Deno.build.os !== "linux", fn: () => inFolder(run) });
}

const isChange = ({ kind }: { kind: string }) => kind !== "file.scan";

/** A notifier that says nothing but what it is told to. */
function fakeNotifier(answer: "limit" | "refused" | number, notices: Notice[][] = []): OpenNotifier {
  return () => ({ add: () => answer, remove: () => {}, read: () => notices.shift(), close: () => {} });
}

test("a queue that ran over leads to a look at everything, not to silence", async (folder) => {
  const notices: Notice[][] = [];
  const watching = new Watching([folder], { system: { openNotifier: fakeNotifier(1, notices) } });
  await watching.scanned();
  write(`${folder}/a`);
  notices.push([{ watch: -1, name: "", isOver: false }]);
  const [created, scan] = await watching.scanned();
  await watching.stop();
  strictEqual(created?.kind, "file.create");
  strictEqual(scan?.fields["file.scan.reason"], "lost");
  ok(watching.warnings.some((text) => text.includes("max_queued_events")), watching.warnings.join("\n"));
});

for (
  const [name, openNotifier, hint] of [
    ["the system's limit of watches", fakeNotifier("limit"), "max_user_watches"],
    ["folders that may not be watched", fakeNotifier("refused"), "does not let"],
    ["no watching at all", () => "there is none", "there is none"],
  ] as const
) {
  test(`${name}: what changes is found by looking again, and it is said so`, async (folder) => {
    Deno.mkdirSync(`${folder}/tree`);
    const config = { unwatched_rescan_interval: "1s" };
    const watching = new Watching([`${folder}/tree`], { config, system: { openNotifier } });
    const [scan] = await watching.scanned();
    strictEqual(scan?.fields["file.scan.unwatched"], 2);
    write(`${folder}/tree/a`);
    const [created] = await watching.until(isChange);
    await watching.stop();
    strictEqual(created?.fields["file.path"], `${folder}/tree/a`);
    ok(watching.warnings.some((text) => text.includes(hint)), watching.warnings.join("\n"));
  });
}

test("more folders than are to be watched, more files than are to be looked at", async (folder) => {
  for (let i = 0; i < 10; i++) {
    Deno.mkdirSync(`${folder}/d${i}`);
    write(`${folder}/d${i}/a`);
  }
  const watching = new Watching([folder], { config: { watches_max: 3, files_max: 5 } });
  const scan = (await watching.scanned()).at(-1);
  await watching.stop();
  ok(Number(scan?.fields["file.scan.unwatched"]) >= 8);
  ok(Number(scan?.fields["file.scan.left_out"]) >= 4);
  ok(watching.warnings.some((text) => text.includes("files_max is 5") && text.includes("watches_max")));
});

test("pipes, sockets, links in a circle and links to nowhere are told of, and nothing waits for them", async (folder) => {
  const watching = new Watching([folder]);
  await watching.scanned();
  new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).outputSync();
  Deno.symlinkSync("b", `${folder}/a`);
  Deno.symlinkSync("a", `${folder}/b`);
  Deno.symlinkSync("/nowhere", `${folder}/c`);
  Deno.symlinkSync(".", `${folder}/here`);
  const listener = Deno.listen({ transport: "unix", path: `${folder}/socket` });
  write(`${folder}/plain`);
  const types: Record<string, unknown> = {};
  while (Object.keys(types).length < 7) {
    for (const { fields } of await watching.until(isChange)) types[String(fields["file.name"])] = fields["file.type"];
  }
  deepStrictEqual(types, {
    a: "symlink",
    b: "symlink",
    c: "symlink",
    here: "symlink",
    pipe: "fifo",
    plain: "file",
    socket: "socket",
  });
  // A pipe that somebody makes does not end the watching.
  write(`${folder}/later`);
  await watching.until(({ fields }) => fields["file.name"] === "later");
  listener.close();
  await watching.stop();
});

test("names with line feeds, quotes and escapes, and names that are no UTF-8", async (folder) => {
  const names = ["new\nline", 'quo"te', "esc\x1b[31m", "\u202eright", "back\\slash", " "];
  for (const name of names) write(`${folder}/${name}`);
  await new Deno.Command("sh", { args: ["-c", `printf x > "$0/$(printf '\\377')"`, folder] }).output();
  const state = await stockOf([folder]);
  for (const name of names) Deno.removeSync(`${folder}/${name}`);
  const watching = new Watching([folder], { state });
  const events = await watching.scanned();
  await watching.stop();
  deepStrictEqual(events.filter(isChange).map(({ fields }) => fields["file.name"]).sort(), [...names].sort());
  strictEqual(events.at(-1)?.fields["file.scan.unreadable"], 1);
});

test("a folder that is moved is followed, and one that was moved away is not", async (folder) => {
  Deno.mkdirSync(`${folder}/in/d/e`, { recursive: true });
  Deno.mkdirSync(`${folder}/out`);
  const watching = new Watching([`${folder}/in`]);
  await watching.scanned();
  Deno.renameSync(`${folder}/in/d`, `${folder}/in/f`);
  await watching.until(({ fields }) => fields["file.path"] === `${folder}/in/f/e`);
  write(`${folder}/in/f/e/a`);
  const [created] = await watching.until(({ kind }) => kind === "file.create");
  strictEqual(created?.fields["file.path"], `${folder}/in/f/e/a`);
  Deno.renameSync(`${folder}/in/f`, `${folder}/out/f`);
  await watching.until(({ fields }) => fields["file.path"] === `${folder}/in/f/e/a`);
  write(`${folder}/out/f/e/b`);
  write(`${folder}/in/end`);
  const last = await watching.until(({ fields }) => fields["file.name"] === "end");
  await watching.stop();
  ok(!last.some(({ fields }) => fields["file.name"] === "b"));
});

test("what a path stands for may come later: a user's keys, a folder by a pattern", async (folder) => {
  Deno.mkdirSync(`${folder}/home/ann`, { recursive: true });
  const passwd = `${folder}/passwd`;
  write(passwd, `ann:x:1000:1000::${folder}/home/ann:/bin/sh\n`);
  const system = { owners: { ...NO_OWNERS, passwd } };
  const watching = new Watching(["~/.ssh/authorized_keys", `${folder}/srv/*/bin`], { system });
  await watching.scanned();
  Deno.mkdirSync(`${folder}/home/ann/.ssh`);
  write(`${folder}/home/ann/.ssh/known_hosts`);
  write(`${folder}/home/ann/.ssh/authorized_keys`);
  const [keys] = await watching.until(isChange);
  strictEqual(keys?.fields["file.path"], `${folder}/home/ann/.ssh/authorized_keys`);
  Deno.mkdirSync(`${folder}/srv/one/bin`, { recursive: true });
  write(`${folder}/srv/one/bin/tool`);
  await watching.until(({ fields }) => fields["file.path"] === `${folder}/srv/one/bin/tool`);
  Deno.removeSync(`${folder}/home/ann/.ssh`, { recursive: true });
  const gone = await watching.until(({ kind }) => kind === "file.delete");
  await watching.stop();
  strictEqual(gone.at(-1)?.fields["file.path"], `${folder}/home/ann/.ssh/authorized_keys`);
});

test("Weir's own folder is never looked into, whatever is configured", async (folder) => {
  Deno.mkdirSync(`${folder}/data`);
  Deno.writeTextFileSync(`${folder}/data/weir.db`, "a");
  const watching = new Watching([folder, `${folder}/data/*`], { dataDirectory: `${folder}/data` });
  await watching.scanned();
  Deno.writeTextFileSync(`${folder}/data/weir.db`, "bb");
  Deno.writeTextFileSync(`${folder}/data/weir.db-wal`, "c");
  Deno.writeTextFileSync(`${folder}/end`, "");
  await watching.until(({ fields }) => fields["file.name"] === "end");
  await watching.stop();
  deepStrictEqual(changesIn(folder, watching.events), ["file.create /end"]);
});

test("paths and excludes that are configured anew are taken stock of without a word, those no longer are forgotten", async (folder) => {
  for (const name of ["a", "b/c"]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
    write(`${folder}/${name}/file`);
  }
  const run = async (paths: string[], options: WatchingOptions) => {
    const watching = new Watching(paths, options);
    const events = await watching.scanned();
    await watching.stop();
    return { told: changesIn(folder, events), state: watching.state };
  };
  const first = await run([`${folder}/a`], {});
  const second = await run([`${folder}/a`, `${folder}/b`], { state: first.state, config: { exclude: ["c"] } });
  deepStrictEqual(second.told, []);
  const third = await run([`${folder}/a`, `${folder}/b`], { state: second.state });
  deepStrictEqual(third.told, []);
  const fourth = await run([`${folder}/b`], { state: third.state });
  deepStrictEqual(fourth.told, []);
  const folders = new Baseline(fourth.state).folders();
  deepStrictEqual(folders, [folder, `${folder}/b`, `${folder}/b/c`]);
  Deno.removeSync(`${folder}/b/c/file`);
  deepStrictEqual((await run([`${folder}/b`], { state: fourth.state })).told, ["file.delete /b/c/file"]);
});

test("killed at any time, everything is told and nothing twice", async (folder) => {
  const names = Array.from({ length: 2_500 }, (_, i) => `f${i}`);
  for (const name of names) write(`${folder}/${name}`, name);
  const before = await stockOf([folder]);
  for (const name of names) write(`${folder}/${name}`, `${name} changed`);
  const ids = new Map<string, number>();
  const chunks = await killedAfter(folder, before, ids);
  ok(chunks >= 3, `${chunks} chunks`);
  strictEqual(ids.size, names.length);
});

/** Scans again and again, killed one chunk later each time, until a scan gets to its end; counts each change's id. */
async function killedAfter(folder: string, before: StagedState, ids: Map<string, number>): Promise<number> {
  let state = before;
  for (let chunks = 1;; chunks++) {
    const watching = new Watching([folder], { state, killAfterChunks: chunks });
    const isWhole = await Promise.race([watching.scanned().then(() => true), watching.killed.then(() => false)]);
    await watching.stop();
    for (const { id } of watching.events.filter(isChange)) ids.set(id, (ids.get(id) ?? 0) + 1);
    state = watching.state;
    if (isWhole) return chunks;
  }
}

test("one change in a folder of many writes little", (folder) => {
  const nowMs = systemClock.now();
  const state = new StagedState("files");
  const baseline = new Baseline(state);
  write(`${folder}/a`);
  const status = statusOf(Deno.lstatSync(`${folder}/a`));
  const entries = Array.from({ length: 10_000 }, (_, i) => entryOf(`name${i}`, status, "hash", nowMs));
  baseline.write("/d", entries);
  deepStrictEqual([...(baseline.read("/d")?.keys() ?? [])].sort(), entries.map(({ name }) => name).sort());
  state.take();
  baseline.write("/d", entries.map((entry) => (entry.name === "name77" ? { ...entry, content: "other" } : entry)));
  const writes = state.take();
  strictEqual(writes.length, 1);
  ok((writes[0]?.value?.length ?? 0) < 30_000);
  baseline.write("/d", entries.slice(0, 10));
  deepStrictEqual([...(baseline.read("/d")?.keys() ?? [])], entries.slice(0, 10).map(({ name }) => name));
  baseline.remove("/d");
  deepStrictEqual([...state.entries("")], []);
  return Promise.resolve();
});

test("hashing keeps to its rate, never waits for a pipe, follows no link, and says why there is no hash", async (folder) => {
  const hasher = (bytesPerSecond: number) =>
    new Hasher({ clock: systemClock, signal: new AbortController().signal, bytesPerSecond, sizeMax: 3_000_000 });
  write(`${folder}/large`, "x".repeat(2_000_000));
  const startMs = performance.now();
  const slow = await hasher(4_000_000).hash(`${folder}/large`, 2_000_000);
  ok(performance.now() - startMs > 400);
  strictEqual(slow, await hasher(1e9).hash(`${folder}/large`, 2_000_000));
  new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).outputSync();
  Deno.symlinkSync("large", `${folder}/link`);
  strictEqual(await hasher(1e9).hash(`${folder}/pipe`, 10), UNHASHED.changing);
  strictEqual(await hasher(1e9).hash(`${folder}/pipe`, 1_000_000), UNHASHED.changing);
  strictEqual(await hasher(1e9).hash(`${folder}/link`, 10), UNHASHED.unreadable);
  strictEqual(await hasher(1e9).hash(`${folder}/nowhere`, 10), UNHASHED.unreadable);
  strictEqual(await hasher(1e9).hash(`${folder}/large`, 5_000_000), UNHASHED.tooLarge);
  strictEqual(await hasher(1e9).hash(`${folder}/large`, 10), UNHASHED.changing); // larger than it was said to be
});
