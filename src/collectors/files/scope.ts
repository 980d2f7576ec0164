/** What is watched: the configured paths as they stand for files and folders at the moment, less what is excluded. */

import { hasWildcard, matchesName, pathMatcher } from "./glob.ts";

/** How many paths the configured ones may stand for; more are left out. */
export const ROOTS_MAX = 10_000;

/** Names in folders that are watched, each with the configured path that it came of. */
export interface Scope {
  /** By folder: the names in it that are watched, with all that is below those that are folders. */
  readonly roots: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Folders in which something may come that a configured path stands for. */
  readonly anchors: ReadonlySet<string>;
  /** How many paths were left out, for want of room. */
  readonly leftOut: number;
  isExcluded(path: string): boolean;
  /** The configured path that a folder or file comes of; `undefined` when it is not watched. */
  patternOf(path: string): string | undefined;
}

export interface ScopeOptions {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** What `~` stands for. */
  readonly homes: readonly string[];
  /** Folders that are not entered, nor their contents told of. */
  readonly foreign: ReadonlySet<string>;
}

export function findScope({ paths, exclude, homes, foreign }: ScopeOptions): Scope {
  const anchors = new Set<string>();
  const found = new Map<string, string>();
  let leftOut = 0;
  for (const pattern of paths) {
    for (const path of expand(pattern, homes, anchors)) {
      if (found.size < ROOTS_MAX) found.set(path, found.get(path) ?? pattern);
      else leftOut++;
    }
  }
  const excludes = exclude.map(pathMatcher);
  const isExcluded = (path: string) => foreign.has(path) || excludes.some((matches) => matches(path));
  const roots = byFolder(found);
  const patternOf = (path: string) => {
    if (isExcluded(path)) return undefined;
    for (const root of [path, ...ancestors(path)]) {
      const pattern = roots.get(folderOf(root))?.get(nameOf(root));
      if (pattern !== undefined) return pattern;
    }
    return undefined;
  };
  return { roots, anchors, leftOut, isExcluded, patternOf };
}

/** Paths by their folders, without those that are below another. */
function byFolder(found: ReadonlyMap<string, string>): Map<string, Map<string, string>> {
  const roots = new Map<string, Map<string, string>>();
  for (const [path, pattern] of found) {
    if (ancestors(path).some((folder) => found.has(folder) && typeAt(folder) === "folder")) continue;
    const folder = folderOf(path);
    const names = roots.get(folder) ?? new Map<string, string>();
    names.set(nameOf(path), pattern);
    roots.set(folder, names);
  }
  return roots;
}

/** The paths that a configured one stands for. Its last name need not be there, if it is without wildcards. */
function expand(pattern: string, homes: readonly string[], anchors: Set<string>): string[] {
  if (pattern.startsWith("~/")) return homes.flatMap((home) => expand(home + pattern.slice(1), [], anchors));
  let bases = [""];
  for (const part of pattern.split("/").filter((name) => name !== "")) {
    if (!hasWildcard(part)) bases = bases.map((base) => `${base}/${part}`);
    else bases = bases.flatMap((base) => namesIn(base, part, anchors).map((name) => `${base}/${name}`));
    if (bases.length > ROOTS_MAX) bases.length = ROOTS_MAX;
  }
  for (const path of bases) noteMissing(folderOf(path), anchors);
  return bases.filter((path) => path !== "");
}

function namesIn(folder: string, pattern: string, anchors: Set<string>): string[] {
  noteMissing(folder || "/", anchors);
  try {
    const names = [...Deno.readDirSync(folder || "/")].map(({ name }) => name);
    anchors.add(folder || "/");
    return names.filter((name) => matchesName(pattern, name)).sort();
  } catch {
    return [];
  }
}

/** Of a folder that is not there, the nearest above it that is: there its coming will show. */
function noteMissing(folder: string, anchors: Set<string>): void {
  let path = folder;
  while (path !== "/" && typeAt(path) !== "folder") path = folderOf(path);
  if (path !== folder) anchors.add(path);
}

function typeAt(path: string): "folder" | "other" | "nothing" {
  try {
    return Deno.lstatSync(path).isDirectory ? "folder" : "other";
  } catch {
    return "nothing";
  }
}

/** The folder that a path is in. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** The last name of a path. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** A name in a folder, as a path. */
export function joined(folder: string, name: string): string {
  return folder === "/" ? `/${name}` : `${folder}/${name}`;
}

function ancestors(path: string): string[] {
  const found: string[] = [];
  for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) found.push(path.slice(0, at));
  return found;
}
