/** What the texts of /proc/<pid> mean (proc_pid_stat(5), proc_pid_cmdline(5)). No I/O. */

import type { ProcessState } from "./source.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is read of /proc/<pid>/stat. */
export interface ProcStat {
  /** The kernel's name, at most 15 bytes; anything may be in it. */
  readonly comm: string;
  readonly state: ProcessState | undefined;
  readonly parentPid: number;
  readonly isKernelThread: boolean;
  /** User and system time used, in ticks. */
  readonly cpuTicks: number;
  readonly threads: number;
  /** Since the host started, in ticks. */
  readonly startTicks: number;
  readonly virtualBytes: number;
  readonly residentPages: number;
  /** Address of its stack, fixed at exec; 0 where it may not be read. */
  readonly stackStart: number;
}

/** Flag of a thread of the kernel (PF_KTHREAD in linux/sched.h). */
const KERNEL_THREAD = 0x0020_0000;

const STATES: Readonly<Record<string, ProcessState>> = {
  R: "running",
  S: "sleeping",
  D: "disk_sleep",
  T: "stopped",
  t: "stopped",
  Z: "zombie",
  I: "idle",
  P: "idle",
  X: "dead",
  x: "dead",
};

/**
 * Parses a stat line. The name stands in brackets and may itself hold brackets, spaces and line ends, so it ends at the last
 * closing bracket. `undefined` when the text is not a stat line, as one cut short is not.
 */
export function parseStat(text: string): ProcStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const rest = text.slice(close + 2).split(" ");
  // rest[0] is field 3 of proc_pid_stat(5)
  const number = (field: number) => Number(rest[field - 3]);
  const startTicks = number(22);
  const parentPid = number(4);
  if (rest.length < 22 || !Number.isSafeInteger(startTicks) || !Number.isSafeInteger(parentPid)) return undefined;
  return {
    comm: text.slice(open + 1, close),
    state: STATES[rest[0] ?? ""],
    parentPid,
    isKernelThread: (number(9) & KERNEL_THREAD) !== 0,
    cpuTicks: number(14) + number(15),
    threads: number(20),
    startTicks,
    virtualBytes: number(23),
    residentPages: number(24),
    stackStart: number(28) || 0,
  };
}

/** Nobody gives this many empty arguments at the end: a program that wrote a title over its arguments leaves them. */
const PADDING_MIN = 8;

/** Arguments as they were given, each ended by NUL; empty ones count. None at all for a thread of the kernel. */
export function parseArgs(bytes: Uint8Array): string[] {
  let end = bytes.length;
  if (end === 0) return [];
  if (bytes[end - 1] === 0) end--;
  let padding = 0;
  while (padding < end && bytes[end - 1 - padding] === 0) padding++;
  return decoder.decode(bytes.subarray(0, padding >= PADDING_MIN ? end - padding : end)).split("\0");
}

/** Length at which the kernel cuts a name: bytes. */
const COMM_BYTES_MAX = 15;

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A process's name: the kernel's, or where that was cut what it was cut from, of the program or, for a script, its path. */
export function processName(comm: string, executable: string | undefined, args: readonly string[]): string {
  if (encoder.encode(comm).length < COMM_BYTES_MAX) return comm;
  for (const path of [executable, args[0], args[1]]) {
    const whole = path === undefined ? "" : baseName(path);
    if (whole.length > comm.length && whole.startsWith(comm)) return whole;
  }
  return comm;
}

/** What tells whether a process or thread began or ended. */
export interface Counters {
  /** The pid given out last, in the namespace of whoever reads. */
  readonly lastPid: number;
  /** Processes and threads there are. */
  readonly tasks: number;
}

/** The counters in /proc/loadavg (proc_loadavg(5)): `0.10 0.20 0.30 1/92 15503`. */
export function parseLoadavg(text: string | undefined): Counters | undefined {
  const found = /^\S+ \S+ \S+ \d+\/(\d+) (\d+)\s*$/.exec(text ?? "");
  return found === null ? undefined : { tasks: Number(found[1]), lastPid: Number(found[2]) };
}

const DELETED = " (deleted)";

/** The path of a program, and whether its file is gone. `isFile` is asked only about a path that looks so. */
export function parseExecutable(link: string, isFile: (path: string) => boolean): { path: string; deleted: boolean } {
  if (!link.endsWith(DELETED) || isFile(link)) return { path: link, deleted: false };
  return { path: link.slice(0, -DELETED.length), deleted: true };
}

/** What the kernel told this process at its start (getauxval(3)): bytes of a page, ticks of a second. */
export function parseAuxiliary(bytes: Uint8Array | undefined): { pageBytes: number; ticksPerSecond: number } {
  const found = { pageBytes: 4096, ticksPerSecond: 100 };
  if (bytes === undefined) return found;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 16 <= bytes.byteLength; at += 16) {
    const type = Number(view.getBigUint64(at, true));
    const value = Number(view.getBigUint64(at + 8, true));
    if (type === 6 && value > 0) found.pageBytes = value; // AT_PAGESZ
    if (type === 17 && value > 0) found.ticksPerSecond = value; // AT_CLKTCK
  }
  return found;
}
