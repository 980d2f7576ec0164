/** The host's internet sockets from /proc/net, and who holds them from /proc/<pid>/fd. */

import type { ProcFiles } from "./proc_files.ts";
import { describeRow, isListening, isPending, parseTable, type TableRow, TABLES } from "./proc_net.ts";
import type { Socket, SocketDescription } from "./source.ts";
import type { Users } from "./users.ts";

/** How much of one table is read: bytes. About 100,000 sockets; those after it are not seen. */
export const TABLE_BYTES_MAX = 16 * 1024 * 1024;

/** Even when no connection seems to have begun, the tables are read again after this time: milliseconds. */
const READ_AGAIN_MS = 5_000;

/** How many open files are looked at in one search for the owners of new sockets; past it, owners stay unknown. */
export const OWNER_FILES_MAX = 5_000;

/** How many open files of one process are looked at when its connections are counted. */
export const COUNTED_FILES_MAX = 20_000;

export class ProcSockets {
  /** Of the tables as last read. */
  #inodes = new Set<number>();
  /** Processes found to hold sockets, where new ones are looked for first. */
  #holders = new Set<number>();

  #lastCounters: string | undefined;
  #readMs = 0;

  constructor(readonly files: ProcFiles, readonly users: Users) {}

  /**
   * Every socket in the tables; a table that is not there (no IPv6, say) is empty. Walking the tables costs the kernel
   * milliseconds, so while its counters of connections begun and sockets in use stand still it is left alone: `undefined`.
   * `isPressing`: walk them in any case.
   */
  read(nowMs: number, isPressing: boolean): Socket[] | undefined {
    const counters = this.#counters();
    const isSame = counters !== undefined && counters === this.#lastCounters;
    if (isSame && !isPressing && nowMs - this.#readMs < READ_AGAIN_MS) return undefined;
    this.#lastCounters = counters;
    this.#readMs = nowMs;
    const sockets: Socket[] = [];
    const inodes = new Set<number>();
    for (const table of TABLES) {
      const text = this.files.text(`net/${table}`, TABLE_BYTES_MAX);
      if (text === undefined) continue;
      for (const row of parseTable(table, text)) {
        sockets.push(this.#socket(row));
        if (row.inode !== 0) inodes.add(row.inode);
      }
    }
    this.#inodes = inodes;
    return sockets;
  }

  /** Which process holds each of these sockets. A socket that several hold is the first one's that was found. */
  owners(wanted: ReadonlySet<number>): Map<number, number> {
    const found = new Map<number, number>();
    if (wanted.size === 0) return found;
    const others = (this.files.numbers("") ?? []).reverse().filter((pid) => !this.#holders.has(pid));
    let room = OWNER_FILES_MAX;
    for (const pid of [...this.#holders, ...others]) {
      if (found.size === wanted.size || room <= 0) break;
      const descriptors = this.files.numbers(`${pid}/fd`);
      if (descriptors === undefined) this.#holders.delete(pid);
      for (const descriptor of descriptors?.slice(0, room) ?? []) {
        const inode = inodeOf(this.files.link(`${pid}/fd/${descriptor}`));
        if (inode !== undefined && this.#inodes.has(inode)) this.#holders.add(pid);
        if (inode !== undefined && wanted.has(inode) && !found.has(inode)) found.set(inode, pid);
      }
      room -= descriptors?.length ?? 0;
    }
    return found;
  }

  /** How many of the sockets last read a process holds, or `undefined` when that may not be known. */
  countOf(pid: number): number | undefined {
    const descriptors = this.files.numbers(`${pid}/fd`);
    if (descriptors === undefined) return undefined;
    const held = new Set<number>();
    let looked = 0;
    for (const descriptor of descriptors.slice(0, COUNTED_FILES_MAX)) {
      const link = this.files.link(`${pid}/fd/${descriptor}`);
      if (link === undefined) continue;
      looked++;
      const inode = inodeOf(link);
      if (inode !== undefined && this.#inodes.has(inode)) held.add(inode);
    }
    // A folder that may be listed but not looked into: absent, not zero.
    return looked === 0 && descriptors.length > 0 ? undefined : held.size;
  }

  /** Connections begun since the start (RFC 4022), and sockets of each protocol in use. */
  #counters(): string | undefined {
    const tcp = /^Tcp: (?:-?\d+ ){4}(\d+ \d+) /m.exec(this.files.heldText("net/snmp") ?? "")?.[1];
    const v4 = this.files.heldText("net/sockstat");
    const used = [v4, this.files.heldText("net/sockstat6")].flatMap((text) =>
      text?.match(/^(?:TCP|UDP)6?: inuse \d+/gm) ?? []
    );
    return tcp === undefined || v4 === undefined ? undefined : [tcp, ...used].join(" ");
  }

  #socket(row: TableRow): Socket {
    return {
      key: `${row.table} ${row.local} ${row.peer}`,
      inode: row.inode,
      isPending: isPending(row),
      isListening: isListening(row),
      describe: () => this.#describe(row),
    };
  }

  #describe(row: TableRow): SocketDescription | undefined {
    const description = describeRow(row);
    const userName = description?.userId === undefined ? undefined : this.users.name(description.userId);
    return description === undefined || userName === undefined ? description : { ...description, userName };
  }
}

/** The number of the socket that an open file is, or `undefined` when it is something else. */
function inodeOf(link: string | undefined): number | undefined {
  return link?.startsWith("socket:[") ? Number(link.slice(8, -1)) : undefined;
}
