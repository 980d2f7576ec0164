/** The facts of a window: which ones a rule names, and how a condition sees them. */

import type { FieldValue } from "../core/event.ts";
import type { Condition, Facts, Test } from "../rules/condition.ts";
import type { Rule } from "../rules/rule.ts";
import { fold } from "../rules/subject.ts";
import { parseWindowFact, type WindowFact } from "../rules/window_fact.ts";
import type { FactPlan, Measure } from "./measures.ts";
import type { Window } from "./window.ts";

/** From a fact's name to what it measures; `undefined` when it is not a window fact of the rule. */
export type FactParser = (name: string) => FactPlan | undefined;

/** Slots of an entry that hold what it was judged to be, not a field of its event: no field's name is like these. */
export const DEVIATIONS_SLOT = "\u0000deviations";
export const MEDIAN_SLOT = "\u0000median";

/** A parser for a rule's facts. Fields that they measure are appended to `fields`, each once: its place is the fact's slot. */
export function factParser(rule: Rule, fields: string[]): FactParser {
  const names = rule.selections.map(({ name }) => name);
  const slotOf = (field: string) => {
    const known = fields.indexOf(field);
    return known < 0 ? fields.push(field) - 1 : known;
  };
  return (name) => {
    const fact = parseWindowFact(name, names);
    if (fact === undefined) return undefined;
    const { selection, measure, field } = measured(fact);
    const { pattern } = rule.correlation ?? {};
    return {
      name,
      selection: names.indexOf(selection),
      measure,
      slot: field === null ? -1 : slotOf(field),
      ...(pattern?.type === "sustained" && measure === "sustained"
        ? { run: { others: names.indexOf(pattern.others), gapMs: pattern.gapMs } }
        : {}),
    };
  };
}

/** What a pattern's judgement of an entry comes to in a window: the farthest value, and the latest median. */
function measured(fact: WindowFact): WindowFact {
  if (fact.measure === "deviations") return { ...fact, measure: "max", field: DEVIATIONS_SLOT };
  if (fact.measure === "baseline") return { ...fact, measure: "last", field: MEDIAN_SLOT };
  return fact;
}

/** The window facts among some names. */
export function plansOf(names: Iterable<string>, parse: FactParser): FactPlan[] {
  return [...names].map(parse).filter((plan) => plan !== undefined);
}

/** Whether a condition, once true of a window, stays true when the window gets more events. */
export function isMonotone(condition: Condition, parse: FactParser): boolean {
  if (condition.type === "test") return isMonotoneTest(condition, parse);
  return condition.type !== "not" && condition.of.every((inner) => isMonotone(inner, parse));
}

const UPWARD = new Set(["greaterThan", "greaterThanInclusive", "gt", "gte"]);
const DOWNWARD = new Set(["lessThan", "lessThanInclusive", "lt", "lte"]);

function isMonotoneTest({ fact, operator, value }: Test, parse: FactParser): boolean {
  if (typeof value !== "number") return false;
  const measure = parse(fact)?.measure;
  if (measure === "count" || measure === "distinct" || measure === "max") return UPWARD.has(operator);
  return measure === "min" && DOWNWARD.has(operator);
}

/** A window's facts as a condition sees them. One object serves one window after another. */
export class WindowFacts implements Facts {
  readonly #index: ReadonlyMap<string, number>;
  readonly #plans: readonly FactPlan[];
  #window: Window | undefined;
  #measures: readonly Measure[] = [];
  #nowMs = 0;

  constructor(plans: readonly FactPlan[]) {
    this.#plans = plans;
    this.#index = new Map(plans.map(({ name }, i) => [name, i]));
  }

  /** Makes it stand for a window at a time. `measures` are in the order of the plans. */
  of(window: Window, nowMs: number, measures: readonly Measure[] = window.measures): this {
    this.#window = window;
    this.#measures = measures;
    this.#nowMs = nowMs;
    return this;
  }

  get(name: string): FieldValue | undefined {
    const index = this.#index.get(name);
    if (index === undefined || this.#window === undefined) return undefined;
    return this.#measures[index]?.value(this.#window, this.#nowMs);
  }

  folded(name: string): FieldValue | undefined {
    return fold(this.get(name));
  }

  names(): readonly string[] {
    return [];
  }

  /** All facts that are there, by name. */
  toRecord(): Record<string, FieldValue> {
    const record: Record<string, FieldValue> = {};
    for (const { name } of this.#plans) {
      const value = this.get(name);
      if (value !== undefined) record[name] = value;
    }
    return record;
  }
}
