/**
 * On Linux: systeminformation for CPU, memory and mounts, and the kernel's own tables for the rest, where systeminformation adds
 * up all disks, leaves out interfaces without an address, and starts a program for each interface and for the sockets.
 */

import { portableReadings } from "./portable.ts";
import { parseDiskstats, parseNetDev, parseSockets, type SocketCounts } from "./proc_tables.ts";
import type { DiskReading, FilesystemReading, InterfaceReading, Readings } from "./readings.ts";

const SOCKET_TABLES = ["tcp", "tcp6", "udp", "udp6"] as const;

/** Readings of this machine. */
export function linuxReadings(): Readings {
  const portable = portableReadings();
  return {
    cpu: portable.cpu,
    memory: portable.memory,
    filesystems: async () => await Promise.all((await portable.filesystems()).map(withDisk)),
    disks,
    interfaces,
    connections,
  };
}

async function disks(): Promise<DiskReading[]> {
  const rows = parseDiskstats(await Deno.readTextFile("/proc/diskstats"));
  const whole = new Set<string>();
  for await (const { name } of Deno.readDir("/sys/block")) whole.add(name);
  // The kernel writes a slash in a device's name as an exclamation mark.
  return rows.map((row) => ({ ...row, isPart: !whole.has(row.name.replaceAll("/", "!")) }));
}

/** The mount with the name its device has among the disks; where that is not known, as it was. */
async function withDisk(mount: FilesystemReading): Promise<FilesystemReading> {
  if (!mount.device.startsWith("/dev/")) return mount;
  try {
    const { rdev } = await Deno.stat(mount.device);
    const disk = rdev === null ? undefined : await deviceName(rdev);
    return disk === undefined ? mount : { ...mount, disk };
  } catch {
    return mount; // a device that cannot be looked at has its space told of all the same
  }
}

/** The kernel's name of a block device by its number: `dm-0` for `/dev/mapper/root`. */
async function deviceName(rdev: number): Promise<string | undefined> {
  const major = Math.floor(rdev / 256) % 4096;
  const minor = rdev % 256 + Math.floor(rdev / 2 ** 20) % 4096 * 256;
  const target = await Deno.readLink(`/sys/dev/block/${major}:${minor}`);
  return target.split("/").at(-1)?.replaceAll("!", "/");
}

async function interfaces(): Promise<InterfaceReading[]> {
  const rows = parseNetDev(await Deno.readTextFile("/proc/net/dev"));
  return await Promise.all(rows.map(async (row) => ({ ...row, state: await stateOf(row.name) })));
}

async function stateOf(name: string): Promise<InterfaceReading["state"]> {
  try {
    const state = (await Deno.readTextFile(`/sys/class/net/${name}/operstate`)).trim();
    return state === "up" || state === "down" ? state : "unknown";
  } catch {
    return "unknown"; // gone since it was listed, or sysfs is not there
  }
}

/** A kernel without IPv6 has no tables for it; none at all is a failure, not zero sockets. */
async function connections(): Promise<SocketCounts> {
  const total = { count: 0, established: 0, listening: 0 };
  let failure: unknown;
  let tables = 0;
  for (const table of SOCKET_TABLES) {
    try {
      const counts = parseSockets(await Deno.readTextFile(`/proc/net/${table}`), table.startsWith("tcp"));
      total.count += counts.count;
      total.established += counts.established;
      total.listening += counts.listening;
      tables++;
    } catch (error) {
      failure = error;
    }
  }
  if (tables === 0) throw failure;
  return total;
}
