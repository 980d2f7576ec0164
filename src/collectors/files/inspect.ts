/** Looks at one folder and says what is not as it was. */

import { type Clock, yieldToOthers } from "../../core/clock.ts";
import { changesOf, type Entry, entryOf, isUntouched, type Status, statusOf, UNHASHED } from "./entry.ts";
import type { Hasher } from "./hasher.ts";
import type { Round } from "./round.ts";
import { joined, type Scope } from "./scope.ts";

/** Work goes on this long before others have a turn: milliseconds. */
const SLICE_MS = 5;

/** What was looked at, and what could not be. */
export interface Counts {
  files: number;
  folders: number;
  /** Folders and files that could not be read, names that are no UTF-8 among them. */
  unreadable: number;
  /** Files without a hash, being too large or never still. */
  unhashed: number;
}

export interface Inspection {
  readonly folder: string;
  /** The names to look at; absent: all. */
  readonly names?: ReadonlyMap<string, string>;
  /** Whether a name that was not there before is news. */
  isNews(name: string, wasFolderKnown: boolean): boolean;
  /** Whether files are read again whose times have not changed. */
  readonly rehash: boolean;
}

/** What came of it. */
export interface Inspected {
  /** Folders in it that are watched. */
  readonly folders: readonly string[];
  /** Those of them that are new, or others than before. */
  readonly renewed: readonly string[];
  /** Folders below it that are no longer there. */
  readonly gone: readonly string[];
  /** Whether some file was changing while it was read. */
  readonly isUnsteady: boolean;
}

export interface InspectorOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly hasher: Hasher;
  scope(): Scope;
  readonly counts: Counts;
}

export class Inspector {
  readonly #options: InspectorOptions;
  #sliceMs = 0;
  #gone: string[] = [];

  constructor(options: InspectorOptions) {
    this.#options = options;
  }

  /** Compares a folder with what is known of it; `undefined` when it is not there, cannot be read, or all is to stop. */
  async inspect(inspection: Inspection, round: Round): Promise<Inspected | undefined> {
    const { folder } = inspection;
    const names = inspection.names?.keys() ?? this.#list(folder);
    if (names === undefined) return undefined;
    const before = round.read(folder);
    const entries: Entry[] = [];
    const result = { folders: [] as string[], renewed: [] as string[], gone: this.#gone = [], isUnsteady: false };
    let isOther = before === undefined;
    for (const name of names) {
      await this.#breathe();
      const path = joined(folder, name);
      if (this.#options.scope().isExcluded(path)) continue;
      const known = before?.get(name);
      const entry = await this.#look(path, name, known, inspection.rehash);
      if (entry === "stopped") return undefined;
      if (entry === undefined) continue;
      if (entry !== known) isOther = true;
      entries.push(entry);
      before?.delete(name);
      this.#compare(path, known, entry, inspection.isNews(name, before !== undefined), round);
      if (entry.content === UNHASHED.changing) result.isUnsteady = true;
      if (entry.type !== "d") continue;
      result.folders.push(path);
      if (known?.type !== "d" || known.inode !== entry.inode) result.renewed.push(path);
    }
    for (const entry of before?.values() ?? []) {
      isOther = true;
      const isForgotten = inspection.names !== undefined && !inspection.names.has(entry.name);
      this.#remove(joined(folder, entry.name), entry, !isForgotten, round);
    }
    if (isOther) round.write(folder, entries);
    return result;
  }

  #compare(path: string, known: Entry | undefined, entry: Entry, isNews: boolean, round: Round): void {
    if (known === undefined) {
      if (isNews) round.note({ path, after: entry });
      return;
    }
    if (known === entry) return;
    if (known.type === "d" && entry.type !== "d") this.#removeBelow(path, true, round);
    if (changesOf(known, entry).length > 0 && !isFolderRenewed(known, entry)) {
      round.note({ path, before: known, after: entry });
    }
  }

  #remove(path: string, entry: Entry, isNews: boolean, round: Round): void {
    const isTold = isNews && !this.#options.scope().isExcluded(path);
    if (isTold) round.note({ path, before: entry });
    if (entry.type === "d") this.#removeBelow(path, isTold, round);
  }

  #removeBelow(folder: string, isNews: boolean, round: Round): void {
    this.#gone.push(folder);
    const entries = round.read(folder);
    if (entries === undefined) return;
    round.write(folder, null);
    for (const entry of entries.values()) this.#remove(joined(folder, entry.name), entry, isNews, round);
  }

  #list(folder: string): string[] | undefined {
    try {
      this.#options.counts.folders++;
      return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    } catch (error) {
      // One that has gone is told of by the folder that it was in.
      if (!isGone(error)) this.#options.counts.unreadable++;
      return undefined;
    }
  }

  /** The entry of a name as it is now, the known one when nothing can have changed; `undefined` when it is not there. */
  async #look(
    path: string,
    name: string,
    known: Entry | undefined,
    rehash: boolean,
  ): Promise<Entry | "stopped" | undefined> {
    const { counts, clock, hasher } = this.#options;
    let status: Status;
    try {
      status = statusOf(Deno.lstatSync(path));
    } catch (error) {
      if (!isGone(error) || name.includes("\ufffd")) counts.unreadable++;
      return isGone(error) ? undefined : known;
    }
    if (status.type === "f") counts.files++;
    const nowMs = clock.now();
    if (known !== undefined && !rehash && isUntouched(known, status) && known.content !== UNHASHED.changing) {
      return known;
    }
    let content: string | undefined = "";
    if (status.type === "l") content = linkTarget(path);
    else if (status.type === "f") content = await hasher.hash(path, status.size);
    if (content === undefined) return "stopped";
    if (content === UNHASHED.unreadable) counts.unreadable++;
    else if (content.startsWith("!")) counts.unhashed++;
    const entry = entryOf(name, status, content, nowMs);
    return known !== undefined && isTheSame(known, entry) ? known : entry;
  }

  async #breathe(): Promise<void> {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs - this.#sliceMs < SLICE_MS) return;
    await yieldToOthers();
    this.#sliceMs = this.#options.clock.monotonic();
  }
}

/** A folder that another took the place of is told of by what is in it. */
function isFolderRenewed(before: Entry, after: Entry): boolean {
  const changed = changesOf(before, after);
  return before.type === "d" && after.type === "d" && changed.every((what) => what === "inode");
}

function isTheSame(before: Entry, after: Entry): boolean {
  return isUntouched(before, after) && before.content === after.content;
}

function linkTarget(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}
