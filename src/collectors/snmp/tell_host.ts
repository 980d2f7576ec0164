/** What a poll says of the device itself: system, CPU, memory, storage, disks, load. */

import { nearest, Sample, share, type TellContext, type Told, told } from "./sample.ts";
import type { Varbind } from "./varbind.ts";
import type { Table } from "./walk.ts";

/** Scalars of a device, and when they were read. */
export interface Scalars {
  readonly values: ReadonlyMap<string, Varbind>;
  readonly atMs: number;
}

const SYSTEM_METRICS = ["sysDescr", "sysUpTime", "sysContact", "sysName", "sysLocation"];

export function tellSystem({ values, atMs }: Scalars, context: TellContext): Told[] {
  if (!SYSTEM_METRICS.some((name) => context.metrics.has(name) && values.has(name))) return [];
  const sample = new Sample(values, context, atMs, false);
  const ticks = sample.number("sysUpTime");
  return [told("snmp.system", "", sample, {
    "snmp.system.description": sample.text("sysDescr"),
    "snmp.system.name": sample.text("sysName"),
    "snmp.system.contact": sample.text("sysContact"),
    "snmp.system.location": sample.text("sysLocation"),
    "snmp.system.uptime.seconds": ticks === undefined ? undefined : ticks / 100,
  })];
}

export function tellLoad({ values, atMs }: Scalars, context: TellContext): Told[] {
  if (!values.has("laLoad1") && !values.has("laLoad5") && !values.has("laLoad15")) return [];
  const sample = new Sample(values, context, atMs, false);
  return [told("snmp.load", "", sample, {
    "snmp.load.1": sample.decimal("laLoad1"),
    "snmp.load.5": sample.decimal("laLoad5"),
    "snmp.load.15": sample.decimal("laLoad15"),
  })];
}

/** One event for all processors. */
export function tellCpu({ rows, isPartial }: Table, context: TellContext): Told[] {
  const loads: number[] = [];
  for (const row of rows.values()) {
    const load = new Sample(row.values, context, row.atMs, false).number("hrProcessorLoad");
    if (load === undefined) continue;
    if (load <= 100) loads.push(load);
    else context.refused++;
  }
  if (loads.length === 0) return [];
  const sum = loads.reduce((total, load) => total + load, 0);
  const sample = new Sample(new Map(), context, 0, isPartial);
  return [told("snmp.cpu", "", sample, {
    "snmp.cpu.percent": share(sum, loads.length * 100),
    "snmp.cpu.busiest.percent": Math.max(...loads),
    "snmp.cpu.count": loads.length,
    "snmp.cpu.loads": loads.map(String),
  })];
}

/** A storage area in bytes. */
interface Area {
  readonly told: Told;
  readonly type: string | undefined;
  readonly name: string | undefined;
  readonly totalBytes: number | undefined;
  readonly usedBytes: number | undefined;
}

/** An event for each storage area, and one for the memory, which is told by several of them. */
export function tellStorage(
  { rows, isPartial }: Table,
  scalars: Scalars,
  context: TellContext,
): Told[] {
  const areas = [...rows].map(([index, { values, atMs }]) =>
    areaOf(index, new Sample(values, context, atMs, isPartial))
  );
  return [...areas.map((area) => area.told), ...tellMemory(scalars, areas, isPartial, context)];
}

function areaOf(index: string, sample: Sample): Area {
  const type = sample.choice("hrStorageType");
  const name = sample.text("hrStorageDescr");
  const unit = sample.number("hrStorageAllocationUnits");
  const size = unsigned(sample, "hrStorageSize");
  const used = unsigned(sample, "hrStorageUsed");
  const totalBytes = times(size, unit);
  const usedBytes = times(used, unit);
  const isPossible = size === undefined || used === undefined || used <= size;
  if (!isPossible) sample.note("implausible");
  const event = told("snmp.storage", index, sample, {
    "snmp.storage.index": index,
    "snmp.storage.name": name,
    "snmp.storage.type": type,
    "snmp.storage.unit.bytes": unit,
    "snmp.storage.size.units": size,
    "snmp.storage.used.units": used,
    "snmp.storage.total.bytes": totalBytes,
    "snmp.storage.used.bytes": usedBytes,
    "snmp.storage.free.bytes": isPossible ? minus(totalBytes, usedBytes) : undefined,
    "snmp.storage.percent": isPossible ? share(used, size) : undefined,
  });
  return { told: event, type, name, totalBytes, usedBytes };
}

/** Sizes are signed and 32 bits wide, so that of a large area can come as a negative number: it went past the end once. */
function unsigned(sample: Sample, name: string): number | undefined {
  const value = sample.signed(name);
  if (value === undefined || value >= 0) return value;
  if (value < -(2 ** 31)) {
    sample.refuse();
    return undefined;
  }
  sample.note("wrapped");
  return value + 2 ** 32;
}

/** Areas that Net-SNMP tells beside the physical memory, of which they are a part that can be had at once. */
const RECLAIMABLE = ["Memory buffers", "Cached memory"];

/** What is free and what can be freed at once, where the agent says so itself. */
const AVAILABLE = "Available memory";

export function tellMemory(
  { values, atMs }: Scalars,
  areas: readonly Area[],
  isPartial: boolean,
  context: TellContext,
): Told[] {
  const sample = new Sample(values, context, atMs, isPartial);
  const sizeKib = sample.number("hrMemorySize");
  const ram = areas.find(({ type, usedBytes }) => type === "ram" && usedBytes !== undefined);
  if (sizeKib === undefined && ram === undefined) return [];
  const usedBytes = usedMemory(ram, areas);
  return [told("snmp.memory", "", sample, {
    "snmp.memory.size.kib": sizeKib,
    "snmp.memory.total.bytes": times(sizeKib, 1024) ?? ram?.totalBytes,
    "snmp.memory.used.bytes": usedBytes,
    "snmp.memory.percent": share(usedBytes, ram?.totalBytes),
  })];
}

/** Memory that cannot be had without swapping, as far as the agent tells; else all that is not free. */
function usedMemory(ram: Area | undefined, areas: readonly Area[]): number | undefined {
  if (ram?.usedBytes === undefined) return undefined;
  const named = (name: string) => areas.find((area) => area.name === name);
  const availableBytes = named(AVAILABLE)?.totalBytes;
  if (availableBytes !== undefined && ram.totalBytes !== undefined && availableBytes <= ram.totalBytes) {
    return ram.totalBytes - availableBytes;
  }
  const reclaimable = RECLAIMABLE.reduce((sum, name) => sum + (named(name)?.usedBytes ?? 0), 0);
  return Math.max(0, ram.usedBytes - reclaimable);
}

export function tellDisks({ rows, isPartial }: Table, context: TellContext): Told[] {
  return [...rows].map(([index, { values, atMs }]) => {
    const sample = new Sample(values, context, atMs, isPartial);
    const name = sample.text("diskIODevice");
    const row = `snmp.disk:${index}:${name ?? ""}`;
    const reads = sample.counter("diskIOReads", row, { bits: 32 });
    const writes = sample.counter("diskIOWrites", row, { bits: 32 });
    return told("snmp.disk", index, sample, {
      "snmp.disk.index": index,
      "snmp.disk.name": name,
      "snmp.disk.reads": nearest(reads?.value),
      "snmp.disk.writes": nearest(writes?.value),
      "snmp.disk.reads_per_second": reads?.growth.perSecond,
      "snmp.disk.writes_per_second": writes?.growth.perSecond,
    });
  });
}

function times(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a * b;
}

function minus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a - b;
}
