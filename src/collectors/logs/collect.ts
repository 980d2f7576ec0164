/** The log collector at work: every source of lines beside the others, each started again when it fails. */

import type { Collector, CollectorContext } from "../../core/collector.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { compileExpression } from "../../core/expression.ts";
import { type Masking, noMasking } from "../../core/masking.ts";
import type { StateStore } from "../../core/state_store.ts";
import { Merge } from "../../core/stream.ts";
import { createDecoder, type Decoder, type LogFormat } from "./decode/decoder.ts";
import { SOURCE_NAME } from "./events.ts";
import { LogHealth } from "./health.ts";
import { Intake } from "./intake.ts";
import { isJournalTheOnlyLog } from "./journald/presence.ts";
import { keptUp } from "./kept_up.ts";
import type { MultilineOptions } from "./multiline.ts";
import type { Portion } from "./portion.ts";
import { LOCAL_TIME_ZONE, type LogsConfig, parseListen, type ReadingConfig } from "./schema.ts";
import type { TailInput } from "./tail/options.ts";
import { tailFiles } from "./tail/tail.ts";

/** What a text goes through before anything is made of it, whichever source it comes from: secrets are taken out. */
function maskOf({ masking = noMasking }: CollectorContext): Masking {
  return masking;
}

/** One source of lines: what it is called, and how it is started. */
interface LineSource {
  readonly name: string;
  start(context: CollectorContext): AsyncIterable<Portion>;
}

export function makeLogsCollector(config: LogsConfig): Collector {
  const health = new LogHealth();
  return {
    name: SOURCE_NAME,
    summary: summaryOf(config),
    targets: () => health.targets(),
    collect: (context) => collect(config, context, health),
  };
}

function summaryOf(config: LogsConfig): string {
  const count = config.paths.length + config.files.reduce((sum, group) => sum + group.paths.length, 0);
  const parts = count === 0 ? [] : [`files of ${count} paths`];
  if (readsJournal(config)) parts.push("journald");
  for (const transport of ["udp", "tcp"] as const) {
    if (parseListen(config.syslog[transport]) !== undefined) {
      parts.push(`syslog on ${config.syslog[transport]} (${transport})`);
    }
  }
  if (readsWindows(config)) parts.push("the Windows event log");
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

/** Why there is nothing to read; `undefined` when there is. */
export function nothingToRead(config: LogsConfig): string | undefined {
  return summaryOf(config) === "nothing" ? "no path, journal, address or event log is configured" : undefined;
}

function readsJournal({ journald }: LogsConfig): boolean {
  return journald.read === "always" || (journald.read === "auto" && isJournalTheOnlyLog());
}

function readsWindows({ windows }: LogsConfig): boolean {
  return Deno.build.os === "windows" && windows.channels.length > 0;
}

async function* collect(
  config: LogsConfig,
  context: CollectorContext,
  health: LogHealth,
): AsyncGenerator<readonly TelemetryEvent[]> {
  health.attach(context);
  const ended = new AbortController();
  const signal = AbortSignal.any([context.signal, ended.signal]);
  const merge = new Merge<Portion>();
  for (const { name, start } of sourcesOf(config, health)) {
    const inner = { ...context, signal };
    merge.add({ name, chunks: keptUp(name, () => start(inner), health, inner) });
  }
  try {
    while (!signal.aborted) {
      await merge.arrival(signal);
      for (const { items } of merge.take(PORTIONS_MAX)) {
        for (const { events, state } of items) {
          setAll(context.state, state);
          yield events;
        }
      }
    }
  } finally {
    ended.abort();
    await merge.end();
  }
}

/** Portions taken at a time: each source has one waiting at most. */
const PORTIONS_MAX = 8;

function setAll(store: StateStore, state: Portion["state"]): void {
  for (const [key, value] of state) {
    if (value === null) store.delete(key);
    else store.set(key, value);
  }
}

function sourcesOf(config: LogsConfig, health: LogHealth): LineSource[] {
  const sources: LineSource[] = [];
  if (config.paths.length + config.files.length > 0) {
    sources.push({ name: "files", start: (context) => files(config, context, health) });
  }
  if (readsJournal(config)) sources.push({ name: "journald", start: (context) => journal(config, context) });
  if (parseListen(config.syslog.udp) !== undefined || parseListen(config.syslog.tcp) !== undefined) {
    sources.push({ name: "syslog", start: (context) => syslog(config, context, health) });
  }
  if (readsWindows(config)) sources.push({ name: "windows", start: (context) => windows(config, context, health) });
  return sources;
}

function files(config: LogsConfig, context: CollectorContext, health: LogHealth): AsyncIterable<Portion> {
  return tailFiles({
    inputs: inputsOf(config, context),
    filesMax: config.files_max,
    lineBytesMax: config.line_bytes_max,
    pollIntervalMs: config.poll_interval,
    scanIntervalMs: config.scan_interval,
    rotatedWaitMs: config.rotated_wait,
    health,
    isWatching: config.watch,
  }, context);
}

// Files are read on most hosts, and often nothing else: what reads the rest is loaded where it is read.

async function* journal({ journald, line_bytes_max }: LogsConfig, context: CollectorContext): AsyncIterable<Portion> {
  const { followJournal } = await import("./journald/follow.ts");
  yield* followJournal(
    { readFrom: journald.read_from, messageCharactersMax: line_bytes_max, masking: maskOf(context) },
    context,
  );
}

async function* syslog(config: LogsConfig, context: CollectorContext, health: LogHealth): AsyncIterable<Portion> {
  const { listenForSyslog } = await import("./syslog/listen.ts");
  const { udp, tcp, connections_max: connectionsMax, time_zone } = config.syslog;
  yield* listenForSyslog({
    udp: parseListen(udp),
    tcp: parseListen(tcp),
    connectionsMax,
    messageBytesMax: config.line_bytes_max,
    decoder: decoderOf("syslog", time_zone, context),
    masking: maskOf(context),
    health,
  }, context);
}

async function* windows({ windows }: LogsConfig, context: CollectorContext, health: LogHealth): AsyncIterable<Portion> {
  const { pollWindows } = await import("./windows/poll.ts");
  const { channels, interval: intervalMs, read_from: readFrom } = windows;
  yield* pollWindows({ channels, intervalMs, readFrom, masking: maskOf(context), health }, context);
}

/** Groups of files with a way of their own come first: a path that is in both is read in that way. */
function inputsOf(config: LogsConfig, context: CollectorContext): TailInput[] {
  return [...config.files, config].flatMap((reading: ReadingConfig) =>
    reading.paths.map((pattern): TailInput => ({
      pattern,
      exclude: reading.exclude,
      readFrom: reading.read_from,
      intake: () =>
        new Intake({
          decoder: decoderOf(reading.format, reading.time_zone, context),
          masking: maskOf(context),
          multiline: multilineOf(reading.multiline, config.line_bytes_max),
        }),
    }))
  );
}

function decoderOf(format: LogFormat, zone: string, { clock }: CollectorContext): Decoder {
  const timeZone = zone === LOCAL_TIME_ZONE ? {} : { timeZone: zone };
  return createDecoder(format, { ...timeZone, nowMs: () => clock.now() });
}

function multilineOf(config: ReadingConfig["multiline"], charactersMax: number): MultilineOptions | undefined {
  if (config === undefined) return undefined;
  const expression = compileExpression(config.pattern);
  if ("error" in expression) throw new TypeError(`Cannot join lines as the pattern ${expression.error}`);
  const { negate, lines_max: linesMax, timeout: timeoutMs } = config;
  return { continues: (text) => expression.test(text) !== negate, linesMax, charactersMax, timeoutMs };
}
