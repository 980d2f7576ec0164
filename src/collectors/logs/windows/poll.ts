/** The Windows Event Log, through the system's own `wevtutil`: asked for what follows the record that was read last. */

import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../../core/collector.ts";
import type { TelemetryEvent } from "../../../core/event.ts";
import { messageOf } from "../../../core/errors.ts";
import { SOURCE_NAME, sourceEvent } from "../events.ts";
import type { Masking } from "../../../core/masking.ts";
import type { LogHealth } from "../health.ts";
import type { Portion } from "../portion.ts";
import { hashOf } from "../tail/identity.ts";
import { readWindowsRecord, type WindowsRecord } from "./record.ts";
import { splitEvents } from "./xml.ts";

export interface WindowsOptions {
  readonly channels: readonly string[];
  /** Between two rounds: milliseconds. */
  readonly intervalMs: number;
  /** Where a channel is begun the first time. */
  readonly readFrom: "start" | "end";
  readonly masking: Masking;
  readonly health: LogHealth;
  /** Asks the system: `askWevtutil`, unless a test has another. */
  readonly ask?: ((args: readonly string[], signal: AbortSignal) => Promise<string>) | undefined;
}

type WindowsContext = Pick<CollectorContext, "host" | "clock" | "signal" | "state" | "dropped">;

/** Records asked for at a time. */
const RECORDS_MAX = 500;

/** Keys of the state: the number of the last record, by channel. */
const STATE_PREFIX = "windows:";

/** Rounds without anything new after which it is looked whether a channel counts from the start again: it was cleared. */
const ROUNDS_UNTIL_CHECK = 12;

const RECORD_DIGITS = 12;

/** What the channels give, until `signal` is aborted. One that cannot be read is told, and tried again each round. */
export async function* pollWindows(options: WindowsOptions, context: WindowsContext): AsyncGenerator<Portion> {
  const { clock, signal } = context;
  const channels = options.channels.map((name) => new Channel(name, options, context));
  while (!signal.aborted) {
    for (const channel of channels) yield* channel.round();
    await clock.sleep(options.intervalMs, signal);
  }
}

class Channel {
  readonly #name: string;
  readonly #options: WindowsOptions;
  readonly #context: WindowsContext;
  readonly #ask: (args: readonly string[], signal: AbortSignal) => Promise<string>;
  #last: number | undefined;
  #quietRounds = 0;

  constructor(name: string, options: WindowsOptions, context: WindowsContext) {
    this.#name = name;
    this.#options = options;
    this.#context = context;
    this.#ask = options.ask ?? askWevtutil;
    const kept = Number(context.state.get(STATE_PREFIX + name));
    this.#last = Number.isSafeInteger(kept) ? kept : undefined;
  }

  async *round(): AsyncGenerator<Portion> {
    const { health } = this.#options;
    const { signal } = this.#context;
    try {
      if (this.#last === undefined) yield await this.#begin();
      for (let isMore = true; isMore && !signal.aborted;) {
        const asked = await this.#ask(queryArgs(this.#name, this.#last ?? 0), signal);
        const { events: found } = splitEvents(asked);
        isMore = found.length >= RECORDS_MAX;
        yield* this.#portions(found);
        await this.#noteQuiet(found.length);
      }
      health.note(this.#name, null);
    } catch (error) {
      if (!signal.aborted) health.note(this.#name, `Cannot read the event log "${this.#name}": ${messageOf(error)}`);
    }
  }

  /** Where the channel is begun, kept with an event that says so. */
  async #begin(): Promise<Portion> {
    const { host, clock } = this.#context;
    this.#last = this.#options.readFrom === "start" ? 0 : await this.#newest();
    const id = `windows:${hashOf(`${host}\0${this.#name}`)}:watched`;
    const fields = { "log.file.path": this.#name };
    return {
      events: [sourceEvent(id, "log.watched", clock.now(), host, fields)],
      state: [[STATE_PREFIX + this.#name, String(this.#last)]],
    };
  }

  async #newest(): Promise<number> {
    const args = ["qe", this.#name, "/f:xml", "/uni:true", "/rd:true", "/c:1"];
    const { events } = splitEvents(await this.#ask(args, this.#context.signal));
    return readWindowsRecord(events[0] ?? "")?.recordId ?? 0;
  }

  *#portions(found: readonly string[]): Generator<Portion> {
    for (let at = 0; at < found.length; at += CHUNK_EVENTS_MAX) {
      const events: TelemetryEvent[] = [];
      for (const xml of found.slice(at, at + CHUNK_EVENTS_MAX)) {
        const record = readWindowsRecord(xml);
        if (record === undefined) this.#context.dropped("windows_malformed", 1);
        else events.push(this.#event(record));
        const number = record?.recordId ?? Number(/<EventRecordID>(\d{1,15})</.exec(xml)?.[1] ?? 0);
        this.#last = Math.max(this.#last ?? 0, number);
      }
      if (events.length > 0) yield { events, state: [[STATE_PREFIX + this.#name, String(this.#last)]] };
    }
  }

  async #noteQuiet(count: number): Promise<void> {
    this.#quietRounds = count > 0 ? 0 : this.#quietRounds + 1;
    if (this.#quietRounds < ROUNDS_UNTIL_CHECK) return;
    this.#quietRounds = 0;
    if (await this.#newest() < (this.#last ?? 0)) this.#last = 0;
  }

  #event({ recordId, kind, timeMs, host, fields }: WindowsRecord): TelemetryEvent {
    const { clock } = this.#context;
    const observedMs = clock.now();
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === "string") fields[name] = this.#options.masking.mask(value);
    }
    // After a channel was cleared its numbers may come again: the time tells the records apart.
    const key = hashOf(`${this.#context.host}\0${this.#name}\0${timeMs ?? ""}`);
    return {
      id: `${SOURCE_NAME}:windows:${String(recordId).padStart(RECORD_DIGITS, "0")}:${key}`,
      timeMs: timeMs ?? observedMs,
      observedMs,
      source: SOURCE_NAME,
      kind,
      host: host ?? this.#context.host,
      fields,
    };
  }
}

/** Records with numbers above `after`, the oldest first. */
function queryArgs(channel: string, after: number): string[] {
  const query = `*[System[(EventRecordID>${after})]]`;
  return ["qe", channel, `/q:${query}`, "/f:xml", "/uni:true", "/rd:false", `/c:${RECORDS_MAX}`];
}

/** Runs `wevtutil`, which is part of Windows. */
async function askWevtutil(args: readonly string[], signal: AbortSignal): Promise<string> {
  const command = new Deno.Command("wevtutil", {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  });
  const { success, code, stdout, stderr } = await command.output();
  if (!success) throw new Error(`wevtutil ended with ${code}: ${decodeOutput(stderr).trim().split("\n")[0] ?? ""}`);
  return decodeOutput(stdout);
}

/** Text as `wevtutil` writes it: UTF-16 when it was asked for Unicode, with or without a mark, else what the console has. */
export function decodeOutput(bytes: Uint8Array): string {
  const isUtf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes.length >= 2 && bytes[1] === 0);
  return new TextDecoder(isUtf16 ? "utf-16le" : "utf-8").decode(bytes);
}
