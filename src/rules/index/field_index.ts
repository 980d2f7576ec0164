/** Everything that is looked for in one field. Fields that stand for one another have all but the memo in common. */

import type { FieldValue } from "../../core/event.ts";
import { type Automaton, scan } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { keep, type Memo, placeOf, recall } from "./memo.ts";
import { sample, type Sampler } from "./sampler.ts";
import { type Trie, walk } from "./trie.ts";

export interface FieldIndex {
  /** Its number in an automaton that it shares with others. */
  readonly field: number;
  /** Texts that a value starts with or is, and that it ends with; null for none. */
  readonly starts: Trie | null;
  readonly ends: Trie | null;
  /** Texts that it holds: of any length, or long ones. */
  readonly parts: Automaton | null;
  readonly samples: Sampler | null;
  /** Texts that it holds, far longer than the others. */
  readonly long: Sampler | null;
  /** No shorter text holds anything: UTF-16 units. */
  readonly shortest: number;
  /** Whether nothing but keywords is looked for, which are in texts only. */
  readonly keywordsOnly: boolean;
  readonly memo: Memo;
}

/**
 * Adds to `into` the selections for which there is a witness in a value: a text, a number or boolean as written, any item of a
 * list. `spare` is overwritten.
 */
export function findInValue(
  index: FieldIndex,
  value: FieldValue | undefined,
  into: Candidates,
  spare: Candidates,
): void {
  if (typeof value === "string") findInText(index, value, into, spare);
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) findInValue(index, value[i], into, spare);
  } else if (!index.keywordsOnly && value !== undefined && value !== null) find(index, String(value), into);
}

/** The same for a text. */
export function findInText(index: FieldIndex, text: string, into: Candidates, spare: Candidates): void {
  if (text.length < index.shortest) return;
  const { memo } = index;
  const place = index.parts === null && index.samples === null ? -1 : placeOf(memo, text);
  if (place === -1) return find(index, text, into);
  const known = recall(memo, place, text);
  if (known !== undefined) return into.addAll(known);
  spare.reset();
  find(index, text, spare);
  keep(memo, place, text, spare);
  into.addAll(memo.found[place] as Uint32Array);
}

function find({ starts, ends, parts, samples, long, field }: FieldIndex, text: string, into: Candidates): void {
  if (starts !== null) walk(starts, text, into);
  if (ends !== null) walk(ends, text, into);
  if (parts !== null) scan(parts, text, field, into);
  if (samples !== null) sample(samples, text, field, into);
  if (long !== null) sample(long, text, field, into);
}
