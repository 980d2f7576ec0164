/** Processes through systeminformation, where there is no /proc: seldomer, and with less known of each. */

import type { Systeminformation } from "systeminformation";
import type { Clock } from "../../core/clock.ts";
import type { StateStore } from "../../core/state_store.ts";
import { hostKey } from "./ids.ts";
import { commandLineOf, ownTools, parseConnection, programPath, type Row, startSeconds } from "./portable_parse.ts";
import type { Identity, Listing, Measures, ProcessSource, ProcessState, Reading, Socket } from "./source.ts";

/** Each look starts programs (ps, ss, netstat), so it is not taken more often: milliseconds. */
export const PORTABLE_INTERVAL_MIN_MS = 2_000;

/** A start time is worked out anew at each look, from whole seconds: by how much it may differ for one process, in seconds. */
const START_SLACK_SECONDS = 2;

const STATES: Readonly<Record<string, ProcessState>> = {
  running: "running",
  sleeping: "sleeping",
  blocked: "disk_sleep",
  stopped: "stopped",
  zombie: "zombie",
};

/** Linux and Windows: a share of all cores together; elsewhere: of one. */
const SHARE_FACTOR = ["linux", "windows"].includes(Deno.build.os) ? navigator.hardwareConcurrency : 1;

/** What is asked of systeminformation, so that a test can answer. */
export interface Information {
  processes(): Promise<{ readonly list: readonly Row[] }>;
  networkConnections(): Promise<readonly Systeminformation.NetworkConnectionsData[]>;
}

export interface PortableOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly state: StateStore;
  /** A look that is under way when it is aborted comes to nothing. */
  readonly signal: AbortSignal;
  /** Loaded when it is needed, and not before. */
  readonly load?: () => Promise<Information>;
}

/** Loads systeminformation; nothing is looked at yet. */
export async function openPortable(options: PortableOptions): Promise<ProcessSource> {
  const load = options.load ?? (async () => (await import("systeminformation")).default);
  return new PortableSource(options, await load());
}

class PortableSource implements ProcessSource {
  /** Starts are wall-clock times here, so no boot needs to be told from another. */
  readonly key: string;
  readonly intervalMinMs = PORTABLE_INTERVAL_MIN_MS;
  readonly #clock: Clock;
  readonly #state: StateStore;
  readonly #signal: AbortSignal;
  readonly #information: Information;
  #rows = new Map<number, Row>();
  readonly #starts = new Map<number, number>();
  #connections = new Map<number, number>();

  constructor({ host, clock, state, signal }: PortableOptions, information: Information) {
    this.key = hostKey(host, "");
    this.#clock = clock;
    this.#state = state;
    this.#signal = signal;
    this.#information = information;
    for (const [key, start] of state.entries("start:")) this.#starts.set(Number(key.slice(6)), Number(start));
  }

  async list(): Promise<Listing | undefined> {
    const found = await unlessAborted(this.#information.processes(), this.#signal);
    if (found === undefined) return undefined;
    const { list } = found;
    const own = ownTools(list, Deno.pid);
    this.#rows = new Map(list.filter(({ pid }) => pid > 0 && !own.has(pid)).map((row) => [row.pid, row]));
    for (const [pid, row] of this.#rows) this.#settleStart(pid, row);
    for (const pid of this.#starts.keys()) if (!this.#rows.has(pid)) this.#forgetStart(pid);
    return { pids: [...this.#rows.keys()], mayBeReused: () => true };
  }

  read(pid: number): Reading | undefined {
    const row = this.#rows.get(pid);
    const measures = this.measure(pid);
    if (row === undefined || measures === undefined) return undefined;
    // A thread of the kernel has no memory, and what stands for its command line is its name.
    const commandLine = row.memRss > 0 ? commandLineOf(row) : "";
    const executable = programPath(row);
    const identity: Identity = {
      pid,
      start: measures.start,
      startMs: measures.start * 1000,
      ...(row.parentPid > 0 ? { parentPid: row.parentPid } : {}),
      ...(row.name === "" ? {} : { name: row.name }),
      ...(executable === undefined ? {} : { executable }),
      ...(commandLine === "" ? {} : { commandLine }),
      ...(row.user === "" ? {} : { userName: row.user }),
    };
    return { identity, measures };
  }

  measure(pid: number): Measures | undefined {
    const row = this.#rows.get(pid);
    const start = this.#starts.get(pid);
    if (row === undefined || start === undefined) return undefined;
    const state = STATES[row.state];
    return {
      pid,
      start,
      cpuPercent: row.cpu * SHARE_FACTOR,
      ...(state === undefined ? {} : { state }),
      ...(row.memRss > 0
        ? {
          image: commandLineOf(row),
          residentBytes: row.memRss * 1024,
          virtualBytes: row.memVsz * 1024,
          memoryPercent: row.mem,
        }
        : {}),
    };
  }

  uptimeMs(): number {
    return this.#clock.now();
  }

  startUptimeMs({ startMs }: Identity): number {
    return startMs;
  }

  refresh(): void {}

  close(): void {}

  async sockets(): Promise<readonly Socket[] | undefined> {
    const found = await unlessAborted(this.#information.networkConnections(), this.#signal);
    if (found === undefined) return undefined;
    this.#connections = new Map();
    return found.flatMap((connection) => {
      const socket = parseConnection(connection);
      if (socket === undefined) return [];
      const pid = socket.describe()?.pid;
      if (pid !== undefined) this.#connections.set(pid, (this.#connections.get(pid) ?? 0) + 1);
      return [socket];
    });
  }

  /** Each socket already names its process. */
  owners(): ReadonlyMap<number, number> {
    return new Map();
  }

  connectionsOf(pid: number): number | undefined {
    return this.#connections.get(pid);
  }

  /** The start time first seen of a process stays its start time, also after a restart. */
  #settleStart(pid: number, row: Row): void {
    const start = startSeconds(row);
    const known = this.#starts.get(pid);
    if (known !== undefined && Math.abs(known - start) <= START_SLACK_SECONDS) return;
    this.#starts.set(pid, start);
    this.#state.set(`start:${pid}`, String(start));
  }

  #forgetStart(pid: number): void {
    this.#starts.delete(pid);
    this.#state.delete(`start:${pid}`);
  }
}

/** What is promised, or `undefined` as soon as `signal` is aborted; the programs that were started end by themselves. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const give = () => resolve(undefined);
    if (signal.aborted) give();
    signal.addEventListener("abort", give, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", give));
  });
}
