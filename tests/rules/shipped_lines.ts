/** Lines of logs through the decoders and every shipped rule: what fires, and by which lines. */

import { createDecoder, type DecodedEvent, type LogFormat } from "../../src/collectors/logs/decode/decoder.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { correlateSchema, scoreSchema } from "../../src/correlate/schema.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { KNOWN_KINDS } from "../../src/pipeline/kinds.ts";
import { loadRules } from "../../src/rules/load.ts";
import { recorded } from "../recorded.ts";

const { rules } = await loadRules([new URL("../../rules", import.meta.url).pathname], { knownKinds: KNOWN_KINDS });
const config = { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) };

/** By when the year is told of lines without one. */
const NOW_MS = Date.UTC(2026, 10, 22);

/** Something that fired: the rule, its group's values, and the number of the line that made it fire, from 1. */
export interface Fired {
  readonly rule: string;
  readonly group: string;
  readonly line: number;
}

/** Runs lines through all rules on the lines' own times. */
export async function fireLines(lines: readonly string[], format: LogFormat = "auto"): Promise<Fired[]> {
  const { engine } = createEngine(rules, config);
  engine.observe(decodeLines(lines, format), "lines");
  engine.advance(Infinity, () => 0);
  const early = await engine.decide(NOW_MS);
  engine.flush();
  const late = await engine.decide(NOW_MS);
  return [...early.detections, ...late.detections].map(({ rule, group, eventIds }) => ({
    rule,
    group: Object.values(group).join(" "),
    line: Number(eventIds.at(-1)?.split("/")[0]),
  }));
}

function decodeLines(lines: readonly string[], format: LogFormat): TelemetryEvent[] {
  const decoder = createDecoder(format, { timeZone: "UTC", nowMs: () => NOW_MS });
  const decoded: DecodedEvent[] = [];
  for (const [i, text] of lines.entries()) {
    const observedMs = decoded.at(-1)?.timeMs ?? NOW_MS;
    decoder.decode({ text, at: i + 1, observedMs }, decoded);
  }
  decoder.flush(Infinity, decoded);
  return decoded.map(({ kind, timeMs, host = "web-1", fields, at, index }) => (
    { id: `${at}/${index}`, timeMs, observedMs: timeMs, source: "logs", kind, host, fields }
  ));
}

/** The lines of a file of the data, without their endings. */
export function dataLines(path: string): string[] {
  return Deno.readTextFileSync(recorded(path)).split(/\r?\n/).filter((line) => line !== "");
}
