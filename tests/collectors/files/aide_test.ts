/** The same edits to a tree, found by Weir and by AIDE: the same list. */

import { deepStrictEqual, ok } from "node:assert/strict";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { missing } from "../../peers.ts";
import { Aide, type AideFindings } from "./aide.ts";
import { inFolder, stockOf, Watching } from "./watching.ts";

const skip = missing("aide");

const write = (path: string, text: string) => Deno.writeTextFileSync(path, text);

/** Files of every sort, all of an age that AIDE, which goes by whole seconds, can tell from now. */
function plant(tree: string): void {
  for (const folder of ["bin", "etc/cron.d", "etc/gone/deep", "etc/moved", "lib"]) {
    Deno.mkdirSync(`${tree}/${folder}`, { recursive: true });
  }
  for (let i = 0; i < 40; i++) write(`${tree}/lib/lib${i}.so`, `library ${i}`);
  for (
    const name of ["same", "other", "equal", "mode", "time", "gone", "named", "linked", "turned", "over", "swapped"]
  ) {
    write(`${tree}/bin/${name}`, `the program ${name}`);
  }
  write(`${tree}/etc/gone/deep/file`, "in a folder that goes");
  write(`${tree}/etc/moved/file`, "in a folder that moves");
  write(`${tree}/etc/with blank`, "x");
  write(`${tree}/etc/owned`, "x");
  Deno.symlinkSync("target", `${tree}/etc/link`);
  Deno.symlinkSync(".", `${tree}/etc/loop`);
  for (const path of everyFile(tree)) Deno.utimeSync(path, 1_600_000_000, 1_600_000_000);
}

function edit(tree: string): void {
  write(`${tree}/bin/other`, "another program");
  write(`${tree}/bin/equal`, "THE program equal");
  Deno.utimeSync(`${tree}/bin/equal`, 1_600_000_000, 1_600_000_000);
  Deno.chmodSync(`${tree}/bin/mode`, 0o4755);
  Deno.utimeSync(`${tree}/bin/time`, 1_500_000_000, 1_500_000_000);
  Deno.removeSync(`${tree}/bin/gone`);
  Deno.renameSync(`${tree}/bin/named`, `${tree}/bin/renamed`);
  Deno.linkSync(`${tree}/bin/linked`, `${tree}/bin/second`);
  Deno.removeSync(`${tree}/bin/turned`);
  Deno.symlinkSync("other", `${tree}/bin/turned`);
  write(`${tree}/bin/over.new`, "the program over, renewed");
  Deno.renameSync(`${tree}/bin/over.new`, `${tree}/bin/over`);
  Deno.renameSync(`${tree}/bin/swapped`, `${tree}/bin/swap`);
  write(`${tree}/bin/swapped`, "the program swapped");
  write(`${tree}/etc/cron.d/job`, "* * * * * root true\n");
  Deno.mkdirSync(`${tree}/etc/new/deep`, { recursive: true });
  write(`${tree}/etc/new/deep/file`, "x");
  Deno.removeSync(`${tree}/etc/gone`, { recursive: true });
  Deno.renameSync(`${tree}/etc/moved`, `${tree}/etc/there`);
  Deno.removeSync(`${tree}/etc/link`);
  Deno.symlinkSync("elsewhere", `${tree}/etc/link`);
  Deno.chmodSync(`${tree}/lib`, 0o700);
  write(`${tree}/etc/with blank`, "y and more");
  if (Deno.uid() === 0) Deno.chownSync(`${tree}/etc/owned`, 1, 1);
  new Deno.Command("mkfifo", { args: [`${tree}/etc/pipe`] }).outputSync();
}

function* everyFile(folder: string): Generator<string> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* everyFile(`${folder}/${name}`);
    else if (isFile) yield `${folder}/${name}`;
  }
}

/** Weir's events in AIDE's words: what is moved was removed there and added here. */
function inAidesWords(events: readonly TelemetryEvent[]): AideFindings {
  const [added, removed, changed]: [string[], string[], string[]] = [[], [], []];
  for (const { kind, fields } of events) {
    const path = String(fields["file.path"]);
    if (kind === "file.create" || kind === "file.move") added.push(path);
    if (kind === "file.delete") removed.push(path);
    if (kind === "file.move") removed.push(String(fields["file.previous.path"]));
    if (kind === "file.change" || kind === "file.attributes") changed.push(path);
  }
  return { added: added.sort(), removed: removed.sort(), changed: changed.sort() };
}

for (const when of ["live", "while Weir was off"] as const) {
  Deno.test({
    name: `files: AIDE and Weir find the same edits, ${when}${skip === undefined ? "" : ` (${skip})`}`,
    ignore: skip !== undefined,
    fn: () =>
      inFolder(async (folder) => {
        const tree = `${folder}/tree`;
        plant(tree);
        const aide = await Aide.over(tree, folder);
        await aide.init();
        const events = when === "live" ? await liveFindings(tree) : await laterFindings(tree);
        const found = inAidesWords(events);
        deepStrictEqual(found, await aide.check());
        ok(found.added.length >= 9 && found.removed.length >= 7 && found.changed.length >= 11, JSON.stringify(found));
      }),
  });
}

async function liveFindings(tree: string): Promise<TelemetryEvent[]> {
  const watching = new Watching([tree]);
  await watching.scanned();
  edit(tree);
  const wanted = new Set(["pipe", "lib", "swap", "there", "second", "file"]);
  while (wanted.size > 0) {
    for (const { fields } of await watching.until(({ kind }) => kind !== "file.scan")) {
      wanted.delete(String(fields["file.name"]));
    }
  }
  await watching.stop();
  return watching.events;
}

async function laterFindings(tree: string): Promise<TelemetryEvent[]> {
  const state = await stockOf([tree]);
  edit(tree);
  const watching = new Watching([tree], { state });
  await watching.scanned();
  await watching.stop();
  return watching.events;
}
