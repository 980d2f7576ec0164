/** The latest values of each host, by what its events said last: CPU, memory, disks, interfaces, top processes. */

import type { TelemetryEvent } from "../core/event.ts";

/** Hosts kept; of more, those longest unheard of go, counted. */
export const HOSTS_MAX = 10_000;

/** Rows kept for one kind on one host: mounts, interfaces, processes. */
export const HOST_ROWS_MAX = 1_000;

/** What makes a row of each kind that tells of a host; null: one row a host. */
const ROW_FIELD: Readonly<Record<string, string | null>> = {
  "host.cpu": null,
  "host.memory": null,
  "host.connections": null,
  "host.processes": null,
  "host.filesystem": "system.filesystem.mount_point",
  "host.disk": "system.disk.name",
  "host.interface": "system.interface.name",
  "process.stats": "process.entity_id",
};

/** Kinds the view is made of. */
export const HOST_VIEW_KINDS: readonly string[] = Object.keys(ROW_FIELD);

interface HostRecord {
  lastMs: number;
  readonly rows: Map<string, Map<string, TelemetryEvent>>;
}

export class HostView {
  readonly #hosts = new Map<string, HostRecord>();
  #evicted = 0;

  /** Takes note of an event. Later ones of the same row stand in for earlier ones. */
  observe(event: TelemetryEvent): void {
    const field = ROW_FIELD[event.kind];
    const record = this.#record(event.host);
    if (event.timeMs > record.lastMs) record.lastMs = event.timeMs;
    if (field === undefined) return;
    let rows = record.rows.get(event.kind);
    if (rows === undefined) record.rows.set(event.kind, rows = new Map());
    const key = field === null ? "" : String(event.fields[field] ?? "");
    const before = rows.get(key);
    if (before !== undefined && before.timeMs > event.timeMs) return;
    rows.delete(key);
    rows.set(key, event);
    if (rows.size > HOST_ROWS_MAX) rows.delete(rows.keys().next().value ?? "");
  }

  /** Hosts and when they were last heard of, by name. */
  hosts(): { host: string; lastMs: number }[] {
    const all = [...this.#hosts].map(([host, { lastMs }]) => ({ host, lastMs }));
    return all.sort((a, b) => (a.host < b.host ? -1 : 1));
  }

  /** The latest rows of one kind, or none. Of a kind that is told of in looks, only those of the last look. */
  latest(host: string, kind: string): TelemetryEvent[] {
    const rows = [...(this.#hosts.get(host)?.rows.get(kind)?.values() ?? [])];
    const lastMs = rows.reduce((max, event) => Math.max(max, event.timeMs), -Infinity);
    return rows.filter((event) => event.timeMs === lastMs);
  }

  /** Whether a host has been heard of, and when last. */
  lastMs(host: string): number | undefined {
    return this.#hosts.get(host)?.lastMs;
  }

  get evicted(): number {
    return this.#evicted;
  }

  #record(host: string): HostRecord {
    let record = this.#hosts.get(host);
    if (record !== undefined) return record;
    record = { lastMs: -Infinity, rows: new Map() };
    this.#hosts.set(host, record);
    if (this.#hosts.size > HOSTS_MAX) this.#evictOldest();
    return record;
  }

  #evictOldest(): void {
    let oldest: string | undefined;
    let oldestMs = Infinity;
    for (const [host, { lastMs }] of this.#hosts) {
      if (lastMs > -Infinity && lastMs < oldestMs) [oldest, oldestMs] = [host, lastMs];
    }
    if (oldest === undefined) return;
    this.#hosts.delete(oldest);
    this.#evicted++;
  }
}
