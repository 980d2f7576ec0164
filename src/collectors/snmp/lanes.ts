/** How many devices are asked at once, and how those that do not answer are kept from holding up those that do. */

/** A poll's right to run. */
export interface Slot {
  /** Lets another take this place, when there is room beside for those that take long. */
  stepAside(): void;
  leave(): void;
}

/** Two lanes of equal width: one for devices that answer, one for those that are slow or silent. */
export class Lanes {
  readonly #free = { fast: 0, slow: 0 };
  readonly #waiting: Readonly<Record<"fast" | "slow", (() => void)[]>> = { fast: [], slow: [] };

  /** `width`: polls at once in each lane. */
  constructor(width: number) {
    this.#free.fast = width;
    this.#free.slow = width;
  }

  /** A place in a lane, in the order of asking. */
  async enter(lane: "fast" | "slow"): Promise<Slot> {
    if (this.#free[lane] > 0) this.#free[lane]--;
    else await new Promise<void>((resolve) => this.#waiting[lane].push(resolve));
    let at: "fast" | "slow" | undefined = lane;
    return {
      stepAside: () => {
        if (at !== "fast" || this.#free.slow === 0) return;
        this.#free.slow--;
        at = "slow";
        this.#release("fast");
      },
      leave: () => {
        if (at !== undefined) this.#release(at);
        at = undefined;
      },
    };
  }

  #release(lane: "fast" | "slow"): void {
    const next = this.#waiting[lane].shift();
    if (next === undefined) this.#free[lane]++;
    else next();
  }
}
