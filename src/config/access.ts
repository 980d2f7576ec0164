/** What reading the configuration needs from the machine, so that tests can give it something else. */

export interface ConfigAccess {
  /** Environment variables, all of them: those that secrets refer to have any name. */
  readonly env: Readonly<Record<string, string>>;
  /** The name the system has. */
  hostname(): string;
  /**
   * The text of a file.
   *
   * @throws {Deno.errors.NotFound} when there is none.
   * @throws {Error} when it cannot be read, is over `bytesMax`, or is not UTF-8; the message says which.
   */
  readTextFile(path: string, bytesMax: number): string;
}

/** This machine. */
export function systemAccess(): ConfigAccess {
  return { env: Deno.env.toObject(), hostname: () => Deno.hostname(), readTextFile };
}

/** Reads at most `bytesMax`, whatever kind of file it is: a pipe has no size that could be asked for first. */
function readTextFile(path: string, bytesMax: number): string {
  using file = Deno.openSync(path);
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = new Uint8Array(65_536);
    const count = file.readSync(part);
    if (count === null) break;
    size += count;
    if (size > bytesMax) throw new RangeError(`it must be at most ${bytesMax} bytes`);
    parts.push(part.subarray(0, count));
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new TypeError("it must be UTF-8 text");
  }
}
