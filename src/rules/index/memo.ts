/**
 * What was found in the values a field had lately. Programs, users and directories come again and again, and a text is compared with
 * another far quicker than it is read; so a value is not hashed as a whole, it just has two places where it can be. The memo of a
 * field whose values do not repeat gives itself up.
 */

import type { Candidates } from "./candidates.ts";

/** How many values are kept of one field: a power of two. */
const PLACES = 256;

/** Leaves as many bits of 32 as number the places. */
const PLACE_SHIFT = 24;

/** The shortest value that is quicker compared than read, and the longest that is kept: UTF-16 units. */
const LENGTH_MIN = 8;
const LENGTH_MAX = 256;

/** A memo starts with this credit, can have no more, and is given up without. */
const CREDIT_MAX = 128;

export interface Memo {
  readonly values: string[];
  readonly found: Uint32Array[];
  /** Grows with every value known, shrinks with every other. */
  credit: number;
}

const NOTHING = new Uint32Array(0);

export function createMemo(): Memo {
  return {
    values: new Array<string>(PLACES).fill(""),
    found: new Array<Uint32Array>(PLACES).fill(NOTHING),
    credit: CREDIT_MAX,
  };
}

/** The first of two places of a value, -1 where it is not to be kept. */
export function placeOf({ credit }: Memo, value: string): number {
  const { length } = value;
  if (credit === 0 || length < LENGTH_MIN || length > LENGTH_MAX) return -1;
  const end = value.charCodeAt(length - 2) << 6 ^ value.charCodeAt(length - 4) << 13 ^
    value.charCodeAt(length - 5) << 20;
  const middle = value.charCodeAt(length - 7) << 10 ^ value.charCodeAt(length >> 1) << 2;
  return Math.imul(end ^ middle ^ length << 17, 0x9e3779b1) >>> PLACE_SHIFT;
}

/** What was found in the value when it was last kept in one of its places, `undefined` when others have taken both since. */
export function recall(memo: Memo, place: number, value: string): Uint32Array | undefined {
  const { values } = memo;
  const at = values[place] === value ? place : values[place ^ 1] === value ? place ^ 1 : -1;
  if (at === -1) {
    memo.credit--;
    return undefined;
  }
  if (memo.credit < CREDIT_MAX) memo.credit++;
  return memo.found[at];
}

/** Keeps what was found in a value; what was in its first place moves to the second, in the place of whatever was there. */
export function keep(memo: Memo, place: number, value: string, { ids, count }: Candidates): void {
  const { values, found } = memo;
  values[place ^ 1] = values[place] as string;
  found[place ^ 1] = found[place] as Uint32Array;
  values[place] = value;
  found[place] = count === 0 ? NOTHING : ids.slice(0, count);
}
