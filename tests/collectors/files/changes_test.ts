/** What happens to files is told, live and after Weir was off: the same. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { changesIn, inFolder, stockOf, Watching, type WatchingOptions } from "./watching.ts";

const skip = Deno.build.os !== "linux";

interface Case {
  readonly name: string;
  before?(folder: string): void;
  change(folder: string): void;
  readonly told: readonly string[];
  /** Live, when this differs: what comes one after the other is told so. */
  readonly options?: WatchingOptions;
}

const write = (path: string, text = path) => Deno.writeTextFileSync(path, text);

const CASES: readonly Case[] = [
  { name: "a new file", change: (f) => write(`${f}/a`), told: ["file.create /a"] },
  {
    name: "other content",
    before: (f) => write(`${f}/a`, "one"),
    change: (f) => write(`${f}/a`, "three"),
    told: ["file.change /a sha256+size+mtime"],
  },
  {
    name: "other content of the same size with the old time",
    before: (f) => {
      write(`${f}/a`, "one");
      Deno.utimeSync(`${f}/a`, 1_600_000_000, 1_600_000_000);
    },
    change: (f) => {
      write(`${f}/a`, "two");
      Deno.utimeSync(`${f}/a`, 1_600_000_000, 1_600_000_000);
    },
    told: ["file.change /a sha256"],
  },
  {
    name: "another mode",
    before: (f) => write(`${f}/a`),
    change: (f) => Deno.chmodSync(`${f}/a`, 0o4755),
    told: ["file.attributes /a mode"],
  },
  {
    name: "another mode of a folder",
    before: (f) => Deno.mkdirSync(`${f}/d`),
    change: (f) => Deno.chmodSync(`${f}/d`, 0o700),
    told: ["file.attributes /d mode"],
  },
  {
    name: "the time alone",
    before: (f) => write(`${f}/a`),
    change: (f) => Deno.utimeSync(`${f}/a`, 1_600_000_000, 1_600_000_000),
    told: ["file.attributes /a mtime"],
  },
  {
    name: "a file that is gone",
    before: (f) => write(`${f}/a`),
    change: (f) => Deno.removeSync(`${f}/a`),
    told: ["file.delete /a"],
  },
  {
    name: "a new name",
    before: (f) => write(`${f}/a`),
    change: (f) => Deno.renameSync(`${f}/a`, `${f}/b`),
    told: ["file.move /b from /a"],
  },
  {
    name: "another folder",
    before: (f) => {
      write(`${f}/a`);
      Deno.mkdirSync(`${f}/d`);
    },
    change: (f) => Deno.renameSync(`${f}/a`, `${f}/d/a`),
    told: ["file.move /d/a from /a"],
  },
  {
    name: "a folder with what is in it",
    change: (f) => {
      Deno.mkdirSync(`${f}/d/e`, { recursive: true });
      write(`${f}/d/e/a`);
    },
    told: ["file.create /d", "file.create /d/e", "file.create /d/e/a"],
  },
  {
    name: "a folder that is moved",
    before: (f) => {
      Deno.mkdirSync(`${f}/d`);
      write(`${f}/d/a`);
    },
    change: (f) => Deno.renameSync(`${f}/d`, `${f}/e`),
    told: ["file.move /e from /d", "file.move /e/a from /d/a"],
  },
  {
    name: "a folder that is gone",
    before: (f) => {
      Deno.mkdirSync(`${f}/d/e`, { recursive: true });
      write(`${f}/d/e/a`);
    },
    change: (f) => Deno.removeSync(`${f}/d`, { recursive: true }),
    told: ["file.delete /d", "file.delete /d/e", "file.delete /d/e/a"],
  },
  {
    name: "a link that leads elsewhere",
    before: (f) => Deno.symlinkSync("x", `${f}/l`),
    change: (f) => {
      Deno.symlinkSync("y", `${f}/l2`);
      Deno.renameSync(`${f}/l2`, `${f}/l`);
    },
    told: ["file.change /l target+inode"],
  },
  {
    name: "a second name",
    before: (f) => write(`${f}/a`),
    change: (f) => Deno.linkSync(`${f}/a`, `${f}/b`),
    told: ["file.attributes /a links", "file.create /b"],
  },
  {
    name: "a file in place of a folder",
    before: (f) => {
      Deno.mkdirSync(`${f}/x`);
      write(`${f}/x/a`);
    },
    change: (f) => {
      Deno.removeSync(`${f}/x`, { recursive: true });
      write(`${f}/x`);
    },
    told: ["file.change /x type+mode+inode", "file.delete /x/a"],
  },
  {
    name: "what is excluded",
    before: (f) => Deno.mkdirSync(`${f}/cache`),
    change: (f) => {
      write(`${f}/cache/a`);
      write(`${f}/a.swp`);
      write(`${f}/a`);
    },
    told: ["file.create /a"],
    options: { config: { exclude: ["*.swp", "cache"] } },
  },
];

/** A change that is told last, so that a test knows when all has been. */
const END = "zz-end";

for (const { name, before, change, told, options } of CASES) {
  const expected = [...told, `file.create /${END}`].sort();
  // A number of a file may be given to another at once, which then does not show: not what is tested here.
  const plain = (events: string[]) => events.map((text) => text.replace(/\+inode(?= |$)/, ""));

  Deno.test({
    name: `files: live: ${name}`,
    ignore: skip,
    fn: () =>
      inFolder(async (folder) => {
        before?.(folder);
        const watching = new Watching([folder], options);
        await watching.scanned();
        change(folder);
        const seen = new Set<string>();
        if (expected.length > 1) {
          while (seen.size < told.length) {
            const events = await watching.until(({ kind }) => kind !== "file.scan");
            for (const text of changesIn(folder, events)) seen.add(text);
          }
        }
        write(`${folder}/${END}`);
        await watching.until(({ fields }) => fields["file.name"] === END);
        await watching.stop();
        deepStrictEqual(plain(changesIn(folder, watching.events)), plain(expected));
      }),
  });

  Deno.test({
    name: `files: while Weir was off: ${name}`,
    ignore: skip,
    fn: () =>
      inFolder(async (folder) => {
        before?.(folder);
        const state = await stockOf([folder], options);
        change(folder);
        write(`${folder}/${END}`);
        const watching = new Watching([folder], { ...options, state });
        const events = await watching.scanned();
        await watching.stop();
        deepStrictEqual(plain(changesIn(folder, events)), plain(expected));
        const again = new Watching([folder], { ...options, state });
        await again.scanned();
        await again.stop();
        const ids = ({ events }: Watching) =>
          events.filter(({ kind }) => kind !== "file.scan").map(({ id }) => id).sort();
        deepStrictEqual(ids(again), ids(watching));
        const quiet = new Watching([folder], { ...options, state: watching.state });
        deepStrictEqual(changesIn(folder, await quiet.scanned()), []);
        await quiet.stop();
      }),
  });
}

Deno.test({
  name: "files: stock is taken without a word, and what was and is stands in an event",
  ignore: skip,
  fn: () =>
    inFolder(async (folder) => {
      write(`${folder}/conf.txt`, "one\n");
      Deno.chmodSync(`${folder}/conf.txt`, 0o644);
      const watching = new Watching([folder]);
      const [scan] = await watching.scanned();
      strictEqual(scan?.fields["file.scan.reason"], "baseline");
      strictEqual(scan.fields["file.scan.files"], 1);
      write(`${folder}/conf.txt`, "two!!\n");
      const [event] = await watching.until(({ kind }) => kind === "file.change");
      await watching.stop();
      const fields = event?.fields ?? {};
      const shown = ["file.path", "file.extension", "file.type", "file.size", "file.mode", "file.hash.sha256"];
      deepStrictEqual(shown.map((name) => fields[name]), [
        `${folder}/conf.txt`,
        "txt",
        "file",
        6,
        "0644",
        "7d33f7dfe2ae6485db80b51e162849e6a6c7c532631a314f390582f7b927734e",
      ]);
      strictEqual(
        fields["file.previous.hash.sha256"],
        "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806",
      );
      strictEqual(fields["file.previous.size"], 4);
      ok(!("file.previous.mode" in fields));
    }),
});
