/** What a poll says of interfaces, processes, and the configuration's own objects. */

import type { ObjectDefinition } from "./objects.ts";
import { exact, nearest, Sample, share, type TellContext, type Told, told } from "./sample.ts";
import { OWN_KIND } from "./selection.ts";
import type { Scalars } from "./tell_host.ts";
import type { Table } from "./walk.ts";

/** The largest that ifSpeed can say: there, and past it, ifHighSpeed has to. */
const IF_SPEED_MAX = 2 ** 32 - 1;

/** Types of interfaces whose speed is made up: what they carry is not bounded by it. */
const SPEED_IS_NONE = new Set(["loopback", "tunnel", "virtual", "bridge", "other"]);

export function tellInterfaces({ rows, isPartial }: Table, context: TellContext): Told[] {
  return [...rows].map(([index, { values, atMs }]) =>
    tellInterface(index, new Sample(values, context, atMs, isPartial))
  );
}

function tellInterface(index: string, sample: Sample): Told {
  const description = sample.text("ifDescr");
  const name = sample.text("ifName") ?? description;
  const type = sample.choice("ifType");
  const speed = speedOf(sample);
  const row = `snmp.interface:${index}:${name ?? ""}`;
  const isRestarted = hasDiscontinuity(sample, row);
  const perSecondMax = speed === undefined || SPEED_IS_NONE.has(type ?? "") ? undefined : speed / 8;
  const octets = (direction: "In" | "Out") => {
    const wide = sample.counter(`ifHC${direction}Octets`, row, { bits: 64, isRestarted, perSecondMax });
    return wide ?? sample.counter(`if${direction}Octets`, row, { bits: 32, isRestarted, perSecondMax });
  };
  const [received, sent] = [octets("In"), octets("Out")];
  const inErrors = sample.counter("ifInErrors", row, { bits: 32, isRestarted });
  const outErrors = sample.counter("ifOutErrors", row, { bits: 32, isRestarted });
  const inRate = received?.growth.perSecond;
  const outRate = sent?.growth.perSecond;
  return told("snmp.interface", index, sample, {
    "snmp.interface.index": index,
    "snmp.interface.name": name,
    // As the host's own metrics have it, so that one rule can look at an interface whoever tells of it.
    "system.interface.name": name,
    "snmp.interface.description": description,
    "snmp.interface.type": type,
    "snmp.interface.state": sample.choice("ifOperStatus"),
    "snmp.interface.admin_state": sample.choice("ifAdminStatus"),
    "snmp.interface.speed.bits_per_second": speed,
    "snmp.interface.in.bytes": nearest(received?.value),
    "snmp.interface.out.bytes": nearest(sent?.value),
    "snmp.interface.in.bytes_exact": exact(received?.value),
    "snmp.interface.out.bytes_exact": exact(sent?.value),
    "snmp.interface.in.bytes_per_second": inRate,
    "snmp.interface.out.bytes_per_second": outRate,
    "snmp.interface.bytes_per_second": inRate === undefined || outRate === undefined ? undefined : inRate + outRate,
    "snmp.interface.in.percent": share(inRate, perSecondMax),
    "snmp.interface.out.percent": share(outRate, perSecondMax),
    "snmp.interface.in.errors": nearest(inErrors?.value),
    "snmp.interface.out.errors": nearest(outErrors?.value),
    "snmp.interface.in.errors_increase": nearest(inErrors?.growth.increase),
    "snmp.interface.out.errors_increase": nearest(outErrors?.growth.increase),
    "snmp.interface.in.errors_per_second": inErrors?.growth.perSecond,
    "snmp.interface.out.errors_per_second": outErrors?.growth.perSecond,
  });
}

/** Bits a second, or `undefined` where the agent knows none. */
function speedOf(sample: Sample): number | undefined {
  const speed = sample.number("ifSpeed") ?? 0;
  const high = sample.number("ifHighSpeed") ?? 0;
  if (speed > 0 && speed < IF_SPEED_MAX) return speed;
  if (high > 0) return high * 1_000_000;
  return speed > 0 ? speed : undefined;
}

function hasDiscontinuity(sample: Sample, row: string): boolean {
  const ticks = sample.number("ifCounterDiscontinuityTime");
  return ticks !== undefined && sample.context.memory.isChanged(row, ticks);
}

export function tellProcesses({ rows, isPartial }: Table, context: TellContext): Told[] {
  return [...rows].map(([index, { values, atMs }]) => {
    const sample = new Sample(values, context, atMs, isPartial);
    const name = sample.text("hrSWRunName");
    const path = sample.text("hrSWRunPath");
    const cpu = sample.counter("hrSWRunPerfCPU", `snmp.process:${index}:${name ?? ""}`, { bits: 32 });
    const isAbsolute = path !== undefined && /^(?:\/|[A-Za-z]:\\)/.test(path);
    return told("snmp.process", index, sample, {
      "process.pid": /^\d+$/.test(index) ? Number(index) : undefined,
      "process.name": name,
      "process.executable": isAbsolute ? path : undefined,
      // Hundredths of a second of CPU time in a second are the percent of one core.
      "process.cpu.percent": cpu?.growth.perSecond,
      "snmp.process.path": path,
      "snmp.process.parameters": sample.text("hrSWRunParameters"),
      "snmp.process.status": sample.choice("hrSWRunStatus"),
      "snmp.process.cpu.seconds": cpu === undefined ? undefined : Number(cpu.value) / 100,
    });
  });
}

/** An event for each value of the configuration's own scalars. */
export function tellOwnScalars(
  { values, atMs }: Scalars,
  objects: readonly ObjectDefinition[],
  context: TellContext,
): Told[] {
  return objects.filter(({ kind, name }) => kind === OWN_KIND && values.has(name))
    .map((object) => tellOwn(object, "", new Sample(values, context, atMs, false)));
}

/** An event for each value of a table of the configuration's own; the columns that only name rows are no events. */
export function tellOwnTable(
  { rows, isPartial }: Table,
  columns: readonly ObjectDefinition[],
  context: TellContext,
): Told[] {
  return [...rows].flatMap(([index, { values, atMs }]) =>
    columns.filter(({ name }) => values.has(name) && context.metrics.has(name))
      .map((object) => tellOwn(object, index, new Sample(values, context, atMs, isPartial)))
  );
}

function tellOwn(object: ObjectDefinition, index: string, sample: Sample): Told {
  const { name, oid, category, unit } = object;
  const label = object.needs?.[0];
  return told(OWN_KIND, index === "" ? name : `${name}.${index}`, sample, {
    ...ownValue(object, index, sample),
    "snmp.object.name": name,
    "snmp.object.category": category,
    "snmp.object.oid": index === "" ? oid : `${oid}.${index}`,
    "snmp.object.index": index === "" ? undefined : index,
    "snmp.object.label": label === undefined ? undefined : sample.text(label),
    "snmp.object.unit": unit,
  });
}

function ownValue({ name, type }: ObjectDefinition, index: string, sample: Sample) {
  switch (type) {
    case "counter32":
    case "counter64": {
      const counter = sample.counter(name, `${OWN_KIND}:${index}`, { bits: type === "counter32" ? 32 : 64 });
      return {
        "snmp.object.value": nearest(counter?.value),
        "snmp.object.value_exact": exact(counter?.value),
        "snmp.object.per_second": counter?.growth.perSecond,
      };
    }
    case "text":
      return { "snmp.object.text": sample.text(name) };
    case "decimal":
      return { "snmp.object.value": sample.decimal(name) };
    case "ticks": {
      const ticks = sample.number(name);
      return { "snmp.object.value": ticks === undefined ? undefined : ticks / 100 };
    }
    default:
      return { "snmp.object.value": sample.signed(name) };
  }
}
