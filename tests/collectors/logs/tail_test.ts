/** Files as they grow, are rotated, cut, copied, replaced; and what else may stand where a log is looked for. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { LOG_LINE_BYTES, longLine } from "./long_line.ts";
import { append, inFolder, Tailing } from "./tailing.ts";

const onUnix = Deno.build.os !== "windows";

function test(name: string, run: (folder: string) => Promise<void>): void {
  Deno.test({ name: `tail: ${name}`, ignore: !onUnix, fn: () => inFolder(run) });
}

/** Runs one over `paths` and stops it, whatever comes of it. */
async function tailing(settings: Record<string, unknown>, run: (tail: Tailing) => Promise<void>): Promise<Tailing> {
  const tail = new Tailing(settings);
  try {
    await run(tail);
  } finally {
    await tail.stop();
  }
  return tail;
}

test("a file that is there is begun at its end, one that comes later at its start", async (folder) => {
  append(`${folder}/a.log`, "old\n");
  const tail = await tailing({ paths: [`${folder}/*.log`] }, async (tail) => {
    await tail.untilNotice("log.started");
    append(`${folder}/a.log`, "new\n");
    await tail.untilLines(1);
    append(`${folder}/b.log`, "first of another\n");
    await tail.untilLines(2);
  });
  deepStrictEqual(tail.lines, ["new", "first of another"]);
  const [, second] = tail.events.filter(({ kind }) => kind === "log.line");
  strictEqual(second?.fields["log.file.path"], `${folder}/b.log`);
});

test("read from the start where that is asked for; a line half written at the first look is read whole", async (folder) => {
  append(`${folder}/a.log`, "old\npart");
  const whole = await tailing({ paths: [`${folder}/a.log`], read_from: "start" }, (tail) => tail.untilLines(1));
  deepStrictEqual(whole.lines, ["old"]);
  const end = await tailing({ paths: [`${folder}/a.log`] }, async (tail) => {
    await tail.untilNotice("log.started");
    append(`${folder}/a.log`, "ed\n");
    await tail.untilLines(1);
  });
  deepStrictEqual(end.lines, ["parted"]);
});

test("lines in two parts, with carriage returns, blank, not UTF-8, behind a byte order mark", async (folder) => {
  const path = `${folder}/a.log`;
  const tail = await tailing({ paths: [path], read_from: "start" }, async (tail) => {
    append(path, new Uint8Array([0xef, 0xbb, 0xbf]));
    append(path, "one\r\n\r\n\n");
    await tail.untilLines(1);
    append(path, "tw");
    append(path, "o é");
    await new Promise((resolve) => setTimeout(resolve, 120));
    append(path, " 😀\n");
    append(path, new Uint8Array([0x62, 0xff, 0xfe, 0x61, 0x0a]));
    await tail.untilLines(3);
  });
  deepStrictEqual(tail.lines, ["one", "two é 😀", "b\ufffd\ufffda"]);
  const marked = tail.events.filter(({ fields }) => fields["log.line_replaced"] === true);
  deepStrictEqual(marked.map(({ fields }) => fields.message), ["b\ufffd\ufffda"]);
});

test("a line of 10 MB is cut at the stated length and marked, the next one is whole", async (folder) => {
  const path = `${folder}/a.log`;
  const tail = await tailing({ paths: [path], read_from: "start", line_bytes_max: "64KiB" }, async (tail) => {
    append(path, longLine(10_000_000));
    append(path, "next\n");
    await tail.untilLines(2);
  });
  deepStrictEqual(tail.lines.map((line) => line.length), [LOG_LINE_BYTES, 4]);
  deepStrictEqual(tail.events.filter(({ kind }) => kind === "log.line").map(({ fields }) => fields["log.line_cut"]), [
    true,
    undefined,
  ]);
});

test("renamed: read on while its writer keeps it, then the new one; the old one is let go", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "1\n");
  const tail = await tailing({ paths: [path], read_from: "start" }, async (tail) => {
    await tail.untilLines(1);
    Deno.renameSync(path, `${path}.1`);
    append(`${path}.1`, "2\n");
    await tail.untilLines(2);
    append(path, "4\n");
    append(`${path}.1`, "3 without an end");
    await tail.untilLines(4);
    await tail.until(
      () => [...tail.state.entries("file:")].some(([, value]) => JSON.parse(value).isOver) || pushOn(path),
      "over",
    );
  });
  deepStrictEqual([...tail.lines.slice(0, 4)].sort(), ["1", "2", "3 without an end", "4"]);
  ok(tail.notices.includes("log.rotated"));
});

/** Lets another event come, so that what has changed is committed with it. */
function pushOn(path: string): boolean {
  append(path, "more\n");
  return false;
}

test("copied and truncated: what the copy has beyond what was read is read from it, and nothing twice", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "a first line that is long enough to be known again by it\nsecond\n");
  const tail = await tailing(
    { paths: [`${folder}/a*`], read_from: "start", watch: false, poll_interval: "300ms" },
    async (tail) => {
      await tail.untilLines(2);
      append(path, "third\n");
      Deno.copyFileSync(path, `${path}.1`);
      Deno.truncateSync(path, 0);
      append(path, "fourth\n");
      await tail.untilLines(4);
      Deno.copyFileSync(path, `${path}.2`);
      Deno.truncateSync(path, 0);
      await tail.until(() => tail.notices.filter((kind) => kind === "log.rotated").length === 2, "rotated twice");
      append(path, "fifth\n");
      await tail.untilLines(5);
      await new Promise((resolve) => setTimeout(resolve, 400));
    },
  );
  deepStrictEqual([...tail.lines].sort(), [
    "a first line that is long enough to be known again by it",
    "fifth",
    "fourth",
    "second",
    "third",
  ]);
  strictEqual(new Set(tail.events.map(({ id }) => id)).size, tail.events.length);
});

test("cut to nothing, or cut and filled beyond where it was: a new life, and told", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "one\ntwo\n");
  const tail = await tailing({ paths: [path], read_from: "start" }, async (tail) => {
    await tail.untilLines(2);
    Deno.truncateSync(path, 0);
    await tail.untilNotice("log.truncated");
    append(path, "one\ntwo\n");
    await tail.untilLines(4);
    Deno.writeTextFileSync(path, "longer than what was there before\nby far\n");
    await tail.untilLines(6);
  });
  deepStrictEqual(tail.lines.slice(2), ["one", "two", "longer than what was there before", "by far"]);
  strictEqual(new Set(tail.events.map(({ id }) => id)).size, tail.events.length);
  strictEqual(tail.notices.filter((kind) => kind === "log.truncated").length, 2);
});

test("NULs where a writer that does not append goes on after a truncation are left out", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "before\n");
  const tail = await tailing({ paths: [path], read_from: "start" }, async (tail) => {
    await tail.untilLines(1);
    append(path, new Uint8Array(300_000));
    append(path, "after\n");
    await tail.untilLines(2);
  });
  deepStrictEqual(tail.lines, ["before", "after"]);
});

test("compressed files are not read, by name or by what they begin with", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "x\n");
  const tail = await tailing({ paths: [`${folder}/*`], read_from: "start" }, async (tail) => {
    await tail.untilLines(1);
    append(`${path}.1.gz`, "not\nlines\n");
    append(`${path}.2`, new Uint8Array([0x1f, 0x8b, 8, 0, 10, 10, 65, 10]));
    append(`${path}.zst`, "neither\n");
    append(`${folder}/b.log`, "y\n");
    await tail.untilLines(2);
    await new Promise((resolve) => setTimeout(resolve, 400));
  });
  deepStrictEqual(tail.lines, ["x", "y"]);
});

test("a FIFO, a socket, a folder, a loop of links, a folder that vanishes: nothing waits, what is named is told", async (folder) => {
  const fifo = new Deno.Command("mkfifo", { args: [`${folder}/fifo.log`] }).outputSync();
  ok(fifo.success);
  Deno.mkdirSync(`${folder}/folder.log`);
  Deno.symlinkSync(`${folder}/loop.log`, `${folder}/loop.log`);
  Deno.mkdirSync(`${folder}/deep/er`, { recursive: true });
  Deno.symlinkSync(`${folder}/deep`, `${folder}/deep/er/back`);
  append(`${folder}/deep/er/c.log`, "c\n");
  const paths = [`${folder}/*.log`, `${folder}/fifo.log`, `${folder}/deep/**/*.log`, "/dev/null"];
  const tail = await tailing({ paths, read_from: "start" }, async (tail) => {
    await tail.untilLines(1);
    append(`${folder}/a.log`, "a\n");
    await tail.untilLines(2);
    Deno.removeSync(`${folder}/deep`, { recursive: true });
    await tail.untilNotice("log.removed");
    Deno.mkdirSync(`${folder}/deep/er`, { recursive: true });
    append(`${folder}/deep/er/c.log`, "back\n");
    await tail.untilLines(3);
    deepStrictEqual(Object.keys(tail.troubles).sort(), ["/dev/null", `${folder}/fifo.log`]);
  });
  deepStrictEqual(tail.lines, ["c", "a", "back"]);
});

test("resumed after a stop: each line once, also what was rotated, copied and replaced meanwhile", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "1 the first line of the first file, long enough to be told from others\n");
  const settings = { paths: [path], read_from: "start" };
  const first = new Tailing(settings);
  await first.untilLines(1);
  const state = await first.stop();
  append(path, "2\n");
  Deno.renameSync(path, `${path}.2`);
  append(`${path}.2`, "3\n");
  append(path, "4 came and went unseen, and is as long as it needs to be to be known again\n");
  Deno.copyFileSync(path, `${path}.1`);
  Deno.truncateSync(path, 0);
  append(path, "5\n");
  const second = new Tailing(settings, state);
  await second.untilLines(4);
  const later = await second.stop();
  deepStrictEqual(second.lines.map((line) => line.slice(0, 1)).sort(), ["2", "3", "4", "5"]);
  const third = new Tailing(settings, later);
  append(path, "6\n");
  await third.untilLines(1);
  await third.stop();
  deepStrictEqual(third.lines, ["6"]);
});

test("what is read again from an older state has the same ids", async (folder) => {
  const path = `${folder}/a.log`;
  append(path, "1\n");
  const settings = { paths: [path], read_from: "start" };
  const first = new Tailing(settings);
  await first.untilLines(1);
  append(path, "2\n3\n");
  await first.untilLines(3);
  await first.stop();
  const again = new Tailing(settings);
  await again.untilLines(3);
  await again.stop();
  const ids = (tail: Tailing) => tail.events.filter(({ kind }) => kind === "log.line").map(({ id }) => id);
  deepStrictEqual(ids(again), ids(first));
});

test("an inode given to another file is another file", async (folder) => {
  const path = `${folder}/a.log`;
  const settings = { paths: [path], read_from: "start" };
  append(path, "of the first\nand more\n");
  const first = new Tailing(settings);
  await first.untilLines(2);
  const state = await first.stop();
  const { ino } = Deno.statSync(path);
  Deno.removeSync(path);
  append(path, "of the second\nwith as much to say as the first had\n");
  if (Deno.statSync(path).ino !== ino) {
    // The file system gave another: the same is seen of one that is written anew in its place.
    Deno.removeSync(path);
  }
  append(path, "");
  const second = new Tailing(settings, state);
  append(path, "last\n");
  await second.until(() => second.lines.includes("last"));
  await second.stop();
  ok(!second.lines.includes("of the first"));
  strictEqual(second.lines.at(-1), "last");
});

test("groups of files are read in their own way, entries of several lines as one", async (folder) => {
  const settings = {
    paths: [`${folder}/*.log`],
    files: [{
      paths: [`${folder}/trace.log`],
      read_from: "start",
      format: "plain",
      multiline: { pattern: "^\\s", timeout: "300ms", lines_max: 3 },
    }],
  };
  append(`${folder}/trace.log`, "Error: x\n  at a\n  at b\n  at c\nnext\n  at d\n");
  append(`${folder}/a.log`, "old\n");
  const tail = await tailing(settings, (tail) => tail.untilLines(2));
  deepStrictEqual(tail.lines, ["Error: x\n  at a\n  at b", "next\n  at d"]);
  const [first] = tail.events.filter(({ kind }) => kind === "log.line");
  strictEqual(first?.fields["log.line_cut"], true);
});

test("files that are caught up with come in the order of their times", async (folder) => {
  const lines = (from: number) =>
    Array.from({ length: 3_000 }, (_, i) => {
      const time = new Date(Date.UTC(2024, 0, 1, 0, 0, 2 * i + from)).toISOString();
      return JSON.stringify({ "@timestamp": time, message: `n ${i}` });
    }).join("\n") + "\n";
  append(`${folder}/a.log`, lines(0));
  append(`${folder}/b.log`, lines(1));
  const tail = await tailing(
    { paths: [`${folder}/*.log`], read_from: "start", format: "json" },
    (tail) =>
      tail.until(() =>
        tail.events.filter(({ source, fields }) => source === "logs" && fields.message !== undefined).length >= 6_000
      ),
  );
  const times = tail.events.filter(({ fields }) => fields.message !== undefined).map(({ timeMs }) => timeMs);
  deepStrictEqual(times, [...times].sort((a, b) => a - b));
});
