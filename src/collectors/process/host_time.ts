/** Between a host's time since it started and the wall clock, the same from one run to the next. */

import type { Clock } from "../../core/clock.ts";
import type { StateStore } from "../../core/state_store.ts";

/** The uptime is rounded down to a hundredth of a second: milliseconds by which a boot may seem later than it was. */
const UPTIME_STEP_MS = 10;

/** A difference up to this is rounding and drift, one above it means that the wall clock was set: milliseconds. */
const CLOCK_SET_MS = 2_000;

/**
 * When the host started, by the wall clock. It is estimated once and kept, so that a process has the same start time
 * each time it is asked for, also after a restart; it is estimated anew when the clock was set. Never too late.
 */
export class HostTime {
  #bootMs: number | undefined;

  constructor(
    readonly clock: Clock,
    readonly state: StateStore,
    readonly key: string,
    readonly uptimeMs: () => number,
  ) {
    const kept = state.get("boot")?.split(" ");
    if (kept?.[0] === key && kept[1] !== undefined) this.#bootMs = Number(kept[1]);
  }

  refresh(): void {
    const bootMs = Math.floor(this.clock.now() - this.uptimeMs() - UPTIME_STEP_MS);
    if (this.#bootMs !== undefined && Math.abs(bootMs - this.#bootMs) <= CLOCK_SET_MS) return;
    this.#bootMs = bootMs;
    this.state.set("boot", `${this.key} ${bootMs}`);
  }

  /** Milliseconds since the epoch of a time since the start. */
  atUptime(uptimeMs: number): number {
    return (this.#bootMs ?? 0) + uptimeMs;
  }
}
