/** Where every event went: collected = committed + duplicate + dropped (by reason) + pending. */

/** One collector's row. `pending` is what is on its way to a commit: 0 once Weir has stopped. */
export interface LedgerRow {
  readonly collector: string;
  readonly collected: number;
  readonly committed: number;
  readonly duplicate: number;
  readonly dropped: Readonly<Record<string, number>>;
  readonly pending: number;
}

interface Counts {
  collected: number;
  committed: number;
  duplicate: number;
  readonly dropped: Map<string, number>;
}

/** Counts of this run, a row a collector. */
export class Ledger {
  readonly #rows = new Map<string, Counts>();

  /** Events that came out of a collector, or that it saw and could not take. */
  collected(collector: string, count: number): void {
    this.#row(collector).collected += count;
  }

  committed(collector: string, count: number): void {
    this.#row(collector).committed += count;
  }

  /** Events whose id was already in the journal, or earlier in the batch. */
  duplicate(collector: string, count: number): void {
    this.#row(collector).duplicate += count;
  }

  /** Events given up, by a short reason in snake_case. They must have been counted as collected. */
  dropped(collector: string, reason: string, count: number): void {
    const { dropped } = this.#row(collector);
    dropped.set(reason, (dropped.get(reason) ?? 0) + count);
  }

  /** A row for each collector that was ever named, sorted by name. */
  rows(): LedgerRow[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([collector, counts]) => {
      const lost = [...counts.dropped.values()].reduce((sum, n) => sum + n, 0);
      return {
        collector,
        collected: counts.collected,
        committed: counts.committed,
        duplicate: counts.duplicate,
        dropped: Object.fromEntries(counts.dropped),
        pending: counts.collected - counts.committed - counts.duplicate - lost,
      };
    });
  }

  #row(collector: string): Counts {
    let row = this.#rows.get(collector);
    if (row === undefined) {
      row = { collected: 0, committed: 0, duplicate: 0, dropped: new Map() };
      this.#rows.set(collector, row);
    }
    return row;
  }
}
