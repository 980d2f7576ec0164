/** What one look has found: held together with what is to be kept of it, so that the one is never committed without the other. */

import type { Baseline } from "./baseline.ts";
import { type Entry, isSameThing } from "./entry.ts";

/** One name that is not as it was. */
export interface Difference {
  readonly path: string;
  /** Absent of one that has come. */
  readonly before?: Entry;
  /** Absent of one that has gone. */
  readonly after?: Entry;
  /** Of one that has come from elsewhere: where it was. */
  readonly from?: string;
}

/** So much is held at most before it is told; what is moved is recognised within it. */
const DIFFERENCES_MAX = 5_000;
const ENTRIES_MAX = 5_000;

export class Round {
  readonly #baseline: Baseline;
  readonly #writes = new Map<string, readonly Entry[] | null>();
  #differences: Difference[] = [];
  #entries = 0;

  constructor(baseline: Baseline) {
    this.#baseline = baseline;
  }

  /** What is known of a folder, this round's findings among it. */
  read(folder: string): Map<string, Entry> | undefined {
    const written = this.#writes.get(folder);
    if (written === undefined) return this.#baseline.read(folder);
    return written === null ? undefined : new Map(written.map((entry) => [entry.name, entry]));
  }

  /** What is to be kept of a folder; null for nothing. */
  write(folder: string, entries: readonly Entry[] | null): void {
    this.#writes.set(folder, entries);
    this.#entries += entries?.length ?? 1;
  }

  note(difference: Difference): void {
    this.#differences.push(difference);
  }

  get isFull(): boolean {
    return this.#differences.length >= DIFFERENCES_MAX || this.#entries >= ENTRIES_MAX;
  }

  get isEmpty(): boolean {
    return this.#writes.size === 0 && this.#differences.length === 0;
  }

  /** Its differences, what went here and came there as one; they are no longer held. */
  takeDifferences(): Difference[] {
    const found = withMoves(this.#differences);
    this.#differences = [];
    return found;
  }

  /** Keeps what was found. To be called before the last of its events is handed on, and not earlier. */
  keep(): void {
    for (const [folder, entries] of this.#writes) {
      if (entries === null) this.#baseline.remove(folder);
      else this.#baseline.write(folder, entries);
    }
    this.#writes.clear();
    this.#entries = 0;
  }
}

/** Puts together what went under one name and came under another, by the number of the file and what it holds. */
export function withMoves(differences: readonly Difference[]): Difference[] {
  const gone = new Map<number, Difference[]>();
  for (const difference of differences) {
    const { before, after } = difference;
    if (before === undefined || after !== undefined) continue;
    const same = gone.get(before.inode);
    if (same === undefined) gone.set(before.inode, [difference]);
    else same.push(difference);
  }
  if (gone.size === 0) return [...differences];
  const used = new Set<Difference>();
  const told: Difference[] = [];
  for (const difference of differences) {
    const { before, after, path } = difference;
    if (before !== undefined || after === undefined) {
      told.push(difference);
      continue;
    }
    const source = gone.get(after.inode)?.find((one) =>
      !used.has(one) && one.before !== undefined && isSameThing(one.before, after)
    );
    if (source?.before === undefined) told.push(difference);
    else {
      used.add(source);
      told.push({ path, from: source.path, before: source.before, after });
    }
  }
  return told.filter((difference) => !used.has(difference));
}
