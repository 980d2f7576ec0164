/** Everything that is looked for in one field. Fields that stand for one another have all but the memo in common. */

import { isAscii } from "../../core/ascii.ts";
import type { FieldValue } from "../../core/event.ts";
import { type Automaton, createAutomaton, run, STATES_MAX, statesOf } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { plainText } from "./characters.ts";
import { createMemo, keep, type Memo, placeOf, recall } from "./memo.ts";
import { createScanner, LONG_TEXT_MIN, type Pattern, scan, type Scanner } from "./scanner.ts";
import { createTrie, type Edge, type Trie, walk } from "./trie.ts";
import { rarestWindow } from "./window.ts";

export interface FieldIndex {
  /** Texts that a value starts with or is, and that it ends with; null for none. */
  readonly starts: Trie | null;
  readonly ends: Trie | null;
  /** Texts that it holds. */
  readonly parts: Scanner | null;
  /** Those that are much longer than keywords, and so many that it is quicker to go through a value for them alone. */
  readonly long: Scanner | null;
  /** All texts that are not all ASCII, wherever they must stand: only a value can hold them that is not. */
  readonly beyond: Automaton | null;
  /** Those for which a scanner has no room. */
  readonly crowded: Automaton | null;
  /** No shorter text holds anything: UTF-16 units. */
  readonly shortest: number;
  /** Whether nothing but keywords is looked for, which are in texts only. */
  readonly keywordsOnly: boolean;
  /** Null where a value is gone through as quickly as it is compared with another. */
  readonly memo: Memo | null;
}

/** What is looked for in a field. */
export interface FieldTexts {
  readonly starts: readonly Edge[];
  readonly ends: readonly Edge[];
  readonly parts: readonly Pattern[];
}

/** A scanner that reads so little of a value needs no memo: characters from one gram to the next. */
const UNREMEMBERED_STRIDE_MIN = 4;

/** So few beginnings and ends are gone through as quickly as a value is compared with those kept. */
const FEW_EDGES = 8;

/** So many texts, all of them long, are looked for by themselves. */
const LONG_PARTS_MIN = 64;

/** What an automaton looks for of a longer text, where it has room: UTF-16 units. */
const WINDOW_WIDTH = 8;

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
  const place = memo === null ? -1 : placeOf(memo, text);
  if (memo === null || place === -1) return find(index, text, into);
  const known = recall(memo, place, text);
  if (known !== undefined) return into.addAll(known);
  spare.reset();
  find(index, text, spare);
  keep(memo, place, text, spare);
  for (let i = 0; i < spare.count; i++) into.add(spare.ids[i] as number);
}

function find({ starts, ends, parts, long, beyond, crowded }: FieldIndex, text: string, into: Candidates): void {
  if (starts !== null) walk(starts, text, into);
  if (ends !== null) walk(ends, text, into);
  const isBeyond = parts === null || scan(parts, text, into);
  if (long !== null) scan(long, text, into);
  if (isBeyond && beyond !== null) run(beyond, text, into);
  if (crowded !== null) run(crowded, text, into);
}

/** An index of texts and keywords; null where there are none. `seen` are texts of such fields, by which it is told what is rare. */
export function createFieldIndex(
  texts: FieldTexts | undefined,
  keywords: readonly Pattern[],
  seen: readonly string[],
): FieldIndex | null {
  const { starts = [], ends = [], parts = [] } = texts ?? {};
  const all = [...starts, ...ends, ...parts, ...keywords];
  if (all.length === 0) return null;
  const beyond = automatonOf(all.filter(({ text }) => !isAscii(text)));
  const isLong = parts.length >= LONG_PARTS_MIN &&
    parts.every(({ text }) => isAscii(text) && text.length >= LONG_TEXT_MIN);
  const short = createScanner((isLong ? keywords : [...parts, ...keywords]).filter(isScanned), seen, beyond !== null);
  const long = createScanner(isLong ? parts : [], seen, false);
  const crowded = automatonOf([...short.left, ...long.left]);
  const index = {
    starts: trieOf(starts, false),
    ends: trieOf(ends, true),
    parts: short.scanner,
    long: long.scanner,
    beyond,
    crowded,
    keywordsOnly: texts === undefined,
  };
  return {
    ...index,
    shortest: shortestOf(index),
    memo: isQuick(index, starts.length + ends.length) ? null : createMemo(),
  };
}

type Parts = Omit<FieldIndex, "shortest" | "memo">;

function isScanned({ text }: Pattern): boolean {
  return isAscii(text);
}

function trieOf(edges: readonly Edge[], backwards: boolean): Trie | null {
  const plain = edges.filter(({ text }) => isAscii(text));
  return plain.length === 0 ? null : createTrie(plain, backwards);
}

function shortestOf({ starts, ends, parts, long, beyond, crowded }: Parts): number {
  if (starts !== null || ends !== null) return 0;
  if (beyond !== null || crowded !== null) return 1;
  return Math.min(parts?.shortest ?? Infinity, long?.shortest ?? Infinity);
}

function isQuick({ parts, long, beyond, crowded }: Parts, edges: number): boolean {
  const isSkimmed = (parts?.stride ?? Infinity) >= UNREMEMBERED_STRIDE_MIN;
  return edges <= FEW_EDGES && long === null && beyond === null && crowded === null && isSkimmed;
}

/** The same for another field. */
export function withOwnMemo(index: FieldIndex): FieldIndex {
  return index.memo === null ? index : { ...index, memo: createMemo() };
}

/** One automaton for all patterns, of each the rarest window; narrower ones where there would be too many states. */
function automatonOf(written: readonly Pattern[]): Automaton | null {
  if (written.length === 0) return null;
  const patterns = written.map(({ text, selection }) => ({ text: plainText(text), selection }));
  const uses = new Map<string, number>();
  for (const { text } of patterns) {
    for (let at = 0; at < text.length; at++) {
      uses.set(text.slice(at, at + 3), (uses.get(text.slice(at, at + 3)) ?? 0) + 1);
    }
  }
  for (let width = WINDOW_WIDTH;; width--) {
    const windows = patterns.map(({ text, selection }) => ({
      text: rarestWindow(text, 3, width, (at) => uses.get(text.slice(at, at + 3)) ?? 0),
      selection,
    }));
    if (width === 2 || statesOf(windows.map(({ text }) => text)) <= STATES_MAX) return createAutomaton(windows);
  }
}
