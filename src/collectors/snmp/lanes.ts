/**
 * How many devices are asked at once, and how those that do not answer are kept from holding up those that do: a place to be read in
 * is held by a device that has answered, or that answered last time and is waited for no longer than a moment. Whatever else is
 * waited for stands beside, where it costs a socket and a timer.
 */

import type { Clock } from "../../core/clock.ts";

/** A poll that has held its place for so long gives it to another, where there is room beside: milliseconds. */
export const PLACE_KEPT_MS = 500;

/** Places for devices that are silent, for each in which one is read: of those there can be many, and waiting is cheap. */
export const SILENT_PLACES_EACH = 8;

/** Places for devices that are silent, at most: each holds a socket, of which a system gives no program any number. */
const SILENT_PLACES_MAX = 2_000;

/** A poll's right to run. */
export interface Place {
  /** To be called when the device has answered; resolves when it is its turn to be read. Further calls do nothing. */
  answered(): Promise<void>;
  leave(): void;
}

/** Where a poll stands: asked whether it is there; read; read, and slow at that; waited for. */
type Lane = "asking" | "reading" | "slow" | "silent";

/** Wakes whoever sleeps for a place that was left. It is given as the reason, since to make one costs more than all the rest. */
const LEFT = "the place was left";

export class Lanes {
  readonly #free: Record<Lane, number>;
  readonly #waiting: Readonly<Record<Lane, (() => void)[]>> = { asking: [], reading: [], slow: [], silent: [] };

  /**
   * `width`: devices that are read at once. As many again may be slow, as many be asked whether they are there (more at a time would
   * be a burst that the network drops), and more wait for an answer.
   */
  constructor(width: number, readonly clock: Pick<Clock, "sleep">) {
    const silent = Math.min(SILENT_PLACES_MAX, width * SILENT_PLACES_EACH);
    this.#free = { asking: width, reading: width, slow: width, silent };
  }

  /** A place, in the order of coming: among those that are read for a device that answered last time, else among those asked. */
  async enter(lane: "asking" | "reading"): Promise<Place> {
    await this.#take(lane);
    return this.#place(lane);
  }

  #place(entered: Lane): Place {
    let lane: Lane | undefined = entered;
    let hasAnswered = false;
    const left = new AbortController();
    const moveTo = (next: Lane) => {
      if (lane !== undefined) this.#give(lane);
      lane = next;
    };
    const stepAside = async (from: Lane) => {
      while (lane === from) {
        await this.clock.sleep(PLACE_KEPT_MS, left.signal);
        const beside = hasAnswered ? "slow" : "silent";
        if (lane !== from || this.#free[beside] === 0) continue;
        this.#free[beside]--;
        moveTo(beside);
        return;
      }
    };
    stepAside(entered);
    return {
      answered: async () => {
        if (hasAnswered) return;
        hasAnswered = true;
        if (lane === "reading") return;
        await this.#take("reading", "first");
        if (lane === undefined) return this.#give("reading"); // it was left meanwhile
        moveTo("reading");
        stepAside("reading");
      },
      leave: () => {
        if (lane === undefined) return;
        this.#give(lane);
        lane = undefined;
        left.abort(LEFT);
      },
    };
  }

  async #take(lane: Lane, order: "last" | "first" = "last"): Promise<void> {
    if (this.#free[lane] > 0) {
      this.#free[lane]--;
      return;
    }
    const queue = this.#waiting[lane];
    await new Promise<void>((resolve) => order === "first" ? queue.unshift(resolve) : queue.push(resolve));
  }

  #give(lane: Lane): void {
    const next = this.#waiting[lane].shift();
    if (next === undefined) this.#free[lane]++;
    else next();
  }
}
