/** Thresholds become rules: which, where from, and that each does what its own tests say. */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { snmpSchema } from "../../src/collectors/snmp/schema.ts";
import { METRICS } from "../../src/collectors/snmp/objects.ts";
import { fieldDefinition } from "../../src/core/fields.ts";
import { correlateSchema, scoreSchema } from "../../src/correlate/mod.ts";
import { loadRuleBook, testRules } from "../../src/pipeline/rule_book.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { type ThresholdPlaces, thresholdRules } from "../../src/pipeline/threshold_rules.ts";
import { NO_TUNING } from "../../src/rules/tuning.ts";

const ENGINE = { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) };

/** Keys count as set where they are in `set`; their line is their position there, from 1. */
function places(...set: string[]): ThresholdPlaces {
  return {
    setAt: (path) => {
      const line = set.indexOf(path.slice(2).join(".")) + 1;
      return line === 0 ? undefined : { path: "weir.yaml", line, column: 1 };
    },
    inProfile: (profile, metric) => ({
      path: `profiles/${profile}.yaml`,
      line: 100 + METRICS.findIndex(({ name }) => name === metric),
      column: 1,
    }),
  };
}

function made(config: unknown, at = places()) {
  return thresholdRules(snmpSchema.parse(config), at);
}

const DEVICE = { host: "192.0.2.7", community: "public" };

Deno.test("without a device there is no threshold, nor with the collector off", () => {
  deepStrictEqual(made({}).rules, []);
  deepStrictEqual(made({ enabled: false, profile: "full", devices: [DEVICE] }).rules, []);
});

Deno.test("a profile's thresholds, as they come", async () => {
  const { rules, diagnostics } = made({ profile: "full", devices: [DEVICE] });
  deepStrictEqual(diagnostics, []);
  const limits = rules.map(({ id, level, title }) => `${id} ${level} ${/ at (\d+) or more /.exec(title)?.[1]}`);
  deepStrictEqual(limits, [
    "snmp-hrProcessorLoad-warning low 70",
    "snmp-hrProcessorLoad-critical medium 90",
    "snmp-hrStorageUsed-warning low 80",
    "snmp-hrStorageUsed-critical medium 95",
    "snmp-ifInErrors-warning low 100",
    "snmp-ifInErrors-critical medium 1000",
    "snmp-ifOutErrors-warning low 100",
    "snmp-ifOutErrors-critical medium 1000",
    "snmp-laLoad1-warning low 4",
    "snmp-laLoad1-critical medium 8",
  ]);
  for (const rule of rules) {
    strictEqual(rule.place.path, "profiles/full.yaml");
    ok(rule.place.line > 100, rule.id);
    ok(rule.suppressMs > 0);
    ok(rule.tests.some(({ expect }) => expect.length > 0) && rule.tests.some(({ expect }) => expect.length === 0));
    for (const field of rule.correlation?.groupBy ?? []) ok(fieldDefinition(field) !== undefined, field);
  }
  const results = await testRules(rules, ENGINE);
  strictEqual(results.length, 20);
  deepStrictEqual(results.filter((result) => !result.ok), []);
});

Deno.test("only what some device is asked for has thresholds", () => {
  const ids = (config: unknown) => made(config).rules.map(({ id }) => id.replace(/-(?:warning|critical)$/, ""));
  deepStrictEqual(ids({ profile: "minimal", devices: [DEVICE] }), []);
  deepStrictEqual([...new Set(ids({ profile: "standard", disable: ["cpu"], devices: [DEVICE] }))], [
    "snmp-hrStorageUsed",
  ]);
  deepStrictEqual([
    ...new Set(ids({ profile: "minimal", devices: [DEVICE, { ...DEVICE, name: "b", profile: "network" }] })),
  ], [
    "snmp-ifInErrors",
    "snmp-ifOutErrors",
  ]);
});

Deno.test("set for all, and for one device, each rule standing where its threshold is set", async () => {
  const config = {
    profile: "standard",
    thresholds: { hrProcessorLoad: { warning: 50 }, hrStorageUsed: { enabled: false } },
    devices: [
      DEVICE,
      { ...DEVICE, name: "Core 1", host: "192.0.2.8", thresholds: { hrProcessorLoad: { critical: 99 } } },
      { ...DEVICE, name: "lab", host: "192.0.2.9", thresholds: { hrProcessorLoad: { enabled: false } } },
    ],
  };
  const { rules, diagnostics } = made(
    config,
    places("thresholds.hrProcessorLoad.warning", "devices.1.thresholds.hrProcessorLoad.critical"),
  );
  deepStrictEqual(diagnostics, []);
  deepStrictEqual(rules.map(({ id, place }) => `${id} ${place.path}:${place.line > 9 ? "N" : place.line}`), [
    "snmp-hrProcessorLoad-warning weir.yaml:1",
    "snmp-hrProcessorLoad-critical profiles/standard.yaml:N",
    "snmp-hrProcessorLoad-warning-Core-1 weir.yaml:1",
    "snmp-hrProcessorLoad-critical-Core-1 weir.yaml:2",
  ]);
  deepStrictEqual((await testRules(rules, ENGINE)).filter((result) => !result.ok), []);

  const { engine } = createEngine(rules, ENGINE);
  const event = (host: string, target: string, percent: number) => ({
    id: `${host}:${percent}`,
    timeMs: 1_000,
    observedMs: 1_000,
    source: "snmp",
    kind: "snmp.cpu",
    host,
    fields: { "snmp.cpu.percent": percent, "snmp.device.target": target },
  });
  engine.observe([
    event("a", "192.0.2.7:161", 95),
    event("Core 1", "192.0.2.8:161", 95), // critical for others, a warning here
    event("lab", "192.0.2.9:161", 100), // nothing here
  ], "snmp");
  engine.flush();
  const { detections } = await engine.decide(2_000);
  deepStrictEqual(detections.map(({ rule, group }) => [rule, group["host.name"]]), [
    ["snmp-hrProcessorLoad-critical", "a"],
    ["snmp-hrProcessorLoad-warning-Core-1", "Core 1"],
  ]);
  match(detections[0]?.message ?? "", /^hrProcessorLoad on a is 95; from 90 on that is critical$/);
});

Deno.test("a row at a time, and what is full by nature is left alone", async () => {
  const { rules } = made({ profile: "full", devices: [DEVICE] });
  const { engine } = createEngine(rules, ENGINE);
  const storage = (index: string, type: string, percent: number) => ({
    id: index,
    timeMs: 1_000,
    observedMs: 1_000,
    source: "snmp",
    kind: "snmp.storage",
    host: "a",
    fields: {
      "snmp.storage.index": index,
      "snmp.storage.name": `/${index}`,
      "snmp.storage.type": type,
      "snmp.storage.percent": percent,
      "snmp.device.target": "192.0.2.7:161",
    },
  });
  engine.observe([storage("1", "ram", 99), storage("31", "fixed_disk", 80), storage("32", "network_disk", 95)], "snmp");
  engine.flush();
  const { detections } = await engine.decide(2_000);
  deepStrictEqual(detections.map(({ rule, message }) => [rule, message]), [
    ["snmp-hrStorageUsed-warning", "hrStorageUsed of /31 on a is 80; from 80 on that is warning"],
    ["snmp-hrStorageUsed-critical", "hrStorageUsed of /32 on a is 95; from 95 on that is critical"],
  ]);
});

Deno.test("an object of one's own has a threshold once it is given one; names of devices that look alike get numbers", async () => {
  const { rules, diagnostics } = made({
    profile: "minimal",
    objects: { upsTemperature: { oid: "1.3.6.1.4.1.318.1.1.1.2.2.2.0", category: "ups" } },
    thresholds: { upsTemperature: { warning: 40 } },
    devices: [
      { ...DEVICE, name: "ups 1", thresholds: { upsTemperature: { warning: 30 } } },
      { ...DEVICE, name: "ups_1", host: "192.0.2.8", thresholds: { upsTemperature: { warning: 35.5 } } },
    ],
  });
  deepStrictEqual(diagnostics, []);
  deepStrictEqual(rules.map(({ id }) => id), [
    "snmp-upsTemperature-warning-ups-1--1",
    "snmp-upsTemperature-warning-ups-1--2",
  ]);
  deepStrictEqual((await testRules(rules, ENGINE)).filter((result) => !result.ok), []);
});

Deno.test("devices at one address are told apart by their names, and by nothing else where they have none", async () => {
  const at = { host: "192.0.2.7", community: "public" };
  const { rules, diagnostics } = made({
    profile: "performance",
    devices: [
      { ...at, name: "one", thresholds: { hrProcessorLoad: { warning: 10, critical: 20 } } },
      { ...at, name: "two" },
      { ...at, thresholds: { laLoad1: { enabled: false } } },
    ],
  });
  deepStrictEqual(diagnostics, []);
  deepStrictEqual((await testRules(rules, ENGINE)).filter((result) => !result.ok), []);
  const { engine } = createEngine(rules.filter(({ id }) => id.includes("hrProcessorLoad")), ENGINE);
  const event = (host: string) => ({
    id: host,
    timeMs: 1_000,
    observedMs: 1_000,
    source: "snmp",
    kind: "snmp.cpu",
    host,
    fields: { "snmp.cpu.percent": 15, "snmp.device.target": "192.0.2.7:161" },
  });
  engine.observe([event("one"), event("two")], "snmp");
  engine.flush();
  const { detections } = await engine.decide(2_000);
  deepStrictEqual(detections.map(({ group }) => group["host.name"]), ["one"]);
});

Deno.test("any limit that a number can be, and any name", async () => {
  const { rules, diagnostics } = made({
    profile: "minimal",
    objects: {
      constructor: { oid: "1.3.6.1.4.1.9.1.0" },
      toString: { oid: "1.3.6.1.4.1.9.2.0" },
    },
    thresholds: { toString: { warning: -0.000001, critical: Number.MAX_SAFE_INTEGER } },
    devices: [{ ...DEVICE, name: "Ä ö" }],
  });
  deepStrictEqual(diagnostics, []);
  deepStrictEqual(rules.map(({ id }) => id), ["snmp-toString-warning", "snmp-toString-critical"]);
  deepStrictEqual((await testRules(rules, ENGINE)).filter((result) => !result.ok), []);
});

Deno.test("what cannot be a threshold is told at its place, and costs no other", () => {
  const { rules, diagnostics } = made(
    { thresholds: { sysDescr: { warning: 3 }, hrProcessorLoad: { warning: 95 } }, devices: [DEVICE] },
    places("thresholds.sysDescr", "thresholds.hrProcessorLoad.warning"),
  );
  deepStrictEqual(diagnostics.map(({ place, message }) => `${place.line}: ${message}`), [
    "1: Cannot make a threshold on sysDescr as it must be a metric that is measured: it has no number that could pass a limit",
    "2: Cannot make a threshold on hrProcessorLoad as critical must be at least warning, 95: current value is 90",
  ]);
  deepStrictEqual(rules.map(({ id }) => id), ["snmp-hrStorageUsed-warning", "snmp-hrStorageUsed-critical"]);
});

Deno.test("they stand among the rules: one with an id that is there already is an error of its file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/mine.yaml`;
    await Deno.writeTextFile(
      path,
      "id: snmp-hrProcessorLoad-warning\ntitle: mine\nlevel: low\nselect: { x: { kind: snmp.cpu } }\n",
    );
    const book = await loadRuleBook(
      [folder],
      ENGINE,
      { ...NO_TUNING, made: made({ devices: [DEVICE] }, places("thresholds.hrProcessorLoad")) },
    );
    ok(book.rules.some(({ id }) => id === "snmp-hrProcessorLoad-critical"));
    strictEqual(book.rules.filter(({ id }) => id === "snmp-hrProcessorLoad-warning").length, 1);
    strictEqual(book.diagnostics.filter(({ message }) => message.includes("its id must be its own")).length, 1);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
