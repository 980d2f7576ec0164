/** What rules learn of their groups and keep across restarts. */

import type { StateWrite } from "../core/state_store.ts";
import type { Rule } from "../rules/rule.ts";
import { learningFingerprint } from "../rules/fingerprint.ts";
import { Baselines } from "./baselines.ts";
import { LearntValues } from "./learnt.ts";
import type { CorrelateLimits } from "./limits.ts";

/** Under what a rule's learning is kept: its id, and what it asks for. A rule that asks for something else has learnt nothing. */
export function learningOwner(rule: Rule): string {
  return `${rule.id}/${learningFingerprint(rule)}`;
}

/** All that was learnt, by all rules. */
export class Learning {
  readonly values: LearntValues;
  readonly baselines: Baselines;

  constructor(limits: CorrelateLimits) {
    this.values = new LearntValues(limits.learntValuesMax);
    this.baselines = new Baselines(limits.baselinesMax);
  }

  /** Takes what was written before a restart. What cannot be read is written off. */
  restore(entries: Iterable<readonly [key: string, value: string]>): void {
    for (const [key, value] of entries) if (!this.values.restore(key, value)) this.baselines.restore(key, value);
  }

  /** What is to be committed now: changes since the last call, as many as one commit should hold. `newestMs`: the events' time. */
  writes(newestMs: number): StateWrite[] {
    return [...this.values.writes(), ...this.baselines.writes(newestMs)];
  }

  /**
   * The rules there are now. What a rule has learnt that asks for something else now goes. What one has learnt that is not there
   * stays, should it come back, until others need the room.
   */
  keepFor(rules: readonly Rule[]): void {
    const learners = rules.filter(({ correlation }) => correlation?.pattern !== undefined);
    const owners = new Map(learners.map((rule) => [rule.id, learningOwner(rule)]));
    const isGone = (owner: string) => {
      const now = owners.get(owner.slice(0, owner.lastIndexOf("/")));
      return now !== undefined && now !== owner;
    };
    this.values.drop(isGone);
    this.baselines.drop(isGone);
  }
}
