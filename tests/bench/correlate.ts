/** How fast correlation is, and how much a group costs: figures for `deno task bench`. */

import type { TelemetryEvent } from "../../src/core/event.ts";
import { type CorrelateLimits, Correlator } from "../../src/correlate/mod.ts";
import type { Match, Rule } from "../../src/rules/rule.ts";
import { atLeast, correlation, leaf, rule } from "../correlate/build.ts";
import { grouped, print } from "./machine.ts";

export interface CorrelateFigures {
  /** An event_count rule over 1,000 groups, every event matching, in order. */
  readonly countEventsPerSecond: number;
  /** The same, each event up to two seconds out of order. */
  readonly shuffledEventsPerSecond: number;
  /** An average over the window, decided by the watermark. */
  readonly averageEventsPerSecond: number;
  /** Events that met no selection. */
  readonly unmatchedEventsPerSecond: number;
  /** Of one event of the first rule: microseconds. */
  readonly countP99Micros: number;
  /** An event_count rule that is given `groups` groups, an event each. */
  readonly groups: number;
  readonly groupEventsPerSecond: number;
  /** Heap in use for one of these groups, its event gone. */
  readonly bytesPerGroup: number;
  /** Of as many new groups again as a tenth, each of which makes another go, once there are as many as there may be. */
  readonly crowdedEventsPerSecond: number;
  /** Groups that went for them, as the correlator counted them. */
  readonly groupsEvicted: number;
}

const LIMITS: CorrelateLimits = {
  latenessMs: 10_000,
  groupsMax: 1_000_000,
  windowEventsMax: 100_000,
  pendingMax: 1_000_000,
  heldEventsMax: 20_000,
  learntValuesMax: 500_000,
  baselinesMax: 10_000,
};

const COUNT = rule("count", {
  correlation: correlation(atLeast("a.count", 5), { groupBy: ["source.ip"], timespanMs: 300_000 }),
  suppressMs: 600_000,
});
const AVERAGE = rule("average", {
  correlation: correlation(leaf("a.avg.x", "greaterThan", 90), { groupBy: ["source.ip"], timespanMs: 60_000 }),
});

/** Runs everything; about ten seconds, and a gigabyte with a million groups. */
export function benchCorrelate(events = 500_000, groups = 1_000_000): CorrelateFigures {
  const inOrder = makeEvents(events, 1_000);
  const count = rate(COUNT, inOrder, true);
  const shuffled = inOrder.map((event, i) => ({ event, at: event.timeMs + (i * 7919 % 2000) }))
    .sort((a, b) => a.at - b.at).map(({ event }) => event);
  const many = manyGroups(groups);
  return {
    countEventsPerSecond: count.perSecond,
    shuffledEventsPerSecond: rate(COUNT, shuffled, true).perSecond,
    averageEventsPerSecond: rate(AVERAGE, inOrder, true).perSecond,
    unmatchedEventsPerSecond: rate(COUNT, inOrder, false).perSecond,
    countP99Micros: count.p99Micros,
    groups,
    groupEventsPerSecond: many.perSecond,
    bytesPerGroup: many.bytesPerGroup,
    crowdedEventsPerSecond: many.crowdedPerSecond,
    groupsEvicted: many.evicted,
  };
}

/** Prints all of it. Bytes are exact where garbage collection can be asked for: `--v8-flags=--expose-gc`. */
export function benchCorrelation(): Promise<void> {
  const figures = benchCorrelate();
  print("correlation, one core, events/s:");
  print(`  a count of 5 in 1,000 groups, every event matching: ${grouped(figures.countEventsPerSecond)}`);
  print(`    99 of 100 events take at most ${figures.countP99Micros.toFixed(1)} µs`);
  print(`  the same, each up to 2 s out of order: ${grouped(figures.shuffledEventsPerSecond)}`);
  print(`  an average, decided by the watermark: ${grouped(figures.averageEventsPerSecond)}`);
  print(`  events that meet nothing: ${grouped(figures.unmatchedEventsPerSecond)}`);
  print(
    `  ${grouped(figures.groups)} groups: ${
      grouped(figures.groupEventsPerSecond)
    }, ${figures.bytesPerGroup} bytes each`,
  );
  print(
    `    past the cap: ${grouped(figures.crowdedEventsPerSecond)}, ${grouped(figures.groupsEvicted)} evictions counted`,
  );
  return Promise.resolve();
}

function makeEvents(count: number, groups: number): TelemetryEvent[] {
  return Array.from({ length: count }, (_, i) => makeEvent(i, i * 2, i * 31 % groups));
}

function makeEvent(i: number, timeMs: number, group: number): TelemetryEvent {
  const fields = { "source.ip": `10.${group >> 16}.${(group >> 8) & 255}.${group & 255}`, x: i % 100 };
  return {
    id: `e${String(i).padStart(9, "0")}`,
    timeMs,
    observedMs: timeMs,
    source: "logs",
    kind: "a",
    host: "h",
    fields,
  };
}

function matchesOf(tested: Rule): Match[] {
  return tested.selections.map((selection) => ({ rule: tested, selection }));
}

function rate(tested: Rule, events: readonly TelemetryEvent[], matching: boolean) {
  const correlator = new Correlator([tested], LIMITS);
  const matches = matching ? matchesOf(tested) : [];
  const micros: number[] = [];
  const startMs = performance.now();
  for (let i = 0; i < events.length; i++) {
    const event = events[i] as TelemetryEvent;
    const sampled = i % 50 === 0 ? performance.now() : 0;
    correlator.observe(event, matches, "logs");
    if (sampled > 0) micros.push((performance.now() - sampled) * 1000);
    if (i % 1000 !== 999) continue;
    correlator.advance(Infinity, () => 0);
    correlator.take();
  }
  const perSecond = Math.round(events.length / (performance.now() - startMs) * 1000);
  micros.sort((a, b) => a - b);
  return { perSecond, p99Micros: micros[Math.floor(micros.length * 0.99)] ?? 0 };
}

function manyGroups(groups: number) {
  const correlator = new Correlator([COUNT], { ...LIMITS, groupsMax: groups });
  const matches = matchesOf(COUNT);
  const observe = (from: number, to: number) => {
    const startMs = performance.now();
    for (let i = from; i < to; i++) correlator.observe(makeEvent(i, i / 100, i), matches, "logs");
    return Math.round((to - from) / (performance.now() - startMs) * 1000);
  };
  const before = heapUsed();
  const perSecond = observe(0, groups);
  const bytes = heapUsed() - before;
  const crowdedPerSecond = observe(groups, groups + Math.floor(groups / 10));
  const { groupsEvicted: evicted } = correlator.stats();
  return { perSecond, bytesPerGroup: Math.round(bytes / groups), crowdedPerSecond, evicted };
}

/** Heap in use: exact where garbage collection can be asked for (`--v8-flags=--expose-gc`), else somewhat too much. */
function heapUsed(): number {
  (globalThis as { gc?: () => void }).gc?.();
  return Deno.memoryUsage().heapUsed;
}
