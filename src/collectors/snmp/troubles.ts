/** Which devices cannot be asked, told as one warning that names them, and again when that changes. */

import type { CollectorContext, TargetReport } from "../../core/collector.ts";

/** How each device that was polled is doing: why it cannot be asked, or null. Outlives a restart of the collector. */
export type DeviceStates = Map<string, string | null>;

/** The same, as the pipeline is told. */
export function targetsOf(states: DeviceStates): TargetReport[] {
  return [...states].map(([name, trouble]) => ({ name, trouble }));
}

/** Devices named in one warning; the rest are counted. */
const NAMED_MAX = 20;

/** Changes within this time are told together: milliseconds. */
const TOGETHER_MS = 1_000;

export class Troubles {
  readonly #messages = new Map<string, string>();
  #isWaiting = false;
  #hasTold = false;

  constructor(
    readonly context: Pick<CollectorContext, "clock" | "signal" | "warn">,
    readonly states: DeviceStates,
    /** How many there are. */
    readonly devices: number,
  ) {}

  /** Notes how a poll of a device ended: with a message, or without one when it answered. */
  note(key: string, message: string | undefined): void {
    this.states.set(key, message ?? null);
    if (this.#messages.get(key) === message) return;
    if (message === undefined) this.#messages.delete(key);
    else this.#messages.set(key, message);
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const { clock, signal } = this.context;
    clock.sleep(TOGETHER_MS, signal).then(() => {
      this.#isWaiting = false;
      if (!signal.aborted) this.#tell();
    });
  }

  #tell(): void {
    if (this.#messages.size === 0) {
      if (this.#hasTold) this.context.warn(`All ${this.devices} devices answer`);
      return;
    }
    this.#hasTold = true;
    const messages = [...this.#messages.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, message]) => message);
    const rest = messages.length - NAMED_MAX;
    const named = messages.slice(0, NAMED_MAX).join("; ");
    const more = rest > 0 ? `; and ${rest} more` : "";
    this.context.warn(`${messages.length} of ${this.devices} devices cannot be asked: ${named}${more}`);
  }
}
