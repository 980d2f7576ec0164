/** Readings that a test sets: what each gives now, and what goes wrong. */

import type { Readings } from "../../../src/collectors/metrics/readings.ts";

/** A host with one of everything. Change a member to change what is read from then on. */
export function fakeReadings(): Readings {
  return {
    cpu: () =>
      Promise.resolve({
        percent: 12.345,
        userPercent: 10,
        systemPercent: 100.00001,
        cores: 4,
        load: [0.5, 0.25, 0.125],
        uptimeSeconds: 99,
      }),
    memory: () => Promise.resolve({ totalBytes: 1_000, availableBytes: 250, swapTotalBytes: 0, swapUsedBytes: 0 }),
    filesystems: () => Promise.resolve([mount("/", "ext4", "vda1"), mount("/run", "tmpfs"), mount("/data", "nfs4")]),
    disks: () => Promise.resolve([disk("vda", false, 0), disk("vda1", true, 0)]),
    interfaces: () => Promise.resolve([nic("eth0", 0, 0)]),
    connections: () => Promise.resolve({ count: 9, established: 5, listening: 3 }),
  };
}

export function mount(mountPoint: string, type: string, on?: string) {
  const space = { totalBytes: 1_100, usedBytes: 750, freeBytes: 250 };
  return { mountPoint, device: `/dev/${on ?? "x"}`, type, ...space, ...(on === undefined ? {} : { disk: on }) };
}

export function disk(name: string, isPart: boolean, bytes: number) {
  return { name, isPart, readBytes: bytes, writeBytes: 2 * bytes, reads: bytes / 10, writes: bytes / 5 };
}

export function nic(name: string, inBytes: number, outBytes: number) {
  const none = { inErrors: 0, outErrors: 0, inDropped: 0, outDropped: 0 };
  return { name, state: "up" as const, inBytes, outBytes, ...none };
}
