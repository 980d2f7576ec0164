/**
 * Thresholds of SNMP metrics as rules: written out like other rules, with tests of their own, and read by the same front end:
 * they are listed, tested, explained, suppressed and scored like those. A rule's place is where its threshold is set: in the
 * configuration, or in the profile that it comes with. Nothing here does I/O.
 */

import { stringify } from "yaml";
import { type ObjectDefinition, objectNamed } from "../collectors/snmp/objects.ts";
import { type Profile } from "../collectors/snmp/profile.ts";
import { type DeviceConfig, deviceKey, type SnmpConfig } from "../collectors/snmp/schema.ts";
import { chosenMetrics, OWN_KIND, ownObjects } from "../collectors/snmp/selection.ts";
import { targetOf } from "../collectors/snmp/target.ts";
import { formatDuration } from "../core/duration.ts";
import type { Diagnostic, Place } from "../core/errors.ts";
import { type LoadedRules, parseRuleFile, readRuleFile, rulesIn } from "../rules/documents.ts";
import { nativeFrontEnd } from "../rules/native/mod.ts";
import type { Rule } from "../rules/rule.ts";
import type { MadeRules } from "../rules/tuning.ts";

/** Where thresholds are set. */
export interface ThresholdPlaces {
  /** The place of a key of the configuration that is set, as `["collectors", "snmp", "thresholds", ...]`. */
  setAt(path: readonly (string | number)[]): Place | undefined;
  /** The place in a profile of what a metric comes with. */
  inProfile(profile: Profile, metric: string): Place;
}

type Severity = "warning" | "critical";

/** How much each says: a threshold is about work that is not done, more than about somebody's doing. */
const LEVELS: Readonly<Record<Severity, string>> = { warning: "low", critical: "medium" };

/** A detection stays open while samples keep coming; what is still so after this long is told again. */
const SUPPRESS = "1h";

/** Time that a window spans at least, and how many polls it holds. */
const TIMESPAN_MIN_MS = 300_000;
const TIMESPAN_POLLS = 3;

/** Tables, and the fields that tell their rows: what a group is made of, and what people call it. */
const ROWS: Readonly<Record<string, { readonly index: string; readonly name: string }>> = {
  "snmp.storage": { index: "snmp.storage.index", name: "snmp.storage.name" },
  "snmp.disk": { index: "snmp.disk.index", name: "snmp.disk.name" },
  "snmp.interface": { index: "snmp.interface.index", name: "snmp.interface.name" },
};

/** A metric's limits, for the devices that share them. */
interface Limits {
  readonly metric: ObjectDefinition;
  readonly warning: number | undefined;
  readonly critical: number | undefined;
  /** The device meant; null for all but those with limits of their own. */
  readonly device: DeviceConfig | null;
  readonly except: readonly DeviceConfig[];
  /** What tells a rule of one device from the others'. */
  readonly suffix: string;
  placeOf(severity: Severity): Place;
  /** Where they are set, for what is wrong with them together. */
  readonly place: Place;
}

/** The rules of every threshold on what some device is asked for; none where no device is configured. */
export function thresholdRules(config: SnmpConfig, places: ThresholdPlaces): MadeRules {
  const rules: Rule[] = [];
  const diagnostics: Diagnostic[] = [];
  if (!config.enabled) return { rules, diagnostics };
  const intervalMs = Math.max(config.interval, ...config.devices.map(({ interval }) => interval ?? 0));
  const timespan = formatDuration(Math.max(TIMESPAN_MIN_MS, TIMESPAN_POLLS * intervalMs));
  for (const limits of allLimits(config, places)) {
    const complaint = impossible(limits);
    if (complaint !== undefined) {
      diagnostics.push(complaint);
      continue;
    }
    for (const severity of ["warning", "critical"] as const) {
      const document = ruleDocument(limits, severity, timespan);
      if (document === undefined) continue;
      const made = atPlace(limits.placeOf(severity), document);
      rules.push(...made.rules);
      diagnostics.push(...made.diagnostics);
    }
  }
  return { rules, diagnostics };
}

/** The rule as its front end reads it, every place in it being the threshold's. */
function atPlace(place: Place, document: unknown): LoadedRules {
  const yaml = parseRuleFile(place.path, stringify(document));
  const read = rulesIn({ files: [readRuleFile(place.path, yaml, [nativeFrontEnd], {})], diagnostics: [] });
  return {
    ...read,
    rules: read.rules.map((rule) => ({ ...rule, place, tests: rule.tests.map((test) => ({ ...test, place })) })),
    diagnostics: read.diagnostics.map((diagnostic) => ({ ...diagnostic, place })),
  };
}

function allLimits(config: SnmpConfig, places: ThresholdPlaces): Limits[] {
  const own = ownObjects(config.objects);
  const asked = config.devices.map((device) => new Set(chosenMetrics(config, device, own)));
  const names = [...new Set(asked.flatMap((metrics) => [...metrics]))];
  const metrics = names.map((name) => objectNamed(name) ?? own.find((object) => object.name === name));
  return metrics.flatMap((metric) => {
    if (metric === undefined) return [];
    const askedOf = config.devices.filter((_, i) => asked[i]?.has(metric.name));
    return limitsOf(config, metric, askedOf, places);
  });
}

/** A metric's limits for all devices, and those of the devices that have their own. */
function limitsOf(
  config: SnmpConfig,
  metric: ObjectDefinition,
  devices: readonly DeviceConfig[],
  places: ThresholdPlaces,
): Limits[] {
  const { name, threshold } = metric;
  const common = limitsIn(config, name);
  const special = devices.filter((device) => limitsIn(device, name) !== undefined);
  const profile = places.inProfile(
    devices.find((device) => device.profile === undefined) === undefined
      ? devices[0]?.profile ?? config.profile
      : config.profile,
    name,
  );
  const setAt = (at: readonly (string | number)[], key: Severity | undefined) =>
    places.setAt([...at, "thresholds", name, ...(key === undefined ? [] : [key])]);
  const anyAt = (at: readonly (string | number)[]) =>
    setAt(at, "critical") ?? setAt(at, "warning") ?? setAt(at, undefined) ?? profile;
  const forAll = ["collectors", "snmp"];
  const commonPlace = (severity: Severity) => setAt(forAll, severity) ?? profile;
  const found: Limits[] = [];
  if (special.length < devices.length && common?.enabled !== false) {
    found.push({
      metric,
      warning: common?.warning ?? threshold?.warning,
      critical: common?.critical ?? threshold?.critical,
      device: null,
      except: special,
      suffix: "",
      placeOf: commonPlace,
      place: anyAt(forAll),
    });
  }
  for (const device of special) {
    const limits = limitsIn(device, name);
    if (limits === undefined || !limits.enabled) continue;
    const at = [...forAll, "devices", config.devices.indexOf(device)];
    found.push({
      metric,
      warning: limits.warning ?? common?.warning ?? threshold?.warning,
      critical: limits.critical ?? common?.critical ?? threshold?.critical,
      device,
      except: [],
      suffix: suffixOf(device, config.devices),
      placeOf: (severity) => setAt(at, severity) ?? commonPlace(severity),
      place: anyAt(at),
    });
  }
  return found.filter(({ warning, critical }) => warning !== undefined || critical !== undefined);
}

/** Limits that are set under a name, which could be any: that of something every object has, too. */
function limitsIn({ thresholds }: Pick<SnmpConfig, "thresholds">, metric: string) {
  return Object.hasOwn(thresholds, metric) ? thresholds[metric] : undefined;
}

/** What is wrong with limits that no rule can be made of. */
function impossible({ metric, warning, critical, place }: Limits): Diagnostic | undefined {
  const complaint = (why: string): Diagnostic => ({
    severity: "error",
    place,
    message: `Cannot make a threshold on ${metric.name} as ${why}`,
  });
  if (metric.threshold === undefined && metric.measure === undefined) {
    return complaint("it must be a metric that is measured: it has no number that could pass a limit");
  }
  if (warning === undefined || critical === undefined || critical >= warning) return undefined;
  return complaint(`critical must be at least warning, ${warning}: current value is ${critical}`);
}

/** A rule, as it would stand in a file; `undefined` where there is no such limit, or it would never be met. */
function ruleDocument(limits: Limits, severity: Severity, timespan: string): unknown {
  const { metric, warning, critical } = limits;
  const [from, below] = severity === "warning" ? [warning, critical] : [critical, undefined];
  const measure = metric.threshold ?? metric.measure;
  if (from === undefined || measure === undefined || (below !== undefined && below <= from)) return undefined;
  const { kind, field, only } = measure;
  const row = rowOf(metric);
  const where = [
    { fact: field, operator: "greaterThanInclusive", value: from },
    ...(below === undefined ? [] : [{ fact: field, operator: "lessThan", value: below }]),
    ...(only === undefined ? [] : [{ fact: only.field, operator: "in", value: only.values }]),
    ...(limits.device === null ? [] : conditionsOf([limits.device], "in")),
    ...conditionsOf(limits.except, "notIn"),
  ];
  const what = row === undefined ? "" : ` of {${row.name}}`;
  return {
    id: `snmp-${metric.name}-${severity}${limits.suffix}`,
    title: `${metric.name} at ${from} or more (${severity})`,
    description: `A threshold on ${metric.name}: ${metric.description.toLowerCase()}. Set where this rule stands.`,
    level: LEVELS[severity],
    select: { over: { kind, where: { all: where } } },
    correlate: { "group-by": ["host.name", ...(row === undefined ? [] : [row.index])], timespan },
    suppress: SUPPRESS,
    message: `${metric.name}${what} on {host.name} is {${field}}; from ${from} on that is ${severity}`,
    tests: testsOf(limits, { kind, field, only, from, below, row }),
  };
}

/** What an event says of the device it is from: its name, where it has one of the configuration, else where it is. */
function sayingOf(device: DeviceConfig): { readonly fact: string; readonly value: string } {
  return device.name === undefined
    ? { fact: "snmp.device.target", value: targetOf(device) }
    : { fact: "host.name", value: device.name };
}

/** That an event is from one of the devices, or from none of them. */
function conditionsOf(devices: readonly DeviceConfig[], operator: "in" | "notIn"): unknown[] {
  const sayings = devices.map(sayingOf);
  return [...new Set(sayings.map(({ fact }) => fact))].map((fact) => ({
    fact,
    operator,
    value: sayings.filter((saying) => saying.fact === fact).map(({ value }) => value),
  }));
}

interface Tested {
  readonly kind: string;
  readonly field: string;
  readonly only: { readonly field: string; readonly values: readonly string[] } | undefined;
  readonly from: number;
  readonly below: number | undefined;
  readonly row: { readonly index: string; readonly name: string } | undefined;
}

/** One test in which it fires, at the limit itself, and one in which it is silent. */
function testsOf({ device, except }: Limits, { kind, field, only, from, below, row }: Tested): unknown[] {
  const event = (at: string, value: number, from: DeviceConfig | null, changed: Record<string, unknown> = {}) => ({
    at,
    kind,
    host: from?.name ?? "some-device",
    fields: {
      [field]: value,
      ...(only === undefined ? {} : { [only.field]: only.values[0] }),
      ...(row === undefined ? {} : { [row.index]: "1", [row.name]: "one" }),
      "snmp.device.target": from === null ? ANOTHER_TARGET : targetOf(from),
      ...changed,
    },
  });
  const less = from - Math.max(1, Math.abs(from) / 2);
  const [unmeant] = except;
  const silent = [
    event("0s", less, device),
    ...(below === undefined ? [] : [event("1s", below, device)]),
    ...(only === undefined ? [] : [event("2s", from, device, { [only.field]: "something else" })]),
    ...(device === null ? [] : [event("3s", from, null)]),
    ...(unmeant === undefined ? [] : [event("4s", from, unmeant)]),
  ];
  return [
    {
      name: `at ${from}, told once while it lasts`,
      events: [event("0s", from, device), event("60s", from, device)],
      expect: [{ at: "0s" }],
    },
    { name: "below, and where it is not meant", events: silent, expect: [] },
  ];
}

/** Of a device that no configuration names (RFC 5737). */
const ANOTHER_TARGET = "192.0.2.1:161";

function rowOf({ kind, shape }: ObjectDefinition): { readonly index: string; readonly name: string } | undefined {
  if (kind === OWN_KIND) {
    return shape === "column" ? { index: "snmp.object.index", name: "snmp.object.label" } : undefined;
  }
  return ROWS[kind];
}

/** A device as part of a rule's id: its name, and its number where another's would look the same. No name has two dashes in a row. */
function suffixOf(device: DeviceConfig, devices: readonly DeviceConfig[]): string {
  const slug = slugOf(device);
  const alike = devices.filter((other) => slugOf(other) === slug);
  return alike.length === 1 && slug !== "" ? `-${slug}` : `-${slug}--${devices.indexOf(device) + 1}`;
}

function slugOf(device: DeviceConfig): string {
  return deviceKey(device).replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 24);
}
