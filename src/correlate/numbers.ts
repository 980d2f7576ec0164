/** Numbers of a sliding window: sums that do not drift, order that is kept, a line through points. */

import { Queue } from "./heap.ts";

/**
 * A sum that numbers go into and come out of. Carries what rounding took from it (two-sum, Knuth, The Art of Computer
 * Programming 4.2.2), so that one huge value passing through leaves no trace.
 */
export class Sum {
  #high = 0;
  #low = 0;
  #terms = 0;

  add(x: number): void {
    this.#terms++;
    this.#accumulate(x);
  }

  remove(x: number): void {
    if (--this.#terms === 0) [this.#high, this.#low] = [0, 0];
    else this.#accumulate(-x);
  }

  get value(): number {
    return this.#high + this.#low;
  }

  #accumulate(x: number): void {
    const sum = this.#high + x;
    const part = sum - this.#high;
    this.#low += (this.#high - (sum - part)) + (x - part);
    this.#high = sum;
  }
}

/** Numbers in order, equal ones as often as they came. */
export class SortedNumbers {
  #values = new Float64Array(8);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The number at a place counted from the smallest, 0; `undefined` past the end. */
  at(index: number): number | undefined {
    return index < this.#size ? this.#values[index] : undefined;
  }

  add(x: number): void {
    if (this.#size === this.#values.length) {
      const larger = new Float64Array(this.#size * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    const at = this.#place(x);
    this.#values.copyWithin(at + 1, at, this.#size);
    this.#values[at] = x;
    this.#size++;
  }

  /** Takes one number out that was put in. */
  remove(x: number): void {
    const at = this.#place(x);
    this.#values.copyWithin(at, at + 1, this.#size);
    this.#size--;
  }

  /** The percentile, 0 to 100, linear between the closest ranks; `undefined` when there is no number. */
  percentile(percent: number): number | undefined {
    const rank = (this.#size - 1) * percent / 100;
    const below = this.at(Math.floor(rank));
    const above = this.at(Math.ceil(rank));
    if (below === undefined || above === undefined) return undefined;
    return below + (above - below) * (rank - Math.floor(rank));
  }

  /** Where the first number stands that is not smaller. */
  #place(x: number): number {
    let [from, to] = [0, this.#size];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((this.#values[middle] as number) < x) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

interface Point {
  readonly timeMs: number;
  readonly value: number;
}

/** The slope of the least-squares line through points that come at the right and go at the left. */
export class Line {
  readonly #points = new Queue<Point>();
  #originMs = 0;
  #sumT = 0;
  #sumX = 0;
  #sumTT = 0;
  #sumTX = 0;
  #removed = 0;

  push(timeMs: number, value: number): void {
    if (this.#points.size === 0) this.#restart(timeMs);
    const point = { timeMs, value };
    this.#points.push(point);
    this.#weigh(point, 1);
  }

  shift(): void {
    const gone = this.#points.shift();
    if (gone === undefined) return;
    this.#weigh(gone, -1);
    // Sums that things are taken from drift: after as many removals as there are points they are made anew.
    if (++this.#removed > this.#points.size) this.#renew();
  }

  /** Per second; `undefined` unless there are points at two times. */
  get slope(): number | undefined {
    const n = this.#points.size;
    const spread = n * this.#sumTT - this.#sumT * this.#sumT;
    if (n < 2 || !(spread > 1e-9 * n * this.#sumTT)) return undefined;
    return (n * this.#sumTX - this.#sumT * this.#sumX) / spread;
  }

  #weigh({ timeMs, value }: Point, sign: 1 | -1): void {
    const t = (timeMs - this.#originMs) / 1000;
    this.#sumT += sign * t;
    this.#sumX += sign * value;
    this.#sumTT += sign * t * t;
    this.#sumTX += sign * t * value;
  }

  #restart(originMs: number): void {
    this.#originMs = originMs;
    this.#sumT =
      this.#sumX =
      this.#sumTT =
      this.#sumTX =
        0;
    this.#removed = 0;
  }

  #renew(): void {
    const first = this.#points.peek();
    if (first === undefined) return;
    this.#restart(first.timeMs);
    for (const point of this.#points) this.#weigh(point, 1);
  }
}
