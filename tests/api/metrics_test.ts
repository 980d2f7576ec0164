import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { METRIC_SCORES_MAX } from "../../src/api/metrics.ts";
import { NOTHING, sampleDetection, sampleEvents, START_MS } from "../journal/samples.ts";
import { quietDeps, scoreOf, scoresOf, withApi } from "./asked_app.ts";
import { parseExposition } from "./exposition.ts";

Deno.test("the reader of these tests refuses what is malformed", () => {
  const head = "# HELP a b\n# TYPE a gauge\n";
  for (
    const bad of [
      "a 1",
      `${head}b 1\n`,
      `${head}a{x="1} 1\n`,
      `${head}a x\n`,
      `${head}${head}`,
      `${head}a{x="1" y="2"} 1\n`,
    ]
  ) {
    throws(() => parseExposition(bad), Error, bad);
  }
  deepStrictEqual(parseExposition(`${head}a{x="\\"\\\\\\n"} 2\n`).get("a")?.samples, [
    { name: "a", labels: { x: '"\\\n' }, value: 2 },
  ]);
});

Deno.test("metrics of a Weir in which nothing has happened", async () => {
  await withApi(async ({ get }) => {
    const { status, headers, text } = await get("/metrics");
    strictEqual(status, 200);
    strictEqual(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    const families = parseExposition(text);
    ok([...families.values()].every(({ help, type }) => help !== "" && type !== ""));
    const value = (name: string) => families.get(name)?.samples[0]?.value;
    strictEqual(value("weir_uptime_seconds"), 60);
    strictEqual(value("weir_journal_up"), 1);
    ok((value("process_resident_memory_bytes") ?? 0) > 1e6);
    ok((value("process_cpu_seconds_total") ?? 0) > 0);
  });
});

Deno.test("the ledger, by collector and reason, hostile names escaped", async () => {
  const hostile = 'a"b\\c\nd} 1';
  const ledger = () => [
    {
      collector: "process",
      collected: 10,
      committed: 6,
      duplicate: 1,
      dropped: { flood: 2, [hostile]: 1 },
      pending: 0,
    },
    { collector: hostile, collected: 1, committed: 0, duplicate: 0, dropped: {}, pending: 1 },
  ];
  await withApi(async ({ get }) => {
    const families = parseExposition((await get("/metrics")).text);
    deepStrictEqual(families.get("weir_events_dropped_total")?.samples.map(({ labels, value }) => [labels, value]), [
      [{ collector: "process", reason: "flood" }, 2],
      [{ collector: "process", reason: hostile }, 1],
    ]);
    const sum = (name: string) =>
      families.get(`weir_events_${name}`)?.samples.filter(({ labels }) => labels.collector === "process")
        .reduce((total, { value }) => total + value, 0) ?? NaN;
    strictEqual(
      sum("collected_total"),
      sum("committed_total") + sum("duplicate_total") + sum("dropped_total") + sum("pending"),
    );
  }, { ledger });
});

Deno.test("what collectors watch elsewhere is named, up or not", async () => {
  const status = { summary: "2 devices", sinceMs: 0, restarts: 0, lastEventMs: null, reason: null };
  const targets = [{ name: "core-1", trouble: null }, { name: 'core "2"', trouble: "it does not answer" }];
  const collectors = () => [{ ...status, name: "snmp", state: "running" as const, targets }];
  await withApi(async ({ get }) => {
    const samples = parseExposition((await get("/metrics")).text).get("weir_target_up")?.samples ?? [];
    deepStrictEqual(samples.map(({ labels, value }) => [labels.collector, labels.target, value]), [
      ["snmp", "core-1", 1],
      ["snmp", 'core "2"', 0],
    ]);
  }, { collectors });
});

Deno.test("histograms are cumulative and end at +Inf with the count", async () => {
  const histogram = {
    cumulative: () => [{ bound: 0.001, count: 3 }, { bound: 0.01, count: 5 }, { bound: Infinity, count: 6 }],
    sum: 1.5,
    count: 6,
  };
  await withApi(async ({ get }) => {
    const samples = parseExposition((await get("/metrics")).text).get("weir_commit_seconds")?.samples ?? [];
    deepStrictEqual(samples.map(({ name, labels, value }) => [name, labels.le, value]), [
      ["weir_commit_seconds_bucket", "0.001", 3],
      ["weir_commit_seconds_bucket", "0.01", 5],
      ["weir_commit_seconds_bucket", "+Inf", 6],
      ["weir_commit_seconds_sum", undefined, 1.5],
      ["weir_commit_seconds_count", undefined, 6],
    ]);
  }, { measures: () => ({ ...quietMeasures(), commitSeconds: histogram }) });
});

function quietMeasures() {
  const unused = (): never => {
    throw new Error("not asked for");
  };
  const reader = {
    events: unused,
    event: unused,
    detections: unused,
    detection: unused,
    scoreHistory: unused,
    size: unused,
  };
  return quietDeps(reader).measures();
}

Deno.test("what the journal holds, what fired and how entities score, the highest alone", async () => {
  const scores = scoresOf(Array.from({ length: METRIC_SCORES_MAX + 20 }, (_, i) => scoreOf(`ip:fe80::${i}`, i / 2)));
  const detections = [{ rule: "miner", level: "high" as const, count: 4 }];
  await withApi(async ({ journal, get }) => {
    journal.commit({ ...NOTHING, events: sampleEvents(5), detections: [sampleDetection(1, { timeMs: START_MS })] });
    const families = parseExposition((await get("/metrics")).text);
    const samples = (name: string) => families.get(name)?.samples.map(({ labels, value }) => [labels, value]);
    deepStrictEqual(samples("weir_journal_rows"), [[{ type: "ProcessAlert" }, 1], [{ type: "ProcessEvent" }, 5]]);
    deepStrictEqual(samples("weir_detections_open"), [[{}, 1]]);
    deepStrictEqual(samples("weir_detections_total"), [[{ rule: "miner", level: "high" }, 4]]);
    strictEqual(samples("weir_threat_score")?.length, METRIC_SCORES_MAX);
    deepStrictEqual(samples("weir_threat_score")?.[0], [{ type: "ip", id: "fe80::119" }, 59.5]);
  }, { scores, measures: () => ({ ...quietMeasures(), detections }) });
});
