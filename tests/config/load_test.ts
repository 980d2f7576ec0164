import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { DiagnosticError, formatDiagnostic } from "../../src/core/errors.ts";
import { loadConfig, type LoadOptions } from "../../src/config/load.ts";
import { fakeAccess, type FakeMachine } from "./access.ts";

function load(machine: FakeMachine = {}, options: Omit<LoadOptions, "access"> = {}) {
  return loadConfig({ ...options, access: fakeAccess(machine) });
}

/** Everything that is wrong, a line each. */
function problemsOf(machine: FakeMachine, options: Omit<LoadOptions, "access"> = {}): string[] {
  try {
    load(machine, options);
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map(formatDiagnostic);
    throw error;
  }
  return [];
}

const inFile = (text: string): FakeMachine => ({ files: { "weir.yaml": text } });

Deno.test("loadConfig: with nothing at all, the defaults", () => {
  const { config, files, originOf } = load();
  deepStrictEqual(files, []);
  strictEqual(config.host, "test-host");
  strictEqual(config.data, "./data");
  deepStrictEqual(config.listen, { hostname: "127.0.0.1", port: 8470 });
  strictEqual(config.recent_events, 10_000);
  deepStrictEqual(config.log, { level: "info", format: "text" });
  deepStrictEqual(config.rules.directories, ["rules"]);
  strictEqual(config.journal.retention, 7 * 86_400_000);
  strictEqual(config.correlate.lateness, 10_000);
  strictEqual(config.score.half_life, 30 * 60_000);
  strictEqual(config.api.token, undefined);
  strictEqual(config.collectors.metrics?.interval, 60_000);
  strictEqual(originOf(["listen"]), "default");
});

Deno.test("loadConfig: an empty file, one of comments, and sections left empty are the defaults", () => {
  const expected = load().config;
  for (const text of ["", "# nothing\n", "log:\ncollectors:\n  metrics:\n  # interval: 5s\n"]) {
    deepStrictEqual(load(inFile(text)).config, expected);
  }
});

Deno.test("loadConfig: here before /etc/weir, and a named file must be there", () => {
  const both = { "weir.yaml": "host: here", "/etc/weir/weir.yaml": "host: there" };
  strictEqual(load({ files: both }).config.host, "here");
  const loaded = load({ files: { "/etc/weir/weir.yaml": "host: there" } });
  strictEqual(loaded.config.host, "there");
  deepStrictEqual(loaded.files, ["/etc/weir/weir.yaml"]);
  strictEqual(load({ files: { "x.yaml": "host: x", ...both } }, { path: "x.yaml" }).config.host, "x");
  deepStrictEqual(problemsOf({ files: both }, { path: "y.yaml" }), [
    "y.yaml:1:1: error: Cannot read the configuration as the file must exist",
  ]);
});

Deno.test("loadConfig: flags over variables over the file over the profile, key by key", () => {
  const machine: FakeMachine = {
    files: {
      "weir.yaml": "profile: small\nhost: file\ncollectors: { metrics: { interval: 5s } }\n",
      "profiles/small.yaml":
        "host: profile\nrecent_events: 500\ncollectors: { metrics: { timeout: 2s, interval: 9s } }\n",
    },
    env: { WEIR_HOST: "variable", WEIR_LOG_LEVEL: "debug", HOME: "/root" },
  };
  const { config, files, originOf } = load(machine, { flags: { data: "/srv/weir", listen: undefined } });
  strictEqual(config.host, "variable");
  strictEqual(config.recent_events, 500);
  strictEqual(config.log.level, "debug");
  strictEqual(config.data, "/srv/weir");
  strictEqual(config.collectors.metrics?.interval, 5_000);
  strictEqual(config.collectors.metrics?.timeout, 2_000);
  deepStrictEqual(files, ["profiles/small.yaml", "weir.yaml"]);
  strictEqual(originOf(["host"]), "env:WEIR_HOST");
  strictEqual(originOf(["data"]), "--data");
  strictEqual(originOf(["recent_events"]), "profiles/small.yaml:2");
  strictEqual(originOf(["collectors", "metrics", "interval"]), "weir.yaml:3");
  strictEqual(originOf(["collectors", "metrics", "enabled"]), "default");
  strictEqual(load(machine, { flags: { host: "flag" } }).config.host, "flag");
});

Deno.test("loadConfig: everything that is wrong at once, each with its place and what would be right", () => {
  const text = `host: 5
listn: x
log: { level: loud }
rules: { directories: [1, ""] }
collectors:
  metrics: { interval: 5 sec, timeout: 1ms, enabled: maybe }
  proces: {}
api: { tokn: hunter2 }
journal: nope
recent_events:
score: { half_life: 5m, half_life: 6m }
`;
  const duplicate = problemsOf(inFile(text));
  strictEqual(duplicate.length, 1); // a file that is not well-formed is told of as such first
  ok(duplicate[0]?.startsWith("weir.yaml:11:25: error: Cannot read YAML as each key must be there once"));
  deepStrictEqual(problemsOf({ ...inFile(text.replace(/score.*\n/, "")), env: { WEIR_LISTN: "x" } }), [
    'env:WEIR_LISTN:1:1: error: Cannot configure by WEIR_LISTN as there is no such key (did you mean "WEIR_LISTEN"?)',
    "weir.yaml:1:7: error: Cannot configure host as it must be a text: current value is 5",
    'weir.yaml:2:1: error: Cannot configure listn as there is no such key (did you mean "listen"?)',
    'weir.yaml:3:15: error: Cannot configure log.level as it must be one of debug, info, warn, error: current value is "loud"',
    "weir.yaml:4:24: error: Cannot configure rules.directories[0] as it must be a text: current value is 1",
    'weir.yaml:4:27: error: Cannot configure rules.directories[1] as it must not be empty: current value is ""',
    "weir.yaml:6:24: error: Cannot configure collectors.metrics.interval as it must be a number and a unit (ms, s, m, h, d, " +
    'w), such as "30s", "5m" or "1h30m": current value is "5 sec"',
    'weir.yaml:6:40: error: Cannot configure collectors.metrics.timeout as it must be at least 100ms: current value is "1ms"',
    'weir.yaml:6:54: error: Cannot configure collectors.metrics.enabled as it must be true or false: current value is "maybe"',
    'weir.yaml:7:3: error: Cannot configure collectors.proces as there is no such key (did you mean "process"?)',
    'weir.yaml:8:8: error: Cannot configure api.tokn as there is no such key (did you mean "token"?)',
    "weir.yaml:9:10: error: Cannot configure journal as it must be keys and values: current value is a text",
    "weir.yaml:10:1: error: Cannot configure recent_events as it must be a whole number: current value is empty " +
    "(leave the key out for its default)",
  ]);
});

Deno.test("loadConfig: whole numbers are whole and within their limits", () => {
  for (const value of ["99", "1000001", "500.5", "'500'", "1e400", "-5"]) {
    strictEqual(problemsOf(inFile(`recent_events: ${value}`)).length, 1, value);
  }
  strictEqual(load(inFile("recent_events: 100")).config.recent_events, 100);
});

Deno.test("loadConfig: what is no mapping, no YAML, too large, or a bomb", () => {
  const first = (text: string) => problemsOf(inFile(text))[0] ?? "";
  strictEqual(
    first("- a\n"),
    "weir.yaml:1:1: error: Cannot read the configuration as it must be keys and values: current value is a list",
  );
  ok(first("just text").endsWith("current value is a scalar"));
  ok(first("a: [1,\n").startsWith("weir.yaml:2:1: error: Cannot read YAML as "));
  ok(first(`# ${"x".repeat(1_048_576)}`).endsWith("it must be at most 1048576 bytes"));
  ok(first(`a: &a [x,x,x,x,x,x,x,x,x,x]\n${bomb()}`).includes("aliases must stand for at most"));
  ok(first("host: a\n---\nhost: b\n").includes("there must be one document"));
  ok(first("__proto__: { host: x }\n").includes("Cannot configure __proto__ as there is no such key"));
});

function bomb(): string {
  const names = "abcdefghij";
  return [...names].slice(1).map((name, i) => `${name}: &${name} [${Array(10).fill(`*${names[i]}`).join(",")}]`).join(
    "\n",
  );
}

Deno.test("loadConfig: secrets as text, from the environment, from a file; resolved and never shown", () => {
  const files = { "weir.yaml": "api: { token: file:/run/token }", "/run/token": "from file\n" };
  strictEqual(load({ files }).config.api.token?.reveal(), "from file");
  strictEqual(load(inFile("api: { token: plain }")).config.api.token?.reveal(), "plain");
  const env = { WEIR_API_TOKEN: "env:WEIR_SECRET", WEIR_SECRET: "from environment" };
  const { config, written } = load({ env });
  strictEqual(config.api.token?.reveal(), "from environment");
  strictEqual(JSON.stringify(config).includes("from environment"), false);
  strictEqual(JSON.stringify(written).includes("from environment"), false);
});

Deno.test("loadConfig: a secret that cannot be had is told of with its place, never with its value", () => {
  deepStrictEqual(problemsOf(inFile("api: { token: env:NOT_THERE }")), [
    'weir.yaml:1:15: error: Cannot configure api.token as it must name an environment variable that is set, not "NOT_THERE": ' +
    "current value is ***",
  ]);
  ok(problemsOf(inFile("api: { token: file:/not/there }"))[0]?.includes('a file that can be read, not "/not/there"'));
  const empty = problemsOf({ ...inFile("api: { token: env:EMPTY }"), env: { EMPTY: "" } });
  deepStrictEqual(empty, [
    "weir.yaml:1:15: error: Cannot configure api.token as it must not be empty: current value is ***",
  ]);
  for (const text of ["api: { token: [hunter2] }", "api: hunter2", "api: { token: { hunter2: 1 } }", "hunter2"]) {
    const all = problemsOf(inFile(text)).join();
    ok(all !== "" && !all.includes("hunter2"), all);
  }
});

Deno.test("loadConfig: a listener that others can reach needs a token", () => {
  const open = problemsOf(inFile("listen: 0.0.0.0:8470"));
  deepStrictEqual(open, [
    "weir.yaml:1:9: error: Cannot configure listen as it must be a loopback address unless api.token is set: " +
    'current value is "0.0.0.0:8470"',
  ]);
  strictEqual(problemsOf(inFile("listen: 0.0.0.0:8470\nrecent_events: 1")).length, 2);
  strictEqual(load(inFile("listen: 0.0.0.0:8470\napi: { token: x }")).config.listen.hostname, "0.0.0.0");
  strictEqual(problemsOf({}, { flags: { listen: ":::1" } }).length, 1);
});

Deno.test("loadConfig: a profile must be there, be named plainly, and stand by itself", () => {
  deepStrictEqual(problemsOf({}, { flags: { profile: "none" } }), [
    '--profile:1:1: error: Cannot configure profile as it must name a profile that can be read: current value is "none" ' +
    '(there is no "profiles/none.yaml")',
  ]);
  const escaping = problemsOf({ files: { "weir.yaml": "profile: ../secret", "profiles/../secret.yaml": "host: x" } });
  strictEqual(escaping.length, 1);
  ok(escaping[0]?.includes("must be a name in small letters"));
  const nested = { "profiles/a.yaml": "profile: b", "profiles/b.yaml": "host: b" };
  ok(
    problemsOf({ files: nested }, { flags: { profile: "a" } })[0]?.startsWith(
      "profiles/a.yaml:1:1: error: Cannot read the",
    ),
  );
});

Deno.test("loadConfig: whatever the file holds, it is taken or told of with places in it", () => {
  const names =
    "host log level collectors metrics interval api token listen profile rules directories __proto__ constructor x";
  const keys = fc.constantFrom(...names.split(" "), "");
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, -1, 1e9, "", "5s", "env:X", "file:/x", "text", "0.0.0.0:1"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(keys, tie("value"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(keys, value), (settings) => {
      for (const problem of problemsOf(inFile(JSON.stringify(settings)))) {
        ok(/^weir\.yaml:1:\d+: error: /.test(problem), problem);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("placeOf: where a key and its value are written, in whatever layer; of one that is not, the nearest above", () => {
  const { placeOf } = load({
    files: { "weir.yaml": "data: d\nrules:\n  tune:\n    a: { exceptions: [{ fact: x }] }\n" },
    env: { WEIR_HOST: "variable" },
  });
  deepStrictEqual(placeOf(["rules", "tune"], "key"), { path: "weir.yaml", line: 3, column: 3 });
  deepStrictEqual(placeOf(["rules", "tune", "a", "exceptions", 0, "fact"], "value"), {
    path: "weir.yaml",
    line: 4,
    column: 31,
  });
  deepStrictEqual(placeOf(["rules", "tune", "b"], "key"), { path: "weir.yaml", line: 3, column: 3 });
  deepStrictEqual(placeOf(["host"], "value").path, "env:WEIR_HOST");
});
