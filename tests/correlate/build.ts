/** Rules and events for tests of correlation, written briefly. */

import type { FieldValue, TelemetryEvent } from "../../src/core/event.ts";
import { type CorrelateLimits, Correlator, type Firing } from "../../src/correlate/mod.ts";
import type { Condition, Test } from "../../src/rules/condition.ts";
import { makeLeaf } from "../../src/rules/leaf.ts";
import type { Correlation, Match, Rule, Selection } from "../../src/rules/rule.ts";

export const LIMITS: CorrelateLimits = {
  latenessMs: 10_000,
  groupsMax: 1_000,
  windowEventsMax: 1_000,
  pendingMax: 10_000,
  heldEventsMax: 1_000,
  learntValuesMax: 1_000,
  baselinesMax: 100,
};

/** A test on a fact, as json-rules-engine writes it. */
export function leaf(fact: string, operator: string, value: unknown): Test {
  const made = makeLeaf(fact, operator, value);
  if (!("accepts" in made)) throw new TypeError(made.map(({ message }) => message).join("; "));
  return made;
}

export const all = (...of: Condition[]): Condition => ({ type: "all", of });
export const any = (...of: Condition[]): Condition => ({ type: "any", of });
export const not = (of: Condition): Condition => ({ type: "not", of: [of] });

/** "At least so many." */
export const atLeast = (fact: string, value: number): Test => leaf(fact, "greaterThanInclusive", value);

export function selection(name: string, from: Partial<Selection> = {}): Selection {
  return { name, kinds: from.rule === undefined ? [name] : null, rule: null, where: null, ...from };
}

export function correlation(when: Condition, from: Partial<Correlation> = {}): Correlation {
  return { groupBy: ["user.name"], timespanMs: 60_000, ordered: false, when, ...from };
}

export function rule(id: string, from: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `Title of ${id}`,
    description: "",
    level: "high",
    weight: 0.7,
    tags: [],
    format: "native",
    place: { path: `${id}.yaml`, line: 1, column: 1 },
    selections: [selection("a")],
    correlation: null,
    suppressMs: 0,
    entities: null,
    message: null,
    strength: null,
    tests: [],
    ...from,
  };
}

/** An event at a number of seconds. Its kind is the name of the selection it is for. */
export function event(seconds: number, kind: string, fields: Record<string, FieldValue> = {}): TelemetryEvent {
  const id = `${String(++made).padStart(6, "0")}`;
  const timeMs = seconds * 1000;
  const named = { "user.name": "ann", ...fields };
  return { id, timeMs, observedMs: timeMs, source: "test", kind, host: "web-1", fields: named };
}

let made = 0;

/** Finds matches by kind alone, for selections without a condition. */
export function matchesOf(rules: readonly Rule[], { kind }: TelemetryEvent): Match[] {
  return rules.flatMap((rule) =>
    rule.selections
      .filter(({ rule: referred, kinds }) => referred === null && (kinds === null || kinds.includes(kind)))
      .map((selection) => ({ rule, selection }))
  );
}

/** Observes events, `advance` after each, and returns what fired. */
export function observe(correlator: Correlator, rules: readonly Rule[], events: readonly TelemetryEvent[]): Firing[] {
  const fired: Firing[] = [];
  for (const event of events) {
    correlator.observe(event, matchesOf(rules, event), event.source);
    correlator.advance(Infinity, () => 0);
    fired.push(...correlator.take().fired);
  }
  return fired;
}

/** What fires on events, flushed at their end. */
export function run(rules: readonly Rule[], events: readonly TelemetryEvent[], limits = LIMITS): Firing[] {
  const correlator = new Correlator(rules, limits);
  const fired = observe(correlator, rules, events);
  correlator.flush();
  return [...fired, ...correlator.take().fired];
}

/** When each fired, in seconds. */
export function seconds(fired: readonly Firing[]): number[] {
  return fired.map(({ detection }) => detection.timeMs / 1000);
}
