/** Counts of values by upper bound, as Prometheus' histograms have them: cumulative, with `+Inf` last. */
export class Histogram {
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds upper bounds, growing; a value equal to a bound is within it. */
  constructor(readonly bounds: readonly number[]) {
    this.#counts = new Array(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > (this.bounds[i] ?? Infinity)) i++;
    this.#counts[i] = (this.#counts[i] ?? 0) + 1;
    this.#sum += value;
  }

  /** Each bound with the count of values at or under it; the last bound is infinite. */
  cumulative(): { bound: number; count: number }[] {
    let total = 0;
    return this.#counts.map((count, i) => ({ bound: this.bounds[i] ?? Infinity, count: total += count }));
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#counts.reduce((sum, n) => sum + n, 0);
  }
}
