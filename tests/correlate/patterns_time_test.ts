/** Patterns by the events' time: as the slow way has it, whatever the order of arrival, and across a restart at any point. */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Detection } from "../../src/core/detection.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { Correlator, lookbackMs } from "../../src/correlate/mod.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { event, LIMITS, matchesOf, run } from "./build.ts";
import { absent, baseline, novel, sustained, TIMESPAN_MS } from "./patterns.ts";

const QUIET = { suppressMs: 20_000 };

const RULES: Readonly<Record<string, Rule>> = {
  sustained: sustained(),
  "sustained, a short gap, then silent": sustained(4_000, QUIET),
  absent: absent(),
  "absent, then silent": absent(undefined, [], QUIET),
  "absent after another": absent("b"),
  "absent after another, then silent": absent("b", [], QUIET),
  new: novel(20_000),
  "new, then silent": novel(0, QUIET),
  baseline: baseline(),
  "baseline, then silent": baseline({ minimum: 5, direction: "above" }, QUIET),
};

/** Events of two groups, each at a time of its own or not. */
function histories(step: number): fc.Arbitrary<TelemetryEvent[]> {
  const row = fc.record({
    at: fc.integer({ min: 0, max: 60 }),
    kind: fc.constantFrom("a", "a", "a", "b", "other"),
    x: fc.integer({ min: 0, max: 6 }),
    user: fc.constantFrom("ann", "bob"),
  });
  return fc.array(row, { minLength: 1, maxLength: 40 }).map((rows) =>
    rows.sort((a, b) => a.at - b.at).map(({ at, kind, x, user }) => event(at * step, kind, { x, "user.name": user }))
  );
}

/** An order of arrival in which no event comes more than the lateness after a newer one. */
const arrivals = fc.tuple(histories(1), fc.infiniteStream(fc.integer({ min: 0, max: LIMITS.latenessMs }))).map((
  [events, delays],
) => {
  const delayed = events.map((event) => ({ event, at: event.timeMs + (delays.next().value ?? 0) }));
  return { events, shuffled: delayed.sort((a, b) => a.at - b.at).map(({ event }) => event) };
});

function told(rule: Rule, events: readonly TelemetryEvent[]): string[] {
  return run([rule], events).map(({ detection: { group, timeMs } }) =>
    `${Object.values(group).join(" ")}@${timeMs / 1000}`
  ).sort();
}

for (const [name, rule] of Object.entries(RULES)) {
  Deno.test(`${name}: the same fires at the same times, whatever the order of arrival within the lateness`, () => {
    fc.assert(
      fc.property(arrivals, ({ events, shuffled }) => deepStrictEqual(told(rule, shuffled), told(rule, events))),
      { numRuns: 300 },
    );
  });
}

/** Times at which the slow way has each pattern fire, of one group's events in order; `endMs` is when time stops. */
type Slow = (events: readonly TelemetryEvent[], endMs: number) => number[];

/** The run at each instant: its `a`s back to the last `b`, or to a silence longer than the timespan. */
const slowSustained: Slow = (events) => {
  const own = events.filter(({ kind }) => kind === "a" || kind === "b");
  const fires: number[] = [];
  let on = false;
  for (const nowMs of new Set(own.map(({ timeMs }) => timeMs))) {
    const past = own.filter(({ timeMs }) => timeMs <= nowMs);
    const last = past.filter(({ timeMs }) => timeMs < nowMs).at(-1);
    if (last !== undefined && nowMs - last.timeMs > TIMESPAN_MS) on = false;
    let from: number | undefined;
    for (const [i, { kind, timeMs }] of past.entries()) {
      if (kind === "b") from = undefined;
      else if (from === undefined || timeMs - (past[i - 1]?.timeMs ?? 0) > TIMESPAN_MS) from = timeMs;
    }
    const holds = past.at(-1)?.kind === "a" && from !== undefined && nowMs - from >= TIMESPAN_MS;
    if (holds && !on) fires.push(nowMs);
    on = holds;
  }
  return fires;
};

const slowAbsent: Slow = (events, endMs) => {
  const times = [...new Set(events.filter(({ kind }) => kind === "a").map(({ timeMs }) => timeMs))];
  return times.filter((at, i) => (times[i + 1] ?? Infinity) > at + TIMESPAN_MS && at + TIMESPAN_MS <= endMs)
    .map((at) => at + TIMESPAN_MS);
};

/** The first `b` that no `a` has answered yet, by each `a`; once it has fired, nothing before the next `a`. */
const slowUnanswered: Slow = (events, endMs) => {
  const seen = [...new Set(events.filter(({ kind }) => kind === "a").map(({ timeMs }) => timeMs)), Infinity];
  return seen.flatMap((answerMs, i) => {
    const sinceMs = seen[i - 1] ?? -Infinity;
    const asked = events.find(({ kind, timeMs }) => kind === "b" && timeMs > sinceMs && timeMs < answerMs);
    const dueMs = (asked?.timeMs ?? Infinity) + TIMESPAN_MS;
    return dueMs < answerMs && dueMs <= endMs ? [dueMs] : [];
  });
};

const SLOW: readonly (readonly [name: string, rule: Rule, slow: Slow])[] = [
  ["sustained", sustained(), slowSustained],
  ["absent", absent(), slowAbsent],
  ["absent after another", absent("b"), slowUnanswered],
];

for (const [name, rule, slow] of SLOW) {
  Deno.test(`${name}: each firing of the slow way, and no other`, () => {
    fc.assert(
      fc.property(histories(1), (events) => {
        const endMs = Math.max(...events.map(({ timeMs }) => timeMs));
        const expected = ["ann", "bob"].flatMap((user) =>
          slow(events.filter(({ fields }) => fields["user.name"] === user), endMs).map((at) => `${user}@${at / 1000}`)
        );
        deepStrictEqual(told(rule, events), expected.sort());
      }),
      { numRuns: 300 },
    );
  });
}

Deno.test("new: each value's first event once learning is over, per group, and no other", () => {
  fc.assert(
    fc.property(histories(1), (events) => {
      const seen = new Set<string>();
      const began = new Map<unknown, number>();
      const expected: string[] = [];
      for (const { kind, timeMs, fields: { x, "user.name": user } } of events) {
        if (kind !== "a") continue;
        began.set(user, began.get(user) ?? timeMs);
        const over = timeMs >= (began.get(user) ?? 0) + 20_000;
        if (!seen.has(`${user} ${x}`) && over) expected.push(`${user} ${x}@${timeMs / 1000}`);
        seen.add(`${user} ${x}`);
      }
      deepStrictEqual(told(novel(20_000), events), expected.sort());
    }),
    { numRuns: 300 },
  );
});

/** What a journal holds. */
class Kept {
  readonly detections = new Map<string, Detection>();
  readonly state = new Map<string, string>();
  readonly fired: string[] = [];

  commit(correlator: Correlator): void {
    const { fired, counted } = correlator.take();
    for (const { detection } of fired) this.detections.set(detection.id, detection);
    for (const detection of counted) this.detections.set(detection.id, detection);
    for (const { key, value } of correlator.stateWrites()) {
      if (value === null) this.state.delete(key);
      else this.state.set(key, value);
    }
    this.fired.push(...fired.map(({ detection }) => detection.id));
  }

  feed(correlator: Correlator, rule: Rule, events: readonly TelemetryEvent[]): void {
    for (const event of events) {
      correlator.observe(event, matchesOf([rule], event), event.source);
      correlator.advance(Infinity, () => 0);
      this.commit(correlator);
    }
  }
}

for (const [name, rule] of Object.entries(RULES)) {
  Deno.test(`${name}: after a restart at any point everything goes on as if there had been none`, () => {
    fc.assert(
      fc.property(fc.constantFrom(1, 7).chain(histories), fc.nat(), (history, cut) => {
        const at = 1 + cut % history.length;
        const events = [...history, event(1_000, "other")];
        const straight = new Correlator([rule], LIMITS);
        const whole = new Kept();
        whole.feed(straight, rule, events);
        straight.flush();
        whole.commit(straight);

        const kept = new Kept();
        kept.feed(new Correlator([rule], LIMITS), rule, events.slice(0, at));
        const after = new Correlator([rule], LIMITS);
        const newestMs = events[at - 1]?.timeMs ?? 0;
        const matched = events.slice(0, at).flatMap((event) =>
          matchesOf([rule], event).map((match) => ({ event, match, sourceKey: event.source }))
        );
        const sinceMs = (matched.at(-1)?.event.timeMs ?? 0) - lookbackMs(rule) - 2 * LIMITS.latenessMs;
        const past = matched.filter(({ event }) => event.timeMs >= sinceMs);
        after.restoreState(kept.state);
        after.rebuild(past, [...kept.detections.values()], newestMs);
        after.advance(Infinity, () => 0);
        kept.feed(after, rule, events.slice(at));
        after.flush();
        kept.commit(after);
        deepStrictEqual(kept.fired.sort(), whole.fired.sort());
        deepStrictEqual([...kept.detections].sort(), [...whole.detections].sort());
      }),
      { numRuns: 300 },
    );
  });
}
