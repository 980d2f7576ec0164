import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { z } from "zod";
import { plansOf } from "../../../src/collectors/snmp/collect.ts";
import { CATEGORIES, METRICS, objectNamed, OBJECTS } from "../../../src/collectors/snmp/objects.ts";
import { metricsOf, PROFILES } from "../../../src/collectors/snmp/profile.ts";
import { snmpSchema } from "../../../src/collectors/snmp/schema.ts";
import { chosenMetrics, selectionOf } from "../../../src/collectors/snmp/selection.ts";
import { fieldDefinition } from "../../../src/core/fields.ts";

Deno.test("profiles: as many metrics as they promise", () => {
  const counts = Object.fromEntries(PROFILES.map((profile) => [profile, metricsOf(profile).length]));
  deepStrictEqual(counts, { minimal: 5, standard: 13, full: 29, network: 13, performance: 12 });
  strictEqual(METRICS.length, 30);
  deepStrictEqual(METRICS.map(({ name }) => name).filter((name) => !metricsOf("full").includes(name)), [
    "hrSWRunParameters",
  ]);
});

Deno.test("the metric list: names and identifiers once, categories and needs that are there, thresholds on known fields", () => {
  for (const key of ["name", "oid"] as const) {
    strictEqual(new Set(OBJECTS.map((object) => object[key])).size, OBJECTS.length);
  }
  for (const { name, category, needs, oid, shape, threshold, measure } of OBJECTS) {
    ok((CATEGORIES as readonly string[]).includes(category), name);
    for (const needed of needs ?? []) ok(objectNamed(needed) !== undefined, `${name} needs ${needed}`);
    ok(shape === "column" || /\.(?:0|[123])$/.test(oid), `${name} is a scalar, so its identifier has an instance`);
    for (const { field, only } of [threshold, measure].filter((found) => found !== undefined)) {
      strictEqual(fieldDefinition(field)?.type, "number", `${name} is held against ${field}`);
      if (only !== undefined) ok(fieldDefinition(only.field) !== undefined);
    }
  }
});

const NONE = { enable: [], disable: [] };

Deno.test("chosenMetrics: categories and metrics on and off, for all and for one device; a metric's name counts for more", () => {
  const chosen = (all: object, device?: object) =>
    chosenMetrics(
      { profile: "minimal", ...NONE, ...all },
      device === undefined ? undefined : { ...NONE, ...device },
      [],
    );
  strictEqual(chosen({}).length, 5);
  strictEqual(chosen({ enable: ["processes"] }).length, 9);
  ok(!chosen({ enable: ["processes"] }).includes("hrSWRunParameters"), "arguments are on by name only");
  ok(chosen({ enable: ["hrSWRunParameters"] }).includes("hrSWRunParameters"));
  deepStrictEqual(chosen({ disable: ["system"], enable: ["sysName"] }), ["sysName"]);
  deepStrictEqual(chosen({ disable: ["sysDescr"] }), ["sysUpTime", "sysContact", "sysName", "sysLocation"]);
  strictEqual(chosen({ enable: ["processes"] }, { disable: ["processes"] }).length, 5);
  strictEqual(chosen({ disable: ["system"] }, { enable: ["system"] }).length, 5);
  strictEqual(chosen({ enable: ["cpu"] }, { profile: "full" }).length, 29);
  deepStrictEqual(
    chosen({ enable: ["ifInOctets", "cpu"] }).slice(-2),
    ["hrProcessorLoad", "ifInOctets"],
    "in the list's order",
  );
});

Deno.test("selectionOf: what a metric needs is asked for with it, and sysUpTime and sysName always", () => {
  const { scalars, tables, metrics } = selectionOf(["hrStorageUsed"], []);
  deepStrictEqual(scalars.map(({ name }) => name), ["sysUpTime", "sysName"]);
  deepStrictEqual(tables.map(({ kind }) => kind), ["snmp.storage"]);
  deepStrictEqual(tables[0]?.columns.map(({ name }) => name).sort(), [
    "hrStorageAllocationUnits",
    "hrStorageDescr",
    "hrStorageSize",
    "hrStorageType",
    "hrStorageUsed",
  ]);
  deepStrictEqual([...metrics], ["hrStorageUsed"]);
  const octets = selectionOf(["ifInOctets"], []).tables[0]?.columns.map(({ name }) => name) ?? [];
  for (const needed of ["ifHCInOctets", "ifName", "ifHighSpeed", "ifCounterDiscontinuityTime"]) {
    ok(octets.includes(needed));
  }
});

Deno.test("plansOf: devices that are asked for the same share it; their own settings come before those of all", () => {
  const config = snmpSchema.parse({
    interval: "30s",
    devices: [
      { host: "a", community: "x" },
      { host: "b", community: "x" },
      { host: "c", community: "x", profile: "full", interval: "5s", timeout: "1s", retries: 3 },
      { host: "d", version: 3, user: "u", auth: { password: "12345678" }, priv: { password: "12345678" } },
      { host: "e", version: 3, user: "u", auth: { password: "12345678" } },
      { host: "f", version: 3, user: "u" },
    ],
  });
  const plans = plansOf(config);
  strictEqual(plans[0]?.selection, plans[1]?.selection);
  deepStrictEqual([plans[2]?.intervalMs, plans[2]?.access.timeout, plans[2]?.access.retries], [5_000, 1_000, 3]);
  deepStrictEqual([plans[0]?.intervalMs, plans[0]?.access.timeout, plans[0]?.access.retries], [30_000, 2_000, 1]);
  deepStrictEqual(plans.slice(3).map(({ access }) => access.level), ["authPriv", "authNoPriv", "noAuthNoPriv"]);
});

/** What is complained of, by path. */
function complaints(config: unknown): Record<string, string> {
  const { error } = snmpSchema.safeParse(config);
  return Object.fromEntries((error ?? new z.ZodError([])).issues.map(({ path, message }) => [path.join("."), message]));
}

Deno.test("schema: what a device cannot do without, and what cannot be", () => {
  const device = { host: "a", community: "x" };
  deepStrictEqual(complaints({ devices: [device] }), {});
  deepStrictEqual(Object.keys(complaints({ devices: [{ host: "a" }] })), ["devices.0.community"]);
  deepStrictEqual(Object.keys(complaints({ devices: [{ host: "a", version: 3 }] })), ["devices.0.user"]);
  const user = { host: "a", version: 3, user: "u" };
  deepStrictEqual(Object.keys(complaints({ devices: [{ ...user, level: "authPriv" }] })), [
    "devices.0.auth",
    "devices.0.priv",
  ]);
  deepStrictEqual(Object.keys(complaints({ devices: [{ ...user, priv: { password: "12345678" } }] })), [
    "devices.0.auth",
  ]);
  const short = complaints({ devices: [{ ...user, auth: { password: "1234567" } }] });
  deepStrictEqual(short, { "devices.0.auth.password": "must have at least 8 characters" });
  deepStrictEqual(complaints({ devices: [{ ...device, user: "u", auth: { password: "12345678" } }] }), {
    "devices.0.user": "must not be there for version 2c: it is of version 3",
  });
  deepStrictEqual(complaints({ devices: [{ ...user, community: "x" }] }), {
    "devices.0.community": "must not be there for version 3: it is of 1 and 2c",
  });
  deepStrictEqual(
    complaints({ traps: { users: [{ user: "u", level: "authNoPriv", auth: { password: "1234567" } }] } }),
    {
      "traps.users.0.auth.password": "must have at least 8 characters",
    },
  );
  deepStrictEqual(complaints({ traps: { users: [{ user: "u", auth: { password: "12345678" } }] } }), {
    "traps.users.0.priv": "must be there for the level authPriv",
  });
  deepStrictEqual(Object.keys(complaints({ devices: [device, device] })), ["devices.1.host"]);
  deepStrictEqual(complaints({ devices: [device, { ...device, name: "other" }] }), {});
});

Deno.test("schema: names that are none are told, with what was meant", () => {
  const { "enable.0": enable, "devices.0.disable.0": disable, ...rest } = complaints({
    enable: ["proceses"],
    devices: [{ host: "a", community: "x", disable: ["sysNam"] }],
  });
  ok(enable?.includes('did you mean "processes"?'), enable);
  ok(disable?.includes('did you mean "sysName"?'), disable);
  deepStrictEqual(rest, {});
  deepStrictEqual(Object.keys(complaints({ thresholds: { hrProcesorLoad: { warning: 1 } } })), [
    "thresholds.hrProcesorLoad",
  ]);
  deepStrictEqual(Object.keys(complaints({ thresholds: { hrProcessorLoad: { warning: 9, critical: 5 } } })), [
    "thresholds.hrProcessorLoad.critical",
  ]);
});

Deno.test("schema: objects of one's own", () => {
  const oid = "1.3.6.1.4.1.9.1.0";
  deepStrictEqual(
    complaints({ objects: { mine: { oid, category: "room" } }, disable: ["room"], enable: ["mine"] }),
    {},
  );
  deepStrictEqual(Object.keys(complaints({ objects: { sysName: { oid } } })), ["objects.sysName"]);
  for (const wrong of ["iso.3.6", "1", "3.1", "1.40.1", "1.3.06", "1.3.4294967296", "1.3.", `1.3${".1".repeat(300)}`]) {
    deepStrictEqual(Object.keys(complaints({ objects: { mine: { oid: wrong } } })), ["objects.mine.oid"], wrong);
  }
  for (const right of ["0.39", "2.999.1", "1.3.4294967295"]) {
    deepStrictEqual(complaints({ objects: { mine: { oid: right } } }), {});
  }
  deepStrictEqual(Object.keys(complaints({ objects: { mine: { oid, label: "other" } } })), ["objects.mine.label"]);
  deepStrictEqual(Object.keys(complaints({ objects: { mine: { oid, table: true, label: "other" } } })), [
    "objects.mine.label",
  ]);
});
