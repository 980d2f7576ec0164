/** What counters grew by between two polls, whole numbers of any size, and how far that can be trusted. */

/**
 * How far a sample can be trusted.
 *
 * - `good`: the counter grew.
 * - `first`: nothing to compare with yet.
 * - `wrapped`: it went past its end and on from 0; the increase is whole.
 * - `ambiguous`: it has 32 bits, and its row is so fast that it may have gone past its end more than once.
 * - `reset`: it started again, so there is no increase.
 * - `implausible`: it would have grown faster than its row can be, so there is no increase.
 * - `partial`: the table was not read to its end.
 */
export const QUALITIES = ["good", "wrapped", "ambiguous", "first", "partial", "reset", "implausible"] as const;

export type Quality = (typeof QUALITIES)[number];

/** The quality that a row of several counters has: the one that is worst. */
export function worstOf(qualities: readonly Quality[]): Quality {
  return QUALITIES[Math.max(0, ...qualities.map((quality) => QUALITIES.indexOf(quality)))] ?? "good";
}

/** A counter at one time. */
export interface CounterSample {
  readonly value: bigint;
  readonly bits: 32 | 64;
  /** By a clock that never goes back: milliseconds. */
  readonly atMs: number;
}

/** What is known besides the two values. */
export interface CounterContext {
  /** Whether something says that the counter started again: the agent is new, or tells of a discontinuity. */
  readonly isRestarted: boolean;
  /** The fastest it can grow, a second; absent where that is not known. */
  readonly perSecondMax?: number | undefined;
}

export interface Growth {
  readonly quality: Quality;
  /** What it grew by since the last poll, and a second; absent where that cannot be told. */
  readonly increase?: bigint;
  readonly perSecond?: number;
}

/**
 * How far over a row's speed a rate may be: agents read their counters every some seconds and answer from that, so what is put
 * down to one interval may be of one and a quarter.
 */
const SPEED_TOLERANCE = 1.25;

/** How a counter grew since the last poll. */
export function growthOf(before: CounterSample | undefined, now: CounterSample, context: CounterContext): Growth {
  if (before === undefined || before.bits !== now.bits || now.atMs <= before.atMs) return { quality: "first" };
  if (context.isRestarted) return { quality: "reset" };
  const seconds = (now.atMs - before.atMs) / 1000;
  const range = 1n << BigInt(now.bits);
  const isWrapped = now.value < before.value;
  const increase = isWrapped ? now.value + range - before.value : now.value - before.value;
  const perSecond = Number(increase) / seconds;
  const max = context.perSecondMax === undefined ? Infinity : context.perSecondMax * SPEED_TOLERANCE;
  // It may have gone round more than once, so no increase is too large, and a smaller value says nothing.
  const isAmbiguous = now.bits === 32 && max !== Infinity && max * seconds > Number(range);
  if (isAmbiguous) return { quality: "ambiguous", increase, perSecond };
  // A smaller value is a wrap only where the way there was short enough: else it started again, and nobody said so.
  if (isWrapped && (perSecond > max || increase > range / 2n)) return { quality: "reset" };
  if (perSecond > max) return { quality: "implausible" };
  return { quality: isWrapped ? "wrapped" : "good", increase, perSecond };
}

/** Hundredths of a second after which sysUpTime starts from 0 by itself: 497 days. */
const TICKS_RANGE = 2 ** 32;

/** How far sysUpTime and our clock may part in one interval: hundredths of a second, and a share of the interval. */
const TICKS_SLACK = 3_000;
const TICKS_SLACK_SHARE = 0.02;

/**
 * Whether an agent started anew between two looks at its sysUpTime (hundredths of a second), `elapsedMs` apart: it went back, and
 * not by having reached its end, or it is younger than it had to be.
 */
export function isRestarted(beforeTicks: number, nowTicks: number, elapsedMs: number): boolean {
  const elapsed = elapsedMs / 10;
  const slack = TICKS_SLACK + elapsed * TICKS_SLACK_SHARE;
  const expected = beforeTicks + elapsed;
  const isWrapDue = expected + slack >= TICKS_RANGE;
  if (isWrapDue && Math.abs(nowTicks + TICKS_RANGE - expected) <= slack) return false;
  if (nowTicks < beforeTicks) return true;
  return nowTicks + slack < expected && nowTicks <= elapsed + slack;
}

/** How often in a row a counter may go unread, and what is known of it be kept. */
const UNREAD_MAX = 5;

/** What is known of a row from before, and for how many polls it has not been read. */
interface Kept<T> {
  readonly value: T;
  readonly unread: number;
}

/** Values of rows, of this poll and of the last one. */
class Memory<T> {
  #before = new Map<string, Kept<T>>();
  #now = new Map<string, Kept<T>>();

  /** Keeps a value for the next poll; the one from before, where there is one. */
  exchange(key: string, value: T): T | undefined {
    this.#now.set(key, { value, unread: 0 });
    return this.#before.get(key)?.value;
  }

  endPoll(isUnread: (key: string) => boolean): void {
    for (const [key, { value, unread }] of this.#before) {
      if (this.#now.has(key) || unread === UNREAD_MAX || !isUnread(key)) continue;
      this.#now.set(key, { value, unread: unread + 1 });
    }
    this.#before = this.#now;
    this.#now = new Map();
  }
}

/** The counters of all rows of a device at the last poll. A row that was not seen this time is forgotten. */
export class CounterMemory {
  readonly #samples = new Memory<CounterSample>();
  readonly #marks = new Memory<number>();

  /** Whether a mark (a discontinuity time) is another than at the last poll. */
  isChanged(key: string, mark: number): boolean {
    const before = this.#marks.exchange(key, mark);
    return before !== undefined && before !== mark;
  }

  /** How a counter grew since the last poll; `key` names the row, what it is called, and the counter. */
  growth(key: string, sample: CounterSample, context: CounterContext): Growth {
    return growthOf(this.#samples.exchange(key, sample), sample, context);
  }

  /** Ends a poll. Of what was not wholly read, what is known is kept for some polls, so that the next rate spans the gap. */
  endPoll(isUnread: (key: string) => boolean): void {
    this.#samples.endPoll(isUnread);
    this.#marks.endPoll(isUnread);
  }
}
