/** An order of use: what was used last stands at one end, what was left alone for longest at the other. */

/** What can stand in such an order, of one at a time. */
export abstract class Used {
  older: this | undefined = undefined;
  newer: this | undefined = undefined;
}

export class Recency<T extends Used> {
  oldest: T | undefined = undefined;
  newest: T | undefined = undefined;

  /** Puts in what was used last. */
  append(one: T): void {
    one.older = this.newest;
    if (this.newest === undefined) this.oldest = one;
    else this.newest.newer = one;
    this.newest = one;
  }

  /** One of them was used. */
  touch(one: T): void {
    if (one === this.newest) return;
    this.remove(one);
    this.append(one);
  }

  remove(one: T): void {
    if (one.older === undefined) this.oldest = one.newer;
    else one.older.newer = one.newer;
    if (one.newer === undefined) this.newest = one.older;
    else one.newer.older = one.older;
    one.older = one.newer = undefined;
  }
}
