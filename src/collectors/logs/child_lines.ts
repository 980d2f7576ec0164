/** What a program writes, line by line, while it runs; nothing of it stays behind. */

import { LineSplitter, type TailedLine } from "./tail/lines.ts";

/** What is kept of what a program says on standard error, for messages: characters. */
const SAID_MAX = 500;

/** Once a program was told to end, this long passes until it is killed: milliseconds. */
const KILL_AFTER_MS = 500;

export interface ChildOptions {
  readonly program: string;
  readonly args: readonly string[];
  /** What is kept of a line: bytes. */
  readonly lineBytesMax: number;
  readonly signal: AbortSignal;
}

/**
 * Lines in the chunks in which they come, until the program ends or `signal` is aborted. It is slowed by not being read.
 *
 * @throws {Error} when the program cannot be started, or ends otherwise than well, with what it said.
 */
export async function* childLines(options: ChildOptions): AsyncGenerator<TailedLine[]> {
  const { program, args, lineBytesMax, signal } = options;
  if (signal.aborted) return;
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C", SYSTEMD_PAGER: "", SYSTEMD_COLORS: "0" },
  }).spawn();
  const said = textOf(child.stderr);
  const end = () => endQuietly(child);
  signal.addEventListener("abort", end, { once: true });
  let isWhole = false;
  try {
    const splitter = new LineSplitter(0, lineBytesMax);
    for await (const bytes of child.stdout) {
      const lines: TailedLine[] = [];
      splitter.push(bytes, lines);
      if (lines.length > 0) yield lines;
      if (signal.aborted) return;
    }
    const rest: TailedLine[] = [];
    splitter.finish(rest);
    if (rest.length > 0) yield rest;
    isWhole = true;
  } finally {
    signal.removeEventListener("abort", end);
    if (!isWhole) end();
    await gone(child);
  }
  const { success, code } = await child.status;
  if (!success && !signal.aborted) {
    const words = (await said).trim().split("\n").at(-1) ?? "";
    throw new Error(`${program} ended with ${code}${words === "" ? "" : `: ${words}`}`);
  }
}

async function gone(child: Deno.ChildProcess): Promise<void> {
  const timer = AbortSignal.timeout(KILL_AFTER_MS);
  const kill = () => endQuietly(child, "SIGKILL");
  timer.addEventListener("abort", kill, { once: true });
  await child.status;
  timer.removeEventListener("abort", kill);
}

function endQuietly(child: Deno.ChildProcess, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): void {
  try {
    child.kill(signal);
  } catch {
    // It had ended.
  }
}

async function textOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  try {
    for await (const part of stream.pipeThrough(new TextDecoderStream())) text = (text + part).slice(-SAID_MAX);
  } catch {
    // It was closed with the program.
  }
  return text;
}
