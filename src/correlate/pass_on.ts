/** Rules whose condition any one of their events meets: each event is a match, passed on at once. */

import type { Rule } from "../rules/rule.ts";
import type { Decider, Feed, Meeting, WindowRule } from "./decider.ts";

/** Passes on; what the rule itself makes of its windows is another decider's. */
export class PassOnDecider implements Decider {
  readonly dueMs = Infinity;
  readonly waits = false;
  readonly #rule: WindowRule;
  readonly #feed: Feed;

  constructor(rule: WindowRule, feed: Feed) {
    this.#rule = rule;
    this.#feed = feed;
  }

  accept(meeting: Meeting): void {
    if (this.#rule.keyOf(meeting) !== undefined) this.#feed(meeting.event, meeting.timeMs);
  }

  settle(): void {}

  keepUp(): void {}

  resume(): boolean {
    return false;
  }

  start(): void {}

  adopt(rule: Rule, consumes: readonly string[]): void {
    this.#rule.adopt(rule, consumes);
  }

  end(): void {}
}
