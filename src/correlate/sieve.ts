/** What lets entries into the windows of a correlation with a pattern. Entries are shown to it in the order of their time. */

import type { Baseline, Novel, Sustained } from "../rules/rule.ts";
import type { WindowRule } from "./decider.ts";
import { DEVIATIONS_SLOT, MEDIAN_SLOT } from "./facts.ts";
import { type GroupKey, groupKey, groupValues } from "./group.ts";
import { type Entry } from "./window.ts";
import { numberIn } from "./measures.ts";

/** Whether an entry comes into its group's window; `known`: whether the group has one already. It may change the entry. */
export type Sieve = (key: GroupKey, entry: Entry, known: boolean) => boolean;

/** The sieve of a rule; `undefined` where everything comes in. */
export function createSieve(rule: WindowRule): Sieve | undefined {
  const { pattern } = rule.correlation;
  switch (pattern?.type) {
    case "new":
      return ofNew(rule, pattern);
    case "baseline":
      return ofBaseline(rule, pattern);
    case "sustained":
      return ofSustained(rule, pattern);
    default:
      return undefined;
  }
}

/** Entries whose value, the last of the group's, is new. */
function ofNew({ owner, shared, correlation }: WindowRule, pattern: Novel): Sieve {
  const { values } = shared.learning;
  return (key, { timeMs }) => {
    const { group, value } = groupAndValue(key);
    return values.isNew(owner, group, value, timeMs, pattern, correlation.timespanMs);
  };
}

/** Of a rule that looks for new values, the group it was written with, and the value, which comes last. */
function groupAndValue(key: GroupKey): { group: GroupKey; value: GroupKey } {
  const parts = groupValues(key);
  return { group: groupKey(parts, 0, parts.length - 1), value: groupKey(parts, parts.length - 1) };
}

/** Entries whose number stands out of the group's history; what other selections they met is left to them. */
function ofBaseline({ owner, shared, plan, rule }: WindowRule, pattern: Baseline): Sieve {
  const selection = rule.selections.findIndex(({ name }) => name === pattern.selection);
  const slot = plan.fields.indexOf(pattern.field);
  const [deviationsSlot, medianSlot] = [plan.fields.indexOf(DEVIATIONS_SLOT), plan.fields.indexOf(MEDIAN_SLOT)];
  return (key, entry) => {
    if (!entry.met.includes(selection)) return true;
    const value = numberIn(entry, slot);
    const judgement = value === undefined
      ? undefined
      : shared.learning.baselines.look(owner, key, entry, value, pattern);
    if (judgement === undefined) {
      entry.met = entry.met.filter((index) => index !== selection);
      return entry.met.length > 0;
    }
    entry.values = entry.values.with(deviationsSlot, judgement.deviations);
    if (medianSlot >= 0) entry.values = entry.values.with(medianSlot, judgement.median);
    return true;
  };
}

/** All that may go on with a run or end one: what would end the run of a group that has none comes to nothing. */
function ofSustained({ rule }: WindowRule, pattern: Sustained): Sieve {
  const others = rule.selections.findIndex(({ name }) => name === pattern.others);
  return (_key, { met }, known) => known || met.some((index) => index !== others);
}
