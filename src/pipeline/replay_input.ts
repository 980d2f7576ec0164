/** What a replay reads: from a line of its input to the events that are in it. */

import { createDecoder, type DecodedEvent } from "../collectors/logs/decode/decoder.ts";
import { eventFromJson, type TelemetryEvent } from "../core/event.ts";
import type { Line } from "../core/lines.ts";

/** What an input may be in: events as JSON, or the lines of a log. */
export const REPLAY_FORMATS = ["ndjson", "syslog", "access", "audit"] as const;

export type ReplayFormat = (typeof REPLAY_FORMATS)[number];

export interface InputOptions {
  readonly format: ReplayFormat;
  /** The host of events that name none. */
  readonly host: string;
  /** Of a log's times that say none: an IANA name; this host's by default. */
  readonly timeZone?: string;
  /** The time by which the year is told of a log's times that have none: milliseconds since the epoch. */
  readonly nowMs: () => number;
}

/** Takes an event, and the number of the line it stood in. */
export type TakeEvent = (event: TelemetryEvent, line: number) => void;

/** Reads the lines of one input in their order. An event without a time has that of the one before, so that the order is kept. */
export interface InputReader {
  /** @throws {Error} for a line that must be an event and is none. */
  read(line: Line, take: TakeEvent): void;
  /** The input has ended: gives what was held back. */
  end(take: TakeEvent): void;
}

/**
 * A reader for one input.
 *
 * @throws {RangeError} for a time zone that is not known.
 */
export function createInputReader(options: InputOptions): InputReader {
  return options.format === "ndjson" ? createJsonReader(options.host) : createLogReader(options);
}

function createJsonReader(host: string): InputReader {
  let lastMs = 0;
  return {
    read({ number, text, cut }, take) {
      if (cut) throw new RangeError("Cannot read an event as its line is too long");
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        throw new SyntaxError("Cannot read an event as the line must be one JSON object");
      }
      const event = eventFromJson(value, { id: lineId(number), timeMs: lastMs, observedMs: lastMs, host });
      lastMs = event.timeMs;
      take(event, number);
    },
    end() {},
  };
}

/** The collector whose events a log's are. */
const LOGS_SOURCE = "logs";

function createLogReader({ format, host, timeZone, nowMs }: InputOptions & { format: ReplayFormat }): InputReader {
  const decoder = createDecoder(format === "ndjson" ? "json" : format, {
    nowMs,
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  const decoded: DecodedEvent[] = [];
  let lastMs = 0;
  const giveAll = (take: TakeEvent) => {
    for (let i = 0; i < decoded.length; i++) {
      const { kind, timeMs, host: named = host, fields, at, index } = decoded[i] as DecodedEvent;
      lastMs = timeMs;
      const id = index === 0 ? lineId(at) : `${lineId(at)}/${String(index).padStart(4, "0")}`;
      take({ id, timeMs, observedMs: timeMs, source: LOGS_SOURCE, kind, host: named, fields }, at);
    }
    decoded.length = 0;
  };
  return {
    read({ number, text, cut }, take) {
      decoder.decode({ text, at: number, observedMs: lastMs, isCut: cut }, decoded);
      giveAll(take);
    },
    end(take) {
      decoder.flush(Infinity, decoded);
      giveAll(take);
    },
  };
}

/** Lines whose ids begin alike. */
const BLOCK = 10_000;

let block = -1;
let blockText = "";

/** The id of a line's event: ids grow with the lines. */
function lineId(line: number): string {
  const blockOf = Math.floor(line / BLOCK);
  if (blockOf !== block) {
    block = blockOf;
    blockText = `line:${String(blockOf).padStart(8, "0")}`;
  }
  const rest = line - blockOf * BLOCK;
  return blockText + (rest < 10 ? "000" : rest < 100 ? "00" : rest < 1000 ? "0" : "") + rest;
}
