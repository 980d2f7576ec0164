/** A real Weir in a process of its own, on a free port and a folder of its own. */

import { fileURLToPath } from "node:url";
import manifest from "../../deno.json" with { type: "json" };

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** The `weir` task's own words, V8 flags included, with the program's full path. */
export const weirWords = manifest.tasks.weir.command.split(" ").slice(1).map((word) =>
  word === "main.ts" ? MAIN : word
);

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of Weir to its end. */
export async function weir(args: readonly string[], options: { cwd?: string; stdin?: string } = {}): Promise<Finished> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...weirWords, ...args],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  if (options.stdin !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(options.stdin));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A running `weir start`. */
export class RunningWeir {
  #stderr = "";
  readonly #reading: Promise<void>;

  private constructor(readonly child: Deno.ChildProcess, readonly url: string) {
    this.#reading = this.#read();
  }

  /** Starts it and waits until the API answers. */
  static async start(folder: string, args: readonly string[] = []): Promise<RunningWeir> {
    const port = freePort();
    const child = new Deno.Command(Deno.execPath(), {
      args: [...weirWords, "start", "--data", `${folder}/data`, "--listen", `127.0.0.1:${port}`, ...args],
      cwd: folder,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      env: { NO_COLOR: "1" },
    }).spawn();
    const running = new RunningWeir(child, `http://127.0.0.1:${port}`);
    await until(
      async () => (await running.get("/health").catch(() => undefined)) !== undefined,
      15_000,
      () => running.said,
    );
    return running;
  }

  /** What it has said on standard error. */
  get said(): string {
    return this.#stderr;
  }

  /** How it is doing, for whoever wonders why it does not do what it should: what it said, its measures, its threads. */
  async describe(): Promise<string> {
    const ask = (path: string) =>
      fetch(this.url + path, { signal: AbortSignal.timeout(5_000) }).then((response) => response.text()).catch(String);
    const measures = (await ask("/metrics")).split("\n").filter((line) =>
      !line.startsWith("#") && !line.endsWith(" 0")
    );
    return [this.said, await ask("/health"), ...measures, ...threadsOf(this.child.pid)].join("\n");
  }

  // deno-lint-ignore no-explicit-any -- tests look into JSON of many shapes
  async get(path: string): Promise<any> {
    const response = await fetch(this.url + path);
    return await response.json();
  }

  /** Ends it by a signal and waits until it has gone. Returns its exit code and how long it took, in milliseconds. */
  async end(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<{ code: number; tookMs: number }> {
    const startedMs = performance.now();
    this.child.kill(signal);
    const { code } = await this.child.status;
    const tookMs = performance.now() - startedMs;
    await this.#reading;
    return { code, tookMs };
  }

  async #read(): Promise<void> {
    for await (const text of this.child.stderr.pipeThrough(new TextDecoderStream())) this.#stderr += text;
  }
}

/** Each thread of a process: its name, its state, and where in the kernel it waits (proc(5)); none elsewhere than on Linux. */
function threadsOf(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  const read = (task: string, what: string) => Deno.readTextFileSync(`${tasks}/${task}/${what}`).trim();
  try {
    return [...Deno.readDirSync(tasks)].map(({ name }) =>
      `${read(name, "comm")} ${read(name, "stat").split(") ")[1]?.slice(0, 1)} ${read(name, "wchan")}`
    );
  } catch {
    return [];
  }
}

/** Waits until something holds, looking every 20 ms. Throws, with what `why` tells, when it does not in time. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  deadlineMs: number,
  why: () => string | Promise<string> = () => "",
): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`Did not come about within ${deadlineMs} ms. ${await why()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
