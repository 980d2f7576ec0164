/** A collector of files at work over a folder of its own, and a look at what it tells. */

import { ok } from "node:assert/strict";
import { systemClock } from "../../../src/core/clock.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { makeFilesCollector } from "../../../src/collectors/files/collect.ts";
import { filesSchema } from "../../../src/collectors/files/schema.ts";
import type { FilesSystem } from "../../../src/collectors/files/survey.ts";
import { openInotify } from "../../../src/collectors/files/inotify.ts";

/** Longest time until something is told: milliseconds. */
const WITHIN_MS = 30_000;

export const NO_OWNERS = { passwd: "/nonexistent/passwd", group: "/nonexistent/group" };

export const TEST_SYSTEM: FilesSystem = { openNotifier: openInotify, owners: NO_OWNERS, mounts: () => "" };

/** A folder that is removed at the end of a test. */
export async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "weir-files-" }));
  try {
    await run(folder);
  } finally {
    await removeFolder(folder);
  }
}

/** What a program that is just ending still writes can come in between. */
async function removeFolder(folder: string): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      return await Deno.remove(folder, { recursive: true });
    } catch (error) {
      if (tries === 100) throw error;
      await systemClock.sleep(20);
    }
  }
}

export interface WatchingOptions {
  readonly config?: Record<string, unknown>;
  /** What an earlier run left. */
  readonly state?: StagedState;
  readonly system?: Partial<FilesSystem>;
  /** Weir's own folder. */
  readonly dataDirectory?: string;
  /** Nothing of what comes after so many chunks is kept or seen: Weir was killed. */
  readonly killAfterChunks?: number;
}

/** A collector that runs until the end of the test. */
export class Watching {
  readonly events: TelemetryEvent[] = [];
  readonly warnings: string[] = [];
  /** What is kept, as it was with the last event: what a killed Weir finds again. */
  state: StagedState;
  readonly #abort = new AbortController();
  readonly #ended: Promise<void>;
  /** Resolves when it has been killed. */
  readonly killed: Promise<void>;
  #kill: () => void = () => {};
  #changed: (() => void) | undefined;
  #seen = 0;

  constructor(
    paths: readonly string[],
    { config = {}, state, system, dataDirectory, killAfterChunks }: WatchingOptions = {},
  ) {
    this.killed = new Promise((resolve) => this.#kill = resolve);
    const staged = new StagedState("files", state?.entries("") ?? []);
    this.state = new StagedState("files", state?.entries("") ?? []);
    const schema = filesSchema.parse({ paths, exclude: [], settle: "50ms", hash_rate: "1GB", ...config });
    const collector = makeFilesCollector(schema, { ...TEST_SYSTEM, ...system });
    this.#ended = this.#run(
      collector.collect({
        host: "h",
        ...(dataDirectory === undefined ? {} : { dataDirectory }),
        clock: systemClock,
        state: staged,
        signal: this.#abort.signal,
        dropped: () => {},
        warn: (message) => this.warnings.push(message),
      }),
      staged,
      killAfterChunks ?? Infinity,
    );
  }

  async #run(
    chunks: AsyncIterable<readonly TelemetryEvent[]>,
    staged: StagedState,
    chunksMax: number,
  ): Promise<void> {
    let count = 0;
    for await (const chunk of chunks) {
      if (count++ >= chunksMax) return this.#kill();
      for (const { key, value } of staged.take()) {
        if (value === null) this.state.delete(key);
        else this.state.set(key, value);
      }
      this.events.push(...chunk);
      this.#changed?.();
    }
  }

  /** The events from the last call on, up to and with the first that fits; once stopped, those there are. */
  async until(fits: (event: TelemetryEvent) => boolean): Promise<TelemetryEvent[]> {
    const deadline = performance.now() + WITHIN_MS;
    for (let at = this.#seen;;) {
      for (; at < this.events.length; at++) {
        const event = this.events[at];
        if (event === undefined || !fits(event)) continue;
        const found = this.events.slice(this.#seen, at + 1);
        this.#seen = at + 1;
        return found;
      }
      if (this.#abort.signal.aborted) return this.events.slice(this.#seen); // nothing more is told
      ok(performance.now() < deadline, `not told in time; told was ${this.tellings().join("\n")}`);
      await Promise.race([
        new Promise<void>((resolve) => this.#changed = resolve),
        systemClock.sleep(200, this.#abort.signal),
      ]);
    }
  }

  /** Waits for the end of a look at everything. */
  scanned(): Promise<TelemetryEvent[]> {
    return this.until(({ kind, fields }) => kind === "file.scan" && fields["file.scan.complete"] === true);
  }

  tellings(): string[] {
    return this.events.map(telling);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#ended;
  }
}

/** An event in a few words: kind, path, what changed. */
export function telling({ kind, fields }: TelemetryEvent): string {
  const changed = fields["file.changed"];
  const from = fields["file.previous.path"];
  return [
    kind,
    fields["file.path"],
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(Array.isArray(changed) ? [changed.join("+")] : []),
  ].filter((part) => part !== undefined).join(" ");
}

/** Tellings of changes, in the order of their texts, with a folder's name left out. */
export function changesIn(folder: string, events: readonly TelemetryEvent[]): string[] {
  return events.filter(({ kind }) => kind !== "file.scan").map((event) => telling(event).replaceAll(folder, "")).sort();
}

/** Runs until everything was looked at once, and returns what is kept. */
export async function stockOf(paths: readonly string[], options: WatchingOptions = {}): Promise<StagedState> {
  const watching = new Watching(paths, options);
  await watching.scanned();
  await watching.stop();
  return watching.state;
}
