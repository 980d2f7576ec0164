/** The collector as the pipeline runs it, for a while. */

import { systemClock } from "../../../src/core/clock.ts";
import type { TargetReport } from "../../../src/core/collector.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { snmpCollector } from "../../../src/collectors/snmp/mod.ts";

export interface Collected {
  readonly events: readonly TelemetryEvent[];
  readonly warnings: readonly string[];
  /** How the devices were doing at the end. */
  readonly targets: readonly TargetReport[];
}

/** Runs it, with keys of `collectors.snmp`, until `isEnough` of what came; fails after `withinMs`. */
export async function collectFor(
  config: object,
  isEnough: (events: readonly TelemetryEvent[], warnings: readonly string[]) => boolean,
  withinMs = 60_000,
): Promise<Collected> {
  const collector = snmpCollector.create(snmpCollector.schema.parse(config));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), withinMs);
  const events: TelemetryEvent[] = [];
  const warnings: string[] = [];
  let isDone = false;
  const look = () => {
    if (!isEnough(events, warnings)) return;
    isDone = true;
    stop.abort();
  };
  const context = {
    host: "here",
    clock: systemClock,
    state: new StagedState("snmp"),
    signal: stop.signal,
    dropped: () => {},
    warn: (message: string) => {
      warnings.push(message);
      look();
    },
  };
  for await (const chunk of collector.collect(context)) {
    events.push(...chunk);
    look();
  }
  clearTimeout(timer);
  if (!isDone) throw new Error(`Cannot test as too little came within ${withinMs} ms: ${events.length} events`);
  return { events, warnings, targets: collector.targets?.() ?? [] };
}
