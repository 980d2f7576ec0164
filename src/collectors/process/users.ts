/** Names of users by their numbers, from a passwd(5) file, read again when it changes. */

import { parsePasswd } from "../../core/passwd.ts";

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
