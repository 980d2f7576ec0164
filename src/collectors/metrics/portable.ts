/** Readings through systeminformation, on any system it knows. */

import { loadavg, uptime } from "node:os";
import type { Readings } from "./readings.ts";

/** Loaded when first needed, so that starting does not wait for it. */
type SystemInformation = typeof import("systeminformation");

/** Readings of this machine through systeminformation. */
export async function portableReadings(): Promise<Readings> {
  const si: SystemInformation = (await import("systeminformation")).default;
  return {
    async cpu() {
      const load = await si.currentLoad();
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
      const memory = await si.mem();
      return {
        totalBytes: memory.total,
        availableBytes: memory.available,
        swapTotalBytes: memory.swaptotal,
        swapUsedBytes: memory.swapused,
      };
    },
    async filesystems() {
      const mounts = await si.fsSize();
      return mounts.map(({ mount, fs, type, size, used, available }) => ({
        mountPoint: mount,
        device: fs,
        type,
        totalBytes: size,
        usedBytes: used,
        freeBytes: available,
      }));
    },
    disks: () => allDisks(si),
    async interfaces() {
      const rows = await si.networkStats("*");
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
      const sockets = await si.networkConnections();
      return {
        count: sockets.length,
        established: sockets.filter(({ state }) => state === "ESTABLISHED").length,
        listening: sockets.filter(({ state }) => state === "LISTEN").length,
      };
    },
  };
}

/** systeminformation adds up all disks, and gives null for what the system does not tell. */
async function allDisks(si: SystemInformation) {
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
