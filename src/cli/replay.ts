/** `weir replay`: events from a file or a pipe, on their own time. */

import { type Command, Option } from "commander";
import { systemClock } from "../core/clock.ts";
import { formatDiagnostic, messageOf, UsageError } from "../core/errors.ts";
import { readLines } from "../core/lines.ts";
import { type Emit, EMITS, replay } from "../pipeline/replay.ts";
import { createInputReader, type InputReader, REPLAY_FORMATS, type ReplayFormat } from "../pipeline/replay_input.ts";
import { createEngine } from "../pipeline/assemble.ts";
import { loadRuleBook } from "../pipeline/rule_book.ts";
import { WrongError } from "./exit.ts";
import { repeated } from "./options.ts";
import { escapeText, printLine, warnLine } from "./output.ts";
import { ruleFolders, type SettingsFlags, settingsOf, withSettings } from "./settings.ts";
import { tuningOf } from "./tuning.ts";

interface ReplayFlags extends SettingsFlags {
  readonly rules?: string[];
  readonly input: string;
  readonly format: ReplayFormat;
  readonly timeZone?: string;
  readonly emit: Emit;
}

export function addReplayCommand(program: Command): void {
  withSettings(program.command("replay"))
    .description("run events through the rules on the events' own time; prints one JSON object a line")
    .option("--rules <dir>", "folder of rules, may be given several times; by default those configured", repeated)
    .option("--input <file>", "file to read, - for standard input", "-")
    .addOption(new Option("--format <format>", "of the input").choices(REPLAY_FORMATS).default("ndjson"))
    .option("--time-zone <name>", "of a log's times that name none, such as Europe/Berlin; by default this host's")
    .addOption(new Option("--emit <what>", "what to print").choices(EMITS).default("detections"))
    .action(runReplay);
}

async function runReplay(flags: ReplayFlags): Promise<void> {
  const loaded = settingsOf(flags);
  const { config } = loaded;
  const reader = readerOf(flags, config.host);
  const named = flags.rules ?? [];
  const book = await loadRuleBook(await ruleFolders(named, loaded), config, tuningOf(loaded, named.length > 0));
  for (const diagnostic of book.diagnostics) warnLine(escapeText(formatDiagnostic(diagnostic)));
  const { events, badLines, lines } = await replay({
    engine: createEngine(book.rules, config).engine,
    lines: readLines(await openInput(flags.input)),
    reader,
    emit: flags.emit,
    write: printLine,
    onBadLine: (line, message) => warnLine(escapeText(`${flags.input}:${line}:1: error: ${message}`)),
  });
  warnLine(`${lines} lines, ${events} events, ${badLines} could not be read`);
  if (badLines > 0) throw new WrongError();
}

function readerOf({ format, timeZone }: ReplayFlags, host: string): InputReader {
  try {
    const nowMs = () => systemClock.now();
    return createInputReader({ format, host, nowMs, ...(timeZone === undefined ? {} : { timeZone }) });
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

/** So many bytes are read at a time. */
const CHUNK_BYTES = 131_072;

async function openInput(path: string): Promise<AsyncIterable<Uint8Array>> {
  if (path === "-") return Deno.stdin.readable;
  try {
    return chunksOf(await Deno.open(path));
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${messageOf(error)}`);
  }
}

/** What is in a file. Each chunk is gone when the next is asked for. */
async function* chunksOf(file: Deno.FsFile): AsyncGenerator<Uint8Array> {
  using open = file;
  const chunk = new Uint8Array(CHUNK_BYTES);
  for (let count = await open.read(chunk); count !== null; count = await open.read(chunk)) {
    yield chunk.subarray(0, count);
  }
}
