/**
 * Selections in the order written.
 *
 * With `ordered`, the parts of a condition that events can only make truer ("five failures", "a success") say what must come
 * in order: there must be times c1 <= c2 <= ... in the window so that what is asked of the first selection holds for its events
 * up to c1, what is asked of the second for its events from c1 to c2, and so on to the end of the window, each end included
 * (equal times count as in order). The other parts (`not`, less than, averages, ...) are about the whole window.
 *
 * It is decided from the end: each selection in turn is given as few of the latest events as will do, which leaves most to the
 * ones before it.
 */

import { compileCondition, factsOf } from "../rules/compile.ts";
import type { Condition, Predicate, Test } from "../rules/condition.ts";
import { type FactParser, isMonotone, plansOf, WindowFacts } from "./facts.ts";
import { createMeasure, type FactPlan } from "./measures.ts";
import { type Entry, Window } from "./window.ts";

/** Ways to meet an ordered condition (its `any`s multiplied out) at most. */
export const ORDERED_WAYS_MAX = 256;

/** What is asked of one selection. */
interface Stage {
  readonly selection: number;
  readonly facts: readonly FactPlan[];
  readonly view: WindowFacts;
  readonly holds: Predicate;
}

/** One way to meet the condition: what must come in order, and what is asked of the window as a whole. */
interface Way {
  /** In the order written; selections of which nothing is asked are left out. */
  readonly stages: readonly Stage[];
  readonly whole: Predicate;
}

/** An ordered condition made ready. */
export interface OrderPlan {
  readonly ways: readonly Way[];
  /** Selections with which a way can end: only an event of one of these can complete it. */
  readonly last: ReadonlySet<number>;
}

interface Terms {
  readonly inOrder: readonly Test[];
  readonly whole: readonly Condition[];
}

/** Why a condition cannot be held to an order, or `undefined` when it can. */
export function orderProblem(when: Condition, parse: FactParser): string | undefined {
  if (waysOf(when, parse) !== undefined) return undefined;
  return `an ordered condition must come to at most ${ORDERED_WAYS_MAX} ways to meet it when its "any" are multiplied out`;
}

export function planOrder(when: Condition, selections: number, parse: FactParser): OrderPlan {
  const ways = (waysOf(when, parse) ?? []).map((terms) => planWay(terms, selections, parse));
  return { ways, last: new Set(ways.flatMap(({ stages }) => stages.slice(-1).map(({ selection }) => selection))) };
}

function planWay({ inOrder, whole }: Terms, selections: number, parse: FactParser): Way {
  const stages: Stage[] = [];
  for (let selection = 0; selection < selections; selection++) {
    const tests = inOrder.filter(({ fact }) => parse(fact)?.selection === selection);
    if (tests.length === 0) continue;
    const condition: Condition = { type: "all", of: tests };
    const facts = plansOf(factsOf(condition), parse);
    const stage = { selection, facts, view: new WindowFacts(facts), holds: compileCondition(condition) };
    if (!holdsOfNothing(stage)) stages.push(stage);
  }
  return { stages, whole: compileCondition({ type: "all", of: whole }) };
}

/** Whether what is asked of a selection asks for no event, as `count` of at least 0 does. */
function holdsOfNothing({ facts, view, holds }: Stage): boolean {
  return holds(view.of(new Window([]), 0, facts.map((plan) => createMeasure(plan, false))));
}

/** The disjunctive form of a condition, or `undefined` when it is too large. */
function waysOf(condition: Condition, parse: FactParser): readonly Terms[] | undefined {
  if (condition.type === "test" || condition.type === "not") {
    const ordered = condition.type === "test" && isMonotone(condition, parse);
    return [ordered ? { inOrder: [condition], whole: [] } : { inOrder: [], whole: [condition] }];
  }
  const parts = condition.of.map((inner) => waysOf(inner, parse));
  let ways: readonly Terms[] = condition.type === "all" || parts.length === 0 ? [{ inOrder: [], whole: [] }] : [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    ways = condition.type === "any" ? [...ways, ...part] : ways.flatMap((way) => part.map((other) => both(way, other)));
    if (ways.length > ORDERED_WAYS_MAX) return undefined;
  }
  return ways;
}

function both(a: Terms, b: Terms): Terms {
  return { inOrder: [...a.inOrder, ...b.inOrder], whole: [...a.whole, ...b.whole] };
}

/** Whether the window's events meet the condition in order. `facts` are those of the whole window. */
export function holdsInOrder(plan: OrderPlan, window: Window, facts: WindowFacts): boolean {
  return plan.ways.some(({ stages, whole }) => whole(facts) && followOneAnother(stages, window));
}

function followOneAnother(stages: readonly Stage[], window: Window): boolean {
  let start = window.size === 0 ? undefined : window.to;
  for (let i = stages.length - 1; i >= 0; i--) {
    const cut = latestMeeting(stages[i] as Stage, window, start);
    if (cut === undefined) return false;
    start = lastOfItsTime(cut, window);
  }
  return true;
}

/** The latest entry so that the selection's events from it up to and with `start` are what is asked of it. */
function latestMeeting({ selection, facts, view, holds }: Stage, window: Window, start: Entry | undefined) {
  const measures = facts.map((plan) => createMeasure(plan, false));
  view.of(window, window.to?.timeMs ?? 0, measures);
  for (let entry = start; entry !== undefined; entry = entry === window.from ? undefined : entry.previous) {
    if (!entry.met.includes(selection)) continue;
    for (const measure of measures) measure.add(entry);
    if (holds(view)) return entry;
  }
  return undefined;
}

function lastOfItsTime(entry: Entry, window: Window): Entry {
  let last = entry;
  while (last !== window.to && last.next !== undefined && last.next.timeMs === entry.timeMs) last = last.next;
  return last;
}
