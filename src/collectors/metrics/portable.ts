/** Readings through systeminformation, on any system it knows. */

import { loadavg, uptime } from "node:os";
import type { Readings } from "./readings.ts";

/**
 * The parts of systeminformation that readings come from, each loaded when first asked for. All of it is 780 kB of source, most of
 * it about devices that nobody asks for here, and 2 MB of memory for as long as Weir runs.
 */
const PARTS = {
  cpu: () => import("systeminformation/lib/cpu.js"),
  memory: () => import("systeminformation/lib/memory.js"),
  filesystem: () => import("systeminformation/lib/filesystem.js"),
  network: () => import("systeminformation/lib/network.js"),
};

/** A part has no types of its own: they are those of the whole. */
async function part(name: keyof typeof PARTS): Promise<typeof import("systeminformation")> {
  return (await PARTS[name]()).default;
}

/** Readings of this machine through systeminformation. */
export function portableReadings(): Readings {
  return {
    async cpu() {
      const load = await (await part("cpu")).currentLoad();
      return {
        percent: load.currentLoad,
        userPercent: load.currentLoadUser,
        systemPercent: load.currentLoadSystem,
        cores: load.cpus.length,
        uptimeSeconds: uptime(),
        ...(Deno.build.os === "windows" ? {} : { load: loadAverages() }),
      };
    },
    async memory() {
      const memory = await (await part("memory")).mem();
      return {
        totalBytes: memory.total,
        availableBytes: memory.available,
        swapTotalBytes: memory.swaptotal,
        swapUsedBytes: memory.swapused,
      };
    },
    async filesystems() {
      const mounts = await (await part("filesystem")).fsSize();
      return mounts.map(({ mount, fs, type, size, used, available }) => ({
        mountPoint: mount,
        device: fs,
        type,
        totalBytes: size,
        usedBytes: used,
        freeBytes: available,
      }));
    },
    disks: allDisks,
    async interfaces() {
      const rows = await (await part("network")).networkStats("*");
      return rows.map((row) => ({
        name: row.iface,
        state: row.operstate === "up" || row.operstate === "down" ? row.operstate : "unknown",
        inBytes: row.rx_bytes,
        outBytes: row.tx_bytes,
        inErrors: row.rx_errors,
        outErrors: row.tx_errors,
        inDropped: row.rx_dropped,
        outDropped: row.tx_dropped,
      }));
    },
    async connections() {
      const sockets = await (await part("network")).networkConnections();
      return {
        count: sockets.length,
        established: sockets.filter(({ state }) => state === "ESTABLISHED").length,
        listening: sockets.filter(({ state }) => state === "LISTEN").length,
      };
    },
  };
}

/** systeminformation adds up all disks, and gives null for what the system does not tell. */
async function allDisks() {
  const si = await part("filesystem");
  const bytes = await si.fsStats() as { rx: number; wx: number } | null;
  const counts = await si.disksIO() as { rIO: number; wIO: number } | null;
  if (bytes === null && counts === null) return [];
  return [{
    name: "all",
    isPart: false,
    ...(bytes === null ? {} : { readBytes: bytes.rx, writeBytes: bytes.wx }),
    ...(counts === null ? {} : { reads: counts.rIO, writes: counts.wIO }),
  }];
}

function loadAverages(): readonly [number, number, number] {
  const [one = NaN, five = NaN, fifteen = NaN] = loadavg();
  return [one, five, fifteen];
}
