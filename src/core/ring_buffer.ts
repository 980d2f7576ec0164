/** The newest items, up to a fixed number: evidence and look-back without the database. */
export class RingBuffer<T> implements Iterable<T> {
  /** Grows up to the capacity, so that one that holds little takes little. */
  readonly #slots: T[] = [];
  #next = 0;
  #evicted = 0;

  /** @throws {RangeError} when `capacity` is not a whole number of at least 1. */
  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a ring buffer as its capacity must be at least 1: current value is ${capacity}`,
      );
    }
  }

  /** Adds the newest item and returns the oldest, which had to go for it, or `undefined` while there is room. */
  push(item: T): T | undefined {
    if (this.#slots.length < this.capacity) {
      this.#slots.push(item);
      return undefined;
    }
    const gone = this.#slots[this.#next];
    this.#slots[this.#next] = item;
    this.#next = (this.#next + 1) % this.capacity;
    this.#evicted++;
    return gone;
  }

  /** How many items it holds now. */
  get size(): number {
    return this.#slots.length;
  }

  /** How many items have had to go for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** From the oldest to the newest. */
  *[Symbol.iterator](): Iterator<T> {
    for (let i = 0; i < this.size; i++) yield this.#slots[(this.#next + i) % this.size] as T;
  }

  /** From the newest to the oldest. */
  *newestFirst(): Iterable<T> {
    for (let i = 1; i <= this.size; i++) yield this.#slots[(this.#next - i + this.size) % this.size] as T;
  }
}
