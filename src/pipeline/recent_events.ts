/** The newest events in memory: what a detection rests on is mostly here, and needs no look into the database. */

import type { TelemetryEvent } from "../core/event.ts";
import { RingBuffer } from "../core/ring_buffer.ts";

export class RecentEvents {
  readonly #ring: RingBuffer<TelemetryEvent>;

  /** @throws {RangeError} when `capacity` is not a whole number of at least 1. */
  constructor(capacity: number) {
    this.#ring = new RingBuffer(capacity);
  }

  push(event: TelemetryEvent): void {
    this.#ring.push(event);
  }

  /** The event of an id, while it is among the newest. Looks through them: asked seldom, where every event is put in. */
  get(id: string): TelemetryEvent | undefined {
    for (const event of this.#ring.newestFirst()) if (event.id === id) return event;
    return undefined;
  }

  get size(): number {
    return this.#ring.size;
  }

  /** How many have had to go for newer ones. */
  get evicted(): number {
    return this.#ring.evicted;
  }
}
