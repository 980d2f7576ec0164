/** Time, passed in: the system's clock, and a simulated one that runs exactly as it does. */

import { setImmediate } from "node:timers";
import { Heartbeat, TOGETHER_MAX_MS, TOGETHER_MIN_MS } from "./heartbeat.ts";

/** Where time comes from. Nothing outside this file reads the system's clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some fixed point, never going back: for measuring how long something took. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds, or at once when `signal` is or becomes aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * As {@linkcode sleep}, for those who look again and again: up to half of `ms` sooner or later, at a time when others wake as
   * well. Below {@linkcode TOGETHER_MIN_MS} and above {@linkcode TOGETHER_MAX_MS} it is {@linkcode sleep}.
   */
  sleepTogether(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => untilWoken(signal, (wake) => wakeAfter(Math.max(0, ms), wake)),
  sleepTogether: (ms, signal) =>
    ms >= TOGETHER_MIN_MS && ms <= TOGETHER_MAX_MS
      ? untilWoken(signal, (wake) => heartbeat.join(ms, wake))
      : systemClock.sleep(ms, signal),
};

const heartbeat = new Heartbeat(() => performance.now(), (beat, everyMs) => {
  const timer = setInterval(beat, everyMs);
  return () => clearInterval(timer);
});

function wakeAfter(ms: number, wake: () => void): () => void {
  const timer = setTimeout(wake, ms);
  return () => clearTimeout(timer);
}

/** Resolves when woken by what `arrange` sets up, or by `signal`, whereupon it is called off. */
function untilWoken(signal: AbortSignal | undefined, arrange: (wake: () => void) => () => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const sleepers = signal === undefined ? undefined : sleepersOf(signal);
    const finish = () => {
      callOff();
      sleepers?.delete(finish);
      resolve();
    };
    const callOff = arrange(finish);
    sleepers?.add(finish);
  });
}

/** Those to be woken by a signal: it has one listener, however often is slept with it. */
const sleepersBySignal = new WeakMap<AbortSignal, Set<() => void>>();

function sleepersOf(signal: AbortSignal): Set<() => void> {
  const known = sleepersBySignal.get(signal);
  if (known !== undefined) return known;
  const sleepers = new Set<() => void>();
  sleepersBySignal.set(signal, sleepers);
  signal.addEventListener("abort", () => sleepers.forEach((finish) => finish()), { once: true });
  return sleepers;
}

/** Lets whatever else is waiting (requests, timers, signals) have a turn. Takes microseconds when nothing is. */
export function yieldToOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: () => void;
}

/** A clock that moves only when told to. Sleepers wake in the order of their times. */
export class SimulatedClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs = 0) {
    this.#nowMs = startMs;
    this.#startMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  monotonic(): number {
    return this.#nowMs - this.#startMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const finish = () => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const sleeper: Sleeper = { atMs: this.#nowMs + Math.max(0, ms), wake: finish };
      this.#sleepers.add(sleeper);
      signal?.addEventListener("abort", finish, { once: true });
    });
  }

  sleepTogether(ms: number, signal?: AbortSignal): Promise<void> {
    return this.sleep(ms, signal);
  }

  /** How many are asleep: lets a test wait until what it drives has settled. */
  get sleeping(): number {
    return this.#sleepers.size;
  }

  /** Moves time on by `ms`, waking each sleeper at its own time and letting it run before the next wakes. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const next = [...this.#sleepers].filter((s) => s.atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.wake();
    }
    this.#nowMs = untilMs;
    await settle();
  }
}

/** Lets every promise that is ready run, several links deep. */
async function settle(): Promise<void> {
  for (let i = 0; i < 32; i++) await Promise.resolve();
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
}

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?(Z|z|[+-]\d{2}:?\d{2})?$/;

/**
 * Milliseconds since the epoch of an RFC 3339 time (fractions of a millisecond kept); a time without a zone is UTC, as
 * Sigma's and most JSON logs mean it. `undefined` when the text is not one.
 */
export function parseRfc3339(text: string): number | undefined {
  const found = RFC3339.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const seconds = Math.min(59, Number(second ?? 0)); // a leap second counts as the one before it
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), seconds);
  const date = new Date(whole);
  if (date.getUTCMonth() !== Number(month) - 1 || Number(hour) > 23 || Number(minute) > 59) return undefined;
  const part = fraction === undefined ? 0 : Number(`0.${fraction}`) * 1000;
  return whole + part - zoneOffsetMs(zone);
}

function zoneOffsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone[0] === "-" ? -1 : 1) * minutes * 60_000;
}
