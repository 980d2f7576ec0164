/** Puts matches together in time: windows per rule and group, decided by event time. */

import type { Detection } from "../core/detection.ts";
import type { TelemetryEvent } from "../core/event.ts";
import { RingBuffer } from "../core/ring_buffer.ts";
import type { StateWrite } from "../core/state_store.ts";
import type { Match, Rule } from "../rules/rule.ts";
import type { Meeting, Shared } from "./decider.ts";
import { EMPTY_GRAPH, type Graph, makeGraph, type Node } from "./graph.ts";
import { Census } from "./group.ts";
import { Learning } from "./learning.ts";
import { CORRELATE_SCOPE } from "./learning_keys.ts";
import type { CorrelateLimits } from "./limits.ts";
import { Outbox, type Outcome } from "./outbox.ts";
import { SettledDecider } from "./settled.ts";
import { Watermarks } from "./watermark.ts";

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
  /** Values learnt by rules that look for new ones, now. */
  readonly learntValues: number;
  /** Values forgotten for others: each is new when it comes again. */
  readonly learntForgotten: number;
  /** Groups with a history that values are held against, now. */
  readonly baselines: number;
  /** Histories that had to go for others. */
  readonly baselinesForgotten: number;
}

/** A match of the journal, as it was made. */
export interface PastMatch {
  readonly event: TelemetryEvent;
  readonly match: Match;
  readonly sourceKey: string;
}

/** Up to when events were heard is written, where something is waited for, when it is so much more than is written: milliseconds. */
const HEARD_INTERVAL_MS = 1_000;

/** Under what. */
const HEARD_KEY = '["heard"]';

/**
 * Protocol: `observe` each event in the order in which it is to be committed; `advance` once a batch; `take` what has come of it
 * and commit it. Everything is synchronous, and time comes in as an argument.
 */
export class Correlator {
  readonly #shared: Shared;
  readonly #watermarks: Watermarks<Node>;
  #graph: Graph = EMPTY_GRAPH;
  /** Nodes in which something may end as time goes on. */
  #lasting: readonly Node[] = [];
  /** Nodes in which something waits for the watermark. */
  #settling: readonly Node[] = [];
  #started = false;
  /** Up to when events were heard, as written. */
  #heardMs = -Infinity;
  /** Before when all that was waited for was decided and told by the time of a restart. */
  #toldMs = -Infinity;

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
      learning: new Learning(limits),
      pending: 0,
      entries: 0,
    };
    this.#watermarks = new Watermarks(limits.latenessMs);
    this.replace(rules);
  }

  /**
   * These rules take the place of those there were. A rule whose `ruleFingerprint` is the same keeps its windows, its open
   * detections and what it waits for; one that is changed begins anew, and, like one that is gone, has its open detections closed,
   * which `take` tells. What a rule has learnt of its groups stays, as long as it asks for the same events, groups and field.
   *
   * @throws {RangeError} as the constructor does; nothing has changed then.
   */
  replace(rules: readonly Rule[]): void {
    const before = this.#graph;
    this.#graph = makeGraph(rules, before, this.#shared, (node, meeting, trusted) => {
      this.#deliver(node, meeting, trusted);
    });
    const { nodes } = this.#graph;
    this.#lasting = nodes.filter(({ rule }) => rule.correlation !== null || rule.suppressMs > 0);
    this.#settling = nodes.filter(({ deciders }) => deciders.some((one) => one.waits));
    this.#watermarks.track(this.#lasting);
    this.#shared.learning.keepFor(rules);
    if (!this.#started) return;
    for (const node of nodes) {
      if (before.byId.get(node.rule.id) !== node) this.#startNode(node, this.#nowMs(), Infinity);
    }
  }

  /** An admitted event and the selections of events that it met, `from` a place on. `sourceKey` says whose frontier it moves. */
  observe(event: TelemetryEvent, matches: readonly Match[], sourceKey: string, from = 0): void {
    if (!this.#started && !this.#shared.outbox.muted) this.#start(event.timeMs, Infinity);
    const moved = this.#watermarks.observe(sourceKey, event.kind, event.timeMs);
    if (moved !== undefined) this.#release();
    const { bySelection } = this.#graph;
    for (let i = from; i < matches.length;) {
      const found = bySelection.get((matches[i++] as Match).selection);
      if (found === undefined) continue;
      let met = found.met;
      for (; i < matches.length; i++) {
        const other = bySelection.get((matches[i] as Match).selection);
        if (other?.node !== found.node) break;
        met = [...met, ...other.met].sort((a, b) => a - b);
      }
      this.#deliver(found.node, { event, timeMs: event.timeMs, met, via: undefined }, false);
    }
  }

  /**
   * Whether nothing can come of an event's having met a selection: its rule looks for new values, and this one has been known
   * for long. Such a match need neither be observed nor kept.
   */
  comesToNothing({ rule, selection }: Match, event: TelemetryEvent): boolean {
    if (rule.correlation?.pattern?.type !== "new") return false;
    const found = this.#graph.bySelection.get(selection);
    if (found === undefined) return false;
    const meeting = { event, timeMs: event.timeMs, met: found.met, via: undefined };
    for (const one of found.node.deciders) {
      if (one instanceof SettledDecider && one.comesToNothing(meeting)) return true;
    }
    return false;
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
   * What the rules have learnt that is to be committed now, with everything that came of the events observed so far, and, where
   * something is waited for, up to when events were heard and decided on.
   */
  stateWrites(): StateWrite[] {
    const { newestMs } = this.#watermarks;
    const writes = this.#shared.learning.writes(newestMs);
    if (this.#graph.awaits && newestMs >= this.#heardMs + HEARD_INTERVAL_MS) {
      this.#heardMs = newestMs;
      const value = JSON.stringify([newestMs, this.#awaitedUntilMs()]);
      writes.push({ scope: CORRELATE_SCOPE, key: HEARD_KEY, value });
    }
    return writes;
  }

  /** Start-up, before {@linkcode rebuild}: what was committed of {@linkcode stateWrites}, by key. */
  restoreState(entries: Iterable<readonly [key: string, value: string]>): void {
    const state = new Map(entries);
    [this.#heardMs, this.#toldMs] = heardFrom(state.get(HEARD_KEY));
    this.#shared.learning.restore(state);
    this.#shared.learning.keepFor(this.#graph.nodes.map(({ rule }) => rule));
  }

  /**
   * Start-up, before anything else: the journal's recent matches in its order, and its open and recent detections. Nothing that was
   * told before is told again. A detection that nothing here goes on with any more is closed. `startMs` is the clock's time: from
   * then on configured groups are waited for, and those whose time ran out while nothing was heard.
   */
  rebuild(matches: Iterable<PastMatch>, detections: Iterable<Detection>, startMs: number): void {
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
    this.#start(startMs, Math.max(this.#heardMs, this.#watermarks.newestMs));
    this.#release();
  }

  stats(): CorrelatorStats {
    const { census, turned, outbox, pending, entries, learning } = this.#shared;
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
      learntValues: learning.values.size,
      learntForgotten: learning.values.forgotten,
      baselines: learning.baselines.size,
      baselinesForgotten: learning.baselines.forgotten,
    };
  }

  #start(startMs: number, heardMs: number): void {
    this.#started = true;
    for (const node of this.#graph.nodes) this.#startNode(node, startMs, heardMs);
  }

  #startNode(node: Node, startMs: number, heardMs: number): void {
    for (const decider of node.deciders) decider.start(startMs, heardMs, this.#toldMs);
    this.#schedule(node);
  }

  /** All that is waited for is decided before this. */
  #awaitedUntilMs(): number {
    let untilMs = Infinity;
    for (const node of this.#settling) {
      if (node.rule.correlation?.pattern?.type === "absent") untilMs = Math.min(untilMs, this.#watermarks.of(node));
    }
    return untilMs;
  }

  /** The clock's time, or, without a clock, that of the newest event. */
  #nowMs(): number {
    const { nowMs, newestMs } = this.#watermarks;
    return nowMs < Infinity ? nowMs : newestMs;
  }

  #deliver(node: Node, meeting: Meeting, trusted: boolean): void {
    if (node.rule.correlation !== null && !trusted && meeting.timeMs < this.#watermarks.of(node)) {
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
      if (node.scheduledMs === Infinity) continue; // nothing waits
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
    const node = this.#graph.byId.get(detection.rule);
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

/** The two times of what is written under {@linkcode HEARD_KEY}; -Infinity each where that is not there. */
function heardFrom(text: string | undefined): [heardMs: number, toldMs: number] {
  const found = /^\[(-?[\d.e+]+),(-?[\d.e+]+)\]$/.exec(text ?? "");
  return found === null ? [-Infinity, -Infinity] : [Number(found[1]), Number(found[2])];
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
