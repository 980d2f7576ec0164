/** Being told by the system that something changed in a folder: inotify on Linux. Where it cannot, looking now and then does. */

import { messageOf } from "../../../core/errors.ts";

/** Folders watched at most; changes in others are found by looking. */
export const WATCHED_MAX = 256;

/** Paths kept as changed; past this all files are looked at. */
const CHANGED_MAX = 1_000;

/** What has changed since it was last asked. */
export interface Changes {
  /** Files that were written to. */
  readonly written: ReadonlySet<string>;
  /** How often the system has told of something. */
  readonly count: number;
  /** Whether files came, went, or changed their names, or some of that may have been missed. */
  readonly isNamesChanged: boolean;
}

export class FolderWatch {
  #watcher: Deno.FsWatcher | undefined;
  #folders = "";
  #written = new Set<string>();
  #isNamesChanged = false;
  #count = 0;
  #trouble: string | null = null;
  readonly #onChange: () => void;

  /** `onChange` is called when there is something new; possibly often. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Why the system does not tell, while it does not. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Watches these folders from now on, those that are there. */
  watch(folders: readonly string[]): void {
    const there = [...new Set(folders)].sort().flatMap((path) => {
      const inode = folderInode(path);
      return inode === undefined ? [] : [{ path, inode }];
    });
    const wanted = there.slice(0, WATCHED_MAX).map(({ path }) => path);
    const key = JSON.stringify(there.slice(0, WATCHED_MAX)); // one made anew is another folder
    if (key === this.#folders) return;
    this.close();
    if (wanted.length === 0) return;
    try {
      const watcher = Deno.watchFs(wanted, { recursive: false });
      this.#watcher = watcher;
      this.#folders = key;
      this.#trouble = null;
      this.#listen(watcher);
    } catch (error) {
      this.#trouble = `Cannot be told of changes, looking every poll_interval: ${messageOf(error)}`;
    }
  }

  /** What has changed since the last time. */
  take(): Changes {
    const changes = { written: this.#written, isNamesChanged: this.#isNamesChanged, count: this.#count };
    this.#count = 0;
    this.#written = new Set();
    this.#isNamesChanged = false;
    return changes;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#folders = "";
  }

  async #listen(watcher: Deno.FsWatcher): Promise<void> {
    try {
      for await (const { kind, paths, flag } of watcher) {
        this.#count++;
        if (kind === "access") continue;
        if (kind === "modify" && !flag) { for (const path of paths) this.#written.add(path); }
        else this.#isNamesChanged = true;
        if (this.#written.size > CHANGED_MAX) {
          this.#written.clear();
          this.#isNamesChanged = true;
        }
        this.#onChange();
      }
    } catch (error) {
      this.#trouble = `Cannot be told of changes any more, looking every poll_interval: ${messageOf(error)}`;
    }
    if (this.#watcher === watcher) this.close();
  }
}

function folderInode(path: string): number | undefined {
  try {
    const { isDirectory, ino } = Deno.statSync(path);
    return isDirectory ? ino ?? 0 : undefined;
  } catch {
    return undefined;
  }
}
