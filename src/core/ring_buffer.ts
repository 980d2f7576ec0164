/** The newest items, up to a fixed number: evidence and look-back without the database. */
export class RingBuffer<T> implements Iterable<T> {
  readonly #slots: (T | undefined)[];
  #next = 0;
  #size = 0;
  #evicted = 0;

  /** @throws {RangeError} when `capacity` is not a whole number of at least 1. */
  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError(
        `Cannot make a ring buffer as its capacity must be at least 1: current value is ${capacity}`,
      );
    }
    this.#slots = new Array(capacity);
  }

  /** Adds the newest item and returns the oldest, which had to go for it, or `undefined` while there is room. */
  push(item: T): T | undefined {
    const gone = this.#slots[this.#next];
    this.#slots[this.#next] = item;
    this.#next = (this.#next + 1) % this.capacity;
    if (this.#size < this.capacity) {
      this.#size++;
      return undefined;
    }
    this.#evicted++;
    return gone;
  }

  /** How many items it holds now. */
  get size(): number {
    return this.#size;
  }

  /** How many items have had to go for newer ones. */
  get evicted(): number {
    return this.#evicted;
  }

  /** From the oldest to the newest. */
  *[Symbol.iterator](): Iterator<T> {
    const start = (this.#next - this.#size + this.capacity) % this.capacity;
    for (let i = 0; i < this.#size; i++) yield this.#slots[(start + i) % this.capacity] as T;
  }

  /** From the newest to the oldest. */
  *newestFirst(): Iterable<T> {
    for (let i = 1; i <= this.#size; i++) yield this.#slots[(this.#next - i + this.capacity) % this.capacity] as T;
  }
}
