/** What is kept of each file between runs: who it is, and up to where it has been read. */

import type { Head, Place } from "./identity.ts";
import { placeKey } from "./identity.ts";

/** Files of which is remembered how far they were read; past this, those seen longest ago are forgotten. */
export const RECORDS_MAX = 4_096;

/** One file, or one of the lives of a file that was cut to nothing and filled again. */
export interface FileRecord extends Place {
  /** How often the file at this device and inode had begun anew: 0 at first. */
  readonly generation: number;
  /** Where its content stands now: elsewhere once a copy was made of it and it was truncated. */
  readonly content: Place;
  /** Its path when it was last seen. */
  readonly path: string;
  /** Of its first line; null while it has none. */
  readonly fingerprint: string | null;
  /** From where it is to be read. */
  readonly offset: number;
  /** How it begins, and a check of what stands before `offset`; null when it could not be read yet. */
  readonly head: Head | null;
  readonly tail: number;
  /** When its path was last seen to lead to it: milliseconds since the epoch. */
  readonly seenMs: number;
  /** Nothing more is expected of it. */
  readonly isOver: boolean;
}

/** Under which it is kept. */
export function recordKey({ device, inode, generation }: FileRecord): string {
  return `file:${device}:${inode}:${generation}`;
}

/** As it is kept. */
export function formatRecord(record: FileRecord): string {
  return JSON.stringify(record);
}

/** The record of what was kept; `undefined` when that cannot be read: the file is then seen for the first time. */
export function parseRecord(text: string): FileRecord | undefined {
  try {
    const record = JSON.parse(text);
    const isWhole = typeof record === "object" && record !== null && Number.isInteger(record.offset) &&
      Number.isInteger(record.generation) && typeof record.path === "string" &&
      typeof record.content === "object" && record.content !== null;
    return isWhole ? record as FileRecord : undefined;
  } catch {
    return undefined;
  }
}

/** Every record there is, by key, with changes that wait to be committed. */
export class Records {
  readonly #records = new Map<string, FileRecord>();
  /** The latest life of the file at each place. */
  readonly #latest = new Map<string, FileRecord>();
  #changes = new Map<string, string | null>();

  constructor(entries: Iterable<readonly [key: string, value: string]>) {
    for (const [key, value] of entries) {
      const record = parseRecord(value);
      if (record === undefined) this.#changes.set(key, null);
      else this.#keep(record);
    }
  }

  get size(): number {
    return this.#records.size;
  }

  /** Whether there is anything to commit. */
  get hasChanges(): boolean {
    return this.#changes.size > 0;
  }

  latest(place: Place): FileRecord | undefined {
    return this.#latest.get(placeKey(place));
  }

  all(): Iterable<FileRecord> {
    return this.#records.values();
  }

  put(record: FileRecord): void {
    this.#keep(record);
    this.#changes.set(recordKey(record), formatRecord(record));
    if (this.#records.size > RECORDS_MAX) this.#forgetOldest();
  }

  /** The changes since the last time, for the commit of what is yielded next. */
  take(): [key: string, value: string | null][] {
    const changes = [...this.#changes];
    this.#changes = new Map();
    return changes;
  }

  #keep(record: FileRecord): void {
    this.#records.set(recordKey(record), record);
    const latest = this.latest(record);
    if (latest === undefined || latest.generation <= record.generation) this.#latest.set(placeKey(record), record);
  }

  /** Of those that are over first, a tenth at a time, so that this is seldom. */
  #forgetOldest(): void {
    const order = [...this.#records.values()].sort((a, b) =>
      Number(b.isOver) - Number(a.isOver) || a.seenMs - b.seenMs
    );
    for (const record of order.slice(0, Math.ceil(RECORDS_MAX / 10))) {
      const key = recordKey(record);
      this.#records.delete(key);
      if (this.latest(record) === record) this.#latest.delete(placeKey(record));
      this.#changes.set(key, null);
    }
  }
}
