/** Folders in which something has happened, until they are looked at again. */

/** Folders held; with more everything is looked at. */
const FOLDERS_MAX = 10_000;

export class Dirty {
  readonly #dueMs = new Map<string, number>();
  #nextMs = Infinity;
  #lost: string | null = null;

  /** Notes that a folder is to be looked at, at the given time by the monotonic clock: milliseconds. */
  add(folder: string, dueMs: number): void {
    if (this.#dueMs.size >= FOLDERS_MAX) return this.lose("more folders changed at once than are held");
    if ((this.#dueMs.get(folder) ?? Infinity) > dueMs) this.#dueMs.set(folder, dueMs);
    this.#nextMs = Math.min(this.#nextMs, dueMs);
  }

  /** Notes that something may have happened anywhere, and why that is not known better. */
  lose(reason: string): void {
    this.#lost ??= reason;
  }

  /** Why everything has to be looked at; null while it has not. */
  get lost(): string | null {
    return this.#lost;
  }

  /** Everything is going to be looked at. */
  clear(): void {
    this.#dueMs.clear();
    this.#nextMs = Infinity;
    this.#lost = null;
  }

  /** When the first folder is due; Infinity when none is. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** The folders that are due by a time, which are no longer held. */
  take(untilMs: number): string[] {
    const due: string[] = [];
    this.#nextMs = Infinity;
    for (const [folder, dueMs] of this.#dueMs) {
      if (dueMs > untilMs) this.#nextMs = Math.min(this.#nextMs, dueMs);
      else {
        due.push(folder);
        this.#dueMs.delete(folder);
      }
    }
    return due;
  }
}
