/**
 * Many texts looked for at once by their grams, three characters each. Where every text is long only some grams of a value are
 * read, as many passed over as the shortest text allows, for whatever holds the text holds one of its grams at such a place;
 * otherwise each is. A bit says whether some text has the gram, and only then are texts themselves compared.
 *
 * An automaton takes a step a character too, but its steps go all over a table of states, most of it not in the processor's
 * cache; the bits here are 4 KB.
 */

import type { Candidates } from "./candidates.ts";
import { ASCII_MAX, BEYOND_ASCII, CHARACTERS, FOLDED } from "./characters.ts";
import { rarestGram, rarestWindow } from "./window.ts";

/** A text that, where it is found, makes a selection a candidate. */
export interface Pattern {
  /** In lower case, all ASCII where a scanner is to look for it, not empty. */
  readonly text: string;
  readonly selection: number;
}

/** Characters of a gram: UTF-16 units. */
const GRAM_WIDTH = 3;

/** Where all texts are so long, grams are too: rarer, so that of a value less need be read and compared. UTF-16 units. */
export const LONG_TEXT_MIN = 16;
const LONG_GRAM_WIDTH = 8;

/** Bits of a character's class. A gram is its characters' side by side, a long one is hashed to as many bits. */
const CLASS_BITS = 5;
const CLASSES = 1 << CLASS_BITS;
const GRAM_MASK = (1 << CLASS_BITS * GRAM_WIDTH) - 1;

/** Odd, its bits well mixed, so that a long gram's are. */
const LONG_GRAM_FACTOR = 0x5bd1e995;

/** Class of every character that is in none of the texts. */
const OTHER_CLASS = 0;

/** Where all texts are as long or longer, grams are passed over: UTF-16 units. With shorter ones nearly all would be read. */
export const PASSED_OVER_TEXT_MIN = 6;

/** Of a longer text only this much is looked for. UTF-16 units. */
export const SCANNED_LENGTH_MAX = 24;

/** Most texts that are compared where one gram stands, so that no value takes long. */
export const TEXTS_A_GRAM_MAX = 24;

export interface Scanner {
  /** Characters of a gram. */
  readonly width: number;
  /** From one gram that is read to the next: characters. */
  readonly stride: number;
  /** No shorter value holds any of the texts. */
  readonly shortest: number;
  /** Class of each character, the same for either case of a letter. */
  readonly classes: Uint8Array;
  /** A bit for each gram that some text has, and how many such there are before each 32 of them. */
  readonly held: Int32Array;
  readonly heldBefore: Uint16Array;
  /** For each gram that is held, where its texts start in `texts` and `backs`; those of the next end them. */
  readonly starts: Uint32Array;
  readonly texts: Uint32Array;
  /** How far before the end of the gram the text starts. */
  readonly backs: Uint8Array;
  /** The characters of all texts, where each text starts among them, and its selections. */
  readonly characters: Uint8Array;
  readonly textStarts: Uint32Array;
  readonly selections: readonly Uint32Array[];
  /** Of each text, the number of the value in which it was last found. */
  readonly found: Uint32Array;
  values: number;
}

/**
 * Adds to `into` the selections whose texts are in the value; a few more where it is not all ASCII. Says whether it met a character
 * beyond ASCII, which it may have passed over unless it reads every gram.
 */
export function scan(scanner: Scanner, value: string, into: Candidates): boolean {
  scanner.values = (scanner.values + 1) & 0x3fff_ffff;
  if (scanner.values === 0) scanner.found.fill(0xffff_ffff);
  const isBeyond = scanner.stride === 1
    ? readEach(scanner, value, into)
    : scanner.width === GRAM_WIDTH
    ? readSome(scanner, value, into)
    : readLong(scanner, value, into);
  if (isBeyond) readFolded(scanner, value.toLowerCase(), into);
  return isBeyond;
}

/** Reads each gram as if all were ASCII, and says whether it was not. */
function readEach(scanner: Scanner, value: string, into: Candidates): boolean {
  const { classes, held } = scanner;
  let gram = 0;
  let bits = 0;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    bits |= code;
    gram = (gram << CLASS_BITS | (classes[code & ASCII_MAX] as number)) & GRAM_MASK;
    if (((held[gram >> 5] as number) >>> (gram & 31) & 1) !== 0) compareAt(scanner, gram, value, at, into);
  }
  return bits > ASCII_MAX;
}

/** Stops where it meets a character beyond ASCII, and says so. */
function readSome(scanner: Scanner, value: string, into: Candidates): boolean {
  const { classes, held, stride } = scanner;
  for (let at = stride + GRAM_WIDTH - 2; at < value.length; at += stride) {
    const a = value.charCodeAt(at - 2);
    const b = value.charCodeAt(at - 1);
    const c = value.charCodeAt(at);
    if ((a | b | c) > ASCII_MAX) return true;
    const gram = (classes[a] as number) << 2 * CLASS_BITS | (classes[b] as number) << CLASS_BITS |
      (classes[c] as number);
    if (((held[gram >> 5] as number) >>> (gram & 31) & 1) !== 0) compareAt(scanner, gram, value, at, into);
  }
  return false;
}

function readLong(scanner: Scanner, value: string, into: Candidates): boolean {
  const { classes, held, stride, width } = scanner;
  for (let at = stride + width - 2; at < value.length; at += stride) {
    let gram = 0;
    for (let i = at - width + 1; i <= at; i++) {
      const code = value.charCodeAt(i);
      if (code > ASCII_MAX) return true;
      gram = Math.imul(gram, LONG_GRAM_FACTOR) + (classes[code] as number) | 0;
    }
    gram = gram >>> 16 & GRAM_MASK;
    if (((held[gram >> 5] as number) >>> (gram & 31) & 1) !== 0) compareAt(scanner, gram, value, at, into);
  }
  return false;
}

/** The same for a value in lower case that is not all ASCII: its other characters are in no gram. */
function readFolded(scanner: Scanner, value: string, into: Candidates): void {
  const { classes, held, stride, width } = scanner;
  const first = stride === 1 ? 0 : stride + width - 2;
  for (let at = first; at < value.length; at += stride) {
    const gram = gramBefore(classes, value, at + 1, width);
    if (((held[gram >> 5] as number) >>> (gram & 31) & 1) !== 0) compareAt(scanner, gram, value, at, into);
  }
}

/** The gram that ends before a place of a text; there are as good as no characters before the text. */
function gramBefore(classes: Uint8Array, text: string, end: number, width: number): number {
  let gram = 0;
  for (let i = Math.max(0, end - width); i < end; i++) {
    const character = classes[Math.min(text.charCodeAt(i), BEYOND_ASCII)] as number;
    gram = width === GRAM_WIDTH ? gram << CLASS_BITS | character : Math.imul(gram, LONG_GRAM_FACTOR) + character | 0;
  }
  return (width === GRAM_WIDTH ? gram : gram >>> 16) & GRAM_MASK;
}

/** Compares the texts that have this gram with the value where they would have to stand; the gram ends at `at`. */
function compareAt(scanner: Scanner, gram: number, value: string, at: number, into: Candidates): void {
  const { held, heldBefore, starts, texts, backs, found, selections, values } = scanner;
  const below = (held[gram >> 5] as number) & ((1 << (gram & 31)) - 1);
  const place = (heldBefore[gram >> 5] as number) + bitsIn(below);
  const end = starts[place + 1] as number;
  for (let i = starts[place] as number; i < end; i++) {
    const text = texts[i] as number;
    if (found[text] === values || !standsAt(scanner, text, value, at - (backs[i] as number))) continue;
    found[text] = values;
    into.addAll(selections[text] as Uint32Array);
  }
}

/** Whether a text stands at a place of a value; what is not ASCII may be the capital of any of its letters. */
function standsAt({ characters, textStarts }: Scanner, text: number, value: string, from: number): boolean {
  const start = textStarts[text] as number;
  const length = (textStarts[text + 1] as number) - start;
  if (from < 0 || from + length > value.length) return false;
  for (let i = 0; i < length; i++) {
    const code = value.charCodeAt(from + i);
    if (code <= ASCII_MAX && FOLDED[code] !== characters[start + i]) return false;
  }
  return true;
}

/** How many bits of 32 are set. */
function bitsIn(word: number): number {
  let bits = word - (word >>> 1 & 0x5555_5555);
  bits = (bits & 0x3333_3333) + (bits >>> 2 & 0x3333_3333);
  return Math.imul(bits + (bits >>> 4) & 0x0f0f_0f0f, 0x0101_0101) >>> 24;
}

export interface ScannerParts {
  /** Null where there is nothing that it looks for. */
  readonly scanner: Scanner | null;
  /** What it does not look for, as too many texts have a gram in common. */
  readonly left: readonly Pattern[];
}

/**
 * A scanner for patterns. `seen` are texts of events, by which it is told which grams are
 * rare. `readsAll`: whether every character is to be read, so that none beyond ASCII is passed over.
 */
export function createScanner(
  patterns: readonly Pattern[],
  seen: readonly string[],
  readsAll: boolean,
): ScannerParts {
  const shortest = patterns.reduce((least, { text }) => Math.min(least, text.length), SCANNED_LENGTH_MAX);
  const readsEach = readsAll || shortest < PASSED_OVER_TEXT_MIN;
  const width = readsEach || shortest < LONG_TEXT_MIN ? GRAM_WIDTH : LONG_GRAM_WIDTH;
  const stride = readsEach ? 1 : shortest - width + 1;
  const classes = classesOf(patterns);
  const table = new GramTable({ width, stride, shortest, classes }, seen);
  const left = patterns.filter((pattern) => !table.add(pattern));
  return { scanner: left.length < patterns.length ? { ...table.how, ...table.packed() } : null, left };
}

/** Classes for the characters in patterns, each of the most frequent its own. */
function classesOf(patterns: readonly Pattern[]): Uint8Array {
  const uses = new Float64Array(CHARACTERS);
  for (const { text } of patterns) {
    // Of a short text nothing but its characters tells it from what else is there: they come before all others.
    const weight = text.length < GRAM_WIDTH ? 2 ** 32 : 1;
    for (let i = 0; i < text.length; i++) (uses[text.charCodeAt(i)] as number) += weight;
  }
  const used = Array.from(uses.keys()).filter((code) => uses[code] !== 0);
  used.sort((a, b) => (uses[b] as number) - (uses[a] as number) || a - b);
  const classes = new Uint8Array(CHARACTERS).fill(OTHER_CLASS);
  for (const [i, code] of used.entries()) {
    // Those for which no class is left share those of the less frequent half.
    classes[code] = i < CLASSES - 1 ? i + 1 : CLASSES / 2 + i % (CLASSES / 2);
  }
  for (let small = 0x61; small <= 0x7a; small++) classes[small - 0x20] = classes[small] as number;
  return classes;
}

/** How a scanner goes through values. */
type Reading = Pick<Scanner, "width" | "stride" | "shortest" | "classes">;

/** What a scanner looks for, while it is put together. */
class GramTable {
  readonly #windows = new Map<string, { readonly text: number; readonly selections: Set<number> }>();
  /** By gram: the texts compared there, and how far each starts before the gram's end. */
  readonly #compared = new Map<number, { readonly text: number; readonly back: number }[]>();
  readonly #seen = new Uint32Array(GRAM_MASK + 1);

  constructor(readonly how: Reading, seen: readonly string[]) {
    for (const text of seen) {
      for (let end = how.width; end <= text.length; end++) (this.#seen[this.#gramBefore(text, end)] as number)++;
    }
  }

  /** False where there is no room for it. */
  add({ text, selection }: Pattern): boolean {
    const { width, stride, shortest } = this.how;
    const commonnessAt = (at: number) => this.#commonness(this.#gramBefore(text, at + width));
    const [window, at] = stride === 1
      ? rarestGram(text, width, SCANNED_LENGTH_MAX, commonnessAt)
      : [rarestWindow(text, width, shortest, commonnessAt), 0];
    const known = this.#windows.get(window);
    if (known !== undefined) {
      known.selections.add(selection);
      return true;
    }
    const places = window.length < width ? this.#endingAs(window) : Array.from({ length: stride }, (_, i) => {
      const end = at + i + width;
      return { gram: this.#gramBefore(window, end), back: end - 1 };
    });
    if (!this.#hasRoom(places.map(({ gram }) => gram))) return false;
    const number = this.#windows.size;
    this.#windows.set(window, { text: number, selections: new Set([selection]) });
    for (const { gram, back } of places) {
      const compared = this.#compared.get(gram);
      if (compared === undefined) this.#compared.set(gram, [{ text: number, back }]);
      else compared.push({ text: number, back });
    }
    return true;
  }

  /** A text may have a gram more than once. */
  #hasRoom(grams: readonly number[]): boolean {
    return grams.every((gram) => {
      const own = this.how.stride === 1 ? 1 : grams.filter((other) => other === gram).length;
      return (this.#compared.get(gram)?.length ?? 0) + own <= TEXTS_A_GRAM_MAX;
    });
  }

  #gramBefore(text: string, end: number): number {
    return gramBefore(this.how.classes, text, end, this.how.width);
  }

  /** In events it counts, in other texts that are looked for a little: what rules have in common is what events have in common. */
  #commonness(gram: number): number {
    return (this.#seen[gram] as number) + (this.#compared.get(gram)?.length ?? 0) / TEXTS_A_GRAM_MAX;
  }

  /** Every gram that ends with a text shorter than a gram. */
  #endingAs(text: string): { readonly gram: number; readonly back: number }[] {
    const end = this.#gramBefore(text, text.length);
    const shift = CLASS_BITS * text.length;
    const befores = 1 << CLASS_BITS * GRAM_WIDTH - shift;
    return Array.from({ length: befores }, (_, i) => ({ gram: i << shift | end, back: text.length - 1 }));
  }

  packed(): Omit<Scanner, keyof Reading> {
    const held = new Int32Array((GRAM_MASK + 1) >> 5);
    for (const gram of this.#compared.keys()) (held[gram >> 5] as number) |= 1 << (gram & 31);
    const heldBefore = new Uint16Array(held.length);
    for (let i = 1; i < held.length; i++) {
      heldBefore[i] = (heldBefore[i - 1] as number) + bitsIn(held[i - 1] as number);
    }
    const lists = [...this.#compared].sort(([a], [b]) => a - b).map(([, compared]) => compared);
    const windows = [...this.#windows.keys()];
    return {
      held,
      heldBefore,
      starts: startsOf(lists.map(({ length }) => length)),
      texts: Uint32Array.from(lists.flatMap((compared) => compared.map(({ text }) => text))),
      backs: Uint8Array.from(lists.flatMap((compared) => compared.map(({ back }) => back))),
      characters: new TextEncoder().encode(windows.join("")),
      textStarts: startsOf(windows.map(({ length }) => length)),
      selections: [...this.#windows.values()].map(({ selections }) => Uint32Array.from(selections)),
      found: new Uint32Array(windows.length).fill(0xffff_ffff),
      values: 0,
    };
  }
}

/** Where each of some lists starts when they lie end to end, and where the last ends. */
function startsOf(lengths: readonly number[]): Uint32Array {
  const starts = new Uint32Array(lengths.length + 1);
  for (const [i, length] of lengths.entries()) starts[i + 1] = (starts[i] as number) + length;
  return starts;
}
