/** The newest events in memory, by id too: what a detection rests on is mostly here, and needs no look into the database. */

import type { TelemetryEvent } from "../core/event.ts";
import { RingBuffer } from "../core/ring_buffer.ts";

export class RecentEvents {
  readonly #ring: RingBuffer<TelemetryEvent>;
  readonly #byId = new Map<string, TelemetryEvent>();

  /** @throws {RangeError} when `capacity` is not a whole number of at least 1. */
  constructor(capacity: number) {
    this.#ring = new RingBuffer(capacity);
  }

  push(event: TelemetryEvent): void {
    const gone = this.#ring.push(event);
    if (gone !== undefined) this.#byId.delete(gone.id);
    this.#byId.set(event.id, event);
  }

  /** The event of an id, while it is among the newest. */
  get(id: string): TelemetryEvent | undefined {
    return this.#byId.get(id);
  }

  get size(): number {
    return this.#ring.size;
  }

  /** How many have had to go for newer ones. */
  get evicted(): number {
    return this.#ring.evicted;
  }
}
