import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { UsageError } from "../../src/core/errors.ts";
import { DATABASE_FILE, Journal, JournalError, JournalReader, LOCK_FILE } from "../../src/journal/mod.ts";
import {
  inDirectory,
  KEEP,
  NOTHING,
  sampleDetection,
  sampleEvent,
  sampleEvents,
  START_MS,
  withJournal,
  withRawDatabase,
} from "./samples.ts";

Deno.test("the directory and everything in it is the owner's alone", { ignore: Deno.build.os === "windows" }, () => {
  inDirectory((parent) => {
    const directory = join(parent, "a", "data");
    const journal = Journal.open(directory, KEEP);
    journal.commit({ ...NOTHING, events: sampleEvents(1) });
    strictEqual(modeOf(directory), 0o700);
    const files = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
    deepStrictEqual(files, [DATABASE_FILE, `${DATABASE_FILE}-shm`, `${DATABASE_FILE}-wal`, LOCK_FILE]);
    for (const name of files) strictEqual(modeOf(join(directory, name)), 0o600, name);
    journal.close();
  });
});

function modeOf(path: string): number {
  return (Deno.statSync(path).mode ?? 0) & 0o777;
}

Deno.test("a second Weir on the same data is told who has it", () => {
  withJournal((_journal, directory) => {
    throws(() => Journal.open(directory, KEEP), (error: unknown) => {
      ok(error instanceof UsageError);
      match(error.message, new RegExp(`in use by process ${Deno.pid}$`));
      return true;
    });
  });
});

Deno.test("a journal that was closed can be opened again", () => {
  inDirectory((directory) => {
    for (let i = 0; i < 3; i++) {
      const journal = Journal.open(directory, KEEP);
      journal.commit({ ...NOTHING, events: [sampleEvent(i)] });
      journal.close();
    }
    const reader = JournalReader.open(directory);
    strictEqual(reader.size().rows, 3);
    reader.close();
  });
});

function refuses(directory: string, expected: RegExp, open = () => void Journal.open(directory, KEEP)): void {
  throws(open, (error: unknown) => {
    ok(error instanceof UsageError, String(error));
    match(error.message, expected);
    strictEqual(error.message.includes("\n"), false);
    return true;
  });
}

Deno.test("a directory that cannot be one is refused", () => {
  inDirectory((parent) => {
    const file = join(parent, "file");
    Deno.writeTextFileSync(file, "");
    refuses(file, /must be a directory that can be written to/);
    refuses(join(file, "data"), /must be a directory that can be written to/);
  });
});

Deno.test("a database of a newer Weir, of another program, or none at all is refused and left as it is", () => {
  inDirectory((directory) => {
    Journal.open(directory, KEEP).close();
    withRawDatabase(directory, (db) => db.exec("PRAGMA user_version = 99"));
    refuses(directory, /must be of version 1 or older: current value is 99, written by a newer Weir/);
    refuses(directory, /newer Weir/, () => void JournalReader.open(directory));
  });
  inDirectory((directory) => {
    withRawDatabase(directory, (db) => db.exec("CREATE TABLE mine (a)"));
    refuses(directory, /another program's database/);
  });
  inDirectory((directory) => {
    const path = join(directory, DATABASE_FILE);
    Deno.writeTextFileSync(path, "not a database ".repeat(1000));
    refuses(directory, /must be an undamaged SQLite database.*move it/);
    strictEqual(Deno.readTextFileSync(path), "not a database ".repeat(1000));
  });
});

Deno.test("a refused journal is not held", () => {
  inDirectory((directory) => {
    Deno.writeTextFileSync(join(directory, DATABASE_FILE), "not a database ".repeat(1000));
    refuses(directory, /undamaged/);
    Deno.removeSync(join(directory, DATABASE_FILE));
    Journal.open(directory, KEEP).close();
  });
});

Deno.test("a reader without a journal says what to do", () => {
  inDirectory((directory) => refuses(directory, /start Weir once/, () => void JournalReader.open(directory)));
});

Deno.test("a commit while another program holds the database is a stated condition, and goes through later", () => {
  withJournal((journal, directory) => {
    const commit = { ...NOTHING, events: sampleEvents(30), detections: [sampleDetection(1)] };
    const other = new DatabaseSync(join(directory, DATABASE_FILE));
    other.exec("BEGIN IMMEDIATE");
    throws(
      () => journal.commit(commit),
      (error: unknown) => error instanceof JournalError && error.condition === "locked",
    );
    other.exec("ROLLBACK");
    other.close();
    deepStrictEqual(journal.commit(commit), { firstSeq: 1, lastSeq: 31 });
  });
});

/** A tmpfs of 2 MiB would need root; the process' own limit on the length of files is a full disk as well. */
Deno.test("a full disk is a stated condition; nothing is lost, nothing half there, and it goes on when there is room", async () => {
  const directory = Deno.makeTempDirSync({ prefix: "weir-journal-" });
  try {
    const writer = new URL("full_disk_writer.ts", import.meta.url).pathname;
    const script = `ulimit -f 4096; trap '' XFSZ; exec "$0" run --allow-all --no-prompt "$1" "$2"`;
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", script, Deno.execPath(), writer, directory],
    }).output();
    strictEqual(code, 0, new TextDecoder().decode(stderr));
    const { committed, condition } = JSON.parse(new TextDecoder().decode(stdout));
    ok(committed > 0);
    ok(condition === "full" || condition === "io", condition);
    const journal = Journal.open(directory, KEEP);
    const fresh = Array.from({ length: 100 }, (_, i) => sampleEvent(committed + i));
    deepStrictEqual(journal.known(fresh.map(({ id }) => id)), new Set());
    strictEqual(journal.commit({ ...NOTHING, events: fresh }).firstSeq, committed + 1);
    journal.close();
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.verify().faults, []);
    strictEqual(reader.size().rows, committed + 100);
    reader.close();
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("a commit that does not fit under the cap leaves nothing behind, and fits when it is smaller", () => {
  withJournal((journal, directory) => {
    journal.commit({ ...NOTHING, events: sampleEvents(10) });
    const wide = { "process.command_line": "x".repeat(1 << 20) };
    const tooMuch = Array.from({ length: 60 }, (_, i) => sampleEvent(100 + i, { fields: wide }));
    throws(
      () => journal.commit({ ...NOTHING, events: tooMuch, detections: [sampleDetection(1)] }),
      (error: unknown) => error instanceof JournalError && error.condition === "full",
    );
    journal.commit({ ...NOTHING, events: tooMuch.slice(0, 30) });
    strictEqual(journal.known(tooMuch.map(({ id }) => id)).size, 30);
    const reader = JournalReader.open(directory);
    deepStrictEqual(reader.verify().faults, []);
    deepStrictEqual(reader.detections({}, { limit: 10 }).items, []);
    reader.close();
  }, { size_max: 64 * 2 ** 20 });
});

Deno.test("a damaged page met while it runs is a stated condition", () => {
  inDirectory((directory) => {
    const journal = Journal.open(directory, KEEP);
    journal.commit({ ...NOTHING, events: sampleEvents(5000) });
    journal.close();
    const path = join(directory, DATABASE_FILE);
    const file = Deno.openSync(path, { write: true });
    // Every page but the first, so that the tables are found and what is in them is not.
    file.seekSync(64 * 8192, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(Deno.statSync(path).size - 64 * 8192).fill(0xa5));
    file.close();
    const reader = JournalReader.open(directory);
    throws(
      () => reader.events({}, { limit: 1000 }),
      (error: unknown) => error instanceof JournalError && error.condition === "damaged",
    );
    reader.close();
  });
});

Deno.test("times outside of 64 bits of nanoseconds are bounded, not refused", () => {
  withJournal((journal) => {
    const events = [-1e15, 8.64e15].map((timeMs, i) => sampleEvent(i, { timeMs }));
    journal.commit({ ...NOTHING, events, matches: events.map((event) => ({ rule: "r", selection: "s", event })) });
    deepStrictEqual([...journal.matchesSince(START_MS)].map(({ event }) => event.id), [events[1]?.id]);
  });
});
