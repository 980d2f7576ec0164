/** What shells have written down: read on where it was left, believed of whom the file belongs to, and nothing told twice. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { readRecord, RECORD_BYTES_MAX } from "../../../src/collectors/commands/record.ts";
import { inFolder } from "../files/watching.ts";
import { collectCommands } from "./collecting.ts";

const skip = Deno.build.os === "windows";
const encoder = new TextEncoder();

interface Written {
  readonly number?: number;
  readonly command?: string;
  readonly form?: string;
  readonly first?: string;
}

/** A record as a hook writes it. */
function record({ number = 1, command = "ls", form = "text", first = "" }: Written = {}): string {
  const fields = [
    "weir1",
    "zsh",
    number,
    "1700000000.5",
    "",
    0,
    "/dev/pts/1",
    "/srv",
    form,
    command,
    first,
    "1700000001.75",
  ];
  return fields.map((field) => `${field}\0`).join("") + "\n";
}

/** A pid that no process has. */
const DEAD_PID = 2 ** 22 + 1;

async function spoolOf(home: string, part = 0, pid = DEAD_PID, uid = Deno.uid()): Promise<string> {
  await Deno.mkdir(`${home}/.local/state/weir`, { recursive: true });
  return `${home}/.local/state/weir/commands-${uid}-1700000000-${pid}-${part}.log`;
}

const texts = (events: readonly { fields: Record<string, unknown> }[]) =>
  events.map(({ fields }) => fields["process.command_line"]);

function test(name: string, run: (home: string) => Promise<void>): void {
  Deno.test({ name: `commands: ${name}`, ignore: skip, fn: () => inFolder(run) });
}

test("a command as an event", async (home) => {
  await Deno.writeTextFile(await spoolOf(home), record({ command: "mysql -psecret shop" }));
  const { events } = await collectCommands(home, { events: 1 });
  const { id, timeMs, kind, fields } = events[0] ?? { fields: {} };
  strictEqual(kind, "shell.command");
  strictEqual(timeMs, 1_700_000_001_750);
  ok(id?.startsWith("commands:01700000000:"));
  deepStrictEqual(fields, {
    "process.command_line": "mysql -p*** shop",
    "process.name": "zsh",
    "process.pid": DEAD_PID,
    "process.working_directory": "/srv",
    "process.tty": "/dev/pts/1",
    "process.exit_code": 0,
    "event.outcome": "success",
    "event.duration": 1.25e9,
    "event.start": "2023-11-14T22:13:20.500Z",
    "user.id": String(Deno.uid()),
    "user.name": "me",
  });
});

test("goes on where it was, at whatever byte the file was cut off when it was read", async (home) => {
  const path = await spoolOf(home);
  const all = encoder.encode([1, 2, 3].map((number) => record({ number, command: `echo ${number} ☃\n\n` })).join(""));
  for (const cut of [1, 5, 40, 75, 90, all.length - 1]) {
    await Deno.writeFile(path, all.subarray(0, cut));
    const first = await collectCommands(home, { config: { remove: false } });
    await Deno.writeFile(path, all);
    const rest = await collectCommands(home, { state: first.state, config: { remove: false } });
    const events = [...first.events, ...rest.events];
    deepStrictEqual(texts(events), ["echo 1 ☃\n\n", "echo 2 ☃\n\n", "echo 3 ☃\n\n"]);
    strictEqual(new Set(events.map(({ id }) => id)).size, 3);
    strictEqual(first.dropped.size + rest.dropped.size, 0);
    const anew = await collectCommands(home, { config: { remove: false }, events: 3 });
    deepStrictEqual(anew.events.map(({ id }) => id), events.map(({ id }) => id));
  }
});

test("parts of one shell in their order; what was overwritten before it was read is counted", async (home) => {
  await Deno.writeTextFile(await spoolOf(home, 9), record({ number: 5 }) + record({ number: 6 }));
  await Deno.writeTextFile(await spoolOf(home, 10), record({ number: 9 }));
  const { events, dropped } = await collectCommands(home, { events: 3 });
  deepStrictEqual(events.map(({ id }) => Number(id.split(":")[3])), [5, 6, 9]);
  deepStrictEqual([...dropped], [["overwritten", 2]]);
});

test("a file that its shell has cut is read from its beginning", async (home) => {
  const path = await spoolOf(home);
  await Deno.writeTextFile(path, record({ number: 1, command: "a long first one" }) + record({ number: 2 }));
  const first = await collectCommands(home, { events: 2, config: { remove: false } });
  await Deno.writeTextFile(path, record({ number: 3, command: "new" }));
  const rest = await collectCommands(home, { state: first.state, events: 1, config: { remove: false } });
  deepStrictEqual(texts(rest.events), ["new"]);
});

test("what is not the user's own, or not a plain file, is not believed", async (home) => {
  const folder = (await spoolOf(home)).replace(/\/[^/]*$/, "");
  const name = (pid: number, uid = Deno.uid()) => `${folder}/commands-${uid}-1700000000-${pid}-0.log`;
  await Deno.writeTextFile(name(1, (Deno.uid() ?? 0) + 1), record({ command: "forged" }));
  await Deno.writeTextFile(name(2), record({ command: "anybody's" }), { mode: 0o666 });
  await Deno.chmod(name(2), 0o666);
  await Deno.writeTextFile(`${home}/elsewhere`, record({ command: "linked" }));
  await Deno.symlink(`${home}/elsewhere`, name(3));
  await Deno.link(`${home}/elsewhere`, name(4));
  await Deno.mkdir(name(5));
  await new Deno.Command("mkfifo", { args: [name(6)] }).output();
  await Deno.writeTextFile(name(7), record({ command: "true" }), { mode: 0o600 });
  const { events, dropped, warnings } = await collectCommands(home, { events: 1 });
  deepStrictEqual(texts(events), ["true"]);
  deepStrictEqual([...dropped.keys()], ["not_the_users"]);
  ok(warnings.length >= 5, warnings.join("\n"));
});

test("files of shells that have ended go once what they held is committed; those of others stay", async (home) => {
  const [ended, living] = [await spoolOf(home), await spoolOf(home, 0, Deno.pid)];
  await Deno.writeTextFile(ended, record());
  const half = record({ number: 2 }).slice(0, -9);
  await Deno.writeTextFile(living, record() + half);
  const first = await collectCommands(home, { events: 2 });
  ok(await exists(ended), "its command is not known to be committed yet");
  // Each chunk that is asked for behind it says that one more is through.
  const state = first.state;
  await Deno.writeTextFile(living, record() + record({ number: 2 }) + half);
  const second = await collectCommands(home, { state, events: 1 });
  await Deno.writeTextFile(living, record() + record({ number: 2 }) + record({ number: 3 }));
  await collectCommands(home, { state: second.state, events: 1 });
  ok(await exists(living));
});

test("anything at all in a file is passed by, what is a record is found behind it", async (home) => {
  const path = await spoolOf(home);
  await Deno.writeFile(
    path,
    encoder.encode(`junk\0\n${record({ command: "one" })}weir1\0a\0b\0\n${record({ number: 2, command: "two" })}`),
  );
  const { events, dropped } = await collectCommands(home, { events: 1 });
  ok(texts(events).includes("two"));
  ok((dropped.get("malformed") ?? 0) > 0);
});

Deno.test("commands: whatever the bytes, reading comes to their end, and a whole record is read as it was written", () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((junk) => junk.map((byte) => (byte % 3 === 0 ? 0 : byte)));
  fc.assert(fc.property(bytes, (junk) => {
    for (let at = 0; at < junk.length;) {
      const read = readRecord(junk, at);
      if (read === undefined) break;
      ok(read.length > 0);
      at += read.length;
    }
  }));
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 100 }).filter((one) =>
    !one.includes("\0") && one.isWellFormed()
  );
  fc.assert(fc.property(text, (command) => {
    const whole = encoder.encode(record({ command }));
    const read = readRecord(whole, 0);
    strictEqual(read?.length, whole.length);
    strictEqual(read.record?.command, new TextDecoder().decode(encoder.encode(command)));
    for (const cut of [1, 6, 20, whole.length - 1]) strictEqual(readRecord(whole.subarray(0, cut), 0), undefined);
  }));
});

Deno.test("commands: bytes that are no UTF-8 are kept as what they are not; a long command is cut and marked", () => {
  const written = record({ command: "echo X" });
  const bytes = encoder.encode(written);
  bytes[written.indexOf("X")] = 0xff;
  strictEqual(readRecord(bytes, 0)?.record?.command, "echo \ufffd");
  const long = readRecord(encoder.encode(record({ command: "x".repeat(70_000) })), 0)?.record;
  strictEqual(long?.command.length, 65_536);
  strictEqual(long.isCut, true);
  const endless = encoder.encode(`weir1\0${"x".repeat(RECORD_BYTES_MAX)}`);
  deepStrictEqual(readRecord(endless, 0), { record: null, length: endless.length });
});

Deno.test("commands: what bash's history says is taken where it is of this command, else what its DEBUG trap saw", () => {
  const read = (form: string, command: string, first = "") => {
    const record_ = readRecord(encoder.encode(record({ form, command, first })), 0)?.record;
    return record_ && [record_.command, record_.isCut];
  };
  deepStrictEqual(read("history+", "  501  ls -l | wc\n"), ["ls -l | wc", false]);
  deepStrictEqual(read("history+", "    1* echo 1  two\n\n"), ["echo 1  two\n", false]);
  deepStrictEqual(read("history=", "  501  ls   -l | wc\n", "ls -l"), ["ls   -l | wc", false]);
  deepStrictEqual(read("history=", "  501  ls -l\n", "rm -rf x"), ["rm -rf x", true]);
  deepStrictEqual(read("history=", "  501  ls -l\n"), ["", true]);
});

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
