/** Puts matches together in time: windows per rule and group, decided by event time. */

import type { Detection } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import { RingBuffer } from "../core/ring_buffer.ts";
import { selectionAccepts } from "../rules/matcher.ts";
import type { Match, Rule, Selection } from "../rules/rule.ts";
import { Subject } from "../rules/subject.ts";
import { type Decider, type Feed, type Meeting, type Shared, WindowRule } from "./decider.ts";
import { EagerDecider } from "./eager.ts";
import { referredRules } from "./firing.ts";
import { Census } from "./group.ts";
import type { CorrelateLimits } from "./limits.ts";
import { Outbox, type Outcome } from "./outbox.ts";
import { PassOnDecider } from "./pass_on.ts";
import { planWindow } from "./plan.ts";
import { SettledDecider } from "./settled.ts";
import { SingleDecider } from "./single.ts";
import { type Tracked, Watermarks } from "./watermark.ts";

/** Counts of this run, and what is held now. */
export interface CorrelatorStats {
  /** Groups with a window or a silence, now. */
  readonly groups: number;
  /** Entries in windows, now. */
  readonly entries: number;
  /** Entries waiting for the watermark, now. */
  readonly pending: number;
  /** Detections on which more may be counted, now. */
  readonly open: number;
  readonly fired: number;
  /** Groups that had to go for others. */
  readonly groupsEvicted: number;
  /** Entries that had to leave a full window. */
  readonly entriesEvicted: number;
  /** Entries decided early as too many were waiting. */
  readonly pendingHurried: number;
  /** Matches that came later than the lateness: in no window. */
  readonly late: number;
  /** Matches of events that lack a field of the group: in no window. */
  readonly ungrouped: number;
  /** Whole events let go while their entries were still kept: a firing may lack evidence for a selection. */
  readonly heldEvicted: number;
  /** Events of more sources than are told apart. */
  readonly sourcesRefused: number;
}

/** A match of the journal, as it was made. */
export interface PastMatch {
  readonly event: TelemetryEvent;
  readonly match: Match;
  readonly sourceKey: string;
}

/** A rule and those that take its matches. */
interface Node extends Tracked {
  readonly rule: Rule;
  /** The first makes its detections; a second, where there is one, feeds other rules. */
  readonly deciders: Decider[];
  readonly dependents: Dependent[];
  readonly isWindowed: boolean;
  /** Ids of the rules whose matches it takes, directly or through others. */
  readonly consumes: readonly string[];
  /** What its sources were last told to wait for. */
  scheduledMs: number;
}

/** Selections of a rule that take another rule's matches. */
interface Dependent {
  readonly node: Node;
  readonly selections: readonly { readonly index: number; readonly selection: Selection }[];
}

/**
 * Protocol: `observe` each event in the order in which it is to be committed; `advance` once a batch; `take` what has come of it
 * and commit it. Everything is synchronous, and time comes in as an argument.
 */
export class Correlator {
  readonly #shared: Shared;
  readonly #byId: ReadonlyMap<string, Node>;
  readonly #bySelection = new Map<Selection, { readonly node: Node; readonly met: readonly number[] }>();
  readonly #watermarks: Watermarks<Node>;
  /** Nodes in which something may end as time goes on. */
  readonly #lasting: readonly Node[];
  /** Nodes in which something waits for the watermark. */
  readonly #settling: readonly Node[];
  #subject: Subject | undefined;

  /**
   * References between rules must not go in circles, and lead to rules that are here.
   *
   * @throws {RangeError} for a rule of which `correlationProblem` says why it cannot be correlated.
   */
  constructor(rules: readonly Rule[], limits: CorrelateLimits) {
    this.#shared = {
      limits,
      outbox: new Outbox(),
      census: new Census(limits.groupsMax),
      turned: { late: 0, ungrouped: 0, entries: 0, hurried: 0, held: 0 },
      held: new RingBuffer(limits.heldEventsMax),
      pending: 0,
      entries: 0,
    };
    const byId = new Map<string, Node>();
    for (const rule of inOrderOfReference(rules)) byId.set(rule.id, this.#addNode(rule, byId));
    this.#byId = byId;
    const nodes = [...byId.values()]; // a rule comes after the rules whose matches it takes
    for (const node of nodes) this.#decideHow(node);
    this.#lasting = nodes.filter(({ rule, isWindowed }) => isWindowed || rule.suppressMs > 0);
    this.#settling = nodes.filter(({ deciders }) => deciders.some((one) => one instanceof SettledDecider));
    this.#watermarks = new Watermarks(limits.latenessMs, this.#lasting);
  }

  /** An admitted event and the selections of events that it met. `sourceKey` says whose frontier it moves. */
  observe(event: TelemetryEvent, matches: readonly Match[], sourceKey: string): void {
    const moved = this.#watermarks.observe(sourceKey, event.kind, event.timeMs);
    if (moved !== undefined) this.#release();
    for (let i = 0; i < matches.length;) {
      const found = this.#bySelection.get((matches[i++] as Match).selection);
      if (found === undefined) continue;
      let met = found.met;
      for (; i < matches.length; i++) {
        const other = this.#bySelection.get((matches[i] as Match).selection);
        if (other?.node !== found.node) break;
        met = [...met, ...other.met].sort((a, b) => a - b);
      }
      this.#deliver(found.node, { event, timeMs: event.timeMs, met, via: undefined }, false);
    }
  }

  /**
   * Time goes on: `nowMs` is the clock's (Infinity in a replay, which has no clock), `waitedMs` how long a source has had nothing to
   * give since its last event, 0 while it has a backlog.
   */
  advance(nowMs: number, waitedMs: (sourceKey: string) => number): void {
    this.#watermarks.setNow(nowMs);
    let due = false;
    for (const source of this.#watermarks.sources) {
      if (this.#watermarks.wait(source, waitedMs(source.key))) due = true;
    }
    if (due) this.#release();
    for (const node of this.#lasting) this.#keepUp(node, this.#watermarks.of(node));
  }

  /** The input has ended: time goes on to its newest event, and every decision up to that is made. */
  flush(): void {
    const endMs = this.#watermarks.newestMs;
    for (const node of this.#lasting) {
      for (const decider of node.deciders) decider.settle(endMs, true);
      node.floorMs = Math.max(node.floorMs, endMs);
      this.#keepUp(node, endMs);
    }
  }

  /** What has come of it since the last call. */
  take(): Outcome {
    return this.#shared.outbox.take();
  }

  /**
   * Start-up, before anything else: the journal's recent matches in its order, and its open and recent detections. Nothing that was
   * told before is told again. A detection that nothing here goes on with any more is closed.
   */
  rebuild(matches: Iterable<PastMatch>, detections: Iterable<Detection>): void {
    const { outbox } = this.#shared;
    const open: Detection[] = [];
    for (const detection of detections) {
      outbox.remember(detection);
      if (detection.state === "open") open.push(detection);
    }
    outbox.muted = true;
    for (const { event, matches: met, sourceKey } of byEvent(matches)) {
      this.#watermarks.setNow(event.observedMs);
      this.observe(event, met, sourceKey);
    }
    outbox.muted = false;
    for (const detection of open) this.#resume(detection);
  }

  stats(): CorrelatorStats {
    const { census, turned, outbox, pending, entries } = this.#shared;
    return {
      groups: census.total,
      entries,
      pending,
      open: outbox.openCount,
      fired: outbox.firedCount,
      groupsEvicted: census.evicted,
      entriesEvicted: turned.entries,
      pendingHurried: turned.hurried,
      late: turned.late,
      ungrouped: turned.ungrouped,
      heldEvicted: turned.held,
      sourcesRefused: this.#watermarks.unknown,
    };
  }

  #addNode(rule: Rule, byId: ReadonlyMap<string, Node>): Node {
    const referred = new Set(rule.selections.flatMap(referredRules));
    const node: Node = {
      rule,
      kinds: kindsOf(rule, byId),
      sources: [],
      floorMs: -Infinity,
      deciders: [],
      dependents: [],
      isWindowed: rule.correlation !== null,
      consumes: [...new Set([...referred].flatMap((id) => [id, ...byId.get(id)?.consumes ?? []]))],
      scheduledMs: Infinity,
    };
    const selections = rule.selections.map((selection, index) => ({ selection, index }));
    for (const { selection, index } of selections) this.#bySelection.set(selection, { node, met: [index] });
    for (const id of referred) {
      const taking = selections.filter(({ selection }) => referredRules(selection).includes(id));
      byId.get(id)?.dependents.push({ node, selections: taking });
    }
    return node;
  }

  /** Settles how a rule decides, once it is known who takes its matches. */
  #decideHow(node: Node): void {
    const { rule, deciders, dependents, consumes } = node;
    if (rule.correlation === null) {
      deciders.push(new SingleDecider(rule, consumes, this.#shared, this.#feedOf(node, false)));
      return;
    }
    const plan = planWindow(rule, rule.correlation);
    const windowed = new WindowRule(rule, rule.correlation, plan, consumes, this.#shared);
    if (!plan.monotone) {
      deciders.push(new SettledDecider(windowed, this.#feedOf(node, true), true));
      return;
    }
    deciders.push(new EagerDecider(windowed));
    if (dependents.length === 0) return;
    if (plan.metByAny) deciders.push(new PassOnDecider(windowed, this.#feedOf(node, false)));
    // Which of several events it fires with depends on their arrival while it is decided at once; what is passed on must not.
    else deciders.push(new SettledDecider(windowed, this.#feedOf(node, true), false));
  }

  #feedOf(from: Node, trusted: boolean): Feed {
    const via = from.rule.id;
    return (event, timeMs) => {
      for (const { node, selections } of from.dependents) {
        const subject = this.#subject?.reset(event) ?? (this.#subject = new Subject(event));
        const met = selections.filter(({ selection }) => selectionAccepts(selection, subject)).map(({ index }) =>
          index
        );
        if (met.length > 0) this.#deliver(node, { event, timeMs, met, via }, trusted);
      }
    };
  }

  /** `trusted`: it was decided in time order, so that it cannot be late, wherever the watermark stands. */
  #deliver(node: Node, meeting: Meeting, trusted: boolean): void {
    if (node.isWindowed && !trusted && meeting.timeMs < this.#watermarks.of(node)) {
      this.#shared.turned.late++;
      return;
    }
    for (const decider of node.deciders) decider.accept(meeting);
    this.#schedule(node);
  }

  #schedule(node: Node): void {
    const dueMs = dueOf(node);
    if (dueMs >= node.scheduledMs) return;
    node.scheduledMs = dueMs;
    this.#watermarks.schedule(node, dueMs);
  }

  /** Decides all that lies before the watermarks, the rules whose matches others take first. */
  #release(): void {
    for (const source of this.#watermarks.sources) source.dueMs = Infinity;
    for (const node of this.#settling) {
      if (dueOf(node) === Infinity) continue;
      const watermarkMs = this.#watermarks.of(node);
      for (const decider of node.deciders) decider.settle(watermarkMs, false);
      node.scheduledMs = Infinity;
      this.#schedule(node);
    }
  }

  #keepUp(node: Node, watermarkMs: number): void {
    for (const decider of node.deciders) decider.keepUp(watermarkMs);
  }

  #resume(detection: Detection): void {
    const { outbox } = this.#shared;
    const node = this.#byId.get(detection.rule);
    if (outbox.isOpen(detection.id)) return;
    const open = outbox.resume(detection, node?.rule.suppressMs ?? 0);
    if (node?.deciders[0]?.resume(open) !== true) outbox.close(open);
  }
}

function dueOf({ deciders }: Node): number {
  let dueMs = Infinity;
  for (const decider of deciders) dueMs = Math.min(dueMs, decider.dueMs);
  return dueMs;
}

/** Kinds that a rule takes, directly or through the rules whose matches it takes; null for every kind. */
function kindsOf(rule: Rule, byId: ReadonlyMap<string, Node>): ReadonlySet<string> | null {
  const kinds = new Set<string>();
  for (const selection of rule.selections) {
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

/** Matches of one event that follow one another, together. */
function* byEvent(matches: Iterable<PastMatch>) {
  let current: { event: TelemetryEvent; matches: Match[]; sourceKey: string } | undefined;
  for (const { event, match, sourceKey } of matches) {
    if (current?.event.id !== event.id) {
      if (current !== undefined) yield current;
      current = { event, matches: [], sourceKey };
    }
    current.matches.push(match);
  }
  if (current !== undefined) yield current;
}
