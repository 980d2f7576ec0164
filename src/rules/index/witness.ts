/** What an event must hold for a condition to be met: texts of which the index can find one without evaluating anything. */

import type { Condition, Literal, Test } from "../condition.ts";

/** A text that must be found in one of some fields; where none is named, in any field. */
export interface Witness {
  readonly fields: readonly string[];
  readonly literal: Literal;
}

/** Share of events in which a witness is found, as far as is known: 0 to 1. */
export type Rate = (witness: Witness) => number;

/** Witnesses of which an event holds at least one whenever it meets the condition they stand for. */
export interface Cover {
  readonly witnesses: readonly Witness[];
  /** Share of events that hold one of them, at most: the sum of theirs. */
  readonly rate: number;
}

/**
 * The cover of a condition that the fewest events hold; null when it can be met by an event that holds nothing in particular.
 */
export function coverOf(condition: Condition, rateOf: Rate): Cover | null {
  return coversOf(condition, rateOf)[0] ?? null;
}

/**
 * Every cover that can be named of a condition, the one that the fewest events hold first; an event that meets it holds them all.
 *
 * Whatever is found of one part of `all` will do for the whole; of `any`, every part is needed. What is negated asks for
 * nothing to be there. An empty `all` or `any` holds for every event.
 */
export function coversOf(condition: Condition, rateOf: Rate): readonly Cover[] {
  switch (condition.type) {
    case "test": {
      const cover = coverOfTest(condition, rateOf);
      return cover === null ? [] : [cover];
    }
    case "not":
      return [];
    case "all":
      return condition.of.flatMap((part) => coversOf(part, rateOf)).sort((a, b) => a.rate - b.rate);
    case "any": {
      const cover = condition.of.length === 0 ? null : union(condition.of, rateOf);
      return cover === null ? [] : [cover];
    }
  }
}

/** The witnesses of a leaf; null when it has none, or one that every event holds. */
export function witnessesOf({ fields, witnesses }: Test): readonly Witness[] | null {
  if (witnesses === null) return null;
  const some = witnesses.map((literal) => ({ fields, literal }));
  return some.every(({ literal }) => literal.how === "equals" || literal.text !== "") ? some : null;
}

function coverOfTest(test: Test, rateOf: Rate): Cover | null {
  const witnesses = witnessesOf(test);
  if (witnesses === null) return null;
  let rate = 0;
  for (const witness of witnesses) rate += rateOf(witness);
  return { witnesses, rate };
}

function union(conditions: readonly Condition[], rateOf: Rate): Cover | null {
  const witnesses: Witness[] = [];
  let rate = 0;
  for (const condition of conditions) {
    const cover = coverOf(condition, rateOf);
    if (cover === null) return null;
    for (const witness of cover.witnesses) witnesses.push(witness);
    rate += cover.rate;
  }
  return { witnesses, rate };
}
