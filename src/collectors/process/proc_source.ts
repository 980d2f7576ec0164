/** Processes straight from Linux's /proc: cheap enough to look twenty times a second. */

import type { Clock } from "../../core/clock.ts";
import type { StateStore } from "../../core/state_store.ts";
import { HostTime } from "./host_time.ts";
import { hostKey } from "./ids.ts";
import { ProcFiles } from "./proc_files.ts";
import {
  type Counters,
  parseArgs,
  parseAuxiliary,
  parseExecutable,
  parseLoadavg,
  parseStat,
  processName,
  type ProcStat,
} from "./proc_parse.ts";
import { ProcSockets } from "./proc_sockets.ts";
import type { Identity, Listing, Measures, ProcessSource, Reading, Socket } from "./source.ts";
import { Users } from "./users.ts";

/** How much of a command line is read: bytes. What is longer is marked as cut. */
export const COMMAND_LINE_BYTES_MAX = 65_536;

/** Even when nothing seems to have begun or ended, /proc is listed again after this time: milliseconds. */
const LIST_AGAIN_MS = 1_000;

export interface ProcOptions {
  /** The host's name: with the boot's id, what tells this host from others. */
  readonly host: string;
  readonly clock: Clock;
  readonly state: StateStore;
  /** Where proc is mounted. */
  readonly root?: string;
  readonly passwd?: string;
}

/** @throws {Error} when there is no proc file system at `root`. */
export function openProc(options: ProcOptions): ProcessSource {
  return new ProcSource(options);
}

class ProcSource implements ProcessSource {
  readonly key: string;
  readonly intervalMinMs = 0;
  readonly #files: ProcFiles;
  readonly #users: Users;
  readonly #sockets: ProcSockets;
  readonly #clock: Clock;
  readonly #time: HostTime;
  readonly #pageBytes: number;
  readonly #tickMs: number;
  readonly #memoryBytes: number | undefined;
  /** Whether loadavg speaks of the processes listed beside it: not when it is another namespace's, or made up by lxcfs. */
  readonly #hasCounters: boolean;
  /** Whether stat gives the number of open files as the size of the folder (Linux 6.2 and later). */
  readonly #sizeIsCount: boolean;
  #last: { readonly counters: Counters | undefined; readonly atMs: number } | undefined;

  constructor({ host, clock, state, root = "/proc", passwd = "/etc/passwd" }: ProcOptions) {
    this.#files = new ProcFiles(root);
    const boot = this.#files.text("sys/kernel/random/boot_id")?.trim();
    if (boot === undefined) {
      throw new Error(`Cannot read processes as ${root} must be a proc file system: there is no boot id in it`);
    }
    this.key = hostKey(host, boot);
    this.#clock = clock;
    const { pageBytes, ticksPerSecond } = parseAuxiliary(this.#files.bytes("self/auxv"));
    this.#pageBytes = pageBytes;
    this.#tickMs = 1000 / ticksPerSecond;
    this.#memoryBytes = totalMemory(this.#files.text("meminfo"));
    this.#users = new Users(passwd);
    this.#time = new HostTime(clock, state, this.key, () => this.uptimeMs());
    this.#sockets = new ProcSockets(this.#files, this.#users);
    const isOwn = this.#files.link("self") === String(Deno.pid);
    this.#hasCounters = isOwn && !(this.#files.text("self/mountinfo") ?? "").includes(` ${root}/loadavg `);
    this.#sizeIsCount = isOwn && (this.#files.stat("self/fd")?.size ?? 0) > 0;
    this.refresh();
  }

  refresh(): void {
    this.#users.refresh();
    this.#time.refresh();
  }

  uptimeMs(): number {
    return Math.round(Number.parseFloat(this.#files.text("uptime") ?? "0") * 1000);
  }

  startUptimeMs({ start }: Identity): number {
    return start * this.#tickMs;
  }

  /**
   * The counters are read before the folder, so whatever begins after that moves them and is found next time. A pid that was
   * there both times can be another process only if the last pid has passed it meanwhile: pids are given out in a circle.
   */
  list(): Promise<Listing | undefined> {
    const last = this.#last;
    const atMs = this.#clock.monotonic();
    const counters = this.#hasCounters ? parseLoadavg(this.#files.heldText("loadavg")) : undefined;
    if (
      last?.counters !== undefined && counters !== undefined && atMs - last.atMs < LIST_AGAIN_MS &&
      counters.lastPid === last.counters.lastPid && counters.tasks === last.counters.tasks
    ) return Promise.resolve(undefined);
    const pids = this.#files.numbers("");
    if (pids === undefined) {
      return Promise.reject(new Error(`Cannot list processes as ${this.#files.root} cannot be read`));
    }
    this.#last = { counters, atMs };
    return Promise.resolve({ pids, mayBeReused: passed(last?.counters?.lastPid, counters?.lastPid) });
  }

  measure(pid: number): Measures | undefined {
    const stat = parseStat(this.#files.text(`${pid}/stat`) ?? "");
    return stat === undefined ? undefined : this.#measures(pid, stat, this.#files.link(`${pid}/exe`));
  }

  read(pid: number): Reading | undefined {
    const stat = parseStat(this.#files.text(`${pid}/stat`) ?? "");
    if (stat === undefined) return undefined;
    const link = this.#files.link(`${pid}/exe`);
    return { identity: this.#identity(pid, stat, link), measures: this.#measures(pid, stat, link) };
  }

  sockets(isPressing: boolean): Promise<readonly Socket[] | undefined> {
    return Promise.resolve(this.#sockets.read(this.#clock.monotonic(), isPressing));
  }

  owners(inodes: ReadonlySet<number>): ReadonlyMap<number, number> {
    return this.#sockets.owners(inodes);
  }

  connectionsOf(pid: number): number | undefined {
    return this.#sockets.countOf(pid);
  }

  close(): void {
    this.#files.close();
  }

  #identity(pid: number, stat: ProcStat, link: string | undefined): Identity {
    const bytes = this.#files.bytes(`${pid}/cmdline`, COMMAND_LINE_BYTES_MAX) ?? new Uint8Array();
    const isCut = bytes.length >= COMMAND_LINE_BYTES_MAX;
    const args = parseArgs(bytes);
    const executable = link === undefined ? undefined : parseExecutable(link, isFile);
    const commandLine = args.join(" ");
    const workingDirectory = this.#files.link(`${pid}/cwd`);
    const userId = this.#files.stat(String(pid))?.uid?.toString();
    const userName = userId === undefined ? undefined : this.#users.name(userId);
    const name = processName(stat.comm, executable?.path, args);
    return {
      pid,
      start: stat.startTicks,
      startMs: this.#time.atUptime(stat.startTicks * this.#tickMs),
      ...(stat.parentPid === 0 ? {} : { parentPid: stat.parentPid }),
      ...(name === "" ? {} : { name }),
      ...(executable === undefined ? {} : { executable: executable.path }),
      ...(executable?.deleted ? { executableDeleted: true as const } : {}),
      ...(commandLine === "" ? {} : { args, commandLine }),
      ...(isCut ? { commandLineCut: true as const } : {}),
      ...(workingDirectory === undefined ? {} : { workingDirectory }),
      ...(userId === undefined ? {} : { userId }),
      ...(userName === undefined ? {} : { userName }),
    };
  }

  #measures(pid: number, stat: ProcStat, link: string | undefined): Measures {
    const residentBytes = stat.residentPages * this.#pageBytes;
    const openFiles = this.#openFiles(pid);
    return {
      pid,
      start: stat.startTicks,
      cpuMs: stat.cpuTicks * this.#tickMs,
      threads: stat.threads,
      ...(hasMemory(stat) ? { image: link === undefined ? stat.comm : `${link}\0${stat.stackStart}` } : {}),
      ...(stat.state === undefined ? {} : { state: stat.state }),
      ...(hasMemory(stat) ? { residentBytes, virtualBytes: stat.virtualBytes } : {}),
      ...(hasMemory(stat) && this.#memoryBytes !== undefined
        ? { memoryPercent: 100 * residentBytes / this.#memoryBytes }
        : {}),
      ...(openFiles === undefined ? {} : { openFiles }),
    };
  }

  #openFiles(pid: number): number | undefined {
    if (this.#sizeIsCount) return this.#files.stat(`${pid}/fd`)?.size;
    return this.#files.numbers(`${pid}/fd`)?.length;
  }
}

/** A thread of the kernel, and a process that is ending or has ended, have no memory of their own: absent, not zero. */
function hasMemory(stat: ProcStat): boolean {
  return !stat.isKernelThread && stat.virtualBytes > 0;
}

/** Whether a pid was given out while the counter went from `from` to `to`, round the end if it came to that. */
function passed(from: number | undefined, to: number | undefined): (pid: number) => boolean {
  if (from === undefined || to === undefined || from === to) return () => false;
  return from < to ? (pid) => pid > from && pid <= to : (pid) => pid > from || pid <= to;
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

function totalMemory(meminfo: string | undefined): number | undefined {
  const kilobytes = /^MemTotal:\s+(\d+) kB/m.exec(meminfo ?? "")?.[1];
  return kilobytes === undefined || kilobytes === "0" ? undefined : Number(kilobytes) * 1024;
}
