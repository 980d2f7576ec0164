/** Names of users and groups, read again when their files change. */

import { homeFolders, parsePasswd } from "../../core/passwd.ts";

/** A file whose text is made into something once each time it changes. */
class Read<T> {
  #version: string | undefined;
  #value: T;

  constructor(readonly path: string, readonly parse: (text: string) => T) {
    this.#value = parse("");
  }

  get value(): T {
    try {
      const { mtime, ino, size } = Deno.statSync(this.path);
      const version = `${ino} ${mtime?.getTime()} ${size}`;
      if (version !== this.#version) this.#value = this.parse(Deno.readTextFileSync(this.path));
      this.#version = version;
    } catch {
      // What was read last still says more than nothing.
    }
    return this.#value;
  }
}

/** Where the names stand; another place in tests. */
export interface OwnerFiles {
  readonly passwd: string;
  readonly group: string;
}

export const OWNER_FILES: OwnerFiles = { passwd: "/etc/passwd", group: "/etc/group" };

export class Owners {
  readonly #users: Read<{ readonly names: ReadonlyMap<string, string>; readonly homes: readonly string[] }>;
  readonly #groups: Read<ReadonlyMap<string, string>>;

  constructor({ passwd, group }: OwnerFiles = OWNER_FILES) {
    this.#users = new Read(passwd, (text) => ({ names: parsePasswd(text), homes: homeFolders(text) }));
    this.#groups = new Read(group, parsePasswd);
  }

  user(uid: number): string | undefined {
    return this.#users.value.names.get(String(uid));
  }

  group(gid: number): string | undefined {
    return this.#groups.value.get(String(gid));
  }

  /** Home folders of all users. */
  homes(): readonly string[] {
    return this.#users.value.homes;
  }
}
