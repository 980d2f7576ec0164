/** What `weir.yaml` says of rules: each change, and each mistake with its place. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { DiagnosticError, formatDiagnostic } from "../../src/core/errors.ts";
import type { Fields, TelemetryEvent } from "../../src/core/event.ts";
import { loadConfig } from "../../src/config/load.ts";
import { testsOf } from "../../src/rules/compile.ts";
import { parseRules } from "./parse.ts";
import { createMatcher } from "../../src/rules/matcher.ts";
import type { Match, Rule } from "../../src/rules/rule.ts";
import { NO_TUNING, type TunedRules, type TuneOptions, tuneRules, type Tuning } from "../../src/rules/tuning.ts";
import { fakeAccess } from "../config/access.ts";
import { makeEvent } from "./fixtures.ts";

const RULES = `
id: brute-force
title: Brute force
level: high
select:
  failure: { kind: authentication.failure }
  success: { kind: authentication.success }
correlate: { group-by: [source.ip], timespan: 5m }
when:
  all:
    - { fact: failure.count, operator: greaterThanInclusive, value: 5 }
    - { fact: success.count, operator: greaterThanInclusive, value: 1 }
suppress: 10m
---
id: busy
title: Busy
level: low
weight: 0.25
select:
  seen:
    kind: process.stats
    where: { fact: process.cpu.percent, operator: greaterThan, value: 80 }
---
id: unknown-program
title: Unknown program
level: medium
select:
  started:
    kind: process.start
    where: { fact: process.name, operator: "nocase:notIn", value: { list: known-processes, default: [sshd, cron] } }
---
id: on-top
title: On top
level: medium
select: { one: { rule: busy } }
---
title: Sigma
id: 5a3d2b1c-0000-4000-8000-000000000001
logsource: { category: process_creation, product: linux }
detection: { s: { Image|endswith: "/nc" }, condition: s }
level: medium
---
title: Many
id: 5a3d2b1c-0000-4000-8000-000000000002
correlation:
  type: event_count
  rules: [5a3d2b1c-0000-4000-8000-000000000001]
  group-by: [User]
  timespan: 5m
  condition: { gte: 10 }
`;

const SIGMA = "5a3d2b1c-0000-4000-8000-000000000001";
const SIGMA_MANY = "5a3d2b1c-0000-4000-8000-000000000002";

/** The tuning that a `weir.yaml` with this section `rules` says. */
function tuningIn(text: string): Tuning {
  const { config, placeOf } = loadConfig({ access: fakeAccess({ files: { "weir.yaml": text } }) });
  return {
    tune: config.rules.tune,
    lists: new Map(Object.entries(config.rules.lists)),
    place: (path, which) => placeOf(["rules", ...path], which),
    made: NO_TUNING.made,
    isPartial: false,
  };
}

const written = parseRules("rules.yaml", RULES);

function tuned(text: string, options: Partial<TuneOptions> = {}): TunedRules {
  strictEqual(written.diagnostics.length, 0, written.diagnostics.map(formatDiagnostic).join("\n"));
  return tuneRules(written.rules, tuningIn(text), {
    leftOut: new Set(),
    correlationProblem: () => undefined,
    ...options,
  });
}

/** The rules after a tuning with which nothing is wrong. */
function rulesAfter(text: string): readonly Rule[] {
  const { rules, diagnostics } = tuned(text);
  deepStrictEqual(diagnostics.map(formatDiagnostic), []);
  return rules;
}

function ruleAfter(id: string, text: string): Rule {
  const rule = rulesAfter(text).find((one) => one.id === id);
  if (rule === undefined) throw new Error(`${id} is gone`);
  return rule;
}

const told = (text: string) => tuned(text).diagnostics.map(formatDiagnostic);

/** Ids of the rules whose selections an event meets. */
function met(rules: readonly Rule[], event: Partial<TelemetryEvent>): string[] {
  const matches: Match[] = [];
  createMatcher(rules).match(makeEvent(event), matches);
  return matches.map(({ rule }) => rule.id);
}

const start = (fields: Fields) => ({ kind: "process.start", fields });

Deno.test("rules that nothing is said of are the same objects", () => {
  const rules = rulesAfter("rules: { tune: { busy: { weight: 1 } }, lists: { other: [a] } }");
  for (const [i, rule] of rules.entries()) strictEqual(rule === written.rules[i], rule.id !== "busy", rule.id);
});

Deno.test("level, and the weight that goes by it; weight and suppress by themselves", () => {
  const level = ruleAfter("brute-force", "rules: { tune: { brute-force: { level: critical } } }");
  deepStrictEqual([level.level, level.weight, level.suppressMs], ["critical", 0.9, 600_000]);
  const own = ruleAfter("busy", "rules: { tune: { busy: { level: critical } } }");
  deepStrictEqual([own.level, own.weight], ["critical", 0.25]);
  const both = ruleAfter("busy", "rules: { tune: { busy: { level: high, weight: 0, suppress: 1h } } }");
  deepStrictEqual([both.level, both.weight, both.suppressMs], ["high", 0, 3_600_000]);
  strictEqual(ruleAfter("brute-force", "rules: { tune: { brute-force: { suppress: 0s } } }").suppressMs, 0);
  strictEqual(ruleAfter(SIGMA, `rules: { tune: { ${SIGMA}: { level: low } } }`).weight, 0.3);
});

Deno.test("a rule that is switched off is gone; one that others build on only feeds them", () => {
  const text = "rules: { tune: { brute-force: { enabled: false }, busy: { enabled: false } } }";
  const { rules, disabled } = tuned(text);
  deepStrictEqual(disabled, ["brute-force", "busy"]);
  strictEqual(rules.some(({ id }) => id === "brute-force"), false);
  strictEqual(rules.find(({ id }) => id === "busy")?.silent, true);
  const all = tuned("rules: { tune: { busy: { enabled: false }, on-top: { enabled: false } } }");
  strictEqual(all.rules.some(({ id }) => id === "busy" || id === "on-top"), false);
});

function comparisons(rule: Rule): unknown[] {
  const conditions = [...rule.selections.map(({ where }) => where), rule.correlation?.when ?? null];
  return conditions.flatMap((one) => one === null ? [] : [...testsOf(one)].map(({ fact, value }) => [fact, value]));
}

Deno.test("threshold: the one comparison of when, of where, of a Sigma correlation", () => {
  const brute = ruleAfter("brute-force", "rules: { tune: { brute-force: { threshold: 20 } } }");
  deepStrictEqual(comparisons(brute), [["failure.count", 20], ["success.count", 1]]);
  const busy = ruleAfter("busy", "rules: { tune: { busy: { threshold: 95.5 } } }");
  deepStrictEqual(comparisons(busy), [["process.cpu.percent", 95.5]]);
  const stats = (percent: number) => ({ kind: "process.stats", fields: { "process.cpu.percent": percent } });
  deepStrictEqual([met([busy], stats(95)), met([busy], stats(96))], [[], ["busy"]]);
  const many = ruleAfter(SIGMA_MANY, `rules: { tune: { ${SIGMA_MANY}: { threshold: 3 } } }`);
  deepStrictEqual(comparisons(many), [["events.count", 3]]);
});

Deno.test("threshold: of a rule with a pattern, the number that is not the pattern's", () => {
  const text = (when: string) =>
    "id: p\ntitle: P\nlevel: low\nselect:\n  busy:\n    kind: host.cpu\n    where: { fact: system.cpu.percent, " +
    `operator: greaterThan, value: 80 }\ncorrelate: { timespan: 5m, sustained: busy }\n${when}`;
  const options = { leftOut: new Set<string>(), correlationProblem: () => undefined };
  const tuning = tuningIn("rules: { tune: { p: { threshold: 95 } } }");
  for (
    const [when, tuned] of [
      ["", "system.cpu.percent"],
      ["when: { fact: busy.avg.system.cpu.percent, operator: greaterThan, value: 90 }", "busy.avg.system.cpu.percent"],
    ]
  ) {
    const { rules, diagnostics } = tuneRules(parseRules("p.yaml", text(when ?? "")).rules, tuning, options);
    deepStrictEqual(diagnostics, []);
    const at95 = rules.flatMap(comparisons).filter((one) => Array.isArray(one) && one[1] === 95);
    deepStrictEqual(at95, [[tuned, 95]]);
  }
});

Deno.test("threshold: a rule with none, or with several, is told where it is asked, and runs as written", () => {
  const text = "rules:\n  tune:\n    unknown-program:\n      level: high\n      threshold: 3\n";
  const { rules, diagnostics } = tuned(text);
  deepStrictEqual(diagnostics.map(formatDiagnostic), [
    "weir.yaml:5:18: error: Cannot set threshold as the rule must have one comparison with a number: current value is none",
  ]);
  strictEqual(rules.find(({ id }) => id === "unknown-program")?.level, "medium");
  const range = parseRules("r.yaml", RULES.replace("{ gte: 10 }", "{ gte: 10, lt: 20 }")).rules;
  const options = { leftOut: new Set<string>(), correlationProblem: () => undefined };
  const several = tuneRules(range, tuningIn(`rules: { tune: { ${SIGMA_MANY}: { threshold: 3 } } }`), options);
  ok(several.diagnostics[0]?.message.endsWith("current value is 2, of events.count, events.count"));
});

Deno.test("threshold: one with which a rule cannot be correlated is refused", () => {
  const correlationProblem = (rule: Rule) => rule.id === "brute-force" ? "its steps must be fewer" : undefined;
  const { rules, diagnostics } = tuned("rules: { tune: { brute-force: { threshold: 9 } } }", { correlationProblem });
  deepStrictEqual(diagnostics.map(formatDiagnostic), [
    "weir.yaml:1:44: error: Cannot tune rule as its steps must be fewer",
  ]);
  strictEqual(rules[0], written.rules[0]);
});

Deno.test("exceptions exclude events of native and Sigma rules", () => {
  const text = `
rules:
  tune:
    busy: { exceptions: [{ fact: process.name, operator: equal, value: backup }, { fact: user.name, operator: equal, value: ci }] }
    ${SIGMA}: { exceptions: [{ fact: process.executable, operator: startsWith, value: /opt/ }] }
`;
  const rules = rulesAfter(text);
  const stats = (fields: Fields) => ({ kind: "process.stats", fields: { "process.cpu.percent": 99, ...fields } });
  deepStrictEqual(met(rules, stats({})), ["busy"]);
  deepStrictEqual(met(rules, stats({ "process.name": "backup" })), []);
  deepStrictEqual(met(rules, stats({ "user.name": "ci" })), []);
  const known = { "process.name": "sshd" };
  deepStrictEqual(met(rules, start({ ...known, "process.executable": "/bin/nc" })), [SIGMA]);
  deepStrictEqual(met(rules, start({ ...known, "process.executable": "/opt/nc" })), []);
});

Deno.test("an exception does not open a selection without a condition to events without a kind", () => {
  const rules = rulesAfter(
    "rules: { tune: { brute-force: { exceptions: [{ fact: source.ip, operator: equal, value: 192.0.2.1 }] } } }",
  );
  const failure = (ip: string) => ({ kind: "authentication.failure", fields: { "source.ip": ip } });
  deepStrictEqual(met(rules, failure("192.0.2.2")), ["brute-force"]);
  deepStrictEqual(met(rules, failure("192.0.2.1")), []);
  deepStrictEqual(met(rules, { kind: "", fields: { "source.ip": "192.0.2.2" } }), met(written.rules, { kind: "" }));
});

Deno.test("a selection of another rule's matches has exceptions too", () => {
  const rule = ruleAfter(
    "on-top",
    "rules: { tune: { on-top: { exceptions: [{ fact: process.pid, operator: equal, value: 1 }] } } }",
  );
  deepStrictEqual(rule.selections[0]?.where?.type, "all");
});

Deno.test("named lists: the rule's own by default, the configured instead", () => {
  deepStrictEqual(met(written.rules, start({ "process.name": "SSHD" })), []);
  deepStrictEqual(met(written.rules, start({ "process.name": "nginx" })), ["unknown-program"]);
  const rules = rulesAfter("rules: { lists: { known-processes: [nginx, 7] } }");
  deepStrictEqual(met(rules, start({ "process.name": "NGINX" })), []);
  deepStrictEqual(met(rules, start({ "process.name": "sshd" })), ["unknown-program"]);
  deepStrictEqual(met(rulesAfter("rules: { lists: { known-processes: [] } }"), start({ "process.name": "sshd" })), [
    "unknown-program",
  ]);
});

Deno.test("named lists: in an exception, and a Sigma placeholder", () => {
  const text = `
rules:
  lists: { known-processes: [], jobs: [rsync] }
  tune: { busy: { exceptions: [{ fact: process.name, operator: in, value: { list: jobs } }] } }
`;
  const stats = { kind: "process.stats", fields: { "process.cpu.percent": 99, "process.name": "rsync" } };
  deepStrictEqual(met(rulesAfter(text), stats), []);
  const sigma =
    `title: T\nid: t\nlogsource: { category: process_creation }\ndetection: { s: { Image|expand: "/bin/%jobs%" }, condition: s }\n`;
  const { rules } = parseRules("s.yaml", sigma, { valueLists: new Map([["jobs", ["rsync"]]]) });
  deepStrictEqual(met(rules, start({ "process.executable": "/bin/rsync" })), ["t"]);
});

Deno.test("named lists: one without a default must be configured, and only its rule is left out", () => {
  const text = "id: a\ntitle: A\nlevel: low\nselect:\n  s:\n    kind: process.start\n    where:\n" +
    "      { fact: process.name, operator: in, value: { list: jbos } }\n---\nid: b\ntitle: B\nlevel: low\n" +
    "select: { s: { kind: process.start } }\n";
  const none = parseRules("r.yaml", text);
  deepStrictEqual(none.diagnostics.map(formatDiagnostic), [
    'r.yaml:8:58: error: Cannot read value as the list must be configured under rules.lists: current value is "jbos" ' +
    "(no lists are configured)",
  ]);
  deepStrictEqual(none.rules.map(({ id }) => id), ["b"]);
  const near = parseRules("r.yaml", text, { valueLists: new Map([["jobs", []]]) });
  strictEqual(near.diagnostics[0]?.hint, 'did you mean "jobs"?');
  strictEqual(parseRules("r.yaml", text, { valueLists: new Map([["jbos", ["x"]]]) }).rules.length, 2);
});

Deno.test("named lists: values that the rule's operator cannot take are told where they stand", () => {
  const text = "id: net\ntitle: Net\nlevel: low\nselect:\n  s:\n    kind: network.connection\n    where:\n" +
    "      { fact: source.ip, operator: inCidr, value: { list: nets, default: [10.0.0.0/8] } }\n";
  const { rules } = parseRules("r.yaml", text);
  const tuning = tuningIn("rules:\n  lists:\n    nets:\n      - 192.0.2.0/24\n      - nonsense\n");
  const options = { leftOut: new Set<string>(), correlationProblem: () => undefined };
  const result = tuneRules(rules, tuning, options);
  strictEqual(result.diagnostics.length, 1);
  const [place] = result.diagnostics.map(({ place: { path, line } }) => `${path}:${line}`);
  strictEqual(place, "weir.yaml:4");
  strictEqual(result.diagnostics[0]?.hint, 'for rule "net"');
  strictEqual(result.rules[0], rules[0]);
});

const MISTAKES: readonly [yaml: string, told: readonly string[]][] = [
  ["rules: { tune: { buzy: { level: low } } }", [
    'weir.yaml:1:18: error: Cannot tune rule as it must be one that is loaded: current value is "buzy" (did you mean "busy"?)',
  ]],
  ["rules: { tune: { busy: { exceptions: [{ fact: proces.name, operator: equal, value: x }] } } }", [
    'weir.yaml:1:47: warning: Cannot find field "proces.name" as it must be in the dictionary of fields ' +
    '(did you mean "process.name"?)',
  ]],
  ["rules: { tune: { busy: { exceptions: [{ fact: process.name, operator: equals, value: x }] } } }", [
    'weir.yaml:1:71: error: Cannot read operator as "equals" must be an operator: current value is "equals" ' +
    '(did you mean "equal"?)',
  ]],
  ["rules: { tune: { busy: { exceptions: [{ any: [] }] } } }", [
    'weir.yaml:1:46: error: Cannot read "any" as it must be a list that is not empty: current value is []',
  ]],
];
for (const [yaml, expected] of MISTAKES) {
  Deno.test(`told: ${yaml}`, () => {
    deepStrictEqual(told(yaml), expected);
    const isError = expected.some((line) => line.includes(": error:"));
    strictEqual(tuned(yaml).rules.every((rule, i) => rule === written.rules[i]), isError);
  });
}

Deno.test("a rule that is left out for a reason of its own may be spoken of, and any where only some folders are", () => {
  deepStrictEqual(tuned("rules: { tune: { gone: {} } }", { leftOut: new Set(["gone"]) }).diagnostics, []);
  const tuning = { ...tuningIn("rules: { tune: { gone: {} } }"), isPartial: true };
  deepStrictEqual(
    tuneRules(written.rules, tuning, { leftOut: new Set(), correlationProblem: () => undefined }).diagnostics,
    [],
  );
});

const REFUSED: readonly [yaml: string, told: string][] = [
  [
    "rules: { tune: { busy: { level: hihg } } }",
    "weir.yaml:1:33: error: Cannot configure rules.tune.busy.level as it must be one of informational, low, medium, high, " +
    'critical: current value is "hihg" (did you mean "high"?)',
  ],
  [
    "rules: { tune: { busy: { weight: 2 } } }",
    "weir.yaml:1:34: error: Cannot configure rules.tune.busy.weight as it must be at most 1: current value is 2",
  ],
  [
    "rules: { tune: { busy: { treshold: 2 } } }",
    'weir.yaml:1:26: error: Cannot configure rules.tune.busy.treshold as there is no such key (did you mean "threshold"?)',
  ],
  [
    "rules: { tune: { busy: { suppress: soon } } }",
    "weir.yaml:1:36: error: Cannot configure rules.tune.busy.suppress as it must be a number and a unit (ms, s, m, h, d, w), " +
    'such as "30s", "5m" or "1h30m": current value is "soon"',
  ],
  [
    "rules: { tune: { busy: { exceptions: { fact: a } } } }",
    "weir.yaml:1:38: error: Cannot configure rules.tune.busy.exceptions as it must be a list, each item keys and values: " +
    "current value is keys and values",
  ],
  [
    "rules: { lists: { x: [{ a: 1 }] } }",
    "weir.yaml:1:23: error: Cannot configure rules.lists.x[0] as it must be a text or a number: current value is keys and " +
    "values",
  ],
];
for (const [yaml, expected] of REFUSED) {
  Deno.test(`a configuration of another form is refused: ${yaml}`, () => {
    try {
      tuningIn(yaml);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      return deepStrictEqual(error.diagnostics.map(formatDiagnostic), [expected]);
    }
    throw new Error("It must be refused");
  });
}
