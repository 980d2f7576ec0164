/** Readings as rows of fields: what is not known is not there. */

import type { Fields, FieldValue } from "../../core/event.ts";
import { type CounterSample, ratesBetween } from "./counter.ts";
import type {
  ConnectionsReading,
  CpuReading,
  DiskReading,
  FilesystemReading,
  InterfaceReading,
  MemoryReading,
} from "./readings.ts";

/** One event to be. */
export interface Row {
  readonly kind: string;
  /** Tells rows of one kind in one sample apart; empty where there is one. */
  readonly row: string;
  readonly fields: Fields;
}

/** The counters of the last sample, by what they are of. A row that was not seen this time is forgotten. */
export class CounterMemory {
  #before = new Map<string, CounterSample>();
  #now = new Map<string, CounterSample>();

  /** What the counters grew by a second since the last sample. */
  rates(row: string, sample: CounterSample): Readonly<Record<string, number>> {
    this.#now.set(row, sample);
    return ratesBetween(this.#before.get(row), sample);
  }

  /** Ends a sample. Rows of the kinds that could not be read are kept, so that their next rates span the gap. */
  endSample(isUnread: (row: string) => boolean): void {
    for (const [row, sample] of this.#before) if (isUnread(row)) this.#now.set(row, sample);
    this.#before = this.#now;
    this.#now = new Map();
  }
}

export function cpuRow(cpu: CpuReading): Row {
  return row("host.cpu", "", {
    "system.cpu.percent": percent(cpu.percent),
    "system.cpu.user.percent": percent(cpu.userPercent),
    "system.cpu.system.percent": percent(cpu.systemPercent),
    "system.cpu.cores": cpu.cores > 0 ? cpu.cores : undefined,
    "system.load.1": cpu.load?.[0],
    "system.load.5": cpu.load?.[1],
    "system.load.15": cpu.load?.[2],
    "system.uptime.seconds": cpu.uptimeSeconds,
  });
}

export function memoryRow(memory: MemoryReading): Row {
  const usedBytes = memory.totalBytes - memory.availableBytes;
  const hasSwap = memory.swapTotalBytes > 0;
  return row("host.memory", "", {
    "system.memory.percent": share(usedBytes, memory.totalBytes),
    "system.memory.total.bytes": memory.totalBytes,
    "system.memory.used.bytes": usedBytes,
    "system.memory.available.bytes": memory.availableBytes,
    "system.swap.percent": hasSwap ? share(memory.swapUsedBytes, memory.swapTotalBytes) : undefined,
    "system.swap.total.bytes": memory.swapTotalBytes,
    "system.swap.used.bytes": hasSwap ? memory.swapUsedBytes : undefined,
  });
}

/** `disk`: the fields of the disk the mount is on, where that is known. */
export function filesystemRow(mount: FilesystemReading, disk: Fields | undefined): Row {
  return row("host.filesystem", mount.mountPoint, {
    "system.filesystem.mount_point": mount.mountPoint,
    "system.filesystem.device": mount.device || undefined,
    "system.filesystem.type": mount.type || undefined,
    // Of what users can have: what is kept back for root counts as neither used nor free, as `df` has it.
    "system.filesystem.percent": share(mount.usedBytes, mount.usedBytes + mount.freeBytes),
    "system.filesystem.total.bytes": mount.totalBytes,
    "system.filesystem.used.bytes": mount.usedBytes,
    "system.filesystem.free.bytes": mount.freeBytes,
    ...disk,
  });
}

/** What a disk, or a part of one, has read and written. */
export function diskFields(disk: DiskReading, memory: CounterMemory, atMs: number): Fields {
  const { readBytes, writeBytes, reads, writes } = disk;
  const counters = present({ readBytes, writeBytes, reads, writes });
  const rates = memory.rates(`host.disk:${disk.name}`, { atMs, counters });
  return present<FieldValue>({
    "system.disk.name": disk.name,
    "system.disk.read.bytes": readBytes,
    "system.disk.write.bytes": writeBytes,
    "system.disk.read.bytes_per_second": rates.readBytes,
    "system.disk.write.bytes_per_second": rates.writeBytes,
    "system.disk.reads_per_second": rates.reads,
    "system.disk.writes_per_second": rates.writes,
  });
}

export function interfaceRow(reading: InterfaceReading, memory: CounterMemory, atMs: number): Row {
  const { name, state, ...counters } = reading;
  const rates = memory.rates(`host.interface:${name}`, { atMs, counters: present(counters) });
  const both = rates.inBytes === undefined || rates.outBytes === undefined ? undefined : rates.inBytes + rates.outBytes;
  return row("host.interface", name, {
    "system.interface.name": name,
    "system.interface.state": state,
    "system.interface.in.bytes": reading.inBytes,
    "system.interface.out.bytes": reading.outBytes,
    "system.interface.in.errors": reading.inErrors,
    "system.interface.out.errors": reading.outErrors,
    "system.interface.in.dropped": reading.inDropped,
    "system.interface.out.dropped": reading.outDropped,
    "system.interface.in.bytes_per_second": rates.inBytes,
    "system.interface.out.bytes_per_second": rates.outBytes,
    "system.interface.bytes_per_second": both,
    "system.interface.in.errors_per_second": rates.inErrors,
    "system.interface.out.errors_per_second": rates.outErrors,
  });
}

export function connectionsRow(connections: ConnectionsReading): Row {
  return row("host.connections", "", {
    "system.connections.count": connections.count,
    "system.connections.established": connections.established,
    "system.connections.listening": connections.listening,
  });
}

function row(kind: string, name: string, fields: Readonly<Record<string, FieldValue | undefined>>): Row {
  return { kind, row: name, fields: present(fields) };
}

/** Without what is not known: undefined, or no finite number. */
function present<T>(values: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const known: Record<string, T> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) continue;
    known[name] = value;
  }
  return known;
}

/** 0 to 100 of the whole; `undefined` where there is no whole. */
function share(part: number, whole: number): number | undefined {
  return whole > 0 ? percent((part / whole) * 100) : undefined;
}

/** Within 0 to 100, to a hundredth: rounding in the source can pass the ends by a little. */
function percent(value: number): number {
  return Math.round(Math.min(100, Math.max(0, value)) * 100) / 100;
}
