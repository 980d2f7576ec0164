/** One sample: every reading at once, each within its own deadline, none costing the others. */

import type { Clock } from "../../core/clock.ts";
import { formatDuration } from "../../core/duration.ts";
import { messageOf } from "../../core/errors.ts";
import type { Fields } from "../../core/event.ts";
import type { DiskReading, FilesystemReading, InterfaceReading, Readings } from "./readings.ts";
import {
  connectionsRow,
  CounterMemory,
  cpuRow,
  diskFields,
  filesystemRow,
  interfaceRow,
  memoryRow,
  type Row,
} from "./rows.ts";
import type { MetricsConfig } from "./schema.ts";

/** Counters and when they were read: rates go by that, not by when the sample began. */
interface Timed<T> {
  readonly rows: readonly T[];
  readonly atMs: number;
}

const NONE: Timed<never> = { rows: [], atMs: 0 };

/** What a sampler needs of a collector's context. */
export interface SamplerContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  warn(message: string): void;
}

export class Sampler {
  readonly #memory = new CounterMemory();
  /** Readings that were given up on and have not come back: not started again until they have. */
  readonly #running = new Set<keyof Readings>();

  constructor(
    readonly config: MetricsConfig,
    readonly readings: Readings,
    readonly context: SamplerContext,
  ) {}

  /** The rows of this moment, without those whose reading failed or took too long. Never throws. */
  async sample(): Promise<Row[]> {
    const [cpu, memory, filesystems, disks, interfaces, connections] = await Promise.all([
      this.#read("cpu", (from) => from.cpu()),
      this.#read("memory", (from) => from.memory()),
      this.#read("filesystems", (from) => from.filesystems()),
      this.#read("disks", (from) => this.#timed(from.disks())),
      this.#read("interfaces", (from) => this.#timed(from.interfaces())),
      this.#read("connections", (from) => from.connections()),
    ]);
    const rows: Row[] = [];
    if (cpu !== undefined) rows.push(cpuRow(cpu));
    if (memory !== undefined) rows.push(memoryRow(memory));
    const io = this.#disks(disks ?? NONE, rows);
    for (const mount of this.#mounts(filesystems ?? [])) {
      rows.push(filesystemRow(mount, mount.disk === undefined ? undefined : io.get(mount.disk)));
    }
    const { rows: all, atMs } = interfaces ?? NONE;
    for (const reading of this.#interfaces(all)) rows.push(interfaceRow(reading, this.#memory, atMs));
    if (connections !== undefined) rows.push(connectionsRow(connections));
    this.#memory.endSample((row) =>
      (disks === undefined && row.startsWith("host.disk:")) ||
      (interfaces === undefined && row.startsWith("host.interface:"))
    );
    return rows;
  }

  /** Adds a row for each whole disk, and returns the fields of all, parts included, by name. */
  #disks(disks: Timed<DiskReading>, rows: Row[]): Map<string, Fields> {
    const io = new Map<string, Fields>();
    for (const disk of disks.rows) {
      const fields = diskFields(disk, this.#memory, disks.atMs);
      io.set(disk.name, fields);
      if (!disk.isPart) rows.push({ kind: "host.disk", row: disk.name, fields });
    }
    return io;
  }

  /** One a mount point; where several lie over one another, the last, which is the one that is seen. */
  #mounts(mounts: readonly FilesystemReading[]): Iterable<FilesystemReading> {
    const excluded = new Set(this.config.filesystem_types_excluded);
    const told = mounts.filter(({ mountPoint, type }) => mountPoint === "/" || !excluded.has(type));
    return new Map(told.map((mount) => [mount.mountPoint, mount])).values();
  }

  #interfaces(interfaces: readonly InterfaceReading[]): InterfaceReading[] {
    const patterns = this.config.interfaces_excluded;
    return interfaces.filter(({ name }) =>
      !patterns.some((pattern) => pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern)
    );
  }

  async #timed<T>(reading: Promise<readonly T[]>): Promise<Timed<T>> {
    return { rows: await reading, atMs: this.context.clock.monotonic() };
  }

  /** A reading, or `undefined` when it failed, took too long, or is still under way from an earlier sample. */
  async #read<T>(name: keyof Readings, read: (from: Readings) => Promise<T>): Promise<T | undefined> {
    const { clock, signal } = this.context;
    if (this.#running.has(name)) {
      this.context.warn(`Cannot read ${name} as the last reading has not come back yet`);
      return undefined;
    }
    this.#running.add(name);
    const settled = (async () => ({ value: await read(this.readings) }))()
      .catch((error: unknown) => ({ error }))
      .finally(() => this.#running.delete(name));
    const outcome = await within(settled, this.config.timeout, clock, signal);
    if (outcome === undefined) {
      if (!signal.aborted) {
        this.context.warn(`Cannot read ${name} as it took longer than ${formatDuration(this.config.timeout)}`);
      }
      return undefined;
    }
    if ("value" in outcome) return outcome.value;
    this.context.warn(`Cannot read ${name} as it failed: ${messageOf(outcome.error)}`);
    return undefined;
  }
}

/** What a promise gives, or `undefined` when the time is over or `signal` is aborted before. */
async function within<T>(
  promise: Promise<T>,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | undefined> {
  const done = new AbortController();
  const over = clock.sleep(timeoutMs, AbortSignal.any([signal, done.signal]));
  try {
    return await Promise.race([promise, over.then(() => undefined)]);
  } finally {
    done.abort();
  }
}
