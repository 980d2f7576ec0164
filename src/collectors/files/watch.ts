/** Which folders are watched, and what is told of them. */

import type { Notifier, OpenNotifier } from "./inotify.ts";
import { joined } from "./scope.ts";

/** Readings of the notifier in one poll; what is left comes with the next. */
const READINGS_MAX = 64;

export interface WatchOptions {
  readonly open: OpenNotifier;
  /** Folders watched at most. */
  readonly max: number;
  /** Something happened to what is, or was, at this path. */
  touched(path: string): void;
  /** Something may have happened that was not told. */
  lost(reason: string): void;
}

export class Watch {
  readonly #options: WatchOptions;
  readonly #notifier: Notifier | undefined;
  readonly #watches = new Map<string, number>();
  readonly #folders = new Map<number, string>();
  readonly #unwatched = new Set<string>();
  #trouble = "";

  constructor(options: WatchOptions) {
    this.#options = options;
    const notifier = options.open();
    if (typeof notifier === "string") this.#trouble = notifier;
    else this.#notifier = notifier;
  }

  /** Folders that should be watched and are not. */
  get unwatched(): number {
    return this.#unwatched.size;
  }

  /** Why some folders are not watched. */
  get trouble(): string {
    return this.#trouble;
  }

  /** Watches folders that are not watched yet. What happens in one once this has returned will be told. */
  add(folders: Iterable<string>): void {
    for (const folder of folders) if (!this.#watches.has(folder)) this.#add(folder);
  }

  has(folder: string): boolean {
    return this.#watches.has(folder);
  }

  /** Notes that a folder has gone, or another taken its place. */
  forget(folder: string): void {
    this.#unwatched.delete(folder);
    const watch = this.#watches.get(folder);
    if (watch === undefined) return;
    this.#watches.delete(folder);
    if (this.#folders.get(watch) !== folder) return; // it is there under another name, and watched under that
    this.#folders.delete(watch);
    this.#notifier?.remove(watch);
  }

  /** Tells what has happened since the last call. Never waits. */
  poll(): void {
    for (let i = 0; i < READINGS_MAX; i++) {
      const notices = this.#notifier?.read();
      if (notices === undefined) return;
      for (const { watch, name, isOver } of notices) {
        if (watch === -1) {
          this.#options.lost("more happened at once than the kernel holds (fs.inotify.max_queued_events)");
        }
        const folder = this.#folders.get(watch);
        if (folder === undefined) continue;
        this.#options.touched(name === "" ? folder : joined(folder, name));
        if (!isOver) continue;
        this.#folders.delete(watch);
        this.#watches.delete(folder);
      }
    }
  }

  close(): void {
    this.#notifier?.close();
  }

  #add(folder: string): void {
    if (this.#notifier === undefined) return this.#leave(folder, this.#trouble);
    if (this.#watches.size >= this.#options.max) {
      return this.#leave(folder, `more than ${this.#options.max} folders (watches_max)`);
    }
    const watch = this.#notifier.add(folder);
    if (watch === "limit") this.#leave(folder, "fs.inotify.max_user_watches is reached: raise it");
    else if (watch === "refused") this.#leave(folder, "the system does not let them be watched");
    else if (watch !== "gone") {
      const before = this.#folders.get(watch); // the same folder by the name that it had
      if (before !== undefined) this.#watches.delete(before);
      this.#watches.set(folder, watch);
      this.#folders.set(watch, folder);
      this.#unwatched.delete(folder);
    }
  }

  #leave(folder: string, reason: string): void {
    this.#trouble = reason;
    this.#unwatched.add(folder);
  }
}
