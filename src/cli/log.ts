/** The program's own words, on standard error: a line each, for people or as JSON. */

import type { Clock } from "../core/clock.ts";
import { toRfc3339 } from "../core/event.ts";
import { type Log, LOG_LEVELS, type LogLevel } from "../core/log.ts";
import { escapeText, warnLine } from "./output.ts";

/** A log that leaves out what is below `least`. */
export function createLog(least: LogLevel, format: "text" | "json", clock: Clock): Log {
  const from = LOG_LEVELS.indexOf(least);
  return (level, about, message) => {
    if (LOG_LEVELS.indexOf(level) < from) return;
    const time = toRfc3339(clock.now());
    if (format === "json") warnLine(JSON.stringify({ time, level, component: about, message }));
    else warnLine(`${time} ${level.padEnd(5)} ${escapeText(about)}: ${escapeText(message)}`);
  };
}
