/** Rules with each kind of pattern, on events whose kind is the name of the selection they meet. */

import { DEVIATIONS_MAX } from "../../src/correlate/history.ts";
import type { Pattern, Rule, Selection } from "../../src/rules/rule.ts";
import { all, atLeast, correlation, rule, selection } from "./build.ts";

export const TIMESPAN_MS = 12_000;

/** Events of kind `a` go on with a run, and `b` end it. */
export function sustained(gapMs = TIMESPAN_MS, from: Partial<Rule> = {}): Rule {
  const pattern: Pattern = { type: "sustained", selection: "a", others: "a:others", gapMs };
  const others: Selection = { ...selection("a:others", { kinds: ["a", "b"] }), hidden: true };
  const when = atLeast("a.sustained", TIMESPAN_MS / 1000);
  return rule("sustained", {
    selections: [selection("a"), others],
    correlation: correlation(when, { timespanMs: TIMESPAN_MS, pattern }),
    ...from,
  });
}

/** Waits for `a`: since the last one, or, where `after` is a kind, since an event of that. */
export function absent(after?: string, users: readonly string[] = [], from: Partial<Rule> = {}): Rule {
  const pattern: Pattern = { type: "absent", selection: "a", groups: users.map((user) => [user]) };
  return rule("absent", {
    selections: [selection("a"), ...(after === undefined ? [] : [selection(after)])],
    correlation: correlation(atLeast("a.absent", TIMESPAN_MS / 1000), { timespanMs: TIMESPAN_MS, pattern }),
    ...from,
  });
}

/** Looks for values of `x` in events of kind `a`. */
export function novel(learningMs: number, from: Partial<Rule> = {}): Rule {
  const pattern: Pattern = { type: "new", field: "x", learningMs };
  return rule("new", {
    correlation: correlation(atLeast("a.count", 1), { timespanMs: TIMESPAN_MS, pattern }),
    ...from,
  });
}

/** Looks for `x` far out in events of kind `a`. */
export function baseline(from: Partial<Extract<Pattern, { type: "baseline" }>> = {}, other: Partial<Rule> = {}): Rule {
  const pattern: Pattern = {
    type: "baseline",
    selection: "a",
    field: "x",
    deviations: 3,
    minimum: 3,
    historyMs: 1_000_000,
    direction: "either",
    ...from,
  };
  const when = all(atLeast("a.deviations", Math.min(pattern.deviations, DEVIATIONS_MAX)), atLeast("a.count", 1));
  return rule("baseline", { correlation: correlation(when, { timespanMs: TIMESPAN_MS, pattern }), ...other });
}
