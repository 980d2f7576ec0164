/** How many datagrams the kernel has thrown away as a socket's buffer was full: the last column of `/proc/net/udp`. */

import { readFileSync } from "node:fs";

/** Drops of all sockets on a UDP port since they were opened; `undefined` where the system does not tell. */
export function kernelDrops(port: number): number | undefined {
  let sum: number | undefined;
  for (const table of ["/proc/net/udp", "/proc/net/udp6"]) {
    const drops = dropsIn(readOrNone(table), port);
    if (drops !== undefined) sum = (sum ?? 0) + drops;
  }
  return sum;
}

/** The same of one table's text. */
export function dropsIn(table: string, port: number): number | undefined {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  let sum: number | undefined;
  for (const row of table.split("\n").slice(1)) {
    const columns = row.trim().split(/\s+/);
    if (columns[1]?.split(":")[1] !== wanted) continue;
    const drops = Number(columns.at(-1));
    if (Number.isInteger(drops)) sum = (sum ?? 0) + drops;
  }
  return sum;
}

function readOrNone(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // another system, or without it
  }
}
