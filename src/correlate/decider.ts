/** How one rule decides: what all ways of deciding have in common. */

import { DETECTION_EVENTS_MAX, type Group } from "../core/detection.ts";
import type { FieldValue, TelemetryEvent } from "../core/event.ts";
import type { RingBuffer } from "../core/ring_buffer.ts";
import type { Correlation, Rule, Selection } from "../rules/rule.ts";
import { Subject } from "../rules/subject.ts";
import { WindowFacts } from "./facts.ts";
import type { Draft } from "./firing.ts";
import { type Census, Grouped, type GroupKey, groupKey, groupValue, ownText } from "./group.ts";
import { type Learning, learningOwner } from "./learning.ts";
import type { CorrelateLimits } from "./limits.ts";
import { createMeasures } from "./measures.ts";
import { holdsInOrder } from "./order.ts";
import { FROM_JOURNAL, type OpenDetection, type Outbox } from "./outbox.ts";
import type { WindowPlan } from "./plan.ts";
import { Entry, Window } from "./window.ts";

/** An event that met selections of a rule. */
export interface Meeting {
  readonly event: TelemetryEvent;
  /** The event's time; of another rule's match, when that rule matched. */
  readonly timeMs: number;
  /** Indexes of the selections, ascending. */
  readonly met: readonly number[];
  /** Id of the rule whose match it is; `undefined` for an event itself. */
  readonly via: string | undefined;
}

/** Counts of what was turned away, of all rules together. */
export interface Turned {
  /** Matches of events that came later than the lateness. */
  late: number;
  /** Matches of events that lack a field of the group. */
  ungrouped: number;
  /** Entries that had to leave a full window. */
  entries: number;
  /** Entries that were decided early as too many were waiting. */
  hurried: number;
  /** Events that were let go while their entries were still kept. */
  held: number;
}

/** What the deciders of all rules share. */
export interface Shared {
  readonly limits: CorrelateLimits;
  readonly outbox: Outbox;
  readonly census: Census;
  readonly turned: Turned;
  /** Entries whose events are held. */
  readonly held: RingBuffer<Entry>;
  readonly learning: Learning;
  /** Entries waiting to be decided, of all rules together. */
  pending: number;
  /** Entries in windows, of all rules together. */
  entries: number;
}

/** Passes a rule's match on to the rules that take it. */
export type Feed = (event: TelemetryEvent, timeMs: number) => void;

/** One rule's way of deciding. */
export interface Decider {
  /** Takes an event that is not too late. */
  accept(meeting: Meeting): void;
  /** The time of the earliest thing to be decided: milliseconds; `Infinity` when there is none. */
  readonly dueMs: number;
  /** Whether anything can be due. */
  readonly waits: boolean;
  /** Decides what lies before a time, or at it when `inclusive`. */
  settle(untilMs: number, inclusive: boolean): void;
  /** Ends what is over and forgets what is no longer needed, no event before the watermark being expected. */
  keepUp(watermarkMs: number): void;
  /** Goes on with a detection that was open before a restart; false when its group has another. */
  resume(open: OpenDetection): boolean;
  /**
   * The stream starts: at the clock's time after a restart, else with its first event. What passed after `heardMs` passed while
   * nobody was listening (Infinity: somebody always was); what was due before `toldMs` was decided before the restart.
   */
  start(startMs: number, heardMs: number, toldMs: number): void;
  /** The rule was read again and asks for the same: its wording, its level or what it rests on may be others. */
  adopt(rule: Rule, consumes: readonly string[]): void;
  /** The rule is no more: closes its detections and lets go of everything. */
  end(): void;
}

/** A group for which a rule fires. */
export class FiringGroup extends Grouped {
  /** Whether the condition holds. */
  on = false;
  open: OpenDetection | undefined = undefined;
  /** Whether its end is being watched for. */
  watched = false;
}

/** A group with a window. */
export class WindowGroup extends FiringGroup {
  /** The last event, of rules that decide when the watermark passes: what turns true as time goes on fires with it. */
  lastEvent: TelemetryEvent | undefined = undefined;

  constructor(key: GroupKey, readonly window: Window) {
    super(key);
  }
}

/** What a correlation does with its windows, however it decides. */
export class WindowRule {
  /** Fields whose values make a group: those the rule names, and the one of which it wants new values. */
  readonly groupBy: readonly string[];
  /** Length of the window: milliseconds. One that a run must fill holds the event at its far end as well. */
  readonly windowMs: number;
  /** Under what the rule keeps what it learns. */
  readonly owner: string;
  readonly #view: WindowFacts;
  readonly #reader: { subject: Subject | undefined } = { subject: undefined };
  readonly #noValues: readonly undefined[] = [];
  /** Values of one event's group, while a key is made of them; left over from another after a {@linkcode #readGroup} in vain. */
  readonly #values: FieldValue[] = [];

  constructor(
    public rule: Rule,
    readonly correlation: Correlation,
    readonly plan: WindowPlan,
    /** Ids of the rules whose matches it takes, directly or through others. */
    public consumes: readonly string[],
    readonly shared: Shared,
  ) {
    const { global, groupBy, pattern } = correlation;
    const named = global === true || groupBy.length > 0 ? groupBy : ["host.name"];
    this.groupBy = pattern?.type === "new" ? [...named, pattern.field] : named;
    this.windowMs = pattern?.type === "sustained" ? correlation.timespanMs + 1 : correlation.timespanMs;
    this.owner = pattern === undefined ? rule.id : learningOwner(rule);
    this.#view = new WindowFacts(plan.facts);
  }

  /** The rule was read again and asks for the same. */
  adopt(rule: Rule, consumes: readonly string[]): void {
    this.rule = rule;
    this.consumes = consumes;
  }

  /** The key of an event's group; `undefined` when it lacks one of the fields. */
  keyOf(meeting: Meeting): GroupKey | undefined {
    return this.#readGroup(meeting) ? groupKey(this.#values) : undefined;
  }

  /** Whether a rule looks for new values, and the event's cannot be new: nothing can come of it. */
  isOldNews(meeting: Meeting): boolean {
    const { pattern, timespanMs } = this.correlation;
    if (pattern?.type !== "new" || !this.#readGroup(meeting)) return false;
    const last = this.#values.length - 1;
    const [group, value] = [groupKey(this.#values, 0, last), groupKey(this.#values, last)];
    return this.shared.learning.values.isOld(this.owner, group, value, meeting.timeMs, pattern, timespanMs);
  }

  /** Reads the values of an event's group; false when it lacks one of the fields. */
  #readGroup({ event, via }: Meeting): boolean {
    for (let i = 0; i < this.groupBy.length; i++) {
      const value = this.#read(event, this.groupBy[i] as string, via);
      if (value === undefined || value === null) return false;
      this.#values[i] = groupValue(value); // in place: an array that is emptied first is allocated anew
    }
    return true;
  }

  entryOf({ event, timeMs, met, via }: Meeting): Entry {
    const { fields } = this.plan;
    const values = fields.length === 0 ? this.#noValues : fields.map((name) => ownText(this.#read(event, name, via)));
    const entry = new Entry(timeMs, event.id, event.source, met, values, event);
    if (this.shared.outbox.muted) entry.countedOn = FROM_JOURNAL;
    return entry;
  }

  newGroup(key: GroupKey): WindowGroup {
    const { facts, soleSelection } = this.plan;
    return new WindowGroup(ownText(key), new Window(createMeasures(facts, soleSelection)));
  }

  /** Whether the condition holds of a window at a time. An empty window meets no condition. */
  holds(window: Window, nowMs: number): boolean {
    if (window.size === 0) return false;
    const { order, holds } = this.plan;
    const facts = this.#view.of(window, nowMs);
    return holds(facts) && (order === null || holdsInOrder(order, window, facts));
  }

  /** A firing of a window as it stands. */
  draft(group: Group, window: Window, event: TelemetryEvent, timeMs: number, byExpiry: boolean): Draft {
    const { rule, plan, consumes } = this;
    return {
      rule,
      consumes,
      event,
      eventId: event.id,
      host: event.host,
      timeMs,
      byExpiry,
      group,
      facts: this.#view.of(window, timeMs).toRecord(),
      extras: plan.extras.length === 0 ? {} : this.#measureExtras(window, timeMs),
      lastBySelection: lastEvents(rule.selections, window, event),
      ...summary(window, event.id),
    };
  }

  /** Facts that only the message or the strength name, by one pass over the window. */
  #measureExtras(window: Window, timeMs: number): Record<string, FieldValue> {
    const measures = createMeasures(this.plan.extras, false);
    for (const entry of window) for (const measure of measures) measure.add(entry);
    return new WindowFacts(this.plan.extras).of(window, timeMs, measures).toRecord();
  }

  #read(event: TelemetryEvent, name: string, via: string | undefined): FieldValue | undefined {
    const subject = this.#reader.subject?.reset(event) ?? (this.#reader.subject = new Subject(event));
    const instead = via === undefined ? undefined : this.correlation.aliases?.[name]?.[via];
    if (instead === undefined) return subject.get(name);
    for (const field of instead) {
      const value = subject.get(field);
      if (value !== undefined) return value;
    }
    return undefined;
  }
}

/** The values of a group by the names of its fields. */
export function groupOf(names: readonly string[], values: readonly FieldValue[]): Group {
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? null]));
}

function lastEvents(selections: readonly Selection[], window: Window, event: TelemetryEvent) {
  const found = new Map<number, TelemetryEvent>();
  const sought = new Set([...selections.keys()].filter((index) => selections[index]?.hidden !== true));
  for (let entry = window.to; entry !== undefined && sought.size > 0; entry = entry.previous) {
    for (const index of entry.met) {
      const held = entry.id === event.id ? event : entry.event;
      if (sought.delete(index) && held !== undefined) found.set(index, held);
    }
    if (entry === window.from) break;
  }
  return selections.flatMap((selection, index) => {
    const last = found.get(index);
    return last === undefined ? [] : [{ selection, event: last }];
  });
}

/** How many events, the first of their ids (the one that fired always among them), and where they came from. */
function summary(window: Window, firedId: string): Pick<Draft, "count" | "eventIds" | "sources"> {
  const eventIds: string[] = [];
  const sources = new Set<string>();
  for (const entry of window) {
    if (eventIds.length < DETECTION_EVENTS_MAX) eventIds.push(entry.id);
    sources.add(entry.source);
  }
  if (!eventIds.includes(firedId)) eventIds.splice(DETECTION_EVENTS_MAX - 1, 1, firedId);
  return { count: window.size, eventIds, sources: [...sources].sort() };
}
