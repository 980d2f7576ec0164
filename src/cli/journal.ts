/** `weir journal stats | verify | export | purge`. */

import type { Command } from "commander";
import { formatByteSize } from "../core/byte_size.ts";
import { systemClock } from "../core/clock.ts";
import { toRfc3339 } from "../core/event.ts";
import { Journal, JournalReader, type JournalStats, type VerifyReport } from "../journal/mod.ts";
import { WrongError } from "./exit.ts";
import { durationOption } from "./options.ts";
import { escapeText, printJson, printLine, printTable, warnLine } from "./output.ts";
import { type SettingsFlags, settingsOf, withData } from "./settings.ts";

interface JournalFlags extends SettingsFlags {
  readonly json?: boolean;
}

export function addJournalCommand(program: Command): void {
  const journal = program.command("journal").description(
    "what is kept: how much, whether it is whole, take it out, remove it",
  );
  const command = (name: string) => withData(journal.command(name)).option("--json", "as JSON");
  command("stats").description("how much of everything there is, from when to when")
    .action((flags: JournalFlags) => withReader(flags, (reader) => stats(reader.stats(), flags.json ?? false)));
  command("verify").description("read all of it and check it; exit code 1 when something is not as it was written")
    .action((flags: JournalFlags) => withReader(flags, (reader) => verify(reader.verify(), flags.json ?? false)));
  command("export").description("every row as JSON, one a line, in the order in which they were committed")
    .option("--after <seq>", "only rows after this one", (text) => Number(text), 0)
    .action((flags: JournalFlags & { after: number }) =>
      withReader(flags, (reader) => {
        for (const row of reader.rows(flags.after)) printJson(row);
      })
    );
  command("purge").description("remove rows older than an age; Weir must not be running")
    .requiredOption("--older-than <duration>", "the age", durationOption)
    .action((flags: JournalFlags & { olderThan: number }) => purge(flags));
}

function withReader(flags: JournalFlags, work: (reader: JournalReader) => void): void {
  const reader = JournalReader.open(settingsOf(flags).config.data, {
    onBadRow: ({ table, key, reason }) => warnLine(escapeText(`${table} ${key}: ${reason}; left out`)),
  });
  try {
    work(reader);
  } finally {
    reader.close();
  }
}

function stats(found: JournalStats, json: boolean): void {
  if (json) return printJson(statsJson(found));
  const time = (ms: number | null) => ms === null ? "-" : toRfc3339(ms);
  printTable(["", ""], [
    ["rows", `${found.rows} (${found.purged} removed by retention)`],
    ...Object.entries(found.rowsByType).map(([type, count]) => [`  ${type}`, String(count)]),
    ["from", time(found.firstTimeMs)],
    ["to", time(found.lastTimeMs)],
    ["detections", `${found.detections}, ${found.openDetections} open`],
    ["matches", String(found.matches)],
    ["entities", String(found.entities)],
    ["database", `${formatByteSize(found.databaseBytes)}, of which free ${formatByteSize(found.freeBytes)}`],
    ["write-ahead log", formatByteSize(found.walBytes)],
  ]);
}

function statsJson(found: JournalStats) {
  return {
    rows: found.rows,
    rows_by_type: found.rowsByType,
    purged: found.purged,
    first_seq: found.firstSeq,
    last_seq: found.lastSeq,
    first_time: found.firstTimeMs === null ? null : toRfc3339(found.firstTimeMs),
    last_time: found.lastTimeMs === null ? null : toRfc3339(found.lastTimeMs),
    detections: found.detections,
    open_detections: found.openDetections,
    matches: found.matches,
    entities: found.entities,
    database_bytes: found.databaseBytes,
    free_bytes: found.freeBytes,
    wal_bytes: found.walBytes,
    version: found.version,
  };
}

function verify(report: VerifyReport, json: boolean): void {
  if (json) printJson(report);
  else {
    for (const { fault, count, examples } of report.faults) {
      printLine(escapeText(`${count} × ${fault}: ${examples.join(", ")}`));
    }
    printLine(
      `${report.rows} rows, ${report.detections} detections, ${report.matches} matches: ${
        report.clean ? "clean" : "NOT clean"
      }`,
    );
  }
  if (!report.clean) throw new WrongError();
}

function purge(flags: JournalFlags & { olderThan: number }): void {
  const { config } = settingsOf(flags);
  const journal = Journal.open(config.data, config.journal);
  try {
    const rows = journal.purge(systemClock.now() - flags.olderThan);
    if (flags.json) printJson({ removed: rows });
    else printLine(`${rows} rows removed`);
  } finally {
    journal.close();
  }
}
