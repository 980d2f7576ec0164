/** What the process collector needs to be told of a host, by whichever way the system offers. */

/** What stays as it is while a process runs the same program. Members that may not be read are absent. */
export interface Identity {
  readonly pid: number;
  /** When it started, in steps of the source's own since a fixed point: with the pid, which process this is. */
  readonly start: number;
  /** The same as time: milliseconds since the epoch. */
  readonly startMs: number;
  readonly parentPid?: number;
  readonly name?: string;
  /** Absolute path of the program. */
  readonly executable?: string;
  /** Whether the program's file is gone; absent while it is there. */
  readonly executableDeleted?: true;
  readonly args?: readonly string[];
  /** Absent where there is none, as with a thread of the kernel. */
  readonly commandLine?: string;
  /** Whether the command line was longer than is read; absent when it is whole. */
  readonly commandLineCut?: true;
  readonly workingDirectory?: string;
  readonly userId?: string;
  readonly userName?: string;
}

/** States of a process, by the names they have in events. */
export type ProcessState = "running" | "sleeping" | "disk_sleep" | "stopped" | "zombie" | "idle" | "dead";

/** What changes all the time, at one look. Members that may not be read are absent. */
export interface Measures {
  readonly pid: number;
  /** As in {@linkcode Identity}. */
  readonly start: number;
  /**
   * Which program image it runs: equal to its parent's between fork and exec, and another after each exec. Absent where
   * there is none, as with a thread of the kernel or a process that is ending.
   */
  readonly image?: string;
  readonly state?: ProcessState;
  readonly threads?: number;
  readonly residentBytes?: number;
  readonly virtualBytes?: number;
  readonly memoryPercent?: number;
  readonly openFiles?: number;
  /** CPU time it has used since it started: milliseconds. */
  readonly cpuMs?: number;
  /** For a source that gives no CPU time: share since its last look, 100 is one core. */
  readonly cpuPercent?: number;
}

/** A process in full. */
export interface Reading {
  readonly identity: Identity;
  readonly measures: Measures;
}

/** Which processes are there. */
export interface Listing {
  /** In the order in which they began, as far as the source can tell. */
  readonly pids: readonly number[];
  /** Whether another process may have taken this pid since the listing before. */
  mayBeReused(pid: number): boolean;
}

/** One internet socket. */
export interface Socket {
  /** Both addresses and the transport, as the source writes them: the same for as long as the socket stands. */
  readonly key: string;
  /**
   * The kernel's number for it, or where those are not to be had, one that stands in for it; 0 for a connection that no
   * process holds, not having been accepted yet or being closed.
   */
  readonly inode: number;
  /** Whether it is a connection that nobody has accepted yet. */
  readonly isPending: boolean;
  /** Whether it waits for whoever comes: a TCP listener, or UDP without a peer. */
  readonly isListening: boolean;
  /** What else is known of it, decoded only for sockets that are new; `undefined` when it cannot be understood. */
  describe(): SocketDescription | undefined;
}

export interface SocketDescription {
  readonly transport: "tcp" | "udp";
  readonly type: "ipv4" | "ipv6";
  readonly localIp: string;
  readonly localPort: number;
  /** Absent while it has no peer. */
  readonly peerIp?: string;
  readonly peerPort?: number;
  /** listen, established, ...; of UDP without a peer `unconnected`. */
  readonly state: string;
  readonly userId?: string;
  readonly userName?: string;
  /** Owning process, where the source knows it without looking further. */
  readonly pid?: number;
}

/**
 * One way of looking at a host's processes.
 *
 * Protocol: `list` first; the pids it gave may then be asked for. Whatever is asked for may have gone meanwhile, which is
 * `undefined` and no error. Only `list` and `sockets` take time.
 */
export interface ProcessSource {
  /** Tells this host, since it started, from any other: part of every id. */
  readonly key: string;
  /** Looking more often than this is not worth its cost: milliseconds. */
  readonly intervalMinMs: number;
  /** What is there; `undefined` when nothing has begun or ended since the last call. */
  list(): Promise<Listing | undefined>;
  /** Everything about one process. */
  read(pid: number): Reading | undefined;
  /** What changes about it, for less. */
  measure(pid: number): Measures | undefined;
  /** Time since the fixed point that {@linkcode Measures.cpuMs} goes by: milliseconds. */
  uptimeMs(): number;
  /** Where a start stands on that scale: milliseconds. */
  startUptimeMs(identity: Identity): number;
  /** Takes up what may have changed outside: the wall clock, the users. Called before each round of stats. */
  refresh(): void;
  /** All internet sockets of the host; `undefined` when they seem unchanged and `isPressing` is false. */
  sockets(isPressing: boolean): Promise<readonly Socket[] | undefined>;
  /** Who holds these sockets; those not found, or not to be read, are left out. */
  owners(inodes: ReadonlySet<number>): ReadonlyMap<number, number>;
  /** How many of the sockets last looked at a process holds. */
  connectionsOf(pid: number): number | undefined;
  /** Lets go of what it holds. Nothing may be asked of it afterwards. */
  close(): void;
}
