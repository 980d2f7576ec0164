/** The collector of commands at work: reads on in each shell's files, and tells what was typed. */

import { createHash } from "node:crypto";
import { CHUNK_EVENTS_MAX, type Collector, type CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import { type FieldValue, type TelemetryEvent, toRfc3339 } from "../../core/event.ts";
import { homeFolders, parsePasswd } from "../../core/passwd.ts";
import { type CommandRecord, readRecord } from "./record.ts";
import type { CommandsConfig } from "./schema.ts";
import { isRunning, READ_BYTES_MAX, readSpool, removeSpool, type SpoolFile, spoolFiles } from "./spool.ts";

/** The collector's name, which every id begins with. */
export const SOURCE_NAME = "commands";

/** Where the names of users stand; another place in tests. */
const PASSWD = "/etc/passwd";

export function makeCommandsCollector(config: CommandsConfig, passwd = PASSWD): Collector {
  return {
    name: SOURCE_NAME,
    summary: `what shells with the hook write down, every ${formatDuration(config.interval)}`,
    async *collect(context) {
      const reading = new Reading(config, context, passwd);
      while (!context.signal.aborted) {
        yield* reading.look();
        await context.clock.sleepTogether(config.interval, context.signal);
      }
    },
  };
}

/** Where a shell's files are read on: its part, the place in it, and the number of the last command. */
interface Cursor {
  readonly part: number;
  readonly offset: number;
  readonly number: number;
}

class Reading {
  readonly #config: CommandsConfig;
  readonly #context: CollectorContext;
  readonly #passwd: string;
  readonly #buffer = new Uint8Array(READ_BYTES_MAX);
  readonly #refused = new Set<string>();
  /** Files that may go once the chunk of the given number is committed: the next but one being asked for says so. */
  readonly #finished = new Map<string, number>();
  #chunks = 0;

  constructor(config: CommandsConfig, context: CollectorContext, passwd: string) {
    this.#config = config;
    this.#context = context;
    this.#passwd = passwd;
  }

  async *look(): AsyncGenerator<readonly TelemetryEvent[]> {
    const users = this.#users();
    const files = users.folders.flatMap(spoolFiles);
    this.#forget(files);
    let chunk: TelemetryEvent[] = [];
    for (const [at, file] of files.entries()) {
      const hasNext = files[at + 1]?.shell === file.shell;
      for (const events of this.#readOn(file, hasNext, users.names)) {
        chunk.push(...events);
        if (chunk.length < CHUNK_EVENTS_MAX / 2) continue;
        yield* this.#hand(chunk);
        chunk = [];
      }
    }
    if (chunk.length > 0) yield* this.#hand(chunk);
  }

  *#hand(chunk: TelemetryEvent[]): Generator<readonly TelemetryEvent[]> {
    this.#chunks++;
    yield chunk;
    // The chunk before this one is through its commit when this one has been taken and another is asked for.
    for (const [path, number] of this.#finished) {
      if (number >= this.#chunks) continue;
      removeSpool(path);
      this.#finished.delete(path);
    }
  }

  /** Reads a file to its end, or as far as records are whole; each time the events of some, their cursor being set. */
  *#readOn(file: SpoolFile, hasNext: boolean, names: ReadonlyMap<string, string>): Generator<TelemetryEvent[]> {
    for (;;) {
      const cursor = this.#cursor(file);
      if (file.part < cursor.part) return this.#finish(file);
      const offset = file.part === cursor.part ? cursor.offset : 0;
      if (offset > 0 && sizeOf(file.path) === offset) return this.#settle(file, hasNext);
      const reading = readSpool(file, offset, this.#buffer);
      if ("refused" in reading) return this.#refuse(file, reading.refused);
      const { events, length, number } = this.#records(file, reading.bytes, reading.from, cursor, names);
      if (length > 0) this.#setCursor(file, { part: file.part, offset: reading.from + length, number });
      if (events.length > 0) yield events;
      const isWhole = reading.from + length === reading.size;
      if (isWhole) return this.#settle(file, hasNext);
      if (length === 0) return;
    }
  }

  #records(file: SpoolFile, bytes: Uint8Array, from: number, cursor: Cursor, names: ReadonlyMap<string, string>) {
    const events: TelemetryEvent[] = [];
    let [at, number, malformed, lost] = [0, cursor.number, 0, 0];
    while (at < bytes.length && events.length < CHUNK_EVENTS_MAX / 2) {
      const read = readRecord(bytes, at);
      if (read === undefined) break;
      const { record } = read;
      if (record === null) malformed++;
      else {
        if (record.number > number + 1 && number > 0) lost += record.number - number - 1;
        number = Math.max(number, record.number);
        events.push(this.#event(file, from + at, record, names));
      }
      at += read.length;
    }
    if (malformed > 0) this.#context.dropped("malformed", malformed);
    if (lost > 0) this.#context.dropped("overwritten", lost);
    return { events, length: at, number };
  }

  #event(file: SpoolFile, offset: number, record: CommandRecord, names: ReadonlyMap<string, string>): TelemetryEvent {
    const { host, clock, masking } = this.#context;
    const { beganMs, endedMs, status } = record;
    const nowMs = clock.now();
    const tookMs = record.tookMs ?? (beganMs === undefined || endedMs === undefined ? undefined : endedMs - beganMs);
    const startMs = beganMs ?? (endedMs === undefined || tookMs === undefined ? undefined : endedMs - tookMs);
    const userName = names.get(String(file.uid));
    const fields: Record<string, FieldValue> = {
      ...(record.command === "" ? {} : { "process.command_line": masking?.mask(record.command) ?? record.command }),
      ...(record.isCut ? { "process.command_line_cut": true } : {}),
      ...(record.shell === "" ? {} : { "process.name": record.shell }),
      "process.pid": file.pid,
      ...(record.folder === "" ? {} : { "process.working_directory": record.folder }),
      ...(record.terminal === "" ? {} : { "process.tty": record.terminal }),
      ...(status === undefined
        ? {}
        : { "process.exit_code": status, "event.outcome": status === 0 ? "success" : "failure" }),
      ...(tookMs === undefined || tookMs < 0 ? {} : { "event.duration": Math.round(tookMs * 1e6) }),
      ...(startMs === undefined ? {} : { "event.start": toRfc3339(startMs) }),
      "user.id": String(file.uid),
      ...(userName === undefined ? {} : { "user.name": userName }),
    };
    const id = eventId(host, file, offset, record.number);
    const timeMs = endedMs ?? beganMs ?? nowMs;
    return { id, timeMs, observedMs: nowMs, source: SOURCE_NAME, kind: "shell.command", host, fields };
  }

  #cursor({ shell }: SpoolFile): Cursor {
    const [part = 0, offset = 0, number = 0] = (this.#context.state.get(cursorKey(shell)) ?? "").split(" ").map(Number);
    return { part, offset, number };
  }

  #setCursor({ shell }: SpoolFile, { part, offset, number }: Cursor): void {
    this.#context.state.set(cursorKey(shell), `${part} ${offset} ${number}`);
  }

  /** All that is in a file has been read: it is done with when its shell writes elsewhere now, or has ended. */
  #settle(file: SpoolFile, hasNext: boolean): void {
    if (hasNext || !isRunning(file.pid)) this.#finish(file);
  }

  #finish({ path }: SpoolFile): void {
    if (this.#config.remove && !this.#finished.has(path)) this.#finished.set(path, this.#chunks + 1);
  }

  #refuse({ path }: SpoolFile, reason: "not_the_users" | "unreadable"): void {
    if (this.#refused.has(path) || this.#refused.size >= REFUSED_MAX) return;
    this.#refused.add(path);
    if (reason === "not_the_users") this.#context.dropped(reason, 1);
    const why = reason === "unreadable"
      ? "it cannot be read"
      : "it must be an ordinary file that its user owns and no other can write to";
    this.#context.warn(`Cannot take commands from ${path} as ${why}`);
  }

  /** Cursors of shells none of whose files is left. */
  #forget(files: readonly SpoolFile[]): void {
    const shells = new Set(files.map(({ shell }) => cursorKey(shell)));
    for (const [key] of this.#context.state.entries(cursorKey(""))) {
      if (!shells.has(key)) this.#context.state.delete(key);
    }
  }

  #users(): { names: ReadonlyMap<string, string>; folders: string[] } {
    const text = readText(this.#passwd);
    const homes = homeFolders(text);
    const folders = this.#config.folders.flatMap((folder) =>
      folder.startsWith("~") ? homes.map((home) => home + folder.slice(1)) : [folder]
    );
    return { names: parsePasswd(text), folders: [...new Set(folders)] };
  }
}

/** Files of which is remembered that they were refused, and said. */
const REFUSED_MAX = 1_000;

const cursorKey = (shell: string) => `c:${shell}`;

/** Where the command stands: in which shell's file, at which place, under which number. Grows with time. */
function eventId(host: string, { shell, startedSeconds, part }: SpoolFile, offset: number, number: number): string {
  const which = createHash("sha256").update(`${host}\0${shell}`).digest("hex").slice(0, 12);
  const digits = (value: number, width: number) => String(value).padStart(width, "0");
  return `${SOURCE_NAME}:${digits(startedSeconds, 11)}:${which}:${digits(number, 9)}:${part}:${offset}`;
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).size;
  } catch {
    return undefined;
  }
}

function readText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return "";
  }
}
