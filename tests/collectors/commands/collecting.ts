/** A collector of commands at work over home folders of a test's own. */

import { systemClock } from "../../../src/core/clock.ts";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { createMasking } from "../../../src/core/masking.ts";
import { StagedState } from "../../../src/core/state_store.ts";
import { makeCommandsCollector } from "../../../src/collectors/commands/collect.ts";
import { commandsSchema } from "../../../src/collectors/commands/schema.ts";

/** Longest wait for events: milliseconds. */
const WITHIN_MS = 30_000;

export interface Collected {
  readonly events: readonly TelemetryEvent[];
  readonly state: StagedState;
  readonly dropped: ReadonlyMap<string, number>;
  readonly warnings: readonly string[];
}

export interface CollectingOptions {
  readonly state?: StagedState;
  readonly config?: Record<string, unknown>;
  /** Events to wait for; without any, it looks a few times. */
  readonly events?: number;
}

/** Writes a passwd file that gives this user a home folder. */
export async function passwdFor(home: string): Promise<string> {
  const path = `${home}/passwd`;
  await Deno.writeTextFile(path, `me:x:${Deno.uid()}:0::${home}:/bin/sh\n`);
  return path;
}

/** Runs a collector until it has told so many events, or has looked a few times. */
export async function collectCommands(home: string, options: CollectingOptions = {}): Promise<Collected> {
  const state = new StagedState("commands", options.state?.entries("") ?? []);
  const config = commandsSchema.parse({ interval: "50ms", ...options.config });
  const collector = makeCommandsCollector(config, await passwdFor(home));
  const abort = new AbortController();
  const events: TelemetryEvent[] = [];
  const warnings: string[] = [];
  const dropped = new Map<string, number>();
  const limit = setTimeout(() => abort.abort(), options.events === undefined ? 400 : WITHIN_MS);
  const context = {
    host: "h",
    clock: systemClock,
    state,
    signal: abort.signal,
    masking: createMasking({ defaults: true, patterns: [] }),
    dropped: (reason: string, count: number) => void dropped.set(reason, (dropped.get(reason) ?? 0) + count),
    warn: (message: string) => void warnings.push(message),
  };
  for await (const chunk of collector.collect(context)) {
    events.push(...chunk);
    if (options.events !== undefined && events.length >= options.events) abort.abort();
  }
  clearTimeout(limit);
  return { events, state, dropped, warnings };
}
