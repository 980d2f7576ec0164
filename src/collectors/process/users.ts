/** Names of users by their numbers, from a passwd(5) file, read again when it changes. */

export class Users {
  #names: ReadonlyMap<string, string> = new Map();
  #version: string | undefined;

  constructor(readonly path: string) {}

  /** The name of a user, or `undefined` for one that the file does not have (a directory service's, say). */
  name(id: string): string | undefined {
    return this.#names.get(id);
  }

  /** Reads the file again if it is another than last time. One that cannot be read has no names. */
  refresh(): void {
    try {
      const { mtime, ino, size } = Deno.statSync(this.path);
      const version = `${ino} ${mtime?.getTime()} ${size}`;
      if (version === this.#version) return;
      this.#names = parsePasswd(Deno.readTextFileSync(this.path));
      this.#version = version;
    } catch {
      this.#names = new Map();
      this.#version = undefined;
    }
  }
}

/** Names by user id; the first line of an id counts, as with getpwuid(3). */
export function parsePasswd(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (name && id !== undefined && /^\d+$/.test(id) && !names.has(id)) names.set(id, name);
  }
  return names;
}
