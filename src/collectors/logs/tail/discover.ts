/** Which files there are to read at present. */

import { typeOf } from "./identity.ts";
import { expand, isPattern, matchesPath } from "./globs.ts";
import { hasCompressedName, type Sibling, statOf } from "./rotation.ts";

/** Files that are wanted, by one path or pattern. */
export interface Wanted {
  readonly pattern: string;
  /** Paths and names that are left out. */
  readonly exclude: readonly string[];
}

/** A file that was found, and what it was found by. */
export interface Found<Input extends Wanted> extends Sibling {
  readonly input: Input;
}

export interface Discovered<Input extends Wanted> {
  readonly found: readonly Found<Input>[];
  /** Folders in which whatever is new shows. */
  readonly folders: readonly string[];
  /** What cannot be read and why, by path. */
  readonly troubles: ReadonlyMap<string, string>;
}

/**
 * Looks for all files that are wanted. One that several patterns stand for belongs to the first. `ownFolder` is Weir's own, of which
 * none is: see `CollectorContext.dataDirectory`.
 */
export function discover<Input extends Wanted>(inputs: readonly Input[], ownFolder?: string): Discovered<Input> {
  const byPath = new Map<string, Found<Input>>();
  const folders = new Set<string>();
  const troubles = new Map<string, string>();
  for (const input of inputs) {
    const { paths, folders: looked, trouble } = expand(input.pattern);
    if (trouble !== null) troubles.set(input.pattern, trouble);
    for (const folder of looked) folders.add(folder);
    for (const path of paths) {
      if (byPath.has(path) || isLeftOut(path, input) || isOwn(path, ownFolder)) continue;
      const stat = statOf(path);
      if (stat === undefined) continue;
      if (stat.isFile()) {
        const { dev, ino, size, mtimeMs } = stat;
        byPath.set(path, { path, device: dev, inode: ino, size, modifiedMs: mtimeMs, input });
      } else if (!isPattern(input.pattern)) {
        troubles.set(path, `Cannot read "${path}" as it must be a regular file: current value is ${typeOf(stat)}`);
      }
    }
  }
  return { found: [...byPath.values()], folders: [...folders], troubles };
}

function isOwn(path: string, ownFolder: string | undefined): boolean {
  return ownFolder !== undefined && path.startsWith(`${ownFolder}/`);
}

function isLeftOut(path: string, { exclude }: Wanted): boolean {
  return hasCompressedName(path) || exclude.some((pattern) => matchesPath(pattern, path));
}
