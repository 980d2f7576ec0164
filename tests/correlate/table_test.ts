/**
 * Every type of Sigma correlation and every kind and measure of native windows, each as a rule in YAML through the whole engine: the
 * names of these tests are the table.
 */

import { deepStrictEqual } from "node:assert/strict";
import type { FieldValue, TelemetryEvent } from "../../src/core/event.ts";
import { correlateSchema, scoreSchema } from "../../src/correlate/schema.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { parseRules } from "../rules/parse.ts";

/** An event: seconds, kind, fields. */
type Row = readonly [at: number, kind: string, fields?: Readonly<Record<string, FieldValue>>];

/** Runs rules on events and tells what fired, `rule@seconds` in order. */
async function firings(yaml: string, rows: readonly Row[]): Promise<string[]> {
  const { rules, diagnostics } = parseRules("table.yaml", yaml);
  deepStrictEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  const { engine } = createEngine(rules, { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) });
  engine.observe(rows.map(toEvent), "test");
  engine.flush();
  const { detections } = await engine.decide(0);
  deepStrictEqual(engine.stats().disagreements, 0);
  return detections.map(({ rule, timeMs }) => `${rule}@${timeMs / 1000}`);
}

function toEvent([at, kind, fields = {}]: Row, i: number): TelemetryEvent {
  const id = `e${String(i).padStart(5, "0")}`;
  return { id, timeMs: at * 1000, observedMs: at * 1000, source: "test", kind, host: "web-1", fields };
}

const A = "process.start";
const B = "process.end";

/** A native correlation on selections `a` and `b`. */
function native(correlate: string, when = "", select = `a: { kind: ${A} }\n  b: { kind: ${B} }`): string {
  const asked = when === "" ? "" : `when: ${when}\n`;
  return `id: n\ntitle: t\nlevel: low\nselect:\n  ${select}\ncorrelate: ${correlate}\n${asked}`;
}

/** One on a single selection, and a condition `a.<measure> <operator> <value>`. */
function measure(fact: string, operator: string, value: unknown): string {
  const when = `{ fact: a.${fact}, operator: ${operator}, value: ${JSON.stringify(value)} }`;
  return native("{ timespan: 1m }", when, `a: { kind: ${A} }`);
}

/** A Sigma correlation over rules `a` and `b`, on `Image`. */
function sigma(body: string): string {
  const base = (name: string, id: string) =>
    `title: ${name}\nid: ${id}\nname: ${name}\nstatus: test\nlogsource: { category: process_creation, product: linux }\n` +
    `detection: { sel: { Image|endswith: /${name} }, condition: sel }\nlevel: low\n`;
  return [
    base("a", "00000000-0000-4000-8000-00000000000a"),
    base("b", "00000000-0000-4000-8000-00000000000b"),
    `title: c\nid: 00000000-0000-4000-8000-00000000000c\nstatus: test\ncorrelation:\n${body}\nlevel: high\n`,
  ].join("---\n");
}

const run = (at: number, name: string, fields: Readonly<Record<string, FieldValue>> = {}): Row => [
  at,
  "process.start",
  { "process.executable": `/usr/bin/${name}`, "user.name": "ann", ...fields },
];

const x = (...points: readonly (readonly [at: number, value: FieldValue])[]): Row[] =>
  points.map(([at, value]) => [at, A, { "process.uptime": value }]);

const C = "00000000-0000-4000-8000-00000000000c";

interface Case {
  readonly name: string;
  readonly rules: string;
  readonly events: readonly Row[];
  readonly fires: readonly string[];
}

const SIGMA: readonly Case[] = [
  {
    name: "event_count",
    rules: sigma("  type: event_count\n  rules: [a]\n  group-by: [User]\n  timespan: 1m\n  condition: { gte: 3 }"),
    events: [run(0, "a"), run(1, "a"), run(2, "other"), run(3, "a")],
    fires: [`${C}@3`],
  },
  {
    name: "event_count, a range",
    rules: sigma("  type: event_count\n  rules: [a]\n  timespan: 1m\n  condition: { gt: 1, lt: 3 }"),
    events: [run(0, "a"), run(10, "a"), run(20, "other")],
    fires: [`${C}@10`],
  },
  {
    name: "value_count",
    rules: sigma("  type: value_count\n  rules: [a]\n  timespan: 1m\n  condition: { field: User, gte: 2 }"),
    events: [run(0, "a"), run(1, "a"), run(2, "a", { "user.name": "bob" })],
    fires: [`${C}@2`],
  },
  {
    name: "temporal",
    rules: sigma("  type: temporal\n  rules: [a, b]\n  group-by: [User]\n  timespan: 1m"),
    events: [run(0, "b"), run(9, "a", { "user.name": "bob" }), run(10, "a")],
    fires: [`${C}@10`],
  },
  {
    name: "temporal_ordered",
    rules: sigma("  type: temporal_ordered\n  rules: [a, b]\n  group-by: [User]\n  timespan: 1m"),
    events: [run(0, "b"), run(10, "a"), run(20, "b")],
    fires: [`${C}@20`],
  },
  {
    name: "temporal, extended by an expression",
    rules: sigma("  type: temporal\n  rules: [a, b]\n  timespan: 30s\n  condition: a and not b"),
    events: [run(0, "b"), run(10, "a"), run(100, "a"), run(200, "b")],
    fires: [`${C}@30`, `${C}@100`],
  },
  {
    name: "value_sum",
    rules: sigma("  type: value_sum\n  rules: [a]\n  timespan: 1m\n  condition: { field: process.uptime, gt: 10 }"),
    events: [run(0, "a", { "process.uptime": 6 }), run(1, "a", { "process.uptime": 5 }), run(2, "other")],
    fires: [`${C}@1`],
  },
  {
    name: "value_avg",
    rules: sigma("  type: value_avg\n  rules: [a]\n  timespan: 1m\n  condition: { field: process.uptime, gt: 5 }"),
    events: [run(0, "a", { "process.uptime": 4 }), run(1, "a", { "process.uptime": 8 })],
    fires: [`${C}@1`],
  },
  {
    name: "value_percentile",
    rules: sigma(
      "  type: value_percentile\n  rules: [a]\n  timespan: 1m\n  condition: { field: process.uptime, percentile: 50, gte: 5 }",
    ),
    events: [1, 2, 5, 9, 9].map((value, i) => run(i, "a", { "process.uptime": value })),
    fires: [`${C}@4`],
  },
  {
    name: "value_median",
    rules: sigma("  type: value_median\n  rules: [a]\n  timespan: 1m\n  condition: { field: process.uptime, gte: 5 }"),
    events: [1, 2, 5, 9, 9].map((value, i) => run(i, "a", { "process.uptime": value })),
    fires: [`${C}@4`],
  },
];

/** CPU samples at so many seconds. */
const cpu = (...points: readonly (readonly [at: number, value: number])[]): Row[] =>
  points.map(([at, value]) => [at, "host.cpu", { "system.cpu.percent": value }]);

const BUSY = "busy: { kind: host.cpu, where: { fact: system.cpu.percent, operator: greaterThan, value: 80 } }";

const WINDOWS: readonly Case[] = [
  {
    name: "a rule without a window",
    rules: `id: n\ntitle: t\nlevel: low\nselect: { a: { kind: ${A} } }\n`,
    events: [[0, A], [1, B], [2, A]],
    fires: ["n@0", "n@2"],
  },
  { name: "every selection seen", rules: native("{ timespan: 1m }"), events: [[0, B], [5, A]], fires: ["n@5"] },
  {
    name: "ordered",
    rules: native("{ timespan: 1m, ordered: true }"),
    events: [[0, B], [5, A], [6, B]],
    fires: ["n@6"],
  },
  {
    name: "a selection of another rule's matches",
    rules:
      `${native("{ timespan: 1m }", "{ fact: a.count, operator: greaterThan, value: 1 }", "a: { rule: base }")}---\n` +
      `id: base\ntitle: t\nlevel: low\nselect: { a: { kind: ${A} } }\nsuppress: 1h\n`,
    events: [[0, A], [1, A]],
    fires: ["base@0", "n@1"],
  },
  {
    name: "a condition undone by a later event",
    rules: native(
      "{ timespan: 1m }",
      "{ all: [{ fact: a.count, operator: greaterThan, value: 0 }, { not: { fact: b.count, operator: greaterThan, value: 0 } }] }",
    ),
    events: [[0, B], [5, A], [65, "other"]],
    fires: ["n@60"],
  },
  {
    name: "sustained",
    rules: native("{ timespan: 5m, sustained: busy }", "", BUSY),
    events: cpu([0, 90], [60, 70], [120, 90], [180, 91], [240, 92], [300, 93], [360, 94], [420, 95], [480, 96]),
    fires: ["n@420"],
  },
  {
    name: "absent, since the last of them",
    rules: native("{ timespan: 1m, absent: a }", "", `a: { kind: ${A} }`),
    events: [[0, A], [50, A], [110, A], [200, B], [300, A], [400, B]],
    fires: ["n@170", "n@360"],
  },
  {
    name: "absent, after something else",
    rules: native("{ timespan: 1m, absent: b }"),
    events: [[0, A], [30, B], [100, A], [200, B], [201, B]],
    fires: ["n@160"],
  },
  {
    name: "absent, in groups that are waited for from the start",
    rules: native("{ timespan: 1m, absent: a, groups: [web-1, web-2] }", "", `a: { kind: ${A} }`),
    events: [[0, B], [30, A], [70, A]],
    fires: ["n@60"],
  },
  {
    name: "new",
    rules: native("{ timespan: 1m, new: user.name, learning: 1h }", "", `a: { kind: ${A} }`),
    events: [[0, A, { "user.name": "ann" }], [3600, A, { "user.name": "ann" }], [3700, A, { "user.name": "eve" }], [
      9000,
      A,
      { "user.name": "eve" },
    ]],
    fires: ["n@3700"],
  },
  {
    name: "baseline",
    rules: native(
      "{ timespan: 1m, baseline: { field: process.uptime, deviations: 5, minimum: 10 } }",
      "",
      `a: { kind: ${A} }`,
    ),
    events: x(...Array.from({ length: 30 }, (_, i) => [i * 60, 10 + i % 3] as const), [1900, 12], [2000, 80]),
    fires: ["n@2000"],
  },
];

const MEASURES: readonly Case[] = [
  { name: "count", rules: measure("count", "greaterThan", 1), events: [[0, A], [1, A]], fires: ["n@1"] },
  { name: "age", rules: measure("age", "greaterThan", 9), events: [[0, A], [10, A]], fires: ["n@10"] },
  {
    name: "distinct",
    rules: measure("distinct.process.uptime", "greaterThan", 1),
    events: x([0, 5], [1, 5], [2, 6]),
    fires: ["n@2"],
  },
  { name: "sum", rules: measure("sum.process.uptime", "greaterThan", 9), events: x([0, 5], [1, 5]), fires: ["n@1"] },
  { name: "avg", rules: measure("avg.process.uptime", "greaterThan", 5), events: x([0, 5], [1, 6]), fires: ["n@1"] },
  { name: "min", rules: measure("min.process.uptime", "lessThan", 5), events: x([0, 5], [1, 4]), fires: ["n@1"] },
  { name: "max", rules: measure("max.process.uptime", "greaterThan", 5), events: x([0, 5], [1, 6]), fires: ["n@1"] },
  { name: "last", rules: measure("last.process.uptime", "equal", 6), events: x([0, 5], [1, 6]), fires: ["n@1"] },
  {
    name: "slope",
    rules: measure("slope.process.uptime", "greaterThan", 1.5),
    events: x([0, 5], [10, 10], [20, 40]),
    fires: ["n@20"],
  },
  { name: "rise", rules: measure("rise.process.uptime", "greaterThan", 9), events: x([0, 5], [1, 15]), fires: ["n@1"] },
  {
    name: "ratio",
    rules: measure("ratio.process.uptime", "greaterThan", 3),
    events: x([0, 5], [1, 16]),
    fires: ["n@1"],
  },
  {
    name: "p95",
    rules: measure("p95.process.uptime", "greaterThan", 90),
    events: x([0, 1], [1, 2], [2, 100]),
    fires: ["n@2"],
  },
  {
    name: "sustained",
    rules: native(
      "{ timespan: 1m, sustained: busy }",
      "{ fact: busy.sustained, operator: greaterThan, value: 100 }",
      BUSY,
    ),
    events: cpu([0, 90], [50, 90], [100, 90], [150, 90]),
    fires: ["n@150"],
  },
  {
    name: "deviations and baseline",
    rules: native(
      "{ timespan: 1m, baseline: { field: process.uptime, deviations: 5, minimum: 2, direction: below } }",
      "{ all: [{ fact: a.deviations, operator: greaterThan, value: 9 }, { fact: a.baseline, operator: equal, value: 50 }] }",
      `a: { kind: ${A} }`,
    ),
    events: x([0, 49], [1, 51], [2, 99], [3, 40], [100, 50], [101, 10]),
    fires: ["n@101"],
  },
];

for (const [kind, cases] of [["Sigma", SIGMA], ["window", WINDOWS], ["measure", MEASURES]] as const) {
  for (const { name, rules, events, fires } of cases) {
    Deno.test(`${kind}: ${name}`, async () => deepStrictEqual(await firings(rules, events), fires));
  }
}
