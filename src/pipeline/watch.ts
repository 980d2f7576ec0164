/** Tells when something under some paths has changed: by the system's own word, or by looking every so often where it has none. */

import { basename, dirname, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";

/** After a change, how long it must be quiet before it is told, as an editor makes several of one: milliseconds. */
const QUIET_MS = 200;

/** How long a change is told after at the latest, however much goes on: milliseconds. */
const QUIET_MAX_MS = 1_000;

/** How often a path is looked at that the system does not watch: milliseconds. */
const POLL_MS = 2_000;

export interface WatchOptions {
  /** Folders, watched with all that is in them, and files. */
  readonly paths: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /**
   * Called when something may have changed, and not again before it is done; for a path that cannot be watched, every two
   * seconds. It must not reject.
   */
  readonly onChange: () => Promise<void>;
}

/** Watches until `stop` is aborted. */
export async function watchPaths({ paths, clock, log, onChange }: WatchOptions, stop: AbortSignal): Promise<void> {
  const changes = new Changes();
  const feeding = paths.map((path) => feed(path, changes, clock, log, stop));
  stop.addEventListener("abort", () => changes.note(), { once: true });
  while (!stop.aborted) {
    await changes.next();
    await quiet(changes, clock, stop);
    if (!stop.aborted) await onChange();
  }
  await Promise.all(feeding);
}

/** Changes noted and not yet told. */
class Changes {
  #count = 0;
  #told = 0;
  #wake: (() => void) | undefined;

  get count(): number {
    return this.#count;
  }

  note(): void {
    this.#count++;
    this.#wake?.();
  }

  /** Resolves when there is a change that has not been told; all there are then count as told. */
  async next(): Promise<void> {
    if (this.#count === this.#told) await new Promise<void>((resolve) => this.#wake = resolve);
    this.#wake = undefined;
    this.#told = this.#count;
  }

  /** Those that came meanwhile are told with the others. */
  catchUp(): void {
    this.#told = this.#count;
  }
}

/** Waits until no more changes come, or long enough. */
async function quiet(changes: Changes, clock: Clock, stop: AbortSignal): Promise<void> {
  for (let waitedMs = 0; waitedMs < QUIET_MAX_MS; waitedMs += QUIET_MS) {
    const before = changes.count;
    await clock.sleep(QUIET_MS, stop);
    if (changes.count === before || stop.aborted) break;
  }
  changes.catchUp();
}

async function feed(path: string, changes: Changes, clock: Clock, log: Log, stop: AbortSignal): Promise<void> {
  let isTold = false;
  while (!stop.aborted) {
    try {
      await follow(path, changes, stop);
    } catch (error) {
      if (!isTold) log("info", "rules", `Cannot watch ${path} as ${messageOf(error)}; looking every ${POLL_MS} ms`);
      isTold = true;
      await clock.sleep(POLL_MS, stop);
      changes.note();
    }
  }
}

/** Follows what the system says of a path, until it is gone or `stop` is aborted. */
async function follow(path: string, changes: Changes, stop: AbortSignal): Promise<void> {
  const { isFile } = await Deno.stat(path);
  const whole = resolve(path);
  // An editor puts another file in the place of the one it changes: the folder sees that, the file does not.
  using watcher = Deno.watchFs(isFile ? dirname(whole) : whole, { recursive: !isFile });
  const close = () => watcher.close();
  if (stop.aborted) return;
  stop.addEventListener("abort", close, { once: true });
  try {
    changes.note(); // what changed before the watch began
    for await (const { kind, paths } of watcher) {
      if (isFile && !paths.some((changed) => basename(changed) === basename(whole))) continue;
      changes.note();
      if (!isFile && paths.includes(whole) && (kind === "remove" || kind === "rename")) break;
    }
  } finally {
    stop.removeEventListener("abort", close);
  }
}
