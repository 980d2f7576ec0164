/** Many async iterators into one stream of batches: bounded everywhere, in natural batches, never waiting to fill one. */

import { messageOf } from "./errors.ts";

/** One source of chunks, as {@linkcode Merge} drives it. */
export interface Source<T> {
  readonly name: string;
  readonly chunks: AsyncIterable<readonly T[]>;
  /** Called when the source has ended: by itself (`undefined`) or by throwing. Not called after the merge was ended. */
  readonly onEnd?: (error: unknown) => void;
  /** Called in the moment a chunk arrives, before the source can run on. */
  readonly onChunk?: (chunk: readonly T[]) => void;
}

/** A run of items from one source within a batch. */
export interface Part<T> {
  readonly source: string;
  readonly items: readonly T[];
  /** Whether these are the last items of the chunk they came in. */
  readonly endsChunk: boolean;
}

/** What had arrived when the consumer asked. */
export type Batch<T> = readonly Part<T>[];

interface Lane<T> {
  readonly source: Source<T>;
  readonly iterator: AsyncIterator<readonly T[]>;
  /** The chunk that is being handed out; a lane is pulled again only when it is used up. */
  chunk: readonly T[];
  taken: number;
  pulling: boolean;
}

/**
 * Merges sources that may come and go. Each holds at most one chunk here, so what is buffered is bounded by the number of
 * sources, and a source whose chunk has not been taken is not pulled.
 */
export class Merge<T> {
  readonly #lanes = new Map<string, Lane<T>>();
  #firstLane = 0;
  #wake: (() => void) | undefined;
  #ended = false;

  /** Starts pulling from a source. A name may be used again once its source has ended. */
  add(source: Source<T>): void {
    if (this.#ended) return;
    if (this.#lanes.has(source.name)) {
      throw new Error(`Cannot merge as a source named "${source.name}" is there already`);
    }
    const iterator = source.chunks[Symbol.asyncIterator]();
    const lane: Lane<T> = { source, iterator, chunk: [], taken: 0, pulling: false };
    this.#lanes.set(source.name, lane);
    this.#pull(lane);
  }

  /** Whether a source is waiting for something to happen, all that it had having been taken. */
  isWaiting(name: string): boolean {
    return this.#lanes.get(name)?.pulling ?? false;
  }

  /** How many sources have not ended. */
  get size(): number {
    return this.#lanes.size;
  }

  /**
   * Everything that has arrived, up to `itemsMax` items, the source that came first last time coming last this time.
   * Empty when nothing has. Never waits.
   */
  take(itemsMax: number): Batch<T> {
    const parts: Part<T>[] = [];
    const lanes = [...this.#lanes.values()];
    let room = itemsMax;
    this.#firstLane = lanes.length === 0 ? 0 : (this.#firstLane + 1) % lanes.length;
    for (let i = 0; i < lanes.length && room > 0; i++) {
      const lane = lanes[(this.#firstLane + i) % lanes.length] as Lane<T>;
      const left = lane.chunk.length - lane.taken;
      if (left === 0) continue;
      const count = Math.min(left, room);
      const whole = lane.taken === 0 && count === lane.chunk.length;
      const items = whole ? lane.chunk : lane.chunk.slice(lane.taken, lane.taken + count);
      lane.taken += count;
      room -= count;
      parts.push({ source: lane.source.name, items, endsChunk: count === left });
      if (count === left) this.#pull(lane);
    }
    return parts;
  }

  /** Resolves when something may have arrived or ended, or when `signal` is aborted. One waiter at a time. */
  async arrival(signal?: AbortSignal): Promise<void> {
    if (this.#ended || signal?.aborted || this.#lanes.size === 0) return;
    for (const lane of this.#lanes.values()) if (lane.taken < lane.chunk.length) return;
    await new Promise<void>((resolve) => {
      const finish = () => {
        this.#wake = undefined;
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      this.#wake = finish;
      signal?.addEventListener("abort", finish, { once: true });
    });
  }

  /** Lets a waiting consumer go on although nothing has arrived: time has passed. */
  wake(): void {
    this.#wake?.();
  }

  /** Calls `return()` on every source and waits until all have let go. What they threw in doing so is returned. */
  async end(): Promise<string[]> {
    this.#ended = true;
    const problems: string[] = [];
    await Promise.all([...this.#lanes.values()].map(async (lane) => {
      try {
        await lane.iterator.return?.();
      } catch (error) {
        problems.push(`${lane.source.name}: ${messageOf(error)}`);
      }
    }));
    this.#lanes.clear();
    this.#wake?.();
    return problems;
  }

  #pull(lane: Lane<T>): void {
    lane.chunk = [];
    lane.taken = 0;
    lane.pulling = true;
    lane.iterator.next().then(
      (result) => {
        lane.pulling = false;
        if (result.done) return this.#finish(lane, undefined);
        if (result.value.length === 0) return this.#ended ? undefined : this.#pull(lane);
        lane.chunk = result.value;
        lane.source.onChunk?.(result.value);
        this.#wake?.();
      },
      (error: unknown) => {
        lane.pulling = false;
        this.#finish(lane, error);
      },
    );
  }

  #finish(lane: Lane<T>, error: unknown): void {
    if (this.#lanes.get(lane.source.name) === lane) this.#lanes.delete(lane.source.name);
    if (!this.#ended) lane.source.onEnd?.(error);
    this.#wake?.();
  }
}
