/**
 * Event time. Each source has a frontier: the time of its newest event, moved on while it has nothing to give, and never ahead of
 * the clock. A rule's watermark is the earliest frontier among the sources that have been seen to yield kinds it takes, less
 * the lateness: no event before it is expected any more. It never goes back.
 */

/** Sources told apart at most. Events of further ones move no watermark, and are counted. */
export const SOURCES_MAX = 10_000;

/** A source that yields nothing new for so long holds up no rule any more: milliseconds, by the clock. */
export const SILENT_AFTER_MS = 60_000;

/** A rule as far as its watermark goes. */
export interface Tracked {
  /** Kinds it takes, directly or through other rules; null for every kind. */
  readonly kinds: ReadonlySet<string> | null;
  sources: Source[];
  /** The watermark does not go below this. */
  floorMs: number;
}

/** Where events come from: a collector, or an agent's collector. */
export class Source {
  newestMs = -Infinity;
  frontierMs = -Infinity;
  /** The earliest time of anything that waits for this source to pass it. */
  dueMs = Infinity;
  readonly kinds = new Set<string>();
  /** When, by the clock, it was last found to have yielded something new, and up to what: milliseconds. */
  heardMs = Infinity;
  heardToMs = -Infinity;
  constructor(readonly key: string) {}
}

export class Watermarks<Rule extends Tracked> {
  readonly #latenessMs: number;
  readonly #sources = new Map<string, Source>();
  readonly #takers = new Map<string, readonly Rule[]>();
  #takersOfAny: readonly Rule[] = [];
  #last: Source | undefined;
  #nowMs = Infinity;
  /** Events of sources that were one too many. */
  unknown = 0;

  constructor(latenessMs: number) {
    this.#latenessMs = latenessMs;
  }

  /**
   * Makes these the rules whose watermarks are kept. One that was there before keeps its own, and waits for the sources it took
   * before. A foreign event (kind "") may be taken by any of the rules.
   */
  track(rules: readonly Rule[]): void {
    this.#takersOfAny = rules.filter(({ kinds }) => kinds === null);
    this.#takers.clear();
    for (const kind of new Set(rules.flatMap(({ kinds }) => [...kinds ?? []]))) {
      this.#takers.set(kind, rules.filter(({ kinds }) => kinds === null || kinds.has(kind)));
    }
    this.#takers.set("", rules);
    for (const source of this.#sources.values()) {
      for (const kind of source.kinds) this.#letWait(source, kind);
    }
  }

  /** Says what time it is: no frontier goes ahead of it. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  /** What time it is; Infinity where there is no clock. */
  get nowMs(): number {
    return this.#nowMs;
  }

  get sources(): Iterable<Source> {
    return this.#sources.values();
  }

  /** The time of the newest event of all: milliseconds; -Infinity before the first. */
  get newestMs(): number {
    let newestMs = -Infinity;
    for (const source of this.#sources.values()) newestMs = Math.max(newestMs, source.newestMs);
    return newestMs;
  }

  /** Notes an event. Returns its source when something that waited for it is now due. */
  observe(key: string, kind: string, timeMs: number): Source | undefined {
    const source = this.#last?.key === key ? this.#last : this.#sourceFor(key);
    if (source === undefined) return undefined;
    this.#last = source;
    const known = this.#takers.has(kind) ? kind : ANY_KIND;
    if (!source.kinds.has(known)) this.#join(source, known);
    if (timeMs <= source.newestMs) return undefined;
    source.newestMs = timeMs;
    return this.#move(source, timeMs) ? source : undefined;
  }

  /**
   * Moves the frontier of a source that has waited, and says whether something that waited for it is now due. One that has not
   * been heard for {@linkcode SILENT_AFTER_MS} by the clock is held to have nothing to give, whether or not it can say so.
   */
  wait(source: Source, waitedMs: number): boolean {
    if (source.newestMs > source.heardToMs) {
      source.heardToMs = source.newestMs;
      source.heardMs = this.#nowMs;
    }
    const silentMs = this.#nowMs - source.heardMs;
    return this.#move(
      source,
      source.newestMs + (silentMs >= SILENT_AFTER_MS ? Math.max(waitedMs, silentMs) : waitedMs),
    );
  }

  /** No event of a kind that the rule takes is expected before this: milliseconds. */
  of(rule: Tracked): number {
    if (rule.sources.length === 0) return rule.floorMs;
    let earliestMs = Infinity;
    for (const { frontierMs } of rule.sources) if (frontierMs < earliestMs) earliestMs = frontierMs;
    return Math.max(rule.floorMs, earliestMs - this.#latenessMs);
  }

  /** Notes that something of the rule's is to be decided once its watermark has passed a time. */
  schedule(rule: Tracked, dueMs: number): void {
    for (const source of rule.sources) {
      if (source.frontierMs - this.#latenessMs <= dueMs && dueMs < source.dueMs) source.dueMs = dueMs;
    }
  }

  #move(source: Source, towardsMs: number): boolean {
    const frontierMs = Math.min(towardsMs, this.#nowMs);
    if (!(frontierMs > source.frontierMs)) return false;
    source.frontierMs = frontierMs;
    return frontierMs - this.#latenessMs > source.dueMs;
  }

  #sourceFor(key: string): Source | undefined {
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    if (this.#sources.size >= SOURCES_MAX) {
      this.unknown++;
      return undefined;
    }
    const source = new Source(key);
    this.#sources.set(key, source);
    return source;
  }

  /** From now on the rules that take a kind wait for a source. */
  #join(source: Source, kind: string): void {
    source.kinds.add(kind);
    source.dueMs = -Infinity; // what already waits may now wait for this source too
    this.#letWait(source, kind);
  }

  #letWait(source: Source, kind: string): void {
    const takers = kind === ANY_KIND ? this.#takersOfAny : this.#takers.get(kind) ?? this.#takersOfAny;
    for (const rule of takers) {
      if (rule.sources.includes(source)) continue;
      rule.floorMs = this.of(rule);
      rule.sources.push(source);
    }
  }
}

/** Stands for all kinds that no rule names. */
const ANY_KIND = "*";
