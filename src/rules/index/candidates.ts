/** A set of small numbers that is filled and emptied for every event without allocating. */

/** How often a set is emptied before its stamps start again: small enough to stay a small integer for V8. */
const STAMP_MAX = 0x3fff_ffff;

/** Numbers added since the last `reset`, each once, in the order in which they came. */
export class Candidates {
  /** The first `count` of these are in the set. */
  readonly ids: Uint32Array;
  count = 0;
  readonly #stamps: Uint32Array;
  #stamp = 1;

  /** For numbers under `size`. */
  constructor(size: number) {
    this.ids = new Uint32Array(size);
    this.#stamps = new Uint32Array(size);
  }

  reset(): void {
    this.count = 0;
    if (this.#stamp === STAMP_MAX) {
      this.#stamps.fill(0);
      this.#stamp = 0;
    }
    this.#stamp++;
  }

  /** Whether it was not there before. */
  add(id: number): boolean {
    if (this.#stamps[id] === this.#stamp) return false;
    this.#stamps[id] = this.#stamp;
    this.ids[this.count++] = id;
    return true;
  }

  addAll(ids: Uint32Array): void {
    for (let i = 0; i < ids.length; i++) this.add(ids[i] as number);
  }
}
