/** What every collector must keep to, whatever it watches: one suite, run by each collector's own test. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { isIP } from "node:net";
import { parseRfc3339, systemClock } from "../../src/core/clock.ts";
import { CHUNK_EVENTS_MAX, type Collector, type CollectorContext } from "../../src/core/collector.ts";
import { FUTURE_TIME_MAX_MS, type TelemetryEvent } from "../../src/core/event.ts";
import { type FieldDefinition, fieldDefinition } from "../../src/core/fields.ts";
import { StagedState } from "../../src/core/state_store.ts";
import type { CollectorDefinition } from "../../src/collectors/definition.ts";

/** How a collector is put through the suite. */
export interface CollectorContractOptions {
  /** Its definition: name and kinds are held against what it yields. */
  readonly definition: Pick<CollectorDefinition, "name" | "kinds">;
  /** A collector that is ready to run, a new one each time. Left alone on a living host it yields at least one event. */
  make(): Collector;
  /** Longest time until it has yielded `eventsMin` events: milliseconds; 10,000 by default. */
  readonly withinMs?: number;
  /** How many events each run waits for; 1 by default. */
  readonly eventsMin?: number;
  /** Kinds of which the run that is looked at most closely waits for at least one event each. */
  readonly untilKinds?: readonly string[];
  /**
   * What an event is an observation of, where a restarted collector observes the very same again: such events must have
   * the same id in both runs, and some must be there in both. Left out where each look is an observation of its own.
   */
  observation?(event: TelemetryEvent): string | undefined;
  /** Why the suite cannot run here. */
  readonly skip?: string | undefined;
}

/** Longest time a collector may take to end once it has been told to: milliseconds. */
const END_WITHIN_MS = 100;

/** Registers the suite's tests for one collector, under `name`. */
export function collectorContract(name: string, options: CollectorContractOptions): void {
  const { definition } = options;
  const test = (title: string, run: () => Promise<void>) =>
    Deno.test({
      name: `${name}: ${title}${options.skip ? ` (${options.skip})` : ""}`,
      ignore: !!options.skip,
      fn: run,
    });

  test("a summary and distinct, well-formed kinds", () => {
    const collector = options.make();
    strictEqual(collector.name, definition.name);
    ok(collector.summary.length > 0);
    const kinds = definition.kinds.map(({ kind }) => kind);
    deepStrictEqual([...new Set(kinds)], kinds);
    for (const kind of kinds) {
      ok(/^(?:[a-z_]+|sigma\.windows)\.[a-z_-]+$/.test(kind), `${kind} is not <category>.<type>`);
    }
    return Promise.resolve();
  });

  test("chunks, kinds, ids, times and fields are as declared while what it looks at comes and goes", async () => {
    const churn = comeAndGo();
    const { chunks } = await run(options, { untilKinds: options.untilKinds ?? [] }).finally(() => churn.stop());
    const kinds = new Set(definition.kinds.map(({ kind }) => kind));
    const ids = new Set<string>();
    for (const chunk of chunks) {
      ok(chunk.length >= 1 && chunk.length <= CHUNK_EVENTS_MAX, `a chunk of ${chunk.length}`);
      for (const event of chunk) {
        ok(!ids.has(event.id), `the id ${event.id} twice`);
        ids.add(event.id);
        checkEvent(event, definition.name, kinds);
      }
    }
  });

  test("started again from the same state, the same observation has the same id", async () => {
    const first = await run(options);
    const again = await run(options, { before: first.state });
    const before = new Map<string, string>();
    for (const event of first.chunks.flat()) {
      const what = options.observation?.(event);
      if (what !== undefined) before.set(what, event.id);
    }
    let common = 0;
    for (const event of again.chunks.flat()) {
      const what = options.observation?.(event);
      const id = what === undefined ? undefined : before.get(what);
      if (id === undefined) continue;
      strictEqual(event.id, id, what);
      common++;
    }
    if (options.observation !== undefined) ok(common > 0, "no observation was made in both runs");
    else {
      const ids = new Set(first.chunks.flat().map(({ id }) => id));
      for (const event of again.chunks.flat()) ok(!ids.has(event.id), `the id ${event.id} for another observation`);
    }
  });

  test("ends at once when told to while it waits", async () => {
    const abort = new AbortController();
    const iterator = options.make().collect(contextOf(options, abort.signal))[Symbol.asyncIterator]();
    let last = iterator.next();
    strictEqual((await last).done, false);
    last = (async () => {
      for (;;) {
        const result = await iterator.next();
        if (result.done) return result;
      }
    })();
    await systemClock.sleep(20);
    const told = performance.now();
    abort.abort();
    strictEqual((await last).done, true);
    const tookMs = performance.now() - told;
    ok(tookMs < END_WITHIN_MS, `ended after ${tookMs} ms`);
  });

  test("ends without an event when it was told to before it began", async () => {
    const events = await Array.fromAsync(options.make().collect(contextOf(options, AbortSignal.abort())));
    deepStrictEqual(events, []);
  });

  test("return() ends it, and it can be started anew", async () => {
    for (let i = 0; i < 2; i++) {
      const iterator = options.make().collect(contextOf(options, new AbortController().signal))[Symbol.asyncIterator]();
      strictEqual((await iterator.next()).done, false);
      ok(iterator.return !== undefined);
      strictEqual((await iterator.return()).done, true);
      strictEqual((await iterator.next()).done, true);
    }
  });
}

interface Run {
  readonly chunks: readonly (readonly TelemetryEvent[])[];
  readonly state: StagedState;
}

/** Runs a collector until it has yielded enough, then tells it to end. */
async function run(
  options: CollectorContractOptions,
  { before, untilKinds = [] }: { readonly before?: StagedState; readonly untilKinds?: readonly string[] } = {},
): Promise<Run> {
  const abort = new AbortController();
  const state = new StagedState(options.definition.name, before?.entries("") ?? []);
  const withinMs = options.withinMs ?? 10_000;
  const eventsMin = options.eventsMin ?? 1;
  const deadline = setTimeout(() => abort.abort(), withinMs);
  const chunks: (readonly TelemetryEvent[])[] = [];
  const missing = new Set(untilKinds);
  let count = 0;
  try {
    for await (const chunk of options.make().collect(contextOf(options, abort.signal, state))) {
      chunks.push(chunk);
      count += chunk.length;
      for (const { kind } of chunk) missing.delete(kind);
      if (count >= eventsMin && missing.size === 0) abort.abort();
    }
  } finally {
    clearTimeout(deadline);
  }
  ok(count >= eventsMin, `${count} events within ${withinMs} ms`);
  deepStrictEqual([...missing], [], `kinds not seen within ${withinMs} ms`);
  return { chunks, state };
}

function contextOf(
  options: CollectorContractOptions,
  signal: AbortSignal,
  state = new StagedState(options.definition.name),
): CollectorContext {
  return {
    host: "contract-host",
    clock: systemClock,
    state,
    signal,
    dropped: (reason, count) => {
      ok(/^[a-z0-9_]+$/.test(reason), `the reason ${JSON.stringify(reason)} is not snake_case`);
      ok(Number.isInteger(count) && count > 0, `${count} dropped`);
    },
    warn: (message) => ok(message.length > 0),
  };
}

function checkEvent(event: TelemetryEvent, source: string, kinds: ReadonlySet<string>): void {
  const about = JSON.stringify(event);
  strictEqual(event.source, source, about);
  ok(kinds.has(event.kind), `the kind is not declared: ${about}`);
  ok(event.id.startsWith(`${source}:`), `the id does not name its collector: ${about}`);
  ok(event.host.length > 0, about);
  ok(Number.isFinite(event.timeMs) && event.timeMs > 0, about);
  ok(Math.abs(event.observedMs - systemClock.now()) < 60_000, about);
  ok(event.timeMs <= event.observedMs + FUTURE_TIME_MAX_MS, `from the future: ${about}`);
  for (const [name, value] of Object.entries(event.fields)) {
    const definition = fieldDefinition(name);
    ok(definition !== undefined, `${name} is not in the dictionary: ${about}`);
    ok(holds(definition, value), `${name} must be ${definition.type}: ${about}`);
  }
}

/** Whether a value is what the dictionary says; what is not known must be absent, so null, NaN and empty texts are not. */
function holds({ type, unit }: FieldDefinition, value: unknown): boolean {
  switch (type) {
    case "text":
      return typeof value === "string" && value.length > 0;
    case "number":
      return typeof value === "number" && Number.isFinite(value) && (unit === undefined || value >= 0);
    case "boolean":
      return typeof value === "boolean";
    case "ip":
      return typeof value === "string" && isIP(value) !== 0;
    case "time":
      return typeof value === "string" && parseRfc3339(value) !== undefined;
    case "list":
      return Array.isArray(value) && value.every((item) => typeof item === "string");
  }
}

/** Processes, files and connections that come and go as fast as they can, until told to stop. */
function comeAndGo(): { stop(): Promise<void> } {
  let isOver = false;
  const done = (async () => {
    const folder = await Deno.makeTempDir();
    try {
      while (!isOver) await comeAndGoOnce(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  })();
  return {
    stop: () => {
      isOver = true;
      return done;
    },
  };
}

async function comeAndGoOnce(folder: string): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const path = `${folder}/file`;
  try {
    await Deno.writeTextFile(path, "here");
    const client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
    (await listener.accept()).close();
    client.close();
    await new Deno.Command("sleep", { args: ["0.06"], stdin: "null", stdout: "null", stderr: "null" }).output();
    await Deno.remove(path);
  } finally {
    listener.close();
  }
}
