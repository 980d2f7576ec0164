/** Events from a file or a pipe through the same engine, on the events' own time: deterministic, and nothing is kept. */

import type { Detection } from "../core/detection.ts";
import { messageOf } from "../core/errors.ts";
import { type TelemetryEvent, toRfc3339 } from "../core/event.ts";
import type { Line } from "../core/lines.ts";
import type { ThreatScore } from "../core/score.ts";
import type { Decisions, Engine, MatchRecord } from "./engine.ts";
import type { InputReader } from "./replay_input.ts";

/** What a replay tells of. */
export const EMITS = ["detections", "matches", "scores"] as const;

export type Emit = (typeof EMITS)[number];

export interface ReplayOptions {
  readonly engine: Engine;
  /** Chunks of lines. */
  readonly lines: AsyncIterable<readonly Line[]>;
  /** Reads the events that are in them. */
  readonly reader: InputReader;
  readonly emit: Emit;
  /** Takes lines of output, without the end of the last. */
  readonly write: (lines: string) => void;
  /** Told of each line that could not be read, and why. */
  readonly onBadLine: (line: number, message: string) => void;
}

export interface ReplayResult {
  readonly lines: number;
  readonly events: number;
  readonly badLines: number;
}

/** All lines of one input share one watermark, as they come from one place in one order. */
const INPUT = "input";

/** Runs the input to its end, then makes the decisions that were waiting for more. */
export async function replay(options: ReplayOptions): Promise<ReplayResult> {
  const { engine, reader, emit, write, onBadLine } = options;
  const lineOf = new Map<TelemetryEvent, number>();
  let [lines, events, badLines, lastMs] = [0, 0, 0, 0];
  // What a line gave goes on at once: an event that meets nothing is forgotten as soon as it was looked at.
  const given: TelemetryEvent[] = [];
  const take = (event: TelemetryEvent, line: number) => {
    given.push(event);
    lastMs = event.timeMs;
    if (emit === "matches") lineOf.set(event, line);
  };
  const observe = () => {
    if (given.length === 0) return;
    events += given.length;
    engine.observe(given, INPUT);
    given.length = 0;
  };
  const tell = async () => {
    const lines = [...told(await engine.decide(lastMs, { withScores: emit === "scores" }), emit, lineOf)];
    if (lines.length > 0) write(lines.join("\n"));
    if (lineOf.size > 0) lineOf.clear();
  };
  for await (const chunk of options.lines) {
    for (const line of chunk) {
      lines++;
      if (isBlank(line.text)) continue;
      try {
        reader.read(line, take);
      } catch (error) {
        badLines++;
        onBadLine(line.number, messageOf(error));
      }
      observe();
    }
    engine.advance(Infinity, () => 0);
    await tell();
  }
  reader.end(take);
  observe();
  engine.advance(Infinity, () => 0);
  await tell();
  engine.flush();
  await tell();
  return { lines, events, badLines };
}

const SPACE = 32;

/** A line that begins with a visible character need not be looked at any further. */
function isBlank(text: string): boolean {
  return !(text.charCodeAt(0) > SPACE) && text.trim() === "";
}

function* told(decisions: Decisions, emit: Emit, lineOf: ReadonlyMap<TelemetryEvent, number>): Iterable<string> {
  switch (emit) {
    case "matches":
      yield* matchLines(decisions, lineOf);
      break;
    case "detections":
      for (const detection of decisions.detections) yield JSON.stringify(detectionLine(detection));
      break;
    case "scores":
      for (const score of decisions.scores) yield JSON.stringify(score satisfies ThreatScore);
  }
}

function* matchLines(decisions: Decisions, lineOf: ReadonlyMap<TelemetryEvent, number>): Iterable<string> {
  let last: MatchRecord | undefined;
  for (const match of decisions.matches) {
    if (match.hidden === true) continue;
    // Several selections of one rule may meet one event; a line may hold several events.
    if (match.event === last?.event && match.rule === last.rule) continue;
    last = match;
    yield JSON.stringify({ line: lineOf.get(match.event), rule: match.rule });
  }
}

function detectionLine({ id, rule, level, timeMs, group, count, eventIds }: Detection) {
  return { id, rule, level, time: toRfc3339(timeMs), group, count, event_ids: eventIds };
}
