/** A fabricated /proc: what a test says is running, by hostile names if need be. */

/** A process to be written down; what is left out is as of an ordinary one. */
export interface FakeProcess {
  readonly comm?: string;
  readonly state?: string;
  readonly parent?: number;
  /** Since the start of the host, in hundredths of a second. */
  readonly start?: number;
  readonly cpuTicks?: number;
  readonly threads?: number;
  readonly stack?: number;
  readonly isKernelThread?: boolean;
  /** Null: not to be read. */
  readonly exe?: string | null;
  readonly cmdline?: string | Uint8Array;
  /** Where each open file leads. */
  readonly files?: readonly string[];
  readonly residentPages?: number;
}

/** The boot every fabricated /proc is of, unless it is said otherwise. */
export const BOOT_ID = "11111111-2222-3333-4444-555555555555";

export class FakeProc {
  private constructor(readonly root: string) {}

  static async make(): Promise<FakeProc> {
    const proc = new FakeProc(await Deno.makeTempDir());
    proc.write("sys/kernel/random/boot_id", `${BOOT_ID}\n`);
    proc.write("meminfo", "MemTotal:        1024000 kB\n");
    proc.write("passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/var/www:/bin/false\n");
    proc.uptime(1_000);
    return proc;
  }

  get passwd(): string {
    return `${this.root}/passwd`;
  }

  /** Seconds since the start of the host. */
  uptime(seconds: number): void {
    this.write("uptime", `${seconds.toFixed(2)} 0.00\n`);
  }

  /** Makes the counters believed: they are of the namespace that the test runs in. */
  counters(lastPid: number, tasks: number): void {
    this.write("loadavg", `0.00 0.00 0.00 1/${tasks} ${lastPid}\n`);
    this.gone("self");
    Deno.symlinkSync(String(Deno.pid), `${this.root}/self`);
  }

  /** Writes a process down, in the place of any with that pid. */
  process(pid: number, of: FakeProcess = {}): void {
    this.gone(pid);
    const { exe = `/usr/bin/${of.comm ?? "prog"}`, files = [] } = of;
    this.write(`${pid}/stat`, statLine(pid, of));
    const cmdline = of.cmdline ?? `${of.comm ?? "prog"}\0`;
    this.write(`${pid}/cmdline`, cmdline);
    Deno.mkdirSync(`${this.root}/${pid}/fd`);
    if (exe !== null) Deno.symlinkSync(exe, `${this.root}/${pid}/exe`);
    files.forEach((to, number) => Deno.symlinkSync(to, `${this.root}/${pid}/fd/${number}`));
  }

  gone(pid: number | "self"): void {
    try {
      Deno.removeSync(`${this.root}/${pid}`, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** A table of /proc/net, of lines as the kernel writes them after the line's number. */
  table(name: string, rows: readonly string[]): void {
    this.write(
      `net/${name}`,
      ["  sl  local_address rem_address", ...rows.map((row, i) => `   ${i}: ${row}`), ""].join("\n"),
    );
  }

  write(path: string, content: string | Uint8Array): void {
    const whole = `${this.root}/${path}`;
    Deno.mkdirSync(whole.slice(0, whole.lastIndexOf("/")), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(whole, content);
    else Deno.writeFileSync(whole, content);
  }

  remove(): Promise<void> {
    return Deno.remove(this.root, { recursive: true });
  }
}

/** A line of proc_pid_stat(5), of 52 fields. */
export function statLine(pid: number, of: FakeProcess = {}): string {
  const fields: (string | number)[] = new Array(50).fill(0);
  const put = (field: number, value: string | number) => fields[field - 3] = value;
  put(3, of.state ?? "S");
  put(4, of.parent ?? 0);
  put(9, of.isKernelThread ? 0x0020_8040 : 0x0040_0000);
  put(14, of.cpuTicks ?? 0);
  put(20, of.threads ?? 1);
  put(22, of.start ?? 1_000);
  put(23, of.isKernelThread ? 0 : 8_192_000);
  put(24, of.isKernelThread ? 0 : of.residentPages ?? 100);
  put(28, of.stack ?? pid * 4096);
  return `${pid} (${of.comm ?? "prog"}) ${fields.join(" ")}\n`;
}

/** A row of /proc/net/tcp or udp: addresses in the kernel's hexadecimal. */
export function netRow(local: string, peer: string, state: string, inode: number, uid = 0): string {
  return `${local} ${peer} ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 ${inode} 1 0 100 0 0 10 0`;
}
