/** Rules as they feed one another: a node each, in an order in which none comes before what it rests on. */

import { selectionAccepts } from "../rules/matcher.ts";
import { ruleFingerprint } from "../rules/fingerprint.ts";
import type { Rule, Selection } from "../rules/rule.ts";
import { Subject } from "../rules/subject.ts";
import { AbsentDecider } from "./absent.ts";
import { type Decider, type Feed, type Meeting, type Shared, WindowRule } from "./decider.ts";
import { EagerDecider } from "./eager.ts";
import { referredRules } from "./firing.ts";
import { PassOnDecider } from "./pass_on.ts";
import { planWindow, refuseImpossible } from "./plan.ts";
import { SettledDecider } from "./settled.ts";
import { SingleDecider } from "./single.ts";
import type { Tracked } from "./watermark.ts";

/** A rule and those that take its matches. */
export interface Node extends Tracked {
  rule: Rule;
  /** What the rule asks for. */
  readonly fingerprint: string;
  kinds: ReadonlySet<string> | null;
  /** The first makes its detections; a second, where there is one, feeds other rules. */
  readonly deciders: Decider[];
  dependents: readonly Dependent[];
  /** Ids of the rules whose matches it takes, directly or through others. */
  consumes: readonly string[];
  /** What its sources were last told to wait for. */
  scheduledMs: number;
}

/** Selections of a rule that take another rule's matches. */
interface Dependent {
  readonly node: Node;
  readonly selections: readonly { readonly index: number; readonly selection: Selection }[];
}

/** Hands a match to a node. `trusted`: it was decided in time order, so that it cannot be late, wherever the watermark stands. */
export type Deliver = (node: Node, meeting: Meeting, trusted: boolean) => void;

/** All nodes, and which of them a selection of events belongs to. */
export interface Graph {
  /** A node comes after those it rests on. */
  readonly nodes: readonly Node[];
  readonly byId: ReadonlyMap<string, Node>;
  readonly bySelection: ReadonlyMap<Selection, { readonly node: Node; readonly met: readonly number[] }>;
  /** Whether any rule waits for something to be absent. */
  readonly awaits: boolean;
}

export const EMPTY_GRAPH: Graph = { nodes: [], byId: new Map(), bySelection: new Map(), awaits: false };

/**
 * The graph of these rules. A node of the graph `before` whose rule asks for the same goes on with what it has gathered; every
 * other one comes to its end.
 *
 * @throws {RangeError} for a rule of which `correlationProblem` says why it cannot be correlated; nothing has changed then.
 */
export function makeGraph(rules: readonly Rule[], before: Graph, shared: Shared, deliver: Deliver): Graph {
  const ordered = inOrderOfReference(rules);
  for (const rule of ordered) refuseImpossible(rule);
  const byId = new Map<string, Node>();
  const bySelection = new Map<Selection, { node: Node; met: readonly number[] }>();
  for (const rule of ordered) {
    const node = nodeOf(rule, before.byId.get(rule.id));
    byId.set(rule.id, node);
    rule.selections.forEach((selection, index) => bySelection.set(selection, { node, met: [index] }));
  }
  for (const node of before.nodes) {
    if (byId.get(node.rule.id) === node) continue;
    for (const decider of node.deciders) decider.end();
  }
  const dependents = dependentsById(byId.values());
  for (const node of byId.values()) {
    const { rule } = node;
    const referred = new Set(rule.selections.flatMap(referredRules));
    node.kinds = kindsOf(rule, byId);
    node.consumes = [...new Set([...referred].flatMap((id) => [id, ...byId.get(id)?.consumes ?? []]))];
    node.dependents = dependents.get(rule.id) ?? [];
    for (const decider of node.deciders) decider.adopt(rule, node.consumes);
    decideHow(node, shared, deliver);
  }
  const awaits = rules.some(({ correlation }) => correlation?.pattern?.type === "absent");
  return { nodes: [...byId.values()], byId, bySelection, awaits };
}

function nodeOf(rule: Rule, before: Node | undefined): Node {
  const fingerprint = ruleFingerprint(rule);
  if (before?.fingerprint === fingerprint) {
    before.rule = rule;
    return before;
  }
  return {
    rule,
    fingerprint,
    kinds: null,
    sources: [],
    floorMs: -Infinity,
    deciders: [],
    dependents: [],
    consumes: [],
    scheduledMs: Infinity,
  };
}

/** Settles how a rule decides, once it is known who takes its matches. */
function decideHow(node: Node, shared: Shared, deliver: Deliver): void {
  const { rule, deciders, consumes } = node;
  if (deciders.length > 0) return feedAsNeeded(node, deliver);
  const { correlation } = rule;
  if (correlation === null) {
    deciders.push(new SingleDecider(rule, consumes, shared, feedOf(node, deliver, false)));
    return;
  }
  const windowed = new WindowRule(rule, correlation, planWindow(rule, correlation), consumes, shared);
  if (correlation.pattern?.type === "absent") {
    deciders.push(new AbsentDecider(windowed, correlation.pattern, feedOf(node, deliver, true)));
  } else if (!windowed.plan.monotone) {
    deciders.push(new SettledDecider(windowed, feedOf(node, deliver, true), true));
  } else {
    deciders.push(new EagerDecider(windowed));
    feedAsNeeded(node, deliver);
  }
}

/** Gives a rule that decides at once a decider that feeds those who take its matches, while there are any. */
function feedAsNeeded(node: Node, deliver: Deliver): void {
  const [first, feeding] = node.deciders;
  if (!(first instanceof EagerDecider)) return;
  if (node.dependents.length === 0) {
    feeding?.end();
    node.deciders.splice(1);
  } else if (feeding === undefined) {
    const { windowed } = first;
    // Which of several events it fires with depends on their arrival while it is decided at once; what is passed on must not.
    node.deciders.push(
      windowed.plan.metByAny
        ? new PassOnDecider(windowed, feedOf(node, deliver, false))
        : new SettledDecider(windowed, feedOf(node, deliver, true), false),
    );
  }
}

function feedOf(from: Node, deliver: Deliver, trusted: boolean): Feed {
  let subject: Subject | undefined;
  return (event, timeMs) => {
    for (const { node, selections } of from.dependents) {
      const facts = subject = subject?.reset(event) ?? new Subject(event);
      const met = selections.filter(({ selection }) => selectionAccepts(selection, facts)).map(({ index }) => index);
      if (met.length > 0) deliver(node, { event, timeMs, met, via: from.rule.id }, trusted);
    }
  };
}

/** Who takes the matches of each rule, by its id, in the order of the nodes. */
function dependentsById(nodes: Iterable<Node>): ReadonlyMap<string, readonly Dependent[]> {
  const dependents = new Map<string, Dependent[]>();
  for (const node of nodes) {
    const selections = node.rule.selections.map((selection, index) => ({ selection, index }));
    for (const id of new Set(node.rule.selections.flatMap(referredRules))) {
      const taking = selections.filter(({ selection }) => referredRules(selection).includes(id));
      const known = dependents.get(id);
      if (known === undefined) dependents.set(id, [{ node, selections: taking }]);
      else known.push({ node, selections: taking });
    }
  }
  return dependents;
}

/**
 * Kinds that a rule takes, directly or through the rules whose matches it takes; null for every kind. What is to be found absent
 * is waited for while any source goes on: the one it would come from may never have been heard.
 */
function kindsOf({ selections, correlation }: Rule, byId: ReadonlyMap<string, Node>): ReadonlySet<string> | null {
  if (correlation?.pattern?.type === "absent") return null;
  const kinds = new Set<string>();
  for (const selection of selections) {
    const referred = referredRules(selection);
    const taken = referred.length === 0 ? [selection.kinds] : referred.map((id) => byId.get(id)?.kinds ?? null);
    for (const some of taken) {
      if (some === null) return null;
      for (const kind of some) kinds.add(kind);
    }
  }
  return kinds;
}

/** The rules, each after those whose matches it takes; else in the order given. */
function inOrderOfReference(rules: readonly Rule[]): Rule[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const ordered = new Set<Rule>();
  const entered = new Set<Rule>();
  const visit = (rule: Rule) => {
    if (entered.has(rule)) return;
    entered.add(rule);
    for (const id of rule.selections.flatMap(referredRules)) {
      const referred = byId.get(id);
      if (referred !== undefined) visit(referred);
    }
    ordered.add(rule);
  };
  for (const rule of rules) visit(rule);
  return [...ordered];
}
