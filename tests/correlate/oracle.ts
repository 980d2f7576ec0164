/** What correlation must come to, worked out the slow way from the whole list of events at once. */

import type { FieldValue, TelemetryEvent } from "../../src/core/event.ts";
import { compileCondition } from "../../src/rules/compile.ts";
import type { Condition, Facts } from "../../src/rules/condition.ts";
import { factsOfRecord } from "../../src/rules/subject.ts";

/** Selections are met by kind; the field measured is "x". */
export interface OracleRule {
  readonly selections: readonly string[];
  readonly timespanMs: number;
  readonly when: Condition;
  /** Whether the selections must be met in the order given; then events can only make the condition truer. */
  readonly ordered?: boolean;
}

/** The times at which the condition turns true for one group, in order. `endMs`: time goes no further. */
export function crossings(rule: OracleRule, events: readonly TelemetryEvent[], endMs: number): number[] {
  const holds = compileCondition(rule.when);
  const evaluate = (window: readonly TelemetryEvent[], nowMs: number) =>
    window.length > 0 && splits(rule, window).some((part) => holds(windowFacts(rule.selections, part, nowMs)));
  const met = events.filter(({ kind }) => rule.selections.includes(kind)).sort(compare);
  const instants = new Set(met.flatMap(({ timeMs }) => [timeMs, timeMs + rule.timespanMs]));
  const times: number[] = [];
  let on = false;
  for (const nowMs of [...instants].filter((at) => at <= endMs).sort((a, b) => a - b)) {
    const left = met.filter(({ timeMs }) => timeMs > nowMs - rule.timespanMs && timeMs < nowMs);
    const whole = met.filter(({ timeMs }) => timeMs > nowMs - rule.timespanMs && timeMs <= nowMs);
    const shrinks = met.some(({ timeMs }) => timeMs === nowMs - rule.timespanMs);
    if (shrinks && on) on = evaluate(left, nowMs);
    const before = on;
    on = evaluate(whole, nowMs);
    if (on && !before) times.push(nowMs);
  }
  return times;
}

/** The window; with an order, what is left of it for every choice of times between which each selection's events must lie. */
function splits({ selections, ordered }: OracleRule, window: readonly TelemetryEvent[]): TelemetryEvent[][] {
  if (ordered !== true) return [[...window]];
  const times = [...new Set(window.map(({ timeMs }) => timeMs))];
  let cuts: number[][] = [[-Infinity]];
  for (let i = 1; i < selections.length; i++) {
    cuts = cuts.flatMap((cut) => times.filter((at) => at >= (cut.at(-1) ?? 0)).map((at) => [...cut, at]));
  }
  return cuts.map((cut) =>
    window.filter(({ kind, timeMs }) => {
      const i = selections.indexOf(kind);
      return timeMs >= (cut[i] ?? -Infinity) && timeMs <= (cut[i + 1] ?? Infinity);
    })
  );
}

/** Facts of a window: every measure of every selection, worked out anew. */
export function windowFacts(
  selections: readonly string[],
  window: readonly TelemetryEvent[],
  nowMs: number,
): Facts {
  const facts: Record<string, FieldValue> = {};
  for (const name of selections) {
    const own = window.filter(({ kind }) => kind === name);
    const points = own.flatMap(({ timeMs, fields: { x } }) => typeof x === "number" ? [{ timeMs, x }] : []);
    const values = points.map(({ x }) => x);
    const sorted = [...values].sort((a, b) => a - b);
    const earlier = values.slice(0, -1);
    const last = values.at(-1);
    const sum = total(values);
    const set = (measure: string, value: FieldValue | undefined) => {
      if (value !== undefined && !Number.isNaN(value)) facts[`${name}.${measure}`] = value;
    };
    set("count", own.length);
    set("age", own[0] === undefined ? undefined : (nowMs - own[0].timeMs) / 1000);
    set("distinct.x", new Set(own.flatMap(({ fields: { x } }) => x === undefined || x === null ? [] : [x])).size);
    set("last.x", own.flatMap(({ fields: { x } }) => x === undefined ? [] : [x]).at(-1));
    if (last === undefined) continue;
    set("sum.x", sum);
    set("avg.x", sum / values.length);
    set("min.x", sorted[0]);
    set("max.x", sorted.at(-1));
    set("p50.x", percentile(sorted, 50));
    set("p95.x", percentile(sorted, 95));
    set("slope.x", slope(points));
    if (earlier.length === 0) continue;
    set("rise.x", last - Math.min(...earlier));
    if (total(earlier) !== 0) set("ratio.x", last / (total(earlier) / earlier.length));
  }
  return factsOfRecord(facts);
}

function compare(a: TelemetryEvent, b: TelemetryEvent): number {
  return a.timeMs - b.timeMs || (a.id < b.id ? -1 : 1);
}

function total(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0);
}

function percentile(sorted: readonly number[], percent: number): number {
  const rank = (sorted.length - 1) * percent / 100;
  const [below, above] = [sorted[Math.floor(rank)] ?? NaN, sorted[Math.ceil(rank)] ?? NaN];
  return below + (above - below) * (rank - Math.floor(rank));
}

function slope(points: readonly { timeMs: number; x: number }[]): number | undefined {
  const meanT = total(points.map(({ timeMs }) => timeMs / 1000)) / points.length;
  const meanX = total(points.map(({ x }) => x)) / points.length;
  const spread = total(points.map(({ timeMs }) => (timeMs / 1000 - meanT) ** 2));
  if (spread === 0) return undefined;
  return total(points.map(({ timeMs, x }) => (timeMs / 1000 - meanT) * (x - meanX))) / spread;
}
