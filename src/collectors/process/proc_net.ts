/** What the tables /proc/net/{tcp,tcp6,udp,udp6} say (proc_net(5), net/ipv4/tcp_ipv4.c). No I/O. */

import type { SocketDescription } from "./source.ts";

/** The tables, by their names. */
export const TABLES = ["tcp", "tcp6", "udp", "udp6"] as const;

export type Table = (typeof TABLES)[number];

/** A line of a table, cut into its columns and not yet understood. */
export interface TableRow {
  readonly table: Table;
  /** `<address>:<port>`, in hexadecimal. */
  readonly local: string;
  readonly peer: string;
  /** Two hexadecimal digits. */
  readonly state: string;
  readonly uid: string;
  /** 0 for a connection that only waits for its end, which no process holds. */
  readonly inode: number;
}

/** Names of the states in include/net/tcp_states.h. */
const TCP_STATES: Readonly<Record<string, string>> = {
  "01": "established",
  "02": "syn_sent",
  "03": "syn_recv",
  "04": "fin_wait1",
  "05": "fin_wait2",
  "06": "time_wait",
  "07": "close",
  "08": "close_wait",
  "09": "last_ack",
  "0A": "listen",
  "0B": "closing",
  "0C": "syn_recv",
};

/** Rows of a table. The heading, and lines that are cut short, are left out. */
export function* parseTable(table: Table, text: string): Generator<TableRow> {
  let begin = text.indexOf("\n") + 1;
  while (begin > 0 && begin < text.length) {
    const newline = text.indexOf("\n", begin);
    const end = newline < 0 ? text.length : newline;
    const row = parseRow(table, text.slice(begin, end));
    if (row !== undefined) yield row;
    begin = end + 1;
  }
}

function parseRow(table: Table, line: string): TableRow | undefined {
  const columns = line.trim().split(/ +/, 10);
  const [, local, peer, state, , , , uid, , inode] = columns;
  if (local === undefined || peer === undefined || state === undefined || uid === undefined) return undefined;
  const number = Number(inode);
  return Number.isSafeInteger(number) ? { table, local, peer, state, uid, inode: number } : undefined;
}

/** Whether a row is a connection in a listener's queue: it has a number only from accept(2) on. */
export function isPending({ table, state, inode }: TableRow): boolean {
  return inode === 0 && table.startsWith("tcp") && (state === "01" || state === "03" || state === "0C");
}

/** Whether a row waits for whoever comes: a TCP listener, or UDP without a peer. */
export function isListening({ table, state, peer }: TableRow): boolean {
  return table.startsWith("tcp") ? state === "0A" : peer.endsWith(":0000");
}

/** What a row means, or `undefined` when an address in it is none. */
export function describeRow({ table, local, peer, state, uid, inode }: TableRow): SocketDescription | undefined {
  const own = parseEndpoint(local);
  const other = parseEndpoint(peer);
  if (own === undefined || other === undefined) return undefined;
  const transport = table.startsWith("tcp") ? "tcp" : "udp";
  const hasPeer = other.port !== 0;
  return {
    transport,
    type: own.ip.includes(":") ? "ipv6" : "ipv4",
    localIp: own.ip,
    localPort: own.port,
    state: transport === "udp" ? (hasPeer ? "established" : "unconnected") : TCP_STATES[state] ?? "unknown",
    ...(hasPeer ? { peerIp: other.ip, peerPort: other.port } : {}),
    // The kernel writes user 0 for a connection that no process holds any more.
    ...(inode === 0 ? {} : { userId: uid }),
  };
}

/** Address and port from `0100007F:1F90`: 32-bit words as this machine keeps them, and every system Deno runs on is little-endian. */
export function parseEndpoint(text: string): { ip: string; port: number } | undefined {
  const [address, portText] = text.split(":");
  if (address === undefined || portText === undefined || !/^(?:[0-9A-F]{8}|[0-9A-F]{32})$/.test(address)) {
    return undefined;
  }
  const port = Number.parseInt(portText, 16);
  if (Number.isNaN(port)) return undefined;
  const bytes: number[] = [];
  for (let word = 0; word < address.length; word += 8) {
    for (let byte = 6; byte >= 0; byte -= 2) {
      bytes.push(Number.parseInt(address.slice(word + byte, word + byte + 2), 16));
    }
  }
  return { ip: bytes.length === 4 ? bytes.join(".") : ipv6(bytes), port };
}

/** RFC 5952 text of 16 bytes; an IPv4-mapped address is written as the IPv4 address it is. */
function ipv6(bytes: readonly number[]): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[i] ?? 0) * 256 + (bytes[i + 1] ?? 0));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return bytes.slice(12).join(".");
  const { start, length } = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}
