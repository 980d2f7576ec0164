/** What was found in values that come again and again: users, programs, directories. */

import type { Candidates } from "./candidates.ts";

/** How many values are kept of one field; when there are more, all are forgotten. */
export const MEMO_VALUES_MAX = 1_024;

/** The shortest value for which remembering is quicker than reading it again, and the longest that is kept. UTF-16 units. */
const LENGTH_MIN = 12;
const LENGTH_MAX = 256;

/** After so many look-ups it is seen whether they were worth it. */
const TRIAL_LOOKUPS = 4_096;

/** The share of look-ups that must have found something for a memo to be kept up. */
const WORTHWHILE_SHARE = 0.5;

const NOTHING = new Uint32Array(0);

/** A memo of one field. It gives itself up where the field's values do not repeat. */
export class Memo {
  readonly #found = new Map<string, Uint32Array>();
  #lookups = 0;
  #hits = 0;
  #givenUp = false;

  /** Whether a value is one to look up and to keep. */
  takes(value: string): boolean {
    return !this.#givenUp && value.length >= LENGTH_MIN && value.length <= LENGTH_MAX;
  }

  /** What was found in the value before, `undefined` when it is not known. */
  get(value: string): Uint32Array | undefined {
    const found = this.#found.get(value);
    if (found !== undefined) this.#hits++;
    if (++this.#lookups === TRIAL_LOOKUPS) this.#judge();
    return found;
  }

  set(value: string, { ids, count }: Candidates): void {
    if (this.#givenUp) return;
    if (this.#found.size >= MEMO_VALUES_MAX) this.#found.clear();
    this.#found.set(value, count === 0 ? NOTHING : ids.slice(0, count));
  }

  #judge(): void {
    this.#givenUp = this.#hits < WORTHWHILE_SHARE * TRIAL_LOOKUPS;
    if (this.#givenUp) this.#found.clear();
    this.#lookups = 0;
    this.#hits = 0;
  }
}
