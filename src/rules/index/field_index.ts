/** Everything that is looked for in one field, or in fields that stand for one another. */

import type { FieldValue } from "../../core/event.ts";
import { type Automaton, scan } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import type { Memo } from "./memo.ts";
import { type Trie, walk } from "./trie.ts";

export interface FieldIndex {
  /** Its number in an automaton that it shares with others. */
  readonly field: number;
  /** Texts that a value starts with or is, that it ends with, that it holds; null for none. */
  readonly starts: Trie | null;
  readonly ends: Trie | null;
  readonly parts: Automaton | null;
  /** Null where reading a value is as quick as remembering it. */
  readonly memo: Memo | null;
}

/**
 * Adds to `into` the selections for which there is a witness in a value: in a text, a number or boolean as written, or any item
 * of a list. `spare` is overwritten.
 */
export function findInValue(index: FieldIndex, value: FieldValue, into: Candidates, spare: Candidates): void {
  if (typeof value === "string") findInText(index, value, into, spare);
  else if (typeof value !== "object") findInText(index, String(value), into, spare);
  else if (value !== null) {
    for (const item of value) if (item !== null) findInText(index, String(item), into, spare);
  }
}

function findInText(index: FieldIndex, text: string, into: Candidates, spare: Candidates): void {
  const { memo } = index;
  if (memo === null || !memo.takes(text)) return find(index, text, into);
  const known = memo.get(text);
  if (known !== undefined) return into.addAll(known);
  spare.reset();
  find(index, text, spare);
  memo.set(text, spare);
  into.addFrom(spare);
}

function find({ starts, ends, parts, field }: FieldIndex, text: string, into: Candidates): void {
  if (starts !== null) walk(starts, text, into);
  if (ends !== null) walk(ends, text, into);
  if (parts !== null) scan(parts, text, field, into);
}
