/** What cannot be read at the moment and why, told as one warning, and again when that changes. */

import type { CollectorContext, TargetReport } from "../../core/collector.ts";

/** Sources named in one warning; the rest are counted. */
const NAMED_MAX = 10;

/** Changes within this time are told together: milliseconds. */
const TOGETHER_MS = 1_000;

/** Sources that are reported on, at most; further ones only while they are in trouble. */
const REPORTED_MAX = 1_000;

/** How each source of lines is doing: why it cannot be read, or null. Outlives a restart of the collector. */
export class LogHealth {
  readonly #states = new Map<string, string | null>();
  #context: Pick<CollectorContext, "clock" | "signal" | "warn"> | undefined;
  #isWaiting = false;
  #hasTold = false;

  /** Whom to tell from now on. */
  attach(context: Pick<CollectorContext, "clock" | "signal" | "warn">): void {
    this.#context = context;
    this.#isWaiting = false;
  }

  /** Notes how a source is doing: with why it cannot be read, or null while it can. */
  note(name: string, trouble: string | null): void {
    const before = this.#states.get(name);
    if (before === trouble) return;
    if (before === undefined && trouble === null && this.#states.size >= REPORTED_MAX) return;
    this.#states.set(name, trouble);
    if (trouble !== null || typeof before === "string") this.#tellSoon();
  }

  /** Forgets a source that is not read any more. */
  forget(name: string): void {
    if (typeof this.#states.get(name) === "string") this.#tellSoon();
    this.#states.delete(name);
  }

  /** The same, as the pipeline is told. */
  targets(): TargetReport[] {
    return [...this.#states].map(([name, trouble]) => ({ name, trouble }));
  }

  #tellSoon(): void {
    const context = this.#context;
    if (this.#isWaiting || context === undefined) return;
    this.#isWaiting = true;
    context.clock.sleep(TOGETHER_MS, context.signal).then(() => {
      if (this.#context !== context || context.signal.aborted) return;
      this.#isWaiting = false;
      this.#tell(context);
    });
  }

  #tell({ warn }: Pick<CollectorContext, "warn">): void {
    const troubles = [...this.#states.values()].filter((trouble) => trouble !== null);
    if (troubles.length === 0) {
      if (this.#hasTold) warn("All logs can be read");
      return;
    }
    this.#hasTold = true;
    const rest = troubles.length - NAMED_MAX;
    warn(troubles.slice(0, NAMED_MAX).join("; ") + (rest > 0 ? `; and ${rest} more` : ""));
  }
}
