/** One device over time: polled on its beat, less often while it does not answer. */

import type { Clock } from "../../core/clock.ts";
import { classified, failure, SnmpError } from "./failure.ts";
import { poll, type Reading } from "./poll.ts";
import type { Told } from "./sample.ts";
import type { Selection } from "./selection.ts";
import { askedAs, type DeviceAccess, openSession, type SnmpSession } from "./session.ts";
import { targetOf } from "./target.ts";
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

/** One of the two. */
interface Outcome {
  readonly reading?: Reading;
  readonly error?: SnmpError;
}

/** Why what waits for a device ends. It is given as the reason, since to make one costs as much as a request. */
const OVER = "the poll is over";

const NO_COUNTS: SocketCounts = { sent: 0, received: 0, stray: 0, garbage: 0 };

export class Device {
  readonly #memory = new DeviceMemory();
  readonly #pace = newPace();
  #session: SnmpSession | undefined;
  /** What went through sockets that were closed. */
  #past: SocketCounts = NO_COUNTS;
  #sysName: string | undefined;
  #failures = 0;
  #hasAnswered = false;

  constructor(readonly plan: DevicePlan, readonly clock: Clock) {}

  /** Polls in a row that failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Whether it answered last time. Nobody knows that of a device that was never asked. */
  get isAnswering(): boolean {
    return this.#hasAnswered && this.#failures === 0;
  }

  /** How long after the start of one poll the next is due: milliseconds. Doubled with each failure after the first. */
  get waitMs(): number {
    const { intervalMs, backoffMaxMs } = this.plan;
    if (this.#failures < 2) return intervalMs;
    return Math.max(intervalMs, Math.min(backoffMaxMs, intervalMs * 2 ** Math.min(20, this.#failures - 1)));
  }

  /**
   * Polls once. Ends early, with `undefined`, when `stop` is aborted. `onAnswered` is called when the device has answered, perhaps
   * several times: it is asked on when that resolves.
   */
  async poll(stop: AbortSignal, onAnswered?: () => Promise<void>): Promise<Polled | undefined> {
    const { clock, plan } = this;
    const startMs = clock.monotonic();
    const before = this.#counts();
    const outcome = await this.#withinDeadline(stop, (over) => this.#read(startMs + plan.deadlineMs, over, onAnswered));
    if (stop.aborted) return undefined;
    const { reading, error } = outcome;
    this.#failures = error === undefined ? 0 : this.#failures + 1;
    this.#hasAnswered ||= error === undefined;
    const asking = {
      target: targetOf(plan.access),
      version: plan.access.version,
      pollMs: clock.monotonic() - startMs,
      counts: difference(this.#counts(), before),
      failures: this.#failures,
    };
    return { told: this.#tell(reading, error, asking), host: this.#host(), error };
  }

  /** Lets go of the session, where one is kept. */
  close(): void {
    if (this.#session === undefined) return;
    this.#session.close();
    this.#past = sum(this.#past, this.#session.counts);
    this.#session = undefined;
  }

  /** What `read` gives or how it failed. When the poll's time is over, or it is stopped, whatever waits for the device ends at once. */
  async #withinDeadline(stop: AbortSignal, read: (over: AbortSignal) => Promise<Reading>): Promise<Outcome> {
    const { clock, plan } = this;
    const over = new AbortController();
    const deadline = clock.sleep(plan.deadlineMs, AbortSignal.any([stop, over.signal])).then(() => over.abort(OVER));
    let outcome: Outcome;
    try {
      outcome = { reading: await read(over.signal) };
    } catch (thrown) {
      outcome = { error: this.#failed(thrown) };
    }
    // A session of version 3 is kept, as it knows the agent's engine; the others have nothing to keep.
    if (plan.access.version !== "3" || outcome.error !== undefined || over.signal.aborted) this.close();
    over.abort(OVER);
    await deadline;
    return outcome;
  }

  /** A kept session may be one with an agent that is gone: then a new one is tried at once. */
  async #read(untilMs: number, over: AbortSignal, onAnswered?: () => Promise<void>): Promise<Reading> {
    const isKept = this.#session !== undefined;
    try {
      return await this.#readOnce(untilMs, over, onAnswered);
    } catch (error) {
      const mayBeStale = isKept && error instanceof SnmpError && error.code !== "silent" && error.code !== "closed";
      if (!mayBeStale) throw error;
      this.close();
      return await this.#readOnce(untilMs, over, onAnswered);
    }
  }

  async #readOnce(untilMs: number, over: AbortSignal, onAnswered?: () => Promise<void>): Promise<Reading> {
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
        isGreeted: !this.isAnswering,
        ...(onAnswered === undefined ? {} : { onAnswered }),
      });
    } finally {
      over.removeEventListener("abort", end);
    }
  }

  /** What went through its sockets since it is watched. */
  #counts(): SocketCounts {
    return sum(this.#past, this.#session?.counts ?? NO_COUNTS);
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

function sum(a: Readonly<SocketCounts>, b: Readonly<SocketCounts>): SocketCounts {
  return {
    sent: a.sent + b.sent,
    received: a.received + b.received,
    stray: a.stray + b.stray,
    garbage: a.garbage + b.garbage,
  };
}

function difference(now: Readonly<SocketCounts>, before: Readonly<SocketCounts>): SocketCounts {
  return {
    sent: now.sent - before.sent,
    received: now.received - before.received,
    stray: now.stray - before.stray,
    garbage: now.garbage - before.garbage,
  };
}
