import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { correlationProblem, Correlator } from "../../src/correlate/mod.ts";
import {
  all,
  any,
  atLeast,
  correlation,
  event,
  leaf,
  LIMITS,
  matchesOf,
  not,
  observe,
  rule,
  run,
  seconds,
  selection,
} from "./build.ts";

const FIVE = rule("five", { correlation: correlation(atLeast("a.count", 5)) });

Deno.test("a count fires when it is reached, and again only after it has dropped below", () => {
  deepStrictEqual(seconds(run([FIVE], [0, 1, 2, 3].map((s) => event(s, "a")))), []);
  deepStrictEqual(seconds(run([FIVE], [0, 1, 2, 3, 4, 5, 6].map((s) => event(s, "a")))), [4]);
  deepStrictEqual(seconds(run([FIVE], [0, 1, 2, 3, 4, 100, 101, 102, 103, 104].map((s) => event(s, "a")))), [4, 104]);
});

Deno.test("what expires at t is gone before what arrives at t, so that the count turns false and true again", () => {
  deepStrictEqual(seconds(run([FIVE], [0, 1, 2, 3, 4, 59.999].map((s) => event(s, "a")))), [4]);
  deepStrictEqual(seconds(run([FIVE], [0, 1, 2, 3, 4, 60].map((s) => event(s, "a")))), [4, 60]);
});

Deno.test("a firing tells its window: count, events, group, entities, facts", () => {
  const brute = rule("brute", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(atLeast("a.count", 2), atLeast("b.count", 1)), {
      groupBy: ["source.ip", "user.name"],
    }),
    message: "{user.name} from {source.ip}: {a.count} then {b.last.port} {nothing}",
    strength: { fact: "a.count", at: 1, max: 5 },
  });
  const fields = { "source.ip": "203.0.113.9", port: 22 };
  const events = [event(0, "a", fields), event(1, "a", fields), event(2, "b", fields)];
  const [fired, ...more] = run([brute], events);
  strictEqual(more.length, 0);
  const { detection, facts, lastBySelection } = fired ?? {};
  deepStrictEqual(facts, { "a.count": 2, "b.count": 1 });
  deepStrictEqual(lastBySelection?.map(({ selection, event }) => [selection.name, event.id]), [
    ["a", events[1]?.id],
    ["b", events[2]?.id],
  ]);
  strictEqual(detection?.count, 3);
  deepStrictEqual(detection?.eventIds, events.map(({ id }) => id));
  deepStrictEqual(detection?.group, { "source.ip": "203.0.113.9", "user.name": "ann" });
  deepStrictEqual(detection?.entities, ["host:web-1", "ip:203.0.113.9", "user:ann"]);
  strictEqual(detection?.message, "ann from 203.0.113.9: 2 then 22 ?");
  strictEqual(detection?.strength, 2);
  strictEqual(detection?.id.length, 32);
});

Deno.test("groups keep types apart, and an event without a field of the group is in none", () => {
  const pair = rule("pair", { correlation: correlation(atLeast("a.count", 2), { groupBy: ["port"] }) });
  const correlator = new Correlator([pair], LIMITS);
  const ports = [22, "22", undefined, null, true, "true", ["22"], '["22"]', '\u0000["22"]', ["22"]];
  const events = ports.map((port, i) => event(i, "a", port === undefined ? {} : { port }));
  const fired = observe(correlator, [pair], events);
  deepStrictEqual(fired.map(({ detection }) => detection.group), [{ port: ["22"] }]);
  strictEqual(correlator.stats().ungrouped, 2);
});

Deno.test("the host is the group where a rule names none, and a global correlation has one group", () => {
  const two = rule("two", { correlation: correlation(atLeast("a.count", 2), { groupBy: [] }) });
  const everywhere = rule("everywhere", {
    correlation: correlation(atLeast("a.count", 2), { groupBy: [], global: true }),
  });
  const events = [event(0, "a"), { ...event(1, "a"), host: "web-2" }];
  deepStrictEqual(run([two, everywhere], events).map(({ detection }) => [detection.rule, detection.group]), [
    ["everywhere", {}],
  ]);
  deepStrictEqual(run([two], [event(0, "a"), event(1, "a")]).map(({ detection }) => detection.group), [
    { "host.name": "web-1" },
  ]);
});

Deno.test("what comes while a detection is open is counted on it, and it is closed when that is over", () => {
  const correlator = new Correlator([FIVE], LIMITS);
  const events = [0, 1, 2, 3, 4, 5, 6].map((s) => event(s, "a"));
  for (const one of events) correlator.observe(one, matchesOf([FIVE], one), "test");
  const { fired, counted } = correlator.take();
  deepStrictEqual(fired.map(({ detection }) => [detection.count, detection.state]), [[5, "open"]]);
  deepStrictEqual(counted.map(({ count, lastMs, eventIds }) => [count, lastMs, eventIds.length]), [[7, 6000, 7]]);
  correlator.advance(200_000, () => 200_000);
  deepStrictEqual(correlator.take().counted.map(({ count, state }) => [count, state]), [[7, "closed"]]);
  strictEqual(correlator.stats().groups, 0);
  strictEqual(correlator.stats().entries, 0);
  strictEqual(correlator.stats().open, 0);
});

Deno.test("suppression silences a group from the firing on, and counts what would have fired", () => {
  const quiet = rule("quiet", { correlation: correlation(atLeast("a.count", 2)), suppressMs: 300_000 });
  const times = [0, 1, 100, 101, 250, 290, 301, 400, 401];
  const correlator = new Correlator([quiet], LIMITS);
  const fired = observe(correlator, [quiet], times.map((s) => event(s, "a")));
  deepStrictEqual(seconds(fired), [1, 401]);
  const last = new Map<string, number>();
  const again = new Correlator([quiet], LIMITS);
  for (const one of times.map((s) => event(s, "a"))) again.observe(one, matchesOf([quiet], one), "test");
  const { fired: both, counted } = again.take();
  for (const { id, count } of counted) last.set(id, count);
  // 0, 1, then 100 with 101, and 250 with 290; 301 keeps a condition true that turned true in silence, and is counted too.
  strictEqual(last.get(both[0]?.detection.id ?? ""), 7);
});

Deno.test("a rule without a correlation fires with each event, or counts while it is silent", () => {
  const plain = rule("plain");
  const fired = run([plain], [event(0, "a"), event(1, "a")]);
  deepStrictEqual(fired.map(({ detection }) => [detection.state, detection.count, detection.group]), [
    ["closed", 1, { "host.name": "web-1" }],
    ["closed", 1, { "host.name": "web-1" }],
  ]);
  const quiet = rule("quiet", { suppressMs: 60_000 });
  const correlator = new Correlator([quiet], LIMITS);
  const events = [0, 30, 59.999, 60].map((s) => event(s, "a"));
  for (const one of events) correlator.observe(one, matchesOf([quiet], one), "test");
  const { fired: opened, counted } = correlator.take();
  deepStrictEqual(seconds(opened), [0, 60]);
  deepStrictEqual(counted.map(({ count, state }) => [count, state]), [[3, "closed"]]);
});

Deno.test("a late event lands where it belongs, and fires the window that it completes", () => {
  const events = [0, 1, 2, 3, 4].map((s) => event(s, "a"));
  const [e0, e1, e2, e3, e4] = events as [typeof events[0], ...typeof events];
  const inOrder = run([FIVE], events);
  const late = run([FIVE], [e0, e1, e3, e4, e2].filter((e) => e !== undefined));
  deepStrictEqual(late.map(({ detection }) => detection), inOrder.map(({ detection }) => detection));
});

Deno.test("an event later than the lateness is counted and in no window", () => {
  const pair = rule("pair", { correlation: correlation(atLeast("a.count", 2)) });
  const correlator = new Correlator([pair], LIMITS);
  const [first, late, just] = [event(100, "a"), event(89.999, "a"), event(90, "a")];
  strictEqual(observe(correlator, [pair], [first, late]).length, 0);
  strictEqual(correlator.stats().late, 1);
  strictEqual(observe(correlator, [pair], [just]).length, 1);
});

Deno.test("a condition that an event could undo waits for the watermark", () => {
  const lonely = rule("lonely", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(atLeast("a.count", 1), not(atLeast("b.count", 1)))),
  });
  const correlator = new Correlator([lonely], LIMITS);
  strictEqual(observe(correlator, [lonely], [event(20, "a"), event(30, "x")]).length, 0);
  deepStrictEqual(seconds(observe(correlator, [lonely], [event(30.001, "a")])), [20]);
  const undone = [event(20, "a"), event(30, "a"), event(20, "b")];
  deepStrictEqual(seconds(run([lonely], undone)), []);
});

Deno.test("what expires can turn a condition true, at that time and with the last event of the group", () => {
  const lonely = rule("lonely", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(atLeast("a.count", 1), not(atLeast("b.count", 1)))),
  });
  const events = [event(0, "b"), event(10, "a"), event(65, "x")];
  const fired = run([lonely], events);
  deepStrictEqual(fired.map(({ detection, event }) => [detection.timeMs, event?.id]), [[60_000, events[1]?.id]]);
});

Deno.test("while nothing comes, a source's waiting moves the watermark, never ahead of the clock", () => {
  const few = rule("few", { correlation: correlation(leaf("a.count", "lessThan", 3)) });
  const correlator = new Correlator([few], LIMITS);
  const one = event(100, "a");
  correlator.observe(one, matchesOf([few], one), "test");
  correlator.advance(105_000, () => 60_000);
  strictEqual(correlator.take().fired.length, 0);
  correlator.advance(110_000, () => 5_000);
  strictEqual(correlator.take().fired.length, 0);
  correlator.advance(110_001, () => 10_001);
  strictEqual(correlator.take().fired.length, 1);
});

Deno.test("a slow source holds up the rules that take its kinds, and no others", () => {
  const few = rule("few", { correlation: correlation(leaf("a.count", "lessThan", 3)) });
  const other = rule("other", {
    selections: [selection("b")],
    correlation: correlation(leaf("b.count", "lessThan", 3)),
  });
  const rules = [few, other];
  const correlator = new Correlator(rules, LIMITS);
  const from = (source: string, at: number, kind: string) => ({ ...event(at, kind), source });
  observe(correlator, rules, [from("slow", 0, "a"), from("quick", 0, "a"), from("quick", 0, "b")]);
  const fired = observe(correlator, rules, [from("quick", 50, "x")]);
  deepStrictEqual(fired.map(({ rule }) => rule.id), ["other"]);
  deepStrictEqual(observe(correlator, rules, [from("slow", 20, "x")]).map(({ rule }) => rule.id), ["few"]);
});

Deno.test("a selection takes another rule's matches, silenced or not, and stands for it in a score", () => {
  const base = rule("base", { suppressMs: 3_600_000 });
  const chain = rule("chain", {
    selections: [selection("bases", { rule: "base" })],
    correlation: correlation(atLeast("bases.count", 3)),
  });
  const fired = run([chain, base], [0, 1, 2].map((s) => event(s, "a")));
  deepStrictEqual(fired.map(({ rule, detection }) => [rule.id, detection.timeMs, detection.consumes]), [
    ["base", 0, []],
    ["chain", 2000, ["base"]],
  ]);
});

Deno.test("each event of a rule that any one event meets is passed on at once, watermark or not", () => {
  const seen = rule("seen", { correlation: correlation(atLeast("a.count", 1)) });
  const chain = rule("chain", {
    selections: [selection("sightings", { rule: "seen" })],
    correlation: correlation(atLeast("sightings.count", 3)),
  });
  const correlator = new Correlator([chain, seen], LIMITS);
  const fired = observe(correlator, [chain, seen], [0, 1, 2].map((second) => event(second, "a")));
  deepStrictEqual(fired.map(({ rule, detection }) => [rule.id, detection.timeMs]), [
    ["seen", 0],
    ["chain", 2000],
  ]);
});

Deno.test("a correlation of correlations counts their firings, and consumes all that they rest on", () => {
  const base = rule("base");
  const burst = rule("burst", {
    selections: [selection("bases", { rule: "base" })],
    correlation: correlation(atLeast("bases.count", 2), { timespanMs: 5_000 }),
    silent: true,
  });
  const siege = rule("siege", {
    selections: [selection("bursts", { rule: "burst" })],
    correlation: correlation(atLeast("bursts.count", 2)),
  });
  const fired = run([siege, burst, base], [0, 1, 20, 21, 22].map((s) => event(s, "a")));
  deepStrictEqual(
    fired.filter(({ rule }) => rule.id !== "base").map(({ rule, detection }) => [rule.id, detection.timeMs]),
    [
      ["siege", 21_000],
    ],
  );
  deepStrictEqual(fired.at(-1)?.detection.consumes, ["burst", "base"]);
});

Deno.test("aliases name a group's field differently for each rule whose match it is", () => {
  const [one, two] = [rule("one", { selections: [selection("a")] }), rule("two", { selections: [selection("b")] })];
  const joined = rule("joined", {
    selections: [selection("ones", { rule: "one" }), selection("twos", { rule: "two" })],
    correlation: correlation(all(atLeast("ones.count", 1), atLeast("twos.count", 1)), {
      groupBy: ["who"],
      aliases: { who: { one: ["subject", "user.name"], two: ["actor"] } },
    }),
  });
  const events = [
    event(0, "a", { "user.name": "eve" }),
    event(1, "b", { actor: "ann" }),
    event(2, "b", { actor: "eve" }),
  ];
  const fired = run([one, two, joined], events).filter(({ rule }) => rule.id === "joined");
  deepStrictEqual(fired.map(({ detection }) => [detection.timeMs, detection.group]), [[2000, { who: "eve" }]]);
});

Deno.test("an event that meets a selection directly and through a rule is one event of the window", () => {
  const base = rule("base");
  const both = rule("both", {
    selections: [selection("direct", { kinds: ["a"] }), selection("through", { rule: "base" })],
    correlation: correlation(all(atLeast("direct.count", 1), atLeast("through.count", 1))),
  });
  const fired = run([base, both], [event(0, "a")]).filter(({ rule }) => rule.id === "both");
  deepStrictEqual(fired.map(({ detection }) => detection.count), [1]);
});

Deno.test("ordered: equal times count as in order, and what could be undone is asked of the whole window", () => {
  const login = rule("login", {
    selections: [selection("a"), selection("b"), selection("c")],
    correlation: correlation(all(atLeast("a.count", 2), atLeast("b.count", 1), leaf("c.count", "lessThan", 1)), {
      ordered: true,
    }),
  });
  const list = (...kinds: [number, string][]) => kinds.map(([at, kind]) => event(at, kind));
  deepStrictEqual(seconds(run([login], list([0, "a"], [1, "a"], [2, "b"]))), [2]);
  deepStrictEqual(seconds(run([login], list([0, "b"], [1, "a"], [2, "a"]))), []);
  deepStrictEqual(seconds(run([login], list([0, "a"], [1, "b"], [1, "a"]))), [1]);
  deepStrictEqual(seconds(run([login], list([0, "c"], [1, "a"], [2, "a"], [3, "b"]))), []);
});

Deno.test("ordered: thousands of events that cannot complete the order cost next to nothing", () => {
  const login = rule("login", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(atLeast("a.count", 5), atLeast("b.count", 1)), {
      ordered: true,
      timespanMs: 3_600_000,
    }),
  });
  const correlator = new Correlator([login], { ...LIMITS, windowEventsMax: 100_000 });
  const events = [event(0, "b"), ...Array.from({ length: 50_000 }, (_, i) => event(1 + i / 100, "a"))];
  for (const one of events) correlator.observe(one, matchesOf([login], one), "test");
  const last = event(600, "b");
  correlator.observe(last, matchesOf([login], last), "test");
  deepStrictEqual(correlator.take().fired.map(({ detection }) => detection.count), [50_002]);
});

Deno.test("an ordered condition with too many ways to meet it is refused", () => {
  const two = any(atLeast("a.count", 1), atLeast("b.count", 1));
  const wild = rule("wild", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(...Array.from({ length: 9 }, () => two)), { ordered: true }),
  });
  strictEqual(correlationProblem(FIVE), undefined);
  match(correlationProblem(wild) ?? "", /at most 256 ways/);
  throws(() => new Correlator([wild], LIMITS), /Cannot correlate rule "wild" as/);
});

Deno.test("past the most groups, the one left alone for longest goes, its detection closed", () => {
  const pair = rule("pair", { correlation: correlation(atLeast("a.count", 2)) });
  const correlator = new Correlator([pair], { ...LIMITS, groupsMax: 2 });
  const by = (at: number, user: string) => event(at, "a", { "user.name": user });
  observe(correlator, [pair], [by(0, "ann"), by(1, "ann"), by(2, "bob"), by(3, "ann")]);
  const eve = by(4, "eve"); // bob goes: ann was touched later
  deepStrictEqual(observe(correlator, [pair], [eve, by(5, "ann"), by(6, "bob")]), []);
  strictEqual(correlator.stats().groupsEvicted, 2);
  strictEqual(correlator.stats().groups, 2);
  const open = by(7, "joe"); // ann goes, and with her the detection
  correlator.observe(open, matchesOf([pair], open), "test");
  deepStrictEqual(correlator.take().counted.map(({ state }) => state), ["closed"]);
  strictEqual(correlator.stats().open, 0);
  strictEqual(correlator.stats().entries, 2);
});

Deno.test("past the most events of a window, the oldest go", () => {
  const many = rule("many", { correlation: correlation(atLeast("a.count", 4)) });
  const settled = rule("settled", { correlation: correlation(leaf("a.avg.x", "greaterThan", 2)) });
  const correlator = new Correlator([many, settled], { ...LIMITS, windowEventsMax: 3 });
  const events = [0, 0, 0, 9, 9, 9].map((x, i) => event(i, "a", { x }));
  const fired = observe(correlator, [many, settled], events);
  correlator.flush();
  fired.push(...correlator.take().fired);
  // Four are there for the moment in which the fourth arrives.
  deepStrictEqual(fired.map(({ rule, detection }) => [rule.id, detection.timeMs]), [["many", 3000], ["settled", 3000]]);
  strictEqual(correlator.stats().entries, 6);
  strictEqual(correlator.stats().entriesEvicted, 6);
});

Deno.test("past the most pending, the oldest is decided early", () => {
  const few = rule("few", { correlation: correlation(leaf("a.count", "lessThan", 3)) });
  const correlator = new Correlator([few], { ...LIMITS, pendingMax: 2 });
  deepStrictEqual(seconds(observe(correlator, [few], [0, 1, 2].map((s) => event(s, "a")))), [0]);
  strictEqual(correlator.stats().pending, 2);
  strictEqual(correlator.stats().pendingHurried, 1);
  correlator.flush();
  strictEqual(correlator.stats().pending, 0);
});

Deno.test("past the most held events, evidence goes without, and the firing still has its event", () => {
  const both = rule("both", {
    selections: [selection("a"), selection("b")],
    correlation: correlation(all(atLeast("a.count", 1), atLeast("b.count", 1))),
  });
  const correlator = new Correlator([both], { ...LIMITS, heldEventsMax: 1 });
  const [fired] = observe(correlator, [both], [event(0, "a"), event(1, "b")]);
  deepStrictEqual(fired?.lastBySelection.map(({ selection }) => selection.name), ["b"]);
  strictEqual(fired?.event?.kind, "b");
  strictEqual(correlator.stats().heldEvicted, 1);
});

Deno.test("an event that stands ahead of the clock makes no other event late", () => {
  const pair = rule("pair", { correlation: correlation(atLeast("a.count", 2)) });
  const correlator = new Correlator([pair], LIMITS);
  correlator.advance(100_000, () => 0);
  for (const one of [event(390, "a", { "user.name": "eve" }), event(95, "a"), event(96, "a")]) {
    correlator.observe(one, matchesOf([pair], one), "test");
    correlator.advance(100_000, () => 0);
  }
  deepStrictEqual(seconds(correlator.take().fired), [96]);
  strictEqual(correlator.stats().late, 0);
});
