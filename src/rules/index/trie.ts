/**
 * Texts that a value starts with, is, or ends with, as a tree that tells only where they part: of a value nothing is read but the
 * characters there, and it is compared with the one text that is then left. Values of a field mostly start alike, as paths do, and
 * what they share with texts is so passed over.
 */

import type { Candidates } from "./candidates.ts";
import { ASCII_MAX, CHARACTERS, FOLDED, sharedStart } from "./characters.ts";

/** A text at an end of a value that makes a selection a candidate. */
export interface Edge {
  /** In lower case, all ASCII. */
  readonly text: string;
  /** Whether it must be the whole value. */
  readonly whole: boolean;
  readonly selection: number;
}

/** What is found at a node where a text ends. */
interface Found {
  /** The text, in the order of the walk. */
  readonly text: string;
  /** Selections of texts that are found here, and of those that the value must be done with. */
  readonly onTheWay: Uint32Array;
  readonly atTheEnd: Uint32Array;
}

export interface Trie {
  /** Whether it is walked from the end of a value. */
  readonly backwards: boolean;
  /** By node, how many characters all texts under it have in common. */
  readonly depths: Uint32Array;
  /** By node; null where no text ends. */
  readonly found: readonly (Found | null)[];
  /** Where each next character leads from the root, which is where most walks end; -1 for nowhere. */
  readonly first: Int32Array;
  /** `node << 8 | character` of each edge where it hashes to or next to it; -1 where there is none. */
  readonly keys: Int32Array;
  /** Where that edge leads. */
  readonly targets: Int32Array;
}

const NO_EDGE = -1;

/** Adds to `into` the selections whose texts the value has at that end; a few more where it is not all ASCII. */
export function walk(trie: Trie, value: string, into: Candidates): void {
  follow(trie, value, into, false);
}

/**
 * A text that is all ASCII stands in the lower case of a value at as many characters from its end as in the value itself, since
 * what is longer in lower case is not ASCII then. So the value is read as it is, unless one that is not ASCII decides.
 */
function follow(trie: Trie, value: string, into: Candidates, folded: boolean): void {
  const { backwards, depths, found, first } = trie;
  const { length } = value;
  for (let node = 0; node !== NO_EDGE;) {
    const at = depths[node] as number;
    if (at > length) return;
    const ending = found[node] as Found | null;
    if (ending !== null && !report(ending, backwards, value, into)) return;
    if (at === length) return;
    const code = value.charCodeAt(backwards ? length - 1 - at : at);
    if (code > ASCII_MAX) {
      if (!folded) follow(trie, value.toLowerCase(), into, true);
      return;
    }
    const character = FOLDED[code] as number;
    node = node === 0 ? first[character] as number : step(trie, node, character);
  }
}

/** Reports what ends here if the value has the text; what is not ASCII may be the capital of any letter. */
function report({ text, onTheWay, atTheEnd }: Found, backwards: boolean, value: string, into: Candidates): boolean {
  let isAscii = true;
  for (let i = 0; i < text.length; i++) {
    const code = value.charCodeAt(backwards ? value.length - 1 - i : i);
    if (code > ASCII_MAX) isAscii = false;
    else if (FOLDED[code] !== text.charCodeAt(i)) return false;
  }
  into.addAll(onTheWay);
  if (text.length === value.length || !isAscii) into.addAll(atTheEnd);
  return true;
}

function step({ keys, targets }: Trie, node: number, character: number): number {
  const key = node << 8 | character;
  const mask = keys.length - 1;
  for (let at = placeOf(key, mask);; at = (at + 1) & mask) {
    const held = keys[at];
    if (held === key) return targets[at] as number;
    if (held === NO_EDGE) return NO_EDGE;
  }
}

/** Multiplication by 2^32 over the golden ratio, its middle bits: spreads keys that lie close together. */
function placeOf(key: number, mask: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 8) & mask;
}

/** A tree of at least one text. */
export function createTrie(edges: readonly Edge[], backwards: boolean): Trie {
  const texts = [...gather(edges, backwards)].sort(([a], [b]) => (a < b ? -1 : 1));
  const depths: number[] = [];
  const found: (Found | null)[] = [];
  const children = new Map<number, number>();
  // Of the texts from one to before another all that are under a node, and the edge that leads to it.
  const open: { from: number; to: number; edge: number }[] = [{ from: 0, to: texts.length, edge: NO_EDGE }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { from, to, edge } = next;
    const [text, { onTheWay, atTheEnd }] = texts[from] as [string, Selections];
    const depth = sharedStart(text, texts[to - 1]?.[0] ?? "");
    const node = depths.push(depth) - 1;
    if (edge !== NO_EDGE) children.set(edge, node);
    const isEnding = text.length === depth;
    found.push(isEnding ? { text, onTheWay: Uint32Array.from(onTheWay), atTheEnd: Uint32Array.from(atTheEnd) } : null);
    for (let start = isEnding ? from + 1 : from; start < to;) {
      const character = texts[start]?.[0].charCodeAt(depth);
      let end = start + 1;
      while (end < to && texts[end]?.[0].charCodeAt(depth) === character) end++;
      open.push({ from: start, to: end, edge: node << 8 | (character ?? 0) });
      start = end;
    }
  }
  const first = Int32Array.from({ length: CHARACTERS }, (_, character) => children.get(character) ?? NO_EDGE);
  return { backwards, depths: Uint32Array.from(depths), found, first, ...hashed(children) };
}

interface Selections {
  readonly onTheWay: Set<number>;
  readonly atTheEnd: Set<number>;
}

/** The selections of each text, the texts in the order of the walk. */
function gather(edges: readonly Edge[], backwards: boolean): Map<string, Selections> {
  const texts = new Map<string, Selections>();
  for (const { text, whole, selection } of edges) {
    const walked = backwards ? [...text].reverse().join("") : text;
    const of = texts.get(walked) ?? { onTheWay: new Set(), atTheEnd: new Set() };
    texts.set(walked, of);
    (whole ? of.atTheEnd : of.onTheWay).add(selection);
  }
  return texts;
}

function hashed(children: ReadonlyMap<number, number>): Pick<Trie, "keys" | "targets"> {
  const room = 2 ** Math.ceil(Math.log2(2 * children.size + 2));
  const keys = new Int32Array(room).fill(NO_EDGE);
  const targets = new Int32Array(room);
  for (const [key, child] of children) {
    let at = placeOf(key, room - 1);
    while (keys[at] !== NO_EDGE) at = (at + 1) & (room - 1);
    keys[at] = key;
    targets[at] = child;
  }
  return { keys, targets };
}
