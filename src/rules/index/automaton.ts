/**
 * Many texts looked for at once: an Aho-Corasick automaton with its transitions in one table, a row of 2^n for each state.
 * A value is read once, a table look-up a character, however many texts there are and however alike: it is for those that a
 * scanner does not take.
 */

import type { Candidates } from "./candidates.ts";
import { ASCII_MAX, BEYOND_ASCII, CHARACTERS, sharedStart } from "./characters.ts";
import type { Pattern } from "./scanner.ts";

/** Most states an automaton may have: their numbers are 16 bits wide. */
export const STATES_MAX = 0x1_0000;

/** Most classes of characters; the rarest share the last. */
const CLASSES_MAX = 64;

/** Class of every character that is in no pattern. */
const OTHER_CLASS = 0;

export interface Automaton {
  /** State after a state (row) and a class (column). */
  readonly next: Uint16Array;
  /** Rows are `1 << shift` wide. */
  readonly shift: number;
  /** Class of each character. */
  readonly classes: Uint8Array;
  /** States from here on end a pattern. */
  readonly firstFinal: number;
  /** Of final state `firstFinal + i`, where its selections start; one more at the end. */
  readonly starts: Uint32Array;
  readonly selections: Uint32Array;
  /** Of each final state, the scan that last passed it. */
  readonly passed: Uint32Array;
  scans: number;
}

/** Adds to `into` the selections whose patterns are in the value. */
export function run(automaton: Automaton, value: string, into: Candidates): void {
  automaton.scans = (automaton.scans + 1) & 0x3fff_ffff;
  if (automaton.scans === 0) automaton.passed.fill(0xffff_ffff);
  read(automaton, value, into, false);
}

function read(automaton: Automaton, value: string, into: Candidates, folded: boolean): void {
  const { next, shift, classes, firstFinal } = automaton;
  let state = 0;
  for (let i = 0; i < value.length; i++) {
    let code = value.charCodeAt(i);
    if (code > ASCII_MAX) {
      if (!folded) return read(automaton, value.toLowerCase(), into, true);
      code = BEYOND_ASCII;
    }
    state = next[(state << shift) + (classes[code] as number)] as number;
    if (state >= firstFinal) report(automaton, state - firstFinal, into);
  }
}

/** A final state is reported once a scan, so that a long value of one repeated text takes no longer than any other. */
function report({ passed, scans, starts, selections }: Automaton, final: number, into: Candidates): void {
  if (passed[final] === scans) return;
  passed[final] = scans;
  const end = starts[final + 1] as number;
  for (let i = starts[final] as number; i < end; i++) into.add(selections[i] as number);
}

/** An automaton for at least one pattern, in plain characters; their texts together must not need more than {@linkcode STATES_MAX} states. */
export function createAutomaton(patterns: readonly Pattern[]): Automaton {
  const { classes, count } = classesOf(patterns);
  const shift = Math.ceil(Math.log2(count));
  const grown = growTrie(patterns, classes, shift);
  return { classes, ...renumber(linkFailures(grown, shift), grown.ends, shift), scans: 0 };
}

/** How many states an automaton for these texts needs. */
export function statesOf(texts: readonly string[]): number {
  let states = 1;
  let before = "";
  for (const text of [...texts].sort()) {
    states += text.length - sharedStart(before, text);
    before = text;
  }
  return states;
}

/** A class for each character that patterns hold, the most frequent first, the small and the capital letter the same. */
function classesOf(patterns: readonly Pattern[]): { readonly classes: Uint8Array; readonly count: number } {
  const uses = new Uint32Array(CHARACTERS);
  for (const { text } of patterns) {
    for (let i = 0; i < text.length; i++) (uses[text.charCodeAt(i)] as number)++;
  }
  const used = Array.from(uses.keys()).filter((code) => uses[code] !== 0);
  used.sort((a, b) => (uses[b] as number) - (uses[a] as number) || a - b);
  const classes = new Uint8Array(CHARACTERS).fill(OTHER_CLASS);
  for (const [i, code] of used.entries()) classes[code] = Math.min(i + 1, CLASSES_MAX - 1);
  for (let small = 0x61; small <= 0x7a; small++) classes[small - 0x20] = classes[small] as number;
  return { classes, count: Math.min(used.length + 1, CLASSES_MAX) };
}

/** Patterns as a tree of states: 0 in the table stands for no child, which is sound as the root is nobody's. */
interface GrownTrie {
  readonly next: Uint16Array;
  readonly states: number;
  /** By state, the patterns that end there. */
  readonly ends: Map<number, Pattern[]>;
}

function growTrie(patterns: readonly Pattern[], classes: Uint8Array, shift: number): GrownTrie {
  const room = Math.min(statesOf(patterns.map(({ text }) => text)), STATES_MAX);
  const next = new Uint16Array(room << shift);
  const ends = new Map<number, Pattern[]>();
  let states = 1;
  for (const pattern of patterns) {
    let state = 0;
    for (let i = 0; i < pattern.text.length; i++) {
      const edge = (state << shift) + (classes[pattern.text.charCodeAt(i)] as number);
      state = next[edge] as number;
      if (state === 0) {
        state = states++;
        next[edge] = state;
      }
    }
    const ending = ends.get(state);
    if (ending === undefined) ends.set(state, [pattern]);
    else ending.push(pattern);
  }
  return { next, states, ends };
}

interface LinkedTrie {
  readonly next: Uint16Array;
  /** Every state, the nearest to the root first. */
  readonly order: Uint16Array;
  /** Of each state, the longest other state that it ends with. */
  readonly fail: Uint16Array;
}

/** Completes the table: where a state has no child, its row says what the longest state that it ends with has. */
function linkFailures({ next, states }: GrownTrie, shift: number): LinkedTrie {
  const width = 1 << shift;
  const fail = new Uint16Array(states);
  const order = new Uint16Array(states);
  let found = 1;
  for (let done = 0; done < found; done++) {
    const state = order[done] as number;
    const row = state << shift;
    const failRow = (fail[state] as number) << shift;
    for (let column = 0; column < width; column++) {
      const child = next[row + column] as number;
      const instead = state === 0 ? 0 : next[failRow + column] as number;
      if (child === 0) next[row + column] = instead;
      else {
        fail[child] = instead;
        order[found++] = child;
      }
    }
  }
  return { next, order, fail };
}

/** Puts the final states last, and within that the nearest to the root first, so that what is read often lies together. */
function renumber(
  { next, order, fail }: LinkedTrie,
  ends: ReadonlyMap<number, Pattern[]>,
  shift: number,
): Omit<Automaton, "classes" | "scans"> {
  const endings = new Map<number, readonly Pattern[]>();
  for (const state of order) {
    const own = ends.get(state);
    const inherited = endings.get(fail[state] as number);
    if (own !== undefined || inherited !== undefined) endings.set(state, [...own ?? [], ...inherited ?? []]);
  }
  const finals = Array.from(order).filter((state) => endings.has(state));
  const places = [...Array.from(order).filter((state) => !endings.has(state)), ...finals];
  const newNumber = new Uint16Array(places.length);
  for (const [place, state] of places.entries()) newNumber[state] = place;
  const table = new Uint16Array(places.length << shift);
  for (const [place, state] of places.entries()) {
    const from = state << shift;
    for (let column = 0; column < 1 << shift; column++) {
      table[(place << shift) + column] = newNumber[next[from + column] as number] as number;
    }
  }
  const lists = finals.map((state) => endings.get(state) ?? []);
  const firstFinal = places.length - finals.length;
  return {
    next: table,
    shift,
    firstFinal,
    ...flatten(lists),
    passed: new Uint32Array(finals.length),
  };
}

/** The selections of lists of patterns end to end, each once in its list. */
function flatten(lists: readonly (readonly Pattern[])[]): Pick<Automaton, "starts" | "selections"> {
  const starts = new Uint32Array(lists.length + 1);
  const selections: number[] = [];
  for (const [i, list] of lists.entries()) {
    for (const selection of new Set(list.map(({ selection }) => selection))) selections.push(selection);
    starts[i + 1] = selections.length;
  }
  return { starts, selections: Uint32Array.from(selections) };
}
