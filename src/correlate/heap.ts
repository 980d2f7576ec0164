/** A binary heap: what is to come first is always at hand. */
export class Heap<T> {
  readonly #items: T[] = [];

  /** `before` says whether an item is to come before another: a strict order. */
  constructor(readonly before: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.#items.length;
  }

  /** The first item, which stays; `undefined` when there is none. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as T;
      if (!this.before(item, above)) break;
      items[at] = above;
      at = parent;
    }
    items[at] = item;
  }

  /** Takes the first item out; `undefined` when there is none. */
  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last !== undefined && items.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an item in the first place and lets it sink to where it belongs. */
  #sink(item: T): void {
    const items = this.#items;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.before(items[child + 1] as T, items[child] as T)) child++;
      const below = items[child] as T;
      if (!this.before(below, item)) break;
      items[at] = below;
      at = child;
    }
    items[at] = item;
  }
}

/**
 * What comes mostly in order, in order: what does is queued, at no cost but its place; what comes after its turn goes through a heap.
 */
export class OrderedQueue<T> {
  readonly #inOrder = new Queue<T>();
  readonly #stragglers: Heap<T>;
  #newest: T | undefined;

  /** `before` says whether an item is to come before another: a strict order. */
  constructor(readonly before: (a: T, b: T) => boolean) {
    this.#stragglers = new Heap(before);
  }

  get size(): number {
    return this.#inOrder.size + this.#stragglers.size;
  }

  /** The first item, which stays; `undefined` when there is none. */
  peek(): T | undefined {
    const first = this.#inOrder.peek();
    const straggler = this.#stragglers.peek();
    if (straggler === undefined) return first;
    return first === undefined || this.before(straggler, first) ? straggler : first;
  }

  push(item: T): void {
    if (this.#inOrder.size > 0 && this.#newest !== undefined && this.before(item, this.#newest)) {
      this.#stragglers.push(item);
      return;
    }
    this.#inOrder.push(item);
    this.#newest = item;
  }

  /** Takes the first item out; `undefined` when there is none. */
  pop(): T | undefined {
    const first = this.peek();
    if (first === undefined) return undefined;
    const isQueued = first === this.#inOrder.peek();
    if (isQueued) this.#inOrder.shift();
    else this.#stragglers.pop();
    if (this.#inOrder.size === 0) this.#newest = undefined; // what has gone is not kept alive
    return first;
  }
}

/** First in, first out, without moving what waits each time. */
export class Queue<T> {
  #items: T[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#items[this.#head] = undefined as T; // what has been taken is not kept alive by its old place
    if (++this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** From the first to the last. */
  *[Symbol.iterator](): Iterator<T> {
    for (let i = this.#head; i < this.#items.length; i++) yield this.#items[i] as T;
  }
}
