/** Folders watched for whatever happens in them: inotify, a watch a folder, links not followed. */

import { messageOf } from "../../core/errors.ts";

/** What the runtime tells of a change. */
export interface FolderEvent {
  readonly paths: readonly string[];
  /** `rescan`: the kernel's queue ran over, and something was not told. */
  readonly flag?: string | null;
}

/** The runtime's watch of some folders: `Deno.watchFs`, or what stands for it in tests. */
export interface FolderWatch extends AsyncIterable<FolderEvent> {
  close(): void;
}

export type OpenWatch = (folders: string[]) => FolderWatch;

export const openSystemWatch: OpenWatch = (folders) => Deno.watchFs(folders, { recursive: false });

/** Folders in one of the runtime's watches. */
const FOLDERS_EACH = 4_096;

/** The runtime's watches held besides those opened first; past it all folders go into new ones together. */
const MORE_MAX = 8;

export interface WatchOptions {
  readonly open: OpenWatch;
  /** Folders watched at most. */
  readonly max: number;
  /** Something happened to what is, or was, at this path. */
  touched(path: string): void;
  /** Something may have happened that was not told. */
  lost(reason: string): void;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #folders = new Set<string>();
  readonly #unwatched = new Set<string>();
  #held: FolderWatch[] = [];
  #more = 0;
  #trouble: string | null = null;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Folders that should be watched and are not. */
  get unwatched(): number {
    return this.#unwatched.size;
  }

  /** Why some folders are not watched; null when all are. */
  get trouble(): string | null {
    return this.#unwatched.size === 0 ? null : this.#trouble;
  }

  /** Watches folders that are not watched yet. What happens in one once this has returned will be told. */
  add(folders: Iterable<string>): void {
    const more: string[] = [];
    for (const folder of folders) {
      if (this.#folders.has(folder)) continue;
      if (this.#folders.size + more.length < this.#options.max) more.push(folder);
      else this.#leave([folder], `more than ${this.#options.max} folders (watches_max)`);
    }
    if (more.length === 0) return;
    const isFirst = this.#held.length === 0;
    for (let at = 0; at < more.length; at += FOLDERS_EACH) this.#open(more.slice(at, at + FOLDERS_EACH));
    if (isFirst) this.#more = 0;
    else if (++this.#more > MORE_MAX) this.#renew();
  }

  /** Notes that a folder has gone, or another taken its place, and the watch with it. */
  forget(folder: string): void {
    this.#folders.delete(folder);
    this.#unwatched.delete(folder);
  }

  close(): void {
    const held = this.#held;
    this.#held = [];
    for (const watch of held) watch.close();
    this.#folders.clear();
    this.#unwatched.clear();
    this.#more = 0;
  }

  /** Opens one watch for all folders before the many are let go, so that nothing is missed. */
  #renew(): void {
    const old = this.#held;
    const folders = [...this.#folders];
    this.#held = [];
    this.#folders.clear();
    this.#unwatched.clear();
    this.add(folders);
    for (const watch of old) watch.close();
  }

  #open(folders: readonly string[]): void {
    try {
      const watch = this.#options.open([...folders]);
      this.#held.push(watch);
      for (const folder of folders) {
        this.#folders.add(folder);
        this.#unwatched.delete(folder);
      }
      this.#follow(watch);
    } catch (error) {
      this.#openFewer(folders, error);
    }
  }

  /** One folder that cannot be watched fails all that are opened with it: halves are tried until it stands alone. */
  #openFewer(folders: readonly string[], error: unknown): void {
    if (isLimit(error)) {
      this.#leave(folders, "the system's limit is reached: raise fs.inotify.max_user_watches and max_user_instances");
    } else if (folders.length > 1) {
      const middle = Math.ceil(folders.length / 2);
      this.#open(folders.slice(0, middle));
      this.#open(folders.slice(middle));
    } else if (!(error instanceof Deno.errors.NotFound)) this.#leave(folders, messageOf(error));
  }

  #leave(folders: readonly string[], reason: string): void {
    this.#trouble = reason;
    for (const folder of folders) this.#unwatched.add(folder);
  }

  async #follow(watch: FolderWatch): Promise<void> {
    let reason = "a watch ended by itself";
    try {
      for await (const { paths, flag } of watch) {
        if (flag === "rescan") this.#options.lost("more happened at once than the kernel held");
        for (const path of paths) this.#options.touched(path);
      }
    } catch (error) {
      reason = `a watch failed: ${messageOf(error)}`;
    }
    const at = this.#held.indexOf(watch);
    if (at === -1) return; // closed by us
    this.#held.splice(at, 1);
    this.#folders.clear(); // which folders it held is not known any more: all are watched anew
    this.#options.lost(reason);
  }
}

/** Whether the kernel refused for want of watches or of instances. */
function isLimit(error: unknown): boolean {
  return /limit|no space left|too many open files/i.test(messageOf(error));
}
