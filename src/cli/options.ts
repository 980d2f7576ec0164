/** Options that several commands take, and how their values are read. */

import { InvalidArgumentError } from "commander";
import { DURATION_FORM, parseDuration } from "../core/duration.ts";

/** A duration in milliseconds, for commander. */
export function durationOption(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`A duration is ${DURATION_FORM}.`);
  return ms;
}

/** A count of at least 1, for commander. */
export function countOption(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError("A count is a whole number of at least 1.");
  return count;
}

/** Collects an option that may be given several times. */
export function repeated(value: string, before: string[] = []): string[] {
  return [...before, value];
}
