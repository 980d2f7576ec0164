/** Every type of correlation, from its document to what fires. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventFromJson } from "../../../src/core/event.ts";
import { correlateLimits, correlateSchema, Correlator } from "../../../src/correlate/mod.ts";
import { createMatcher } from "../../../src/rules/matcher.ts";
import type { Match, Rule } from "../../../src/rules/rule.ts";
import { complaints, rulesOf } from "./fixtures.ts";

/** A rule named `name` for events with `type: name`. */
function base(name: string, logsource = "category: test"): string {
  return `title: ${name}\nname: ${name}\nlogsource: {${logsource}}\ndetection: {s: {type: ${name}}, condition: s}\nlevel: low\n`;
}

function correlation(body: string, name = "corr"): string {
  const indented = body.trim().split("\n").map((line) => "  " + line).join("\n");
  return `---\ntitle: ${name}\nname: ${name}\ncorrelation:\n${indented}\nlevel: high\n`;
}

function join(...documents: string[]): string {
  return documents.join("\n---\n").replaceAll("---\n---", "---");
}

type Event = Record<string, unknown> & { readonly at: number };

/** `rule@seconds` of each firing in order, with the values of its group. */
function firings(rules: readonly Rule[], events: readonly Event[]): string[] {
  const matcher = createMatcher(rules);
  const correlator = new Correlator(rules, correlateLimits(correlateSchema.parse({})));
  events.forEach(({ at, ...fields }, index) => {
    const event = eventFromJson(fields, { id: `e${index}`, timeMs: at * 1000, observedMs: at * 1000, host: "here" });
    const matches: Match[] = [];
    matcher.match(event, matches);
    correlator.observe(event, matches, "foreign");
  });
  correlator.flush();
  return correlator.take().fired.map(({ detection }) => {
    const group = Object.values(detection.group).join(",");
    return `${detection.rule}@${detection.timeMs / 1000}${group === "" ? "" : ` ${group}`}`;
  });
}

function fired(text: string, events: readonly Event[]): string[] {
  return firings(rulesOf(text), events).filter((line) => line.startsWith("corr"));
}

const at = (at: number, type: string, fields: Record<string, unknown> = {}): Event => ({ at, type, ...fields });

Deno.test("event_count counts the events of all its rules together, by group", () => {
  const text = join(
    base("a"),
    base("b"),
    correlation("type: event_count\nrules: [a, b]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 3}"),
  );
  const events = [
    at(0, "a", { user: "x" }),
    at(1, "b", { user: "x" }),
    at(2, "a", { user: "y" }),
    at(3, "a", { user: "x" }),
    at(4, "a", { user: "y" }),
    at(70, "a", { user: "y" }),
  ];
  deepStrictEqual(fired(text, events), ["corr@3 x"]);
  const [, , rule] = rulesOf(text);
  deepStrictEqual(rule?.selections.map(({ rule, rules }) => ({ rule, rules })), [{ rule: "a", rules: ["a", "b"] }]);
});

Deno.test("A range holds both its ends", () => {
  const text = join(
    base("a"),
    correlation("type: event_count\nrules: a\ngroup-by: user\ntimespan: 1m\ncondition: {gt: 1, lte: 2}"),
  );
  deepStrictEqual(fired(text, [at(0, "a", { user: "x" }), at(1, "a", { user: "x" }), at(2, "a", { user: "x" })]), [
    "corr@1 x",
  ]);
});

Deno.test("value_count counts different values of a field", () => {
  const text = join(
    base("a"),
    correlation("type: value_count\nrules: [a]\ngroup-by: [src]\ntimespan: 1m\ncondition: {field: user, gt: 2}"),
  );
  const users = ["x", "y", "x", "z"].map((user, index) => at(index, "a", { user, src: 1 }));
  deepStrictEqual(fired(text, users), ["corr@3 1"]);
});

Deno.test("value_sum, value_avg, value_percentile and value_median measure a field", () => {
  const rows: readonly [condition: string, type: string, expected: readonly string[]][] = [
    ["{field: bytes, gte: 60}", "value_sum", ["corr@2 x"]],
    ["{field: bytes, gte: 20}", "value_avg", ["corr@2 x"]],
    ["{field: bytes, percentile: 50, gte: 20}", "value_percentile", ["corr@2 x"]],
    ["{field: bytes, percentile: 0, lte: 10}", "value_percentile", ["corr@0 x"]],
    ["{field: bytes, percentile: 100, gte: 30}", "value_percentile", ["corr@2 x"]],
    ["{field: bytes, gte: 15}", "value_median", ["corr@1 x"]],
  ];
  const events = [10, 20, 30].map((bytes, index) => at(index, "a", { bytes, user: "x" }));
  for (const [condition, type, expected] of rows) {
    const text = join(
      base("a"),
      correlation(`type: ${type}\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: ${condition}`),
    );
    deepStrictEqual(fired(text, events), expected, `${type} ${condition}`);
  }
});

Deno.test("temporal: every rule within the time, in any order", () => {
  const text = join(
    base("a"),
    base("b"),
    correlation("type: temporal\nrules: [a, b]\ngroup-by: [user]\ntimespan: 10s"),
  );
  deepStrictEqual(fired(text, [at(0, "b", { user: "x" }), at(5, "a", { user: "x" }), at(5, "a", { user: "y" })]), [
    "corr@5 x",
  ]);
  deepStrictEqual(fired(text, [at(0, "b", { user: "x" }), at(11, "a", { user: "x" })]), []);
});

Deno.test("temporal with a number of rules", () => {
  const three = join(base("a"), base("b"), base("c"));
  const of = (condition: string, kind = "temporal") =>
    join(
      three,
      correlation(`type: ${kind}\nrules: [a, b, c]\ngroup-by: [user]\ntimespan: 10s\ncondition: ${condition}`),
    );
  const events = [at(0, "c", { user: "x" }), at(1, "c", { user: "x" }), at(2, "a", { user: "x" })];
  deepStrictEqual(fired(of("{gte: 2}"), events), ["corr@2 x"]);
  deepStrictEqual(fired(of("{gt: 2}"), events), []);
  deepStrictEqual(fired(of("{eq: 2}"), events).slice(0, 1), ["corr@2 x"]);
  deepStrictEqual(fired(of("{lt: 2}"), events).slice(0, 1), ["corr@0 x"]);
  deepStrictEqual(fired(of("{gte: 4}"), events), []);
  deepStrictEqual(fired(of("{gte: 2}", "temporal_ordered"), events), []);
  deepStrictEqual(fired(of("{gte: 2}", "temporal_ordered"), [...events, at(3, "c", { user: "x" })]), ["corr@3 x"]);
});

Deno.test("temporal_ordered: in the order of the rules, equal times in order", () => {
  const text = join(
    base("a"),
    base("b"),
    correlation("type: temporal_ordered\nrules: [a, b]\ngroup-by: [user]\ntimespan: 10s"),
  );
  deepStrictEqual(fired(text, [at(0, "b", { user: "x" }), at(5, "a", { user: "x" })]), []);
  deepStrictEqual(fired(text, [at(0, "a", { user: "x" }), at(5, "b", { user: "x" })]), ["corr@5 x"]);
  deepStrictEqual(fired(text, [at(5, "b", { user: "x" }), at(5, "a", { user: "x" })]), ["corr@5 x"]);
});

Deno.test("A rule may stand in an order twice", () => {
  const text = join(
    base("a"),
    base("b"),
    correlation("type: temporal_ordered\nrules: [a, b, a]\ngroup-by: [user]\ntimespan: 10s"),
  );
  deepStrictEqual(fired(text, [at(0, "a", { user: "x" }), at(1, "b", { user: "x" })]), []);
  deepStrictEqual(fired(text, [at(0, "a", { user: "x" }), at(1, "b", { user: "x" }), at(2, "a", { user: "x" })]), [
    "corr@2 x",
  ]);
});

Deno.test("An extended condition over rules", () => {
  const text = join(
    base("a"),
    base("b"),
    base("c"),
    correlation("type: temporal\ngroup-by: [user]\ntimespan: 10s\ncondition: (a or b) and not c"),
  );
  deepStrictEqual(fired(text, [at(0, "b", { user: "x" })]).length, 1);
  deepStrictEqual(
    fired(text, [at(0, "c", { user: "x" }), at(1, "b", { user: "x" })]).filter((line) => line.includes("@1 ")),
    [],
  );
  const rules = rulesOf(text);
  deepStrictEqual(rules[3]?.selections.map(({ name, rule }) => [name, rule]), [["a", "a"], ["b", "b"], ["c", "c"]]);
});

Deno.test("Aliases give a field another name in each rule", () => {
  const text = join(
    base("a"),
    base("b"),
    correlation(
      "type: temporal\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 10s\naliases:\n  ip:\n    a: src\n    b: dst",
    ),
  );
  deepStrictEqual(
    fired(text, [at(0, "a", { src: "1.1.1.1", dst: "2.2.2.2" }), at(1, "b", { src: "3.3.3.3", dst: "1.1.1.1" })]),
    ["corr@1 1.1.1.1"],
  );
  deepStrictEqual(fired(text, [at(0, "a", { src: "1.1.1.1" }), at(1, "b", { src: "1.1.1.1", dst: "9.9.9.9" })]), []);
});

Deno.test("Fields of a group are found under our names too, and say whom it counts for", () => {
  const login =
    "title: Login\nname: login\nlogsource: {category: network_connection, product: linux}\ndetection: {s: {DestinationPort: 22}, condition: s}\n";
  const text = join(
    login,
    correlation("type: event_count\nrules: [login]\ngroup-by: [SourceIp]\ntimespan: 1m\ncondition: {gte: 2}"),
  );
  const rule = rulesOf(text)[1];
  deepStrictEqual({ ...rule?.correlation?.aliases?.["SourceIp"] }, { login: ["source.ip", "SourceIp"] });
  deepStrictEqual(rule?.entities, ["host.name", "source.ip"]);
  deepStrictEqual(
    fired(text, [{ at: 0, DestinationPort: 22, SourceIp: "1.1.1.1" }, {
      at: 1,
      "destination.port": 22,
      "source.ip": "1.1.1.1",
    }]),
    ["corr@1 1.1.1.1"],
  );
});

Deno.test("Without a group all events are one, whatever their host", () => {
  const text = join(
    base("a"),
    correlation("type: value_count\nrules: [a]\ntimespan: 1m\ncondition: {field: host.name, gte: 2}"),
  );
  const correlation_ = rulesOf(text)[1]?.correlation;
  deepStrictEqual([correlation_?.global, correlation_?.groupBy], [true, []]);
  deepStrictEqual(fired(text, [at(0, "a", { "host.name": "h1" }), at(1, "a", { "host.name": "h2" })]), ["corr@1"]);
});

Deno.test("Correlations of correlations", () => {
  const text = join(
    base("failed"),
    base("login"),
    correlation(
      "type: event_count\nrules: [failed]\ngroup-by: [user, host]\ntimespan: 1m\ncondition: {gte: 3}",
      "many",
    ),
    correlation("type: temporal_ordered\nrules: [many, login]\ngroup-by: [user]\ntimespan: 5m"),
  );
  const user = { user: "x", host: "h" };
  const failures = [0, 1, 2].map((second) => at(second, "failed", user));
  deepStrictEqual(fired(text, [...failures, at(60, "login", user)]), ["corr@60 x"]);
  deepStrictEqual(fired(text, [at(0, "login", user), ...failures]), []);
});

Deno.test("A chain may group by what an inner correlation has aliased", () => {
  const inner = "type: temporal\nrules: [a, b]\ngroup-by: [ip]\ntimespan: 10s\naliases: {ip: {a: src, b: dst}}";
  const text = join(
    base("a"),
    base("b"),
    correlation(inner, "pair"),
    correlation("type: event_count\nrules: [pair]\ngroup-by: [ip]\ntimespan: 1h\ncondition: {gte: 1}"),
  );
  deepStrictEqual(fired(text, [at(0, "a", { src: "1.1.1.1" }), at(1, "b", { dst: "1.1.1.1" })]), ["corr@1 1.1.1.1"]);
});

Deno.test("Rules that feed a correlation are silent unless one generates them", () => {
  const body = "type: event_count\nrules: [a]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 2}";
  const silent = (text: string) => Object.fromEntries(rulesOf(text).map(({ id, silent }) => [id, silent ?? false]));
  deepStrictEqual(silent(join(base("a"), correlation(body))), { a: true, corr: false });
  deepStrictEqual(silent(join(base("a"), correlation(body + "\ngenerate: true"))), { a: false, corr: false });
  deepStrictEqual(silent(join(base("a"), correlation(body).replace("level: high", "generate: true"))), {
    a: false,
    corr: false,
  });
  deepStrictEqual(silent(join(base("a"), correlation(body), correlation(body + "\ngenerate: true", "loud"))), {
    a: false,
    corr: false,
    loud: false,
  });
  deepStrictEqual(silent(join(base("a"), base("b"))), { a: false, b: false });
});

Deno.test("A reference by id, from another order, or to a rule that is not Sigma's", () => {
  const id = "0e95725d-7320-415d-80f7-004da920fc11";
  const later = join(
    correlation(`type: event_count\nrules: [${id}]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 1}`),
    base("a").replace("name: a", `id: ${id}`),
  );
  deepStrictEqual(fired(later, [at(0, "a", { user: "x" })]), ["corr@0 x"]);
  const native = rulesOf(
    correlation("type: event_count\nrules: [suspicious-process]\ngroup-by: [user]\ntimespan: 1m\ncondition: {gte: 1}"),
  );
  strictEqual(native[0]?.selections[0]?.rule, "suspicious-process");
});

Deno.test("Timespans", () => {
  const spans: Readonly<Record<string, number>> = {
    "30s": 30_000,
    "5m": 300_000,
    "2h": 7_200_000,
    "1d": 86_400_000,
    "1w": 604_800_000,
    "1M": 2_629_746_000,
  };
  for (const [span, ms] of Object.entries(spans)) {
    const rules = rulesOf(
      join(base("a"), correlation(`type: event_count\nrules: [a]\ntimespan: ${span}\ncondition: {gte: 1}`)),
    );
    strictEqual(rules[1]?.correlation?.timespanMs, ms);
  }
});

Deno.test("What is wrong with a correlation, at its place", () => {
  const rows: readonly [body: string, complaint: RegExp][] = [
    [
      "type: event_cuont\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1}",
      /^rule\.yml:\d+:9: error: Cannot read type .*did you mean "event_count"/,
    ],
    ["rules: [a]\ntimespan: 1m\ncondition: {gte: 1}", /must have the key "type"/],
    ["type: event_count\nrules: [a]\ncondition: {gte: 1}", /must have the key "timespan"/],
    ["type: event_count\nrules: [a]\ntimespan: 5 minutes\ncondition: {gte: 1}", /Cannot read timespan .*as in 5m/],
    ["type: event_count\nrules: [a]\ntimespan: 0s\ncondition: {gte: 1}", /Cannot read timespan/],
    ["type: event_count\nrules: [a]\ntimespan: 1m", /must have the key "condition"/],
    [
      "type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {}",
      /Cannot read condition as it must be one with gt, gte/,
    ],
    ["type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {ge: 1}", /did you mean "g/],
    ["type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: many}", /Cannot read gte as it must be a number/],
    ["type: event_count\nrules: [a]\ntimespan: 1m\ncondition: a and b", /Cannot read condition .*temporal/],
    [
      "type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1, field: x}",
      /Cannot read field as it must be left out/,
    ],
    ["type: value_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1}", /must have the key "field"/],
    [
      "type: value_percentile\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1, field: x}",
      /must have the key "percentile"/,
    ],
    [
      "type: value_percentile\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1, field: x, percentile: 101}",
      /percentile .* from 0 to 100/,
    ],
    ["type: event_count\nrules: []\ntimespan: 1m\ncondition: {gte: 1}", /Cannot read rules/],
    ["type: event_count\ntimespan: 1m\ncondition: {gte: 1}", /must have the key "rules"/],
    [
      "type: temporal\nrules: [base_a, base_b]\ntimespan: 1m\ncondition: base_a",
      /each must be in the condition: current value is "base_b"/,
    ],
    ["type: temporal\nrules: [base_a]\ntimespan: 1m\ncondition: base_a and base_b", /"base_b" must be one of "rules"/],
    ["type: temporal\nrules: [base_a]\ntimespan: 1m\ncondition: 1 of base_*", /for detections/],
    ["type: temporal\nrules: [base_a]\ntimespan: 1m\ncondition: base_a and", /must stand at its end, at character 11/],
    [
      "type: event_count\nrules: [base_x]\ntimespan: 1m\ncondition: {gte: 1}",
      /"rules" must name rules that are loaded.*did you mean "base_a"/,
    ],
    [
      "type: event_count\nrules: [base_a]\ntimespan: 1m\ncondition: {gte: 1}\naliases: {x: {base_b: y}}",
      /Cannot read alias "x" as it must name one of "rules"/,
    ],
    [
      "type: event_count\nrules: [base_a]\ntimespan: 1m\ncondition: {gte: 1}\nwindow: 1",
      /each key must be a known one: current value is "window"/,
    ],
    [
      "type: event_count\nrules: [base_a]\ntimespan: 1m\ncondition: {gte: 1}\ngenerate: maybe",
      /Cannot read generate as it must be true or false/,
    ],
  ];
  for (const [body, complaint] of rows) {
    const told = complaints(join(base("base_a"), base("base_b"), correlation(body)));
    ok(told.some((line) => complaint.test(line)), `${body}\n${told.join("\n")}`);
  }
});

Deno.test("Too many combinations of rules are refused", () => {
  const names = Array.from({ length: 20 }, (_, i) => `r${i}`);
  const text = (count: number) =>
    join(
      ...names.map((name) => base(name)),
      correlation(`type: temporal\nrules: [${names.join(", ")}]\ntimespan: 1m\ncondition: {gte: ${count}}`),
    );
  ok(complaints(text(10)).some((line) => /at least 10 of 20.*1000 combinations/.test(line)));
  deepStrictEqual(complaints(text(18)), []);
  deepStrictEqual(complaints(text(20)), []);
});

Deno.test("A name that two rules have is warned about", () => {
  const told = complaints(join(base("a"), base("a").replace("title: a", "title: b\nid: b")));
  ok(
    told.some((line) =>
      /warning: Cannot refer to rule by its name as that must be its own: current value is "a" \(the first is at rule\.yml:1:1\)/
        .test(line)
    ),
    told.join("\n"),
  );
});

Deno.test("Loops and what rests on something left out", () => {
  const loop = join(
    correlation("type: event_count\nrules: [two]\ntimespan: 1m\ncondition: {gte: 1}", "one"),
    correlation("type: event_count\nrules: [one]\ntimespan: 1m\ncondition: {gte: 1}", "two"),
  );
  const told = complaints(loop);
  strictEqual(told.length, 2);
  ok(told.every((line) => /must not refer to one another in a loop/.test(line)), told.join("\n"));
  const broken = join(
    base("a").replace("condition: s", "condition: t"),
    correlation("type: event_count\nrules: [a]\ntimespan: 1m\ncondition: {gte: 1}"),
  );
  ok(complaints(broken).some((line) => /refers to "a", which is left out/.test(line)));
});
