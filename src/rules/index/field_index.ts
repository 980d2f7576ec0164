/** Everything that is looked for in one field, or in fields that stand for one another. */

import { type Automaton, scan } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { type Trie, walk } from "./trie.ts";

export interface FieldIndex {
  /** Its number in an automaton that it shares with others. */
  readonly field: number;
  /** Texts that a value starts with or is, that it ends with, that it holds; null for none. */
  readonly starts: Trie | null;
  readonly ends: Trie | null;
  readonly parts: Automaton | null;
}

/** Adds to `into` the selections for which there is a witness in a text. */
export function findInText({ starts, ends, parts, field }: FieldIndex, text: string, into: Candidates): void {
  if (starts !== null) walk(starts, text, into);
  if (ends !== null) walk(ends, text, into);
  if (parts !== null) scan(parts, text, field, into);
}
