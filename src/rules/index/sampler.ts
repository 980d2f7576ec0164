/**
 * Long texts looked for at once without reading all of a value: of its characters only three are read, then as many passed over
 * as the shortest text allows, for whatever holds the text holds one of its grams at such a place. Only where such a gram
 * stands is the text itself compared.
 */

import { ANY_FIELD, type Pattern } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { ASCII_MAX, FOLDED } from "./characters.ts";
import { type Grams, rarestWindow } from "./window.ts";

/** Characters of a gram: UTF-16 units. */
const GRAM_WIDTH = 3;

/** The shortest text that a sampler looks for: with shorter ones it would have to read nearly all. UTF-16 units. */
export const SAMPLED_TEXT_MIN = 6;

/** Of a longer text only this much is looked for. UTF-16 units. */
const WINDOW_MAX = 24;

/** Places of grams: a power of two. Grams may share one. */
const PLACES = 1 << 15;

/** Most texts that are compared where one gram stands, so that no value takes long; past it there is no sampler. */
const TEXTS_A_PLACE_MAX = 24;

export interface Sampler {
  /** From one gram that is read to the next: characters. */
  readonly stride: number;
  /** No shorter value holds any of the texts. */
  readonly shortest: number;
  /** A bit for each place at which there is a gram. */
  readonly held: Int32Array;
  /** Where the grams of a place start in `texts` and `offsets`; those of the next end them. */
  readonly starts: Uint16Array | Uint32Array;
  /** For each gram the text it is of, and where it stands in it. */
  readonly texts: Uint16Array | Uint32Array;
  readonly offsets: Uint8Array;
  /** The texts, in lower case. */
  readonly windows: readonly string[];
  /** Of each text, what is looked for in which field. */
  readonly wanted: readonly (readonly Wanted[])[];
  /** Of each text, the value in which it was last found. */
  readonly found: Uint32Array;
  values: number;
}

interface Wanted {
  /** Or {@linkcode ANY_FIELD}. */
  readonly field: number;
  readonly selection: number;
}

/** Whether a sampler can look for a text: beyond ASCII a character's lower case may be of another length. */
export function isSampled(text: string): boolean {
  // deno-lint-ignore no-control-regex -- ASCII as a whole is meant
  return text.length >= SAMPLED_TEXT_MIN && /^[\x00-\x7f]*$/.test(text);
}

/** Adds to `into` the selections whose texts for this field are in the value; a few more where it is not all ASCII. */
export function sample(sampler: Sampler, value: string, field: number, into: Candidates): void {
  if (value.length < sampler.shortest) return;
  sampler.values = (sampler.values + 1) & 0x3fff_ffff;
  if (sampler.values === 0) sampler.found.fill(0xffff_ffff);
  const { stride, held } = sampler;
  const end = value.length - GRAM_WIDTH;
  for (let at = stride - 1; at <= end; at += stride) {
    const a = value.charCodeAt(at);
    const b = value.charCodeAt(at + 1);
    const c = value.charCodeAt(at + 2);
    if ((a | b | c) > ASCII_MAX) return sampleFolded(sampler, value.toLowerCase(), field, into);
    const place = placeOf(a, b, c);
    if (((held[place >> 5] as number) >>> (place & 31) & 1) !== 0) compareAt(sampler, place, value, at, field, into);
  }
}

/** The same for a value in lower case that is not all ASCII: no gram has any of its other characters. */
function sampleFolded(sampler: Sampler, value: string, field: number, into: Candidates): void {
  const { stride, held } = sampler;
  const end = value.length - GRAM_WIDTH;
  for (let at = stride - 1; at <= end; at += stride) {
    const place = placeOf(value.charCodeAt(at), value.charCodeAt(at + 1), value.charCodeAt(at + 2));
    if (((held[place >> 5] as number) >>> (place & 31) & 1) !== 0) compareAt(sampler, place, value, at, field, into);
  }
}

/** Compares the texts that have a gram of this place with the value where it would have to stand. */
function compareAt(
  sampler: Sampler,
  place: number,
  value: string,
  at: number,
  field: number,
  into: Candidates,
): void {
  const { starts, texts, offsets, windows, found, wanted, values } = sampler;
  const end = starts[place + 1] as number;
  for (let i = starts[place] as number; i < end; i++) {
    const text = texts[i] as number;
    if (found[text] === values || !standsAt(windows[text] as string, value, at - (offsets[i] as number))) continue;
    found[text] = values;
    for (const { field: one, selection } of wanted[text] as readonly Wanted[]) {
      if (one === field || one === ANY_FIELD) into.add(selection);
    }
  }
}

/** Whether a text stands at a place of a value; what is not ASCII may be the capital of any of its letters. */
function standsAt(text: string, value: string, from: number): boolean {
  if (from < 0 || from + text.length > value.length) return false;
  for (let i = 0; i < text.length; i++) {
    const code = value.charCodeAt(from + i);
    if (code <= ASCII_MAX && FOLDED[code] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** A letter's place is the same in either case. */
function placeOf(a: number, b: number, c: number): number {
  return ((a | 0x20) << 10 ^ (b | 0x20) << 5 ^ (c | 0x20)) & (PLACES - 1);
}

/** A sampler for at least one pattern, each as {@linkcode isSampled} asks; null where too many have a gram in common. */
export function createSampler(patterns: readonly Pattern[], grams: Grams): Sampler | null {
  const shortest = patterns.reduce((least, { text }) => Math.min(least, text.length), WINDOW_MAX);
  const stride = shortest - GRAM_WIDTH + 1;
  const wanted = new Map<string, Map<string, Wanted>>();
  for (const { text, field, selection } of patterns) {
    const window = rarestWindow(text, shortest, grams);
    const of = wanted.get(window) ?? new Map<string, Wanted>();
    wanted.set(window, of.set(`${field} ${selection}`, { field, selection }));
  }
  const windows = [...wanted.keys()];
  const table = tableOf(windows, stride);
  if (table === null) return null;
  return {
    stride,
    shortest,
    ...table,
    windows,
    wanted: windows.map((window) => [...wanted.get(window)?.values() ?? []]),
    found: new Uint32Array(windows.length).fill(0xffff_ffff),
    values: 0,
  };
}

/** The first `stride` grams of each text, by their places; null where too many have the same. */
function tableOf(
  windows: readonly string[],
  stride: number,
): Pick<Sampler, "held" | "starts" | "texts" | "offsets"> | null {
  const counts = new Uint32Array(PLACES);
  for (const window of windows) {
    for (let at = 0; at < stride; at++) {
      const count = ++(counts[placeIn(window, at)] as number);
      if (count > TEXTS_A_PLACE_MAX) return null;
    }
  }
  const starts = arrayFor(windows.length * stride, PLACES + 1);
  const held = new Int32Array(PLACES >> 5);
  for (let place = 0; place < PLACES; place++) {
    const count = counts[place] as number;
    starts[place + 1] = (starts[place] as number) + count;
    if (count > 0) (held[place >> 5] as number) |= 1 << (place & 31);
  }
  const texts = arrayFor(windows.length, windows.length * stride);
  const offsets = new Uint8Array(windows.length * stride);
  for (const [text, window] of windows.entries()) {
    for (let at = 0; at < stride; at++) {
      const place = placeIn(window, at);
      const to = (starts[place + 1] as number) - (counts[place] as number)--;
      texts[to] = text;
      offsets[to] = at;
    }
  }
  return { held, starts, texts, offsets };
}

function placeIn(text: string, at: number): number {
  return placeOf(text.charCodeAt(at), text.charCodeAt(at + 1), text.charCodeAt(at + 2));
}

function arrayFor(largest: number, length: number): Uint16Array | Uint32Array {
  return largest <= 0xffff ? new Uint16Array(length) : new Uint32Array(length);
}
