/**
 * Texts that a value starts with, ends with or is: a tree walked from one end of the value, left as soon as nothing fits. It
 * branches only as far as it must to tell the texts apart, the rest of each is compared as a whole; and its edges are in one
 * hash table. So it takes room by the number of texts and what they share, not by their length.
 */

import type { Candidates } from "./candidates.ts";
import { ASCII_MAX, BEYOND_ASCII, CHARACTERS, FOLDED, plainText, sharedStart } from "./characters.ts";

/** A text at an end of a value that makes a selection a candidate. */
export interface Edge {
  /** In lower case. */
  readonly text: string;
  /** Whether it must be the whole value. */
  readonly whole: boolean;
  readonly selection: number;
}

/** What is known at a node of the tree. */
interface Found {
  /** What must still follow, in the order of the walk; then the node has no children. */
  readonly rest: string;
  /** Selections of texts that are found here, and of those that the value must be done with. */
  readonly onTheWay: Uint32Array;
  readonly atTheEnd: Uint32Array;
}

export interface Trie {
  /** Whether it is walked from the end of a value. */
  readonly backwards: boolean;
  /** `node << 8 | character` of each edge where it hashes to or next to it; -1 where there is none. */
  readonly keys: Int32Array;
  /** Where that edge leads. */
  readonly targets: Int32Array;
  /** Where each character leads from the root, which is where most walks end; -1 for nowhere. */
  readonly first: Int32Array;
  /** By node; null where no text ends. */
  readonly found: readonly (Found | null)[];
}

const NO_EDGE = -1;

/** Adds to `into` the selections whose texts the value has at that end. */
export function walk(trie: Trie, value: string, into: Candidates): void {
  follow(trie, value, into, false);
}

function follow(trie: Trie, value: string, into: Candidates, folded: boolean): void {
  const last = value.length - 1;
  let node = 0;
  for (let at = 0;; at++) {
    const found = trie.found[node] as Found | null;
    if (found !== null) {
      if (found.rest !== "") return compareRest(trie, found, value, at, into);
      into.addAll(found.onTheWay);
      if (at > last) into.addAll(found.atTheEnd);
    }
    if (at > last) return;
    let code = value.charCodeAt(trie.backwards ? last - at : at);
    if (code > ASCII_MAX) {
      if (!folded) return follow(trie, value.toLowerCase(), into, true);
      code = BEYOND_ASCII;
    }
    const character = FOLDED[code] as number;
    node = at === 0 ? trie.first[character] as number : step(trie, node, character);
    if (node === NO_EDGE) return;
  }
}

function step({ keys, targets }: Trie, node: number, code: number): number {
  const key = node << 8 | code;
  const mask = keys.length - 1;
  for (let at = placeOf(key, mask);; at = (at + 1) & mask) {
    const held = keys[at];
    if (held === key) return targets[at] as number;
    if (held === NO_EDGE) return NO_EDGE;
  }
}

/** Goes on to the end of the one text that is left; of a value that is not all ASCII it is left to the condition. */
function compareRest(trie: Trie, found: Found, value: string, from: number, into: Candidates): void {
  const { rest, onTheWay, atTheEnd } = found;
  const last = value.length - 1;
  let exact = true;
  for (let i = 0; i < rest.length && exact; i++) {
    if (from + i > last) return;
    const code = value.charCodeAt(trie.backwards ? last - from - i : from + i);
    exact = code <= ASCII_MAX;
    if (exact && FOLDED[code] !== rest.charCodeAt(i)) return;
  }
  into.addAll(onTheWay);
  if (!exact || from + rest.length > last) into.addAll(atTheEnd);
}

/** Multiplication by 2^32 over the golden ratio, its middle bits: spreads keys that lie close together. */
function placeOf(key: number, mask: number): number {
  return (Math.imul(key, 0x9e3779b1) >>> 8) & mask;
}

/** A tree of these texts. */
export function createTrie(edges: readonly Edge[], backwards: boolean): Trie {
  const texts = [...gather(edges, backwards)].sort(([a], [b]) => (a < b ? -1 : 1));
  const children = new Map<number, number>();
  const found: (Found | null)[] = [null];
  for (const [i, [text, { onTheWay, atTheEnd }]] of texts.entries()) {
    const shared = Math.max(sharedStart(texts[i - 1]?.[0] ?? "", text), sharedStart(text, texts[i + 1]?.[0] ?? ""));
    const depth = Math.min(text.length, shared + 1);
    let node = 0;
    for (let at = 0; at < depth; at++) {
      const key = node << 8 | text.charCodeAt(at);
      node = children.get(key) ?? found.push(null) - 1;
      children.set(key, node);
    }
    found[node] = {
      rest: text.slice(depth),
      onTheWay: Uint32Array.from(onTheWay),
      atTheEnd: Uint32Array.from(atTheEnd),
    };
  }
  const first = Int32Array.from({ length: CHARACTERS }, (_, character) => children.get(character) ?? NO_EDGE);
  return { backwards, ...hashed(children), first, found };
}

interface Selections {
  readonly onTheWay: Set<number>;
  readonly atTheEnd: Set<number>;
}

/** The selections of each text, the texts as characters in the order of the walk. */
function gather(edges: readonly Edge[], backwards: boolean): Map<string, Selections> {
  const texts = new Map<string, Selections>();
  for (const { text, whole, selection } of edges) {
    const plain = plainText(text);
    const walked = backwards ? [...plain].reverse().join("") : plain;
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
