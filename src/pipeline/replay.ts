/** Events from a file or a pipe through the same engine, on the events' own time: deterministic, and nothing is kept. */

import type { Detection } from "../core/detection.ts";
import { messageOf } from "../core/errors.ts";
import { eventFromJson, type TelemetryEvent, toRfc3339 } from "../core/event.ts";
import type { Line } from "../core/lines.ts";
import type { ThreatScore } from "../core/score.ts";
import type { Decisions, Engine } from "./engine.ts";

/** What a replay tells of. */
export const EMITS = ["detections", "matches", "scores"] as const;

export type Emit = (typeof EMITS)[number];

export interface ReplayOptions {
  readonly engine: Engine;
  /** Chunks of lines, each line one JSON object. */
  readonly lines: AsyncIterable<readonly Line[]>;
  /** The host of events that name none. */
  readonly host: string;
  readonly emit: Emit;
  /** Takes one line of output, without its end. */
  readonly write: (json: string) => void;
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
  const { engine, emit, write, onBadLine } = options;
  const lineOf = new Map<TelemetryEvent, number>();
  let [lines, events, badLines, lastMs] = [0, 0, 0, 0];
  const tell = (decisions: Decisions) => {
    for (const json of told(decisions, emit, lineOf)) write(json);
    lineOf.clear();
  };
  for await (const chunk of options.lines) {
    const batch: TelemetryEvent[] = [];
    for (const line of chunk) {
      lines++;
      if (line.text.trim() === "") continue;
      try {
        const event = readEvent(line, lastMs, options.host);
        lastMs = event.timeMs;
        batch.push(event);
        if (emit === "matches") lineOf.set(event, line.number);
      } catch (error) {
        badLines++;
        onBadLine(line.number, messageOf(error));
      }
    }
    events += batch.length;
    engine.observe(batch, INPUT);
    engine.advance(Infinity, () => 0);
    tell(await engine.decide(lastMs));
  }
  engine.flush();
  tell(await engine.decide(lastMs));
  return { lines, events, badLines };
}

/** An event of a line. One without a time has the time of the line before, so that the order of lines is kept. */
function readEvent(line: Line, lastMs: number, host: string): TelemetryEvent {
  if (line.cut) throw new RangeError("Cannot read an event as its line is too long");
  const id = `line:${String(line.number).padStart(12, "0")}`;
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    throw new SyntaxError("Cannot read an event as the line must be one JSON object");
  }
  return eventFromJson(value, { id, timeMs: lastMs, observedMs: lastMs, host });
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
  let last = "";
  for (const { rule, event, hidden } of decisions.matches) {
    if (hidden === true) continue;
    const json = JSON.stringify({ line: lineOf.get(event), rule });
    if (json !== last) yield json; // several selections of one rule may meet one event
    last = json;
  }
}

function detectionLine({ id, rule, level, timeMs, group, count, eventIds }: Detection) {
  return { id, rule, level, time: toRfc3339(timeMs), group, count, event_ids: eventIds };
}
