/** What many devices found, handed to the one who takes it: bounded, and whoever finds waits when it is full. */

import { CHUNK_EVENTS_MAX } from "../../core/collector.ts";
import type { TelemetryEvent } from "../../core/event.ts";

/** Events that wait to be taken, past which polls wait with theirs. */
const WAITING_MAX = 10_000;

export class Outbox {
  #chunks: (readonly TelemetryEvent[])[] = [];
  #count = 0;
  #isClosed = false;
  #taker: (() => void) | undefined;
  #givers: (() => void)[] = [];

  /** Puts events in; resolves when there is room for more. */
  async put(events: readonly TelemetryEvent[]): Promise<void> {
    if (this.#isClosed || events.length === 0) return;
    for (let i = 0; i < events.length; i += CHUNK_EVENTS_MAX) {
      this.#chunks.push(events.length <= CHUNK_EVENTS_MAX ? events : events.slice(i, i + CHUNK_EVENTS_MAX));
    }
    this.#count += events.length;
    this.#taker?.();
    if (this.#count > WAITING_MAX) await new Promise<void>((resolve) => this.#givers.push(resolve));
  }

  /** The next chunk; `undefined` once closed. One taker at a time. */
  async take(): Promise<readonly TelemetryEvent[] | undefined> {
    while (!this.#isClosed) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#count -= chunk.length;
        if (this.#count <= WAITING_MAX) this.#wakeGivers();
        return chunk;
      }
      await new Promise<void>((resolve) => this.#taker = resolve);
      this.#taker = undefined;
    }
    return undefined;
  }

  /** Lets go of all who wait. What was not taken is gone. */
  close(): void {
    this.#isClosed = true;
    this.#chunks = [];
    this.#taker?.();
    this.#wakeGivers();
  }

  #wakeGivers(): void {
    for (const wake of this.#givers.splice(0)) wake();
  }
}
