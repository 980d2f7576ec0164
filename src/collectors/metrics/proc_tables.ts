/** Tables of Linux's `/proc` (Documentation/filesystems/proc.rst, admin-guide/iostats.rst): text in, numbers out. */

import type { DiskReading, InterfaceReading } from "./readings.ts";

/** A sector of `/proc/diskstats`, whatever the device's own are: bytes. */
const SECTOR_BYTES = 512;

/** Devices that are made of files or memory: their I/O is that of others, or none. */
const VIRTUAL_DISK = /^(?:loop|ram|fd|sr)\d+$/;

/** Rows of `/proc/diskstats`: devices that have read or written since the start, virtual ones left out. */
export function parseDiskstats(text: string): Omit<DiskReading, "isPart">[] {
  return text.split("\n").flatMap((line) => {
    // major minor name, reads, merged, sectors read, ms, writes, merged, sectors written, ...
    const [, , name, reads, , sectorsRead, , writes, , sectorsWritten] = line.trim().split(/\s+/);
    if (name === undefined || sectorsWritten === undefined || VIRTUAL_DISK.test(name)) return [];
    if (reads === "0" && writes === "0") return [];
    return [{
      name,
      readBytes: Number(sectorsRead) * SECTOR_BYTES,
      writeBytes: Number(sectorsWritten) * SECTOR_BYTES,
      reads: Number(reads),
      writes: Number(writes),
    }];
  });
}

/** Rows of `/proc/net/dev`. */
export function parseNetDev(text: string): Omit<InterfaceReading, "state">[] {
  return text.split("\n").slice(2).flatMap((line) => {
    const colon = line.lastIndexOf(":"); // the name of an alias has one too
    if (colon === -1) return [];
    // Received: bytes packets errs drop fifo frame compressed multicast; sent: bytes packets errs drop ...
    const [inBytes, , inErrors, inDropped, , , , , outBytes, , outErrors, outDropped] = line.slice(colon + 1).trim()
      .split(/\s+/).map(Number);
    if (inBytes === undefined || inErrors === undefined || inDropped === undefined) return [];
    if (outBytes === undefined || outErrors === undefined || outDropped === undefined) return [];
    return [{ name: line.slice(0, colon).trim(), inBytes, outBytes, inErrors, outErrors, inDropped, outDropped }];
  });
}

export interface SocketCounts {
  readonly count: number;
  readonly established: number;
  readonly listening: number;
}

/** States of a TCP socket in the kernel (include/net/tcp_states.h), as `/proc/net/tcp` writes them. */
const ESTABLISHED = "01";
const LISTEN = "0A";

/** Counts of one of `/proc/net/{tcp,tcp6,udp,udp6}`. Of UDP only the number of sockets: it has no connections. */
export function parseSockets(text: string, isTcp: boolean): SocketCounts {
  let count = 0;
  let established = 0;
  let listening = 0;
  for (const line of text.split("\n").slice(1)) {
    const state = line.trim().split(/\s+/, 4)[3];
    if (state === undefined) continue;
    count++;
    if (!isTcp) continue;
    if (state === ESTABLISHED) established++;
    else if (state === LISTEN) listening++;
  }
  return { count, established, listening };
}
