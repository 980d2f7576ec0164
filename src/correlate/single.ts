/** Rules without a correlation: every selected event fires by itself. */

import type { Group } from "../core/detection.ts";
import type { Rule } from "../rules/rule.ts";
import { Subject } from "../rules/subject.ts";
import type { Decider, Feed, Meeting, Shared } from "./decider.ts";
import type { Draft } from "./firing.ts";
import { Grouped, GroupTable, ownText } from "./group.ts";
import { FROM_JOURNAL, type OpenDetection } from "./outbox.ts";
import { isSilent } from "./turn.ts";
import { Entry } from "./window.ts";

/** A host for which the rule is silent. */
class SilentGroup extends Grouped {
  constructor(key: string, public open: OpenDetection) {
    super(key);
  }
}

export class SingleDecider implements Decider {
  readonly dueMs = Infinity;
  readonly waits = false;
  #rule: Rule;
  #consumes: readonly string[];
  readonly #shared: Shared;
  readonly #feed: Feed;
  readonly #silent: GroupTable<SilentGroup>;

  /** `feed` is told of each match, silenced or not. */
  constructor(rule: Rule, consumes: readonly string[], shared: Shared, feed: Feed) {
    this.#rule = rule;
    this.#consumes = consumes;
    this.#shared = shared;
    this.#feed = feed;
    this.#silent = new GroupTable(shared.census, ({ open }) => shared.outbox.close(open));
  }

  accept(meeting: Meeting): void {
    if (this.#rule.silent !== true) this.#fire(meeting);
    this.#feed(meeting.event, meeting.timeMs);
  }

  settle(): void {}

  keepUp(watermarkMs: number): void {
    for (let group = this.#silent.oldest; group !== undefined; group = this.#silent.oldest) {
      if (group.open.silentUntilMs >= watermarkMs) return;
      this.#end(group);
    }
  }

  resume(open: OpenDetection): boolean {
    const key = String(open.first.group["host.name"] ?? open.first.host);
    if (this.#silent.get(key) !== undefined) return false;
    this.#silent.add(new SilentGroup(ownText(key), open));
    return true;
  }

  start(): void {}

  adopt(rule: Rule, consumes: readonly string[]): void {
    this.#rule = rule;
    this.#consumes = consumes;
  }

  end(): void {
    this.#silent.end();
  }

  #fire(meeting: Meeting): void {
    const { outbox } = this.#shared;
    const host = String(new Subject(meeting.event).get("host.name") ?? meeting.event.host);
    const silent = this.#silent.get(host);
    const draft = draftOf(this.#rule, this.#consumes, meeting, { "host.name": host });
    if (silent !== undefined && isSilent(silent.open, this.#rule, meeting.timeMs)) {
      outbox.count(silent.open, entryOf(meeting, outbox.muted));
      return;
    }
    const older = silent !== undefined && meeting.timeMs < silent.open.first.timeMs;
    if (silent !== undefined && !older) this.#end(silent);
    const open = outbox.fire(draft, this.#rule.suppressMs > 0 && !older);
    if (open !== undefined) this.#silent.add(new SilentGroup(ownText(host), open));
  }

  #end(group: SilentGroup): void {
    this.#silent.remove(group);
    this.#shared.outbox.close(group.open);
  }
}

function entryOf({ event, timeMs, met }: Meeting, muted: boolean): Entry {
  const entry = new Entry(timeMs, event.id, event.source, met, [], undefined);
  if (muted) entry.countedOn = FROM_JOURNAL;
  return entry;
}

function draftOf(rule: Rule, consumes: readonly string[], { event, timeMs, met }: Meeting, group: Group): Draft {
  const lastBySelection = met.flatMap((index) => {
    const selection = rule.selections[index];
    return selection === undefined ? [] : [{ selection, event }];
  });
  return {
    rule,
    event,
    eventId: event.id,
    host: event.host,
    timeMs,
    byExpiry: false,
    group,
    facts: {},
    extras: {},
    lastBySelection,
    count: 1,
    eventIds: [event.id],
    sources: [event.source],
    consumes,
  };
}
