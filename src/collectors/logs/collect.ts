/** The log collector at work: every source of lines beside the others, one portion at a time. */

import type { Clock } from "../../core/clock.ts";
import type { Collector, CollectorContext } from "../../core/collector.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { compileExpression } from "../../core/expression.ts";
import { createDecoder } from "./decode/decoder.ts";
import { SOURCE_NAME } from "./events.ts";
import { LogHealth } from "./health.ts";
import { Intake, type Mask } from "./intake.ts";
import type { MultilineOptions } from "./multiline.ts";
import { LOCAL_TIME_ZONE, type LogsConfig, type ReadingConfig } from "./schema.ts";
import type { TailInput } from "./tail/followed.ts";
import { tailFiles } from "./tail/tail.ts";

/** A line's text before anything is made of it: here is where secrets are taken out. */
const maskLine: Mask = (text) => text;

export function makeLogsCollector(config: LogsConfig): Collector {
  const health = new LogHealth();
  return {
    name: SOURCE_NAME,
    summary: summaryOf(config),
    targets: () => health.targets(),
    collect: (context) => collect(config, context, health),
  };
}

function summaryOf({ paths, files }: LogsConfig): string {
  const count = paths.length + files.reduce((sum, group) => sum + group.paths.length, 0);
  return `files of ${count} paths`;
}

async function* collect(
  config: LogsConfig,
  context: CollectorContext,
  health: LogHealth,
): AsyncGenerator<readonly TelemetryEvent[]> {
  health.attach(context);
  const portions = tailFiles({
    inputs: inputsOf(config, context.clock),
    filesMax: config.files_max,
    lineBytesMax: config.line_bytes_max,
    pollIntervalMs: config.poll_interval,
    scanIntervalMs: config.scan_interval,
    rotatedWaitMs: config.rotated_wait,
    health,
    isWatching: config.watch,
  }, context);
  for await (const { events, state } of portions) {
    for (const [key, value] of state) {
      if (value === null) context.state.delete(key);
      else context.state.set(key, value);
    }
    yield events;
  }
}

/** Groups of files with a way of their own come first: a path that is in both is read in that way. */
function inputsOf(config: LogsConfig, clock: Clock): TailInput[] {
  return [...config.files, config].flatMap((reading: ReadingConfig) =>
    reading.paths.map((pattern): TailInput => ({
      pattern,
      exclude: reading.exclude,
      readFrom: reading.read_from,
      intake: () =>
        new Intake({
          decoder: createDecoder(reading.format, {
            nowMs: () => clock.now(),
            ...(reading.time_zone === LOCAL_TIME_ZONE ? {} : { timeZone: reading.time_zone }),
          }),
          mask: maskLine,
          multiline: multilineOf(reading.multiline, config.line_bytes_max),
        }),
    }))
  );
}

function multilineOf(config: ReadingConfig["multiline"], charactersMax: number): MultilineOptions | undefined {
  if (config === undefined) return undefined;
  const expression = compileExpression(config.pattern);
  if ("error" in expression) return undefined;
  const { negate, lines_max, timeout } = config;
  return {
    continues: (text) => expression.test(text) !== negate,
    linesMax: lines_max,
    charactersMax,
    timeoutMs: timeout,
  };
}
