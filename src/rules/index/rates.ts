/** How often witnesses are to be expected in events: guessed from the rules, then seen in a sample. */

import type { FieldValue, TelemetryEvent } from "../../core/event.ts";
import type { Condition, Literal } from "../condition.ts";
import { testsOf } from "../compile.ts";
import { Subject } from "../subject.ts";
import type { Cover, Rate, Witness } from "./witness.ts";

/** Characters of a text beyond which it is guessed to be no rarer. */
const TELLING_LENGTH_MAX = 16;

/** Each character is guessed to be worth this many bits. */
const BITS_A_CHARACTER = 0.6;

/**
 * A guess: the longer a text the rarer, and the more rules look for it the more often it is there (`\powershell.exe` stands in
 * so many because so many events hold it).
 */
export function guessedRate(conditions: Iterable<Condition>): Rate {
  const uses = new Map<string, number>();
  for (const condition of conditions) {
    for (const { witnesses } of testsOf(condition)) {
      for (const { text } of witnesses ?? []) uses.set(text, (uses.get(text) ?? 0) + 1);
    }
  }
  return ({ literal: { how, text } }) => {
    const bits = BITS_A_CHARACTER * Math.min(text.length, TELLING_LENGTH_MAX) + (how === "contains" ? 0 : 1);
    return Math.min(1, (uses.get(text) ?? 1) * 2 ** -bits);
  };
}

/** What a sample of events says. */
export interface SeenRates {
  /** Share of the sample that holds a witness; where none does, what was guessed tells one from another. */
  readonly rateOf: Rate;
  /** Share of the sample that holds both covers. */
  shareOfBoth(a: Cover, b: Cover): number;
}

export function seenRates(sample: readonly TelemetryEvent[], guessed: Rate): SeenRates {
  const subjects = sample.map((event) => new Subject(event));
  const known = new Map<string, number>();
  const holds = (subject: Subject, { witnesses }: Cover) => witnesses.some((witness) => subjectHolds(subject, witness));
  return {
    rateOf(witness) {
      const key = `${witness.literal.how} ${witness.fields.join("\0")}\0\0${witness.literal.text}`;
      const before = known.get(key);
      if (before !== undefined) return before;
      let found = 0;
      for (const subject of subjects) if (subjectHolds(subject, witness)) found++;
      const rate = (found + guessed(witness)) / (sample.length + 1);
      known.set(key, rate);
      return rate;
    },
    shareOfBoth: (a, b) =>
      subjects.filter((subject) => holds(subject, a) && holds(subject, b)).length / Math.max(1, subjects.length),
  };
}

function subjectHolds(subject: Subject, { fields, literal }: Witness): boolean {
  const names = fields.length > 0 ? fields : subject.names();
  return names.some((name) => valueHolds(subject.folded(name), literal));
}

function valueHolds(value: FieldValue | undefined, literal: Literal): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => item !== null && textHolds(String(item), literal));
  return textHolds(String(value), literal);
}

function textHolds(text: string, literal: Literal): boolean {
  switch (literal.how) {
    case "equals":
      return text === literal.text;
    case "startsWith":
      return text.startsWith(literal.text);
    case "endsWith":
      return text.endsWith(literal.text);
    case "contains":
      return text.includes(literal.text);
  }
}
