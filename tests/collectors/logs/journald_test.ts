/** systemd's journal: records as journalctl writes them, a program in its place, and the real one over a journal of the test's own. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { systemClock } from "../../../src/core/clock.ts";
import { noMasking } from "../../../src/core/masking.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { followJournal, type JournaldOptions } from "../../../src/collectors/logs/journald/follow.ts";
import { readJournalRecord } from "../../../src/collectors/logs/journald/record.ts";
import { inFolder } from "./tailing.ts";

/** Makes a journal file of what stands on its standard input (Debian's systemd-journal-remote). */
const WRITER = "/lib/systemd/systemd-journal-remote";

function missingPeer(): string | undefined {
  try {
    Deno.statSync(WRITER);
    new Deno.Command("journalctl", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync();
    return undefined;
  } catch {
    return "journalctl and systemd-journal-remote are not installed";
  }
}

const skip = missingPeer();
const required = Deno.env.get("WEIR_REQUIRE_PEERS") === "1";

/** Follows until `count` events have come, then ends it. What it gives in state is set, as a commit would. */
async function follow(
  options: Partial<JournaldOptions>,
  state: StagedState,
  count: number,
): Promise<{ events: TelemetryEvent[]; dropped: Map<string, number> }> {
  const abort = new AbortController();
  const deadline = setTimeout(() => abort.abort(), 20_000);
  const events: TelemetryEvent[] = [];
  const dropped = new Map<string, number>();
  const portions = followJournal({ readFrom: "start", messageCharactersMax: 1_000, masking: noMasking, ...options }, {
    host: "web-1.example.org",
    clock: systemClock,
    signal: abort.signal,
    state,
    dropped: (reason, n) => dropped.set(reason, (dropped.get(reason) ?? 0) + n),
  });
  try {
    for await (const portion of portions) {
      for (const [key, value] of portion.state) state.set(key, value ?? "");
      events.push(...portion.events);
      if (events.length >= count) abort.abort();
    }
  } finally {
    clearTimeout(deadline);
  }
  return { events, dropped };
}

const record = (n: number, more: Record<string, unknown> = {}) =>
  JSON.stringify({
    __CURSOR: `s=abc;i=${n}`,
    __REALTIME_TIMESTAMP: String(1_704_067_200_000_000 + n * 1_000_000),
    MESSAGE: `message ${n}`,
    SYSLOG_IDENTIFIER: "app",
    _PID: "7",
    _HOSTNAME: "web-1",
    ...more,
  });

/** A program that notes how it is called, writes `lines` and waits to be ended, or ends by itself with a code. */
async function fake(folder: string, lines: readonly string[], ends?: { code: number; says: string }): Promise<string> {
  const program = `${folder}/journalctl`;
  await Deno.writeTextFile(`${folder}/lines`, lines.map((line) => line + "\n").join(""));
  const end = ends === undefined ? "exec sleep 600" : `echo '${ends.says}' >&2; exit ${ends.code}`;
  await Deno.writeTextFile(program, `#!/bin/sh\necho "$@" >> ${folder}/calls\ncat ${folder}/lines\n${end}\n`);
  await Deno.chmod(program, 0o700);
  return program;
}

Deno.test("journald: a record's time, host, program, message and the rest", () => {
  const read = readJournalRecord(record(1, {
    _SOURCE_REALTIME_TIMESTAMP: "1704067200500250",
    PRIORITY: "3",
    _EXE: "/usr/bin/app",
    _UID: "0",
    _SYSTEMD_UNIT: "app.service",
  }));
  deepStrictEqual(read, {
    cursor: "s=abc;i=1",
    takenUs: 1_704_067_201_000_000,
    timeMs: 1_704_067_200_500.25,
    message: "message 1",
    host: "web-1",
    program: "app",
    pid: 7,
    fields: {
      "log.syslog.severity.name": "err",
      "process.executable": "/usr/bin/app",
      "user.id": "0",
      "service.name": "app.service",
    },
  });
});

Deno.test("journald: bytes, several values, none at all; what is no record", () => {
  strictEqual(readJournalRecord(record(1, { MESSAGE: [104, 105, 255] }))?.message, "hi\ufffd");
  strictEqual(readJournalRecord(record(1, { MESSAGE: ["first", "second"] }))?.message, "first");
  strictEqual(readJournalRecord(record(1, { MESSAGE: null }))?.message, "");
  strictEqual(readJournalRecord(record(1, { SYSLOG_IDENTIFIER: undefined, _COMM: "c" }))?.program, "c");
  strictEqual(readJournalRecord(record(1, { _PID: "-1" }))?.pid, undefined);
  for (
    const line of [
      "",
      "{",
      "[]",
      "null",
      '"x"',
      "{}",
      '{"__CURSOR":"a"}',
      '{"__CURSOR":"a","__REALTIME_TIMESTAMP":"x"}',
    ]
  ) {
    strictEqual(readJournalRecord(line), undefined, line);
  }
});

Deno.test("journald: resumed after the record that was committed last; what is no record is counted", () =>
  inFolder(async (folder) => {
    const state = new StagedState("logs");
    const program = await fake(folder, [record(1), "-- no record --", record(2)]);
    const { events, dropped } = await follow({ program }, state, 2);
    deepStrictEqual(events.map(({ fields }) => fields.message), ["message 1", "message 2"]);
    deepStrictEqual(events.map(({ host }) => host), ["web-1.example.org", "web-1.example.org"]);
    deepStrictEqual([...dropped], [["journald_malformed", 1]]);
    await follow({ program: await fake(folder, [record(3)]) }, state, 1);
    const calls = (await Deno.readTextFile(`${folder}/calls`)).trim().split("\n");
    ok(!calls[0]?.includes("cursor"));
    ok(calls[1]?.endsWith("--follow --no-tail --after-cursor=s=abc;i=2"), calls[1]);
  }));

Deno.test("journald: begun at its end, which is kept at once", () =>
  inFolder(async (folder) => {
    const state = new StagedState("logs");
    // The first call asks for the last record and must end; the fake is replaced when it has.
    const once = await fake(folder, [record(8)], { code: 0, says: "" });
    const { events } = await follow({ program: once, readFrom: "end" }, state, 1);
    deepStrictEqual(events.map(({ kind }) => kind), ["log.watched"]);
    strictEqual(state.get("journald"), "1704067208000000 s=abc;i=8");
  }));

Deno.test("journald: a program that ends is a failure with what it said; a cursor that is none leads to the time", () =>
  inFolder(async (folder) => {
    const program = await fake(folder, [], { code: 3, says: "No journal files were opened" });
    const failed = await follow({ program }, new StagedState("logs"), 1).then(() => "", String);
    ok(failed.includes("ended with 3: No journal files were opened"), failed);
    const state = new StagedState("logs", [["journald", "1704067200000000 garbage"]]);
    const refusing = await fake(folder, [], { code: 1, says: "Failed to seek to cursor: Invalid argument" });
    await follow({ program: refusing }, state, 1).catch(() => {});
    const calls = (await Deno.readTextFile(`${folder}/calls`)).trim().split("\n");
    ok(calls.at(-1)?.endsWith("--since=@1704067200.000000"), calls.at(-1));
  }));

Deno.test({
  name: `journald: the real journalctl over a real journal, through a stop${skip === undefined ? "" : ` (${skip})`}`,
  ignore: skip !== undefined && !required,
  fn: () =>
    inFolder(async (folder) => {
      const entry = (n: number, message: string, program: string) =>
        `__REALTIME_TIMESTAMP=${1_704_067_200_000_000 + n}\n__MONOTONIC_TIMESTAMP=${n}\n` +
        `_BOOT_ID=0123456789abcdef0123456789abcdef\nMESSAGE=${message}\nSYSLOG_IDENTIFIER=${program}\n_PID=77\n_HOSTNAME=web-1\n\n`;
      const failed = "Failed password for root from 203.0.113.9 port 4242 ssh2";
      await writeJournal(`${folder}/a.journal`, entry(1, failed, "sshd") + entry(2, "second", "app"));
      const state = new StagedState("logs");
      const first = await follow({ directory: folder }, state, 2);
      deepStrictEqual(first.events.map(({ kind }) => kind), ["authentication.failure", "log.line"]);
      strictEqual(first.events[0]?.fields["source.ip"], "203.0.113.9");
      const again = await follow({ directory: folder }, new StagedState("logs"), 2);
      deepStrictEqual(again.events.map(({ id }) => id), first.events.map(({ id }) => id));
      await writeJournal(`${folder}/b.journal`, entry(3, "third", "app"));
      const later = await follow({ directory: folder }, state, 1);
      deepStrictEqual(later.events.map(({ fields }) => fields.message), ["third"]);
    }),
});

async function writeJournal(path: string, entries: string): Promise<void> {
  const child = new Deno.Command(WRITER, { args: ["-o", path, "-"], stdin: "piped", stdout: "null", stderr: "null" })
    .spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(entries));
  await writer.close();
  ok((await child.status).success);
}
