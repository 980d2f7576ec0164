/**
 * Wakes those who look again and again together. To wake this process costs more than most of what it then looks at, as
 * `deno task bench wake` shows, so what looks about as often looks at the same time.
 */

/** Sleeps from and to which company is a gain, in milliseconds: a shorter one wants its own time, a longer one seldom wakes. */
export const TOGETHER_MIN_MS = 20;
export const TOGETHER_MAX_MS = 1_000;

/** After this many beats it is looked whether they may come less often. */
const REVIEW_BEATS = 20;

/** What beats: calls `beat` every `everyMs` milliseconds until what it returns is called. */
export type Repeat = (beat: () => void, everyMs: number) => () => void;

interface Sleeper {
  readonly ms: number;
  readonly dueMs: number;
  readonly wake: () => void;
}

export class Heartbeat {
  readonly #monotonic: () => number;
  readonly #repeat: Repeat;
  readonly #sleepers = new Set<Sleeper>();
  #everyMs = Infinity;
  #end: (() => void) | undefined;
  /** The shortest sleep asked for since it was last looked how often to beat: milliseconds. */
  #shortestMs = Infinity;
  #beats = 0;

  constructor(monotonic: () => number, repeat: Repeat) {
    this.#monotonic = monotonic;
    this.#repeat = repeat;
  }

  /**
   * Calls `wake` once, at the beat nearest to `ms` milliseconds from now; beats are as far apart as the shortest such sleep is
   * long, so that is at most half as much sooner or later. Returns what calls it off.
   */
  join(ms: number, wake: () => void): () => void {
    this.#shortestMs = Math.min(this.#shortestMs, ms);
    if (ms < this.#everyMs) this.#beatEvery(ms);
    const sleeper: Sleeper = { ms, dueMs: this.#monotonic() + ms, wake };
    this.#sleepers.add(sleeper);
    return () => {
      if (this.#sleepers.delete(sleeper) && this.#sleepers.size === 0) this.#beatEvery(Infinity);
    };
  }

  #beat(): void {
    // Those woken by the last beat have asked to be woken again by now; if not, nobody is left.
    if (this.#sleepers.size === 0) return this.#beatEvery(Infinity);
    this.#wakeNearest(this.#everyMs);
    if (++this.#beats % REVIEW_BEATS === 0) this.#review();
  }

  #wakeNearest(everyMs: number): void {
    const nearMs = this.#monotonic() + everyMs / 2;
    for (const sleeper of this.#sleepers) {
      if (sleeper.dueMs > nearMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }

  /** Beats less often when all who asked lately, and all who sleep, are content with that. */
  #review(): void {
    let longestMs = this.#shortestMs;
    for (const { ms } of this.#sleepers) longestMs = Math.min(longestMs, ms);
    if (longestMs > this.#everyMs && longestMs < Infinity) this.#beatEvery(longestMs);
    this.#shortestMs = Infinity;
  }

  #beatEvery(everyMs: number): void {
    // The first new beat may come later than the next old one would have, or than who is due soon would bear.
    this.#wakeNearest(Math.max(everyMs, this.#everyMs));
    this.#end?.();
    this.#everyMs = everyMs;
    this.#end = everyMs === Infinity ? undefined : this.#repeat(() => this.#beat(), everyMs);
  }
}
