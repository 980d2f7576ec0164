/** systemd's journal, through its own reader: `journalctl --follow`, resumed after the record that was read last. */

import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../../core/collector.ts";
import { messageOf } from "../../../core/errors.ts";
import type { TelemetryEvent } from "../../../core/event.ts";
import type { Masking } from "../../../core/masking.ts";
import { childLines } from "../child_lines.ts";
import { type DecodedEvent, decodeMessage } from "../decode/decoder.ts";
import { hostName, SOURCE_NAME, sourceEvent } from "../events.ts";
import { CUT_FIELD, REPLACED_FIELD } from "../intake.ts";
import type { Portion } from "../portion.ts";
import { hashOf } from "../tail/identity.ts";
import type { TailedLine } from "../tail/lines.ts";
import { JOURNAL_FIELDS, type JournalRecord, readJournalRecord } from "./record.ts";

export interface JournaldOptions {
  /** Where it is begun the first time. */
  readonly readFrom: "start" | "end";
  readonly messageCharactersMax: number;
  readonly masking: Masking;
  /** Where the journal's files are, where that is not where this host keeps its own. */
  readonly directory?: string | undefined;
  /** `journalctl`, unless a test has another. */
  readonly program?: string | undefined;
}

type JournaldContext = Pick<CollectorContext, "host" | "clock" | "signal" | "state" | "dropped">;

/** Under which it is kept where to resume: the cursor of the last record, and when that was, in microseconds. */
const STATE_KEY = "journald";

/** Longest record that is read, with all its fields: bytes. */
const RECORD_BYTES_MAX = 1_048_576;

/** Digits of a record's time in microseconds. */
const TIME_DIGITS = 16;

/**
 * The journal's records as they come, until `signal` is aborted. Lines that are no records are counted as `journald_malformed`.
 *
 * @throws {Error} when `journalctl` cannot be run, or ends.
 */
export async function* followJournal(options: JournaldOptions, context: JournaldContext): AsyncGenerator<Portion> {
  const { state, signal, clock, host } = context;
  let place = state.get(STATE_KEY);
  if (place === undefined && options.readFrom === "end") {
    place = await lastPlace(options, context);
    const watched = sourceEvent(`journald:${hashOf(host)}:watched`, "log.watched", clock.now(), host, {
      "log.file.path": "journald",
    });
    yield { events: [watched], state: [[STATE_KEY, place]] };
  }
  const records = new Records(options, context);
  try {
    yield* recordsAfter(place, options, context, records);
  } catch (error) {
    if (place === undefined || !/seek to cursor/i.test(messageOf(error))) throw error;
    yield* recordsAfter(formatPlace("", Number(place.split(" ")[0])), options, context, records);
  }
  if (!signal.aborted) throw new Error("journalctl ended by itself");
}

async function* recordsAfter(
  place: string | undefined,
  options: JournaldOptions,
  { signal }: JournaldContext,
  records: Records,
): AsyncGenerator<Portion> {
  const args = [...commonArgs(options), "--follow", "--no-tail", ...startArgs(place)];
  const program = options.program ?? PROGRAM;
  for await (const lines of childLines({ program, args, lineBytesMax: RECORD_BYTES_MAX, signal })) {
    yield* records.portions(lines);
  }
}

const PROGRAM = "journalctl";

function commonArgs({ directory }: JournaldOptions): string[] {
  const args = ["--output=json", "--all", "--quiet", "--no-pager", `--output-fields=${JOURNAL_FIELDS.join(",")}`];
  return directory === undefined ? args : [...args, `--directory=${directory}`];
}

/** The journal's end: after its last record, or from now on where it has none. */
async function lastPlace(options: JournaldOptions, { clock, signal }: JournaldContext): Promise<string> {
  const place = formatPlace("", Math.floor(clock.now() * 1000));
  const args = [...commonArgs(options), "--lines=1"];
  const program = options.program ?? PROGRAM;
  for await (const lines of childLines({ program, args, lineBytesMax: RECORD_BYTES_MAX, signal })) {
    const record = readJournalRecord(lines.at(-1)?.text ?? "");
    if (record !== undefined) return formatPlace(record.cursor, record.takenUs);
  }
  return place;
}

function formatPlace(cursor: string, takenUs: number): string {
  return `${takenUs} ${cursor}`;
}

/** A cursor whose record has gone leads to the one that follows it; a place without one is a time. */
function startArgs(place: string | undefined): string[] {
  if (place === undefined) return [];
  const space = place.indexOf(" ");
  const cursor = place.slice(space + 1);
  if (cursor !== "") return [`--after-cursor=${cursor}`];
  return [`--since=@${(Number(place.slice(0, space)) / 1e6).toFixed(6)}`];
}

/** From lines to portions, each with the cursor of its last record. */
class Records {
  readonly #options: JournaldOptions;
  readonly #context: JournaldContext;
  readonly #prefix: string;
  #number = 0;

  constructor(options: JournaldOptions, context: JournaldContext) {
    this.#options = options;
    this.#context = context;
    this.#prefix = `${SOURCE_NAME}:journald:${hashOf(context.host)}:`;
  }

  *portions(lines: readonly TailedLine[]): Generator<Portion> {
    let events: TelemetryEvent[] = [];
    let last: JournalRecord | undefined;
    for (const line of lines) {
      const record = readJournalRecord(line.text);
      if (record === undefined) {
        this.#context.dropped(line.isCut ? "journald_too_long" : "journald_malformed", 1);
        continue;
      }
      const more = this.#eventsOf(record);
      if (events.length + more.length > CHUNK_EVENTS_MAX && last !== undefined && events.length > 0) {
        yield portion(events, last);
        events = [];
      }
      for (const event of more) events.push(event);
      last = record;
    }
    if (last !== undefined && events.length > 0) yield portion(events, last);
  }

  #eventsOf(record: JournalRecord): TelemetryEvent[] {
    const { message, host, program, pid, timeMs, takenUs, cursor, fields } = record;
    if (message === "") return [];
    const { mask } = this.#options.masking;
    if (typeof fields["process.command_line"] === "string") {
      fields["process.command_line"] = mask(fields["process.command_line"]);
    }
    const isCut = message.length > this.#options.messageCharactersMax;
    const text = mask(isCut ? message.slice(0, this.#options.messageCharactersMax) : message);
    const observedMs = this.#context.clock.now();
    const decoded: DecodedEvent[] = [];
    const line = { text, at: ++this.#number, observedMs, isCut };
    if (isCut) fields[CUT_FIELD] = true;
    if (message.includes("\ufffd")) fields[REPLACED_FIELD] = true;
    decodeMessage(text, { timeMs, host, program, pid }, fields, line, decoded);
    const id = `${this.#prefix}${String(takenUs).padStart(TIME_DIGITS, "0")}:${hashOf(cursor)}`;
    return decoded.slice(0, CHUNK_EVENTS_MAX).map((event) => ({
      id: event.index === 0 ? id : `${id}:${event.index}`,
      timeMs: event.timeMs,
      observedMs,
      source: SOURCE_NAME,
      kind: event.kind,
      host: event.host === undefined ? this.#context.host : hostName(event.host, this.#context.host),
      fields: event.fields,
    }));
  }
}

function portion(events: readonly TelemetryEvent[], { cursor, takenUs }: JournalRecord): Portion {
  return { events, state: [[STATE_KEY, formatPlace(cursor, takenUs)]] };
}
