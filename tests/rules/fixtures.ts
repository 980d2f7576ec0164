/** Events, tests and rules for the tests of rules. */

import type { TelemetryEvent } from "../../src/core/event.ts";
import type { Test } from "../../src/rules/condition.ts";
import { makeLeaf } from "../../src/rules/leaf.ts";
import type { Rule, Selection } from "../../src/rules/rule.ts";

/** A process start on web-1, unless said otherwise. */
export function makeEvent(parts: Partial<TelemetryEvent>): TelemetryEvent {
  return {
    id: "e1",
    timeMs: 1_000,
    observedMs: 1_000,
    source: "process",
    kind: "process.start",
    host: "web-1",
    fields: {},
    ...parts,
  };
}

/** A leaf that must load. */
export function makeTest(fact: string, operator: string, value: unknown): Test {
  const leaf = makeLeaf(fact, operator, value);
  if ("type" in leaf) return leaf;
  throw new Error(leaf.map(({ message }) => message).join("; "));
}

/** A selection named `one` that takes every event. */
export function makeSelection(parts: Partial<Selection>): Selection {
  return { name: "one", kinds: null, rule: null, where: null, ...parts };
}

/** A native rule without a correlation. */
export function makeRule(id: string, selections: readonly Selection[], parts: Partial<Rule> = {}): Rule {
  return {
    id,
    title: id,
    description: "",
    level: "low",
    weight: 0.3,
    tags: [],
    format: "native",
    place: { path: "rules/test.yaml", line: 1, column: 1 },
    selections,
    correlation: null,
    suppressMs: 0,
    entities: null,
    message: null,
    strength: null,
    tests: [],
    ...parts,
  };
}
