import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { crc32 } from "node:zlib";
import { JournalReader } from "../../src/journal/mod.ts";
import {
  NOTHING,
  sampleDetection,
  sampleEvents,
  sampleScore,
  START_MS,
  withJournal,
  withRawDatabase,
} from "./samples.ts";

/** The faults found after something was done behind the journal's back. */
function faultsAfter(sql: string): [fault: string, count: number, example: string | undefined][] {
  let found: [string, number, string | undefined][] = [];
  withJournal((journal, directory) => {
    const events = sampleEvents(1200);
    journal.commit({
      ...NOTHING,
      events,
      matches: events.slice(0, 3).map((event) => ({ rule: "r", selection: "s", event })),
      detections: [sampleDetection(1), sampleDetection(2)],
      scores: [sampleScore(START_MS)],
    });
    withRawDatabase(directory, (db) => db.exec(sql));
    const reader = JournalReader.open(directory);
    const report = reader.verify();
    strictEqual(report.clean, report.faults.length === 0);
    found = report.faults.map(({ fault, count, examples }) => [fault, count, examples[0]]);
    reader.close();
  });
  return found;
}

Deno.test("a journal that nobody touched is clean", () => {
  deepStrictEqual(faultsAfter(""), []);
});

Deno.test("a changed record, a changed checksum and bytes that are no text are found", () => {
  deepStrictEqual(faultsAfter("UPDATE journal SET checksum = checksum + 1 WHERE seq = 700").map(([fault]) => fault), [
    "a row is not what was written",
  ]);
  deepStrictEqual(
    faultsAfter("UPDATE journal SET bytes = x'ff' WHERE seq < 30").map(([fault, count]) => [fault, count]),
    [
      ["a row is not what was written", 29],
    ],
  );
});

Deno.test("a record that is valid and not JSON is found", () => {
  deepStrictEqual(
    faultsAfter(`UPDATE journal SET bytes = CAST('no' AS BLOB), checksum = ${crc32("no")} WHERE seq = 9`),
    [
      ["a row is not what was written", 1, "9: bytes are not JSON"],
    ],
  );
});

Deno.test("a row that went without retention is found, and what rested on it", () => {
  deepStrictEqual(faultsAfter("DELETE FROM journal WHERE seq = 2"), [
    ["rows are missing that retention did not remove", 1, "of 1203"],
    ["a detection rests on a row that is missing", 1, "process:boot:000000001:start"],
    ["a match is there without its event", 1, "first 2"],
  ]);
});

Deno.test("a row under another key is found", () => {
  deepStrictEqual(faultsAfter("UPDATE journal SET idem = 'other' WHERE seq = 1000"), [
    ["a row's key is not that of its record", 1, "1000"],
  ]);
});

Deno.test("a row that was never counted is found", () => {
  const sql =
    "INSERT INTO journal SELECT 5000, 'x', ts_ns, type, host, kind, bytes, checksum FROM journal WHERE seq = 1";
  deepStrictEqual(faultsAfter(sql), [["rows are there that were never counted", 3797, "after 1203"]]);
});

Deno.test("a changed detection is found", () => {
  deepStrictEqual(faultsAfter("UPDATE detections SET checksum = 1 WHERE id = 'd0002'").map(([fault]) => fault), [
    "a detection is not what was written",
  ]);
});
