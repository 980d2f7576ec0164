import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { type Detection, LEVELS } from "../../src/core/detection.ts";
import { Scoreboard, scoreEntity } from "../../src/correlate/mod.ts";
import { ENTITY_DETECTIONS_MAX } from "../../src/correlate/scoreboard.ts";

const HALF_LIFE_MS = 1_800_000;
const OPTIONS = { halfLifeMs: HALF_LIFE_MS };
const HOST = "host:web-1";

let made = 0;

function detection(weight: number, from: Partial<Detection> = {}): Detection {
  const id = String(++made).padStart(32, "0");
  return {
    id,
    rule: `rule-${id}`,
    title: "",
    level: "high",
    weight,
    strength: 1,
    tags: [],
    timeMs: 0,
    lastMs: 0,
    host: "web-1",
    group: {},
    entities: [HOST],
    message: "",
    count: 1,
    eventIds: [`event-${id}`],
    sources: ["process"],
    consumes: [],
    state: "open",
    evidence: { selections: [] },
    ...from,
  };
}

const score = (detections: readonly Detection[], nowMs = 0) => scoreEntity(HOST, detections, nowMs, OPTIONS);
const rounded = (detections: readonly Detection[], nowMs = 0) =>
  Math.round(score(detections, nowMs).overall_score * 1000) / 1000;

Deno.test("examples: one of 0.7 is 70; 0.7, 0.5 and 0.6 together 94; nothing is 0", () => {
  strictEqual(rounded([detection(0.7)]), 70);
  strictEqual(rounded([detection(0.7), detection(0.5), detection(0.6)]), 94);
  const none = score([]);
  deepStrictEqual(
    [none.overall_score, none.confidence, none.threat_level, none.primary_event, none.contributions],
    [0, 0, "BENIGN", null, []],
  );
});

Deno.test("a contribution halves with each half-life, from the last event counted, and is dropped under 0.1", () => {
  strictEqual(rounded([detection(0.8)], HALF_LIFE_MS), 40);
  strictEqual(rounded([detection(0.8, { lastMs: HALF_LIFE_MS })], HALF_LIFE_MS), 80);
  strictEqual(rounded([detection(0.8, { lastMs: HALF_LIFE_MS })], 0), 80, "age is never below 0");
  strictEqual(rounded([detection(1)], 9 * HALF_LIFE_MS), 0.195);
  strictEqual(rounded([detection(1)], 10 * HALF_LIFE_MS), 0);
});

Deno.test("strength grows a contribution, to 99.9 at most", () => {
  strictEqual(rounded([detection(0.3, { strength: 2 })]), 60);
  strictEqual(rounded([detection(0.9, { strength: 5 })]), 99.9);
});

Deno.test("repeats of one rule count 1/k^1.5, by size and not by order", () => {
  const repeats = [detection(0.2, { rule: "r" }), detection(0.4, { rule: "r" }), detection(0.3, { rule: "r" })];
  const expected = 100 * (1 - (1 - 0.4) * (1 - 0.3 / 2 ** 1.5) * (1 - 0.2 / 3 ** 1.5));
  strictEqual(rounded(repeats), Math.round(expected * 1000) / 1000);
});

Deno.test("informational and low rules together give 40 at most, and their shares stay in proportion", () => {
  const low = Array.from({ length: 20 }, () => detection(0.3, { level: "low" }));
  strictEqual(rounded(low), 40);
  const mixed = score([...low, detection(0.5)]);
  strictEqual(Math.round(mixed.overall_score * 1e6) / 1e6, 70);
  strictEqual(mixed.contributions[0]?.level, "high");
});

Deno.test("a correlation's detection replaces those of the rules it consumed, and theirs, while it is there", () => {
  const base = detection(0.7, { rule: "base" });
  const middle = detection(0.5, { rule: "middle", consumes: ["base"] });
  const top = detection(0.6, { rule: "top", consumes: ["middle"] });
  const other = detection(0.5);
  strictEqual(rounded([base, middle, top, other]), 80);
  const faded = { ...top, lastMs: -11 * HALF_LIFE_MS };
  strictEqual(rounded([base, faded]), 70);
});

Deno.test("confidence is the agreement of collectors, and the levels are where they are stated", () => {
  const from = (...sources: string[]) => Math.round(score([detection(0.5, { sources })]).confidence * 1000) / 1000;
  deepStrictEqual([from("a"), from("a", "b"), from("a", "b", "c")], [0.6, 0.84, 0.936]);
  const levels = [0.2, 0.201, 0.4, 0.401, 0.6, 0.601, 0.8, 0.801].map((w) => score([detection(w)]).threat_level);
  deepStrictEqual(levels, ["BENIGN", "LOW", "LOW", "MEDIUM", "MEDIUM", "HIGH", "HIGH", "CRITICAL"]);
});

Deno.test("the primary event is the one the largest contribution fired with", () => {
  const evidence = { selections: [{ selection: "a", event_id: "1" }, { selection: "b", event_id: "2" }] };
  const large = detection(0.9, { eventIds: ["0", "1", "2", "3"], evidence, timeMs: 5, lastMs: 5 });
  const told = score([detection(0.2, { eventIds: ["9", "1"], timeMs: 9 }), large], 5);
  strictEqual(told.primary_event, "2");
  deepStrictEqual(told.correlated_events, ["9", "1", "0", "2", "3"]);
  strictEqual(told.timestamp_ns, "5000000");
});

Deno.test("a rule whose level was tuned: its capped detections do not push down those that count in full", () => {
  const old = detection(0.9, { rule: "tuned" });
  strictEqual(rounded([old]), 90);
  strictEqual(rounded([old, detection(0.95, { rule: "tuned", level: "low" })]), 94);
});

const detections = fc.array(
  fc.record({
    weight: fc.double({ min: 0, max: 1, noNaN: true }),
    strength: fc.double({ min: 1, max: 10, noNaN: true }),
    lastMs: fc.integer({ min: -5 * HALF_LIFE_MS, max: HALF_LIFE_MS }),
    rule: fc.constantFrom("r", "s", "t", "u"),
    level: fc.constantFrom(...LEVELS),
  }),
  { maxLength: 60 },
).map((rows) => rows.map(({ weight, ...rest }) => detection(weight, rest)));

Deno.test("always within 0 and 100, the same in any order, and the shares add up to it", () => {
  fc.assert(fc.property(detections, fc.infiniteStream(fc.nat()), (list, keys) => {
    const told = score(list);
    ok(told.overall_score >= 0 && told.overall_score <= 100);
    const sum = told.contributions.reduce((total, { share }) => total + share, 0);
    ok(Math.abs(sum - told.overall_score) < 1e-9, `${sum} is not ${told.overall_score}`);
    const shuffled = list.map((item) => ({ item, key: keys.next().value ?? 0 })).sort((a, b) => a.key - b.key);
    deepStrictEqual(score(shuffled.map(({ item }) => item)), told);
  }));
});

Deno.test("more never lowers it, and time never raises it", () => {
  fc.assert(fc.property(detections, detections, fc.nat({ max: 10 * HALF_LIFE_MS }), (list, more, laterMs) => {
    const now = score(list, HALF_LIFE_MS).overall_score;
    ok(score([...list, ...more], HALF_LIFE_MS).overall_score >= now - 1e-9);
    ok(score(list, HALF_LIFE_MS + laterMs).overall_score <= now + 1e-9);
  }));
});

Deno.test("the board tells a score when a detection changes it, and when its level changes by decay", () => {
  const board = new Scoreboard({ ...OPTIONS, entitiesMax: 10 });
  const first = detection(0.7, { entities: [HOST, "user:ann"] });
  board.put(first);
  deepStrictEqual(board.take(0).map(({ entity }) => entity), [HOST, "user:ann"]);
  board.put({ ...first, count: 2, lastMs: 100 });
  deepStrictEqual(board.take(100), [], "it counts on, the score is what it was");
  board.put({ ...first, count: 3, lastMs: 60_000 });
  strictEqual(board.take(60_000).length, 2, "a score kept alive is told once a minute");
  const levels: [string, number][] = [];
  for (let nowMs = 60_000; nowMs < 12 * HALF_LIFE_MS; nowMs += 500) {
    for (const { entity, threat_level } of board.take(nowMs)) if (entity === HOST) levels.push([threat_level, nowMs]);
  }
  deepStrictEqual(levels.map(([level]) => level), ["MEDIUM", "LOW", "BENIGN"]);
  for (const [i, at] of [60, 40, 20].entries()) {
    const exactMs = 60_000 + HALF_LIFE_MS * Math.log2(70 / at);
    ok(Math.abs((levels[i]?.[1] ?? 0) - exactMs) <= 2_000, `${levels[i]} is not at ${exactMs}`);
  }
  strictEqual(board.stats().entities, 0, "what has decayed to nothing is gone");
});

Deno.test("the board lists the highest first, and knows no score of an entity that has none", () => {
  const board = new Scoreboard({ ...OPTIONS, entitiesMax: 10 });
  board.put(detection(0.3, { entities: ["ip:::1"] }));
  board.put(detection(0.7));
  deepStrictEqual(board.all(0).map(({ entity }) => entity), [HOST, "ip:::1"]);
  strictEqual(board.score("ip:::1", 0)?.overall_score.toFixed(3), "30.000");
  strictEqual(board.score("user:ann", 0), undefined);
  strictEqual(board.score(HOST, 20 * HALF_LIFE_MS), undefined);
});

Deno.test("scores restored after a restart are not told again until something changes", () => {
  const board = new Scoreboard({ ...OPTIONS, entitiesMax: 10 });
  board.restore(detection(0.5));
  deepStrictEqual(board.take(0), []);
  strictEqual(board.all(0).length, 1);
  board.put(detection(0.5));
  strictEqual(board.take(10).length, 1);
});

Deno.test("past the most entities, or detections of one, the oldest go and are counted", () => {
  const board = new Scoreboard({ ...OPTIONS, entitiesMax: 2 });
  for (const user of ["ann", "bob", "eve"]) board.put(detection(0.5, { entities: [`user:${user}`] }));
  deepStrictEqual(board.all(0).map(({ entity }) => entity), ["user:bob", "user:eve"]);
  strictEqual(board.stats().entitiesEvicted, 1);
  for (let i = 0; i <= ENTITY_DETECTIONS_MAX; i++) board.put(detection(0.01));
  strictEqual(board.stats().detectionsEvicted, 1);
});
