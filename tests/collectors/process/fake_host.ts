/** A fabricated host on which time moves only when a test looks. */

import { SimulatedClock } from "../../../src/core/clock.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { Connections } from "../../../src/collectors/process/connections.ts";
import { openProc } from "../../../src/collectors/process/proc_source.ts";
import { processSchema } from "../../../src/collectors/process/schema.ts";
import type { ProcessSource } from "../../../src/collectors/process/source.ts";
import { stats } from "../../../src/collectors/process/stats.ts";
import { Tracker } from "../../../src/collectors/process/tracker.ts";
import { FakeProc } from "./fake_proc.ts";
import { testContext } from "./support.ts";

/** The time at which the fabricated host has been up for 1,000 s. */
export const NOW_MS = 1_800_000_000_000;

/** What a test works with: time moves by `look`, in steps of 50 ms. */
export interface Host {
  readonly proc: FakeProc;
  readonly source: ProcessSource;
  readonly tracker: Tracker;
  readonly losses: ReadonlyMap<string, number>;
  look(stepMs?: number): Promise<TelemetryEvent[]>;
  /** One look at the sockets. */
  sockets(stepMs?: number): Promise<TelemetryEvent[]>;
  /** One round of stats, after a look at the sockets. */
  round(config?: Record<string, unknown>): Promise<TelemetryEvent[]>;
}

export async function onHost(
  run: (host: Host) => Promise<void>,
  { state = new StagedState("process"), before = () => {} }: {
    state?: StagedState;
    before?: (proc: FakeProc) => void;
  } = {},
): Promise<void> {
  const proc = await FakeProc.make();
  before(proc);
  const clock = new SimulatedClock(NOW_MS);
  const context = testContext(clock, state);
  const source = openProc({ ...context, root: proc.root, passwd: proc.passwd });
  const tracker = new Tracker(source, context);
  const connections = new Connections(source, context, (pid) => tracker.identity(pid));
  try {
    await run({
      proc,
      source,
      tracker,
      losses: context.losses,
      look: async (stepMs = 50) => {
        await clock.advance(stepMs);
        proc.uptime(1_000 + (clock.now() - NOW_MS) / 1000);
        return await tracker.look();
      },
      sockets: async (stepMs = 1_000) => {
        await clock.advance(stepMs);
        return await connections.look();
      },
      round: async (config = {}) => {
        await connections.look();
        const parsed = processSchema.parse(config);
        return stats({ source, tracker, context, config: parsed, socketCount: connections.count });
      },
    });
  } finally {
    source.close();
    await proc.remove();
  }
}

export const told = (events: readonly TelemetryEvent[]) =>
  events.map(({ kind, fields }) => `${kind} ${fields["process.pid"] ?? ""} ${fields["process.name"] ?? ""}`.trim());

/** Ticks at which a process begins `secondsAgo` before the host has been up for 1,000 s. */
export const ago = (seconds: number) => Math.round((1_000 - seconds) * 100);
