/** What the process collector's tests share: a context to collect in, a fabricated /proc, and waiting for an event. */

import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { CollectorContext } from "../../../src/core/collector.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { makeProcessCollector, type OpenSource } from "../../../src/collectors/process/collect.ts";
import { processSchema } from "../../../src/collectors/process/schema.ts";

/** Why a test cannot run without a program; `undefined` when it is there, or when a missing one must fail. */
export function programSkip(program: string): string | undefined {
  if (Deno.env.get("WEIR_REQUIRE_PEERS") === "1") return undefined;
  const found = (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
  return found ? undefined : `needs the program ${program}`;
}

/** A context that keeps what it is told. */
export interface TestContext extends CollectorContext {
  readonly state: StagedState;
  readonly losses: Map<string, number>;
  readonly warnings: string[];
  abort(): void;
}

export function testContext(clock: Clock = systemClock, state = new StagedState("process")): TestContext {
  const controller = new AbortController();
  const losses = new Map<string, number>();
  const warnings: string[] = [];
  return {
    host: "test-host",
    clock,
    state,
    signal: controller.signal,
    dropped: (reason, count) => void losses.set(reason, (losses.get(reason) ?? 0) + count),
    warn: (message) => void warnings.push(message),
    losses,
    warnings,
    abort: () => controller.abort(),
  };
}

/** A running collector: its events as they come, until it is stopped. */
export interface Running {
  readonly events: TelemetryEvent[];
  readonly context: TestContext;
  /** The first event, already there or still to come, that is as wanted. @throws {Error} when none comes in time. */
  event(what: string, wanted: (event: TelemetryEvent) => boolean): Promise<TelemetryEvent>;
  stop(): Promise<void>;
}

/** Longest wait for a real thing to be seen: milliseconds. */
const SEEN_WITHIN_MS = 8_000;

export function running(config: Record<string, unknown> = {}, open?: OpenSource): Running {
  const context = testContext();
  const events: TelemetryEvent[] = [];
  let wake = () => {};
  const ended = (async () => {
    for await (const chunk of makeProcessCollector(processSchema.parse(config), open).collect(context)) {
      events.push(...chunk);
      wake();
    }
  })();
  return {
    events,
    context,
    event: async (what, wanted) => {
      const deadline = AbortSignal.timeout(SEEN_WITHIN_MS);
      for (;;) {
        const found = events.find(wanted);
        if (found !== undefined) return found;
        if (deadline.aborted) throw new Error(`no ${what} within ${SEEN_WITHIN_MS} ms`);
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await Promise.race([promise, systemClock.sleep(100), ended]);
      }
    },
    stop: async () => {
      context.abort();
      await ended;
    },
  };
}
