/** One device over time: polled on its beat, less often while it does not answer. */

import type { Clock } from "../../core/clock.ts";
import { classified, failure, SnmpError } from "./failure.ts";
import { poll, type Reading } from "./poll.ts";
import type { Told } from "./sample.ts";
import type { Selection } from "./selection.ts";
import { askedAs, type DeviceAccess, openSession, type SnmpSession, targetOf } from "./session.ts";
import type { SocketCounts } from "./socket.ts";
import { DeviceMemory, tell, tellFailure } from "./tell.ts";
import { newPace } from "./walk.ts";

/** How a device is watched. */
export interface DevicePlan {
  /** What tells it from the others, the same in each run. */
  readonly key: string;
  readonly access: DeviceAccess;
  readonly selection: Selection;
  readonly intervalMs: number;
  readonly deadlineMs: number;
  readonly backoffMaxMs: number;
  readonly repetitionsMax: number;
  readonly walksMax: number;
}

/** What a poll gave. */
export interface Polled {
  readonly told: readonly Told[];
  /** What its events name as the host. */
  readonly host: string;
  readonly error: SnmpError | undefined;
}

const NO_COUNTS: SocketCounts = { sent: 0, received: 0, stray: 0, garbage: 0 };

export class Device {
  readonly #memory = new DeviceMemory();
  readonly #pace = newPace();
  #session: SnmpSession | undefined;
  #sysName: string | undefined;
  #failures = 0;

  constructor(readonly plan: DevicePlan, readonly clock: Clock) {}

  /** Polls in a row that failed. */
  get failures(): number {
    return this.#failures;
  }

  /** How long after the start of one poll the next is due: milliseconds. Doubled with each failure after the first. */
  get waitMs(): number {
    const { intervalMs, backoffMaxMs } = this.plan;
    if (this.#failures < 2) return intervalMs;
    return Math.max(intervalMs, Math.min(backoffMaxMs, intervalMs * 2 ** Math.min(20, this.#failures - 1)));
  }

  /** Polls once. Ends early, with `undefined`, when `stop` is aborted. */
  async poll(stop: AbortSignal): Promise<Polled | undefined> {
    const { clock, plan } = this;
    const startMs = clock.monotonic();
    const untilMs = startMs + plan.deadlineMs;
    const done = new AbortController();
    // Aborted when the poll is through, stopped, or past its deadline: whatever waits for the device then ends at once.
    const over = clock.sleep(plan.deadlineMs, AbortSignal.any([stop, done.signal])).then(() => done.abort());
    const before = { ...(this.#session?.counts ?? NO_COUNTS) };
    let reading: Reading | undefined;
    let error: SnmpError | undefined;
    try {
      reading = await this.#read(untilMs, done.signal);
    } catch (thrown) {
      error = this.#failed(thrown);
    }
    const counts = difference(this.#session?.counts ?? NO_COUNTS, before);
    if (plan.access.version !== "3" || error !== undefined || done.signal.aborted) this.close();
    done.abort();
    await over;
    if (stop.aborted) return undefined;
    this.#failures = error === undefined ? 0 : this.#failures + 1;
    const asking = {
      target: targetOf(plan.access),
      version: plan.access.version,
      pollMs: clock.monotonic() - startMs,
      counts,
      failures: this.#failures,
    };
    return { told: this.#tell(reading, error, asking), host: this.#host(), error };
  }

  /** Lets go of the session, where one is kept. */
  close(): void {
    this.#session?.close();
    this.#session = undefined;
  }

  /** A kept session may be one with an agent that is gone: then a new one is tried at once. */
  async #read(untilMs: number, over: AbortSignal): Promise<Reading> {
    const isKept = this.#session !== undefined;
    try {
      return await this.#readOnce(untilMs, over);
    } catch (error) {
      const mayBeStale = isKept && error instanceof SnmpError && error.code !== "silent" && error.code !== "closed";
      if (!mayBeStale) throw error;
      this.close();
      return await this.#readOnce(untilMs, over);
    }
  }

  async #readOnce(untilMs: number, over: AbortSignal): Promise<Reading> {
    const { plan, clock } = this;
    const session = this.#session ??= await unlessOver(openSession(plan.access), over);
    const end = () => session.close();
    over.addEventListener("abort", end, { once: true });
    try {
      return await poll({
        session,
        asked: askedAs(plan.access),
        selection: plan.selection,
        pace: this.#pace,
        repetitionsMax: plan.repetitionsMax,
        walksMax: plan.walksMax,
        clock,
        untilMs,
      });
    } finally {
      over.removeEventListener("abort", end);
    }
  }

  #failed(thrown: unknown): SnmpError {
    const asked = askedAs(this.plan.access);
    const error = classified(thrown instanceof Error ? thrown : new Error(String(thrown)), asked);
    return error.code === "closed" ? failure("silent", asked) : error;
  }

  #tell(reading: Reading | undefined, error: SnmpError | undefined, asking: Parameters<typeof tellFailure>[1]): Told[] {
    if (reading === undefined) return [tellFailure(error ?? failure("silent", askedAs(this.plan.access)), asking)];
    const { told, sysName } = tell(reading, this.plan.selection, this.#memory, asking);
    this.#sysName = sysName ?? this.#sysName;
    return told;
  }

  #host(): string {
    const { name, host } = this.plan.access;
    return name ?? this.#sysName ?? host;
  }
}

/** What a promise gives, unless it is over before: then the session, should it come to be, is closed. */
async function unlessOver(opening: Promise<SnmpSession>, over: AbortSignal): Promise<SnmpSession> {
  const ended = new Promise<undefined>((resolve) => {
    if (over.aborted) resolve(undefined);
    else over.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const session = await Promise.race([opening, ended]);
  if (session !== undefined) return session;
  opening.then((late) => late.close(), () => {});
  throw new SnmpError("closed", "Cannot open a session as the time for it is over");
}

function difference(now: Readonly<SocketCounts>, before: Readonly<SocketCounts>): SocketCounts {
  return {
    sent: Math.max(0, now.sent - before.sent),
    received: Math.max(0, now.received - before.received),
    stray: Math.max(0, now.stray - before.stray),
    garbage: Math.max(0, now.garbage - before.garbage),
  };
}
