/** Small files of /proc, read into one buffer that is used again. */

/** Where a first read goes; nearly every file fits. */
const FIRST_BYTES = 65_536;

/** How much is read of a file that is kept open: bytes. */
const HELD_BYTES_MAX = 16_384;

/** Reads files under one folder. */
export class ProcFiles {
  #buffer = new Uint8Array(FIRST_BYTES);
  readonly #decoder = new TextDecoder();
  readonly #held = new Map<string, Deno.FsFile | undefined>();

  constructor(readonly root: string) {}

  /**
   * The first `bytesMax` bytes of a file, or `undefined` when it is not there, is gone or may not be read. Bytes that are
   * only valid until the next call.
   */
  bytes(path: string, bytesMax = FIRST_BYTES): Uint8Array | undefined {
    const file = this.#open(path);
    if (file === undefined) return undefined;
    try {
      return this.#readFrom(file, bytesMax);
    } finally {
      file.close();
    }
  }

  /** The same as text; bytes that are not UTF-8 become U+FFFD. */
  text(path: string, bytesMax?: number): string | undefined {
    const bytes = this.bytes(path, bytesMax);
    return bytes === undefined ? undefined : this.#decoder.decode(bytes);
  }

  /** As {@linkcode text}, of a small file that is read so often that it is kept open until {@linkcode close}. */
  heldText(path: string): string | undefined {
    if (!this.#held.has(path)) this.#held.set(path, this.#open(path));
    const file = this.#held.get(path);
    try {
      file?.seekSync(0, Deno.SeekMode.Start);
    } catch {
      return undefined;
    }
    const bytes = file === undefined ? undefined : this.#readFrom(file, HELD_BYTES_MAX);
    return bytes === undefined ? undefined : this.#decoder.decode(bytes);
  }

  /** Lets go of what was kept open. */
  close(): void {
    for (const file of this.#held.values()) file?.close();
    this.#held.clear();
  }

  /** Where a symbolic link points, or `undefined`. */
  link(path: string): string | undefined {
    try {
      return Deno.readLinkSync(`${this.root}/${path}`);
    } catch {
      return undefined;
    }
  }

  stat(path: string): Deno.FileInfo | undefined {
    try {
      return Deno.statSync(`${this.root}/${path}`);
    } catch {
      return undefined;
    }
  }

  /** Names of the numbered entries of a folder, or `undefined`. */
  numbers(path: string): number[] | undefined {
    const found: number[] = [];
    try {
      for (const { name } of Deno.readDirSync(`${this.root}/${path}`)) {
        const first = name.charCodeAt(0);
        if (first < 48 || first > 57) continue;
        const number = Number(name);
        if (Number.isSafeInteger(number)) found.push(number);
      }
    } catch {
      return undefined;
    }
    return found;
  }

  #open(path: string): Deno.FsFile | undefined {
    try {
      return Deno.openSync(`${this.root}/${path}`);
    } catch {
      return undefined;
    }
  }

  #readFrom(file: Deno.FsFile, bytesMax: number): Uint8Array | undefined {
    let length = 0;
    try {
      while (length < bytesMax) {
        if (length === this.#buffer.length) this.#grow();
        const count = file.readSync(this.#buffer.subarray(length, Math.min(bytesMax, this.#buffer.length)));
        if (count === null || count === 0) break;
        length += count;
      }
    } catch {
      return undefined; // a process that ended between open and read is ESRCH
    }
    return this.#buffer.subarray(0, length);
  }

  #grow(): void {
    const larger = new Uint8Array(this.#buffer.length * 2);
    larger.set(this.#buffer);
    this.#buffer = larger;
  }
}
