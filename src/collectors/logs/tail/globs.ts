/** Which files a path with wildcards stands for at present. */

import { type Dirent, readdirSync } from "node:fs";

/** Entries of folders that one pattern may lead past; further ones are not looked at. */
export const ENTRIES_MAX = 100_000;

/** How deep `**` goes. */
const DEPTH_MAX = 16;

/** What a pattern leads to. */
export interface Expanded {
  /** Paths that fit, files or not, in the order of their names. */
  readonly paths: readonly string[];
  /** Folders that were looked into, or would be if they were there: whatever is new for the pattern shows in one of these. */
  readonly folders: readonly string[];
  /** Why some of it could not be looked at. */
  readonly trouble: string | null;
}

/** Whether a path stands for whatever fits it. */
export function isPattern(path: string): boolean {
  return /[*?[]/.test(path);
}

/**
 * What a pattern stands for: `*` and `?` within a name, `[abc]`, `**` for any number of folders. Names that begin with a dot fit
 * only a pattern that does. Links to folders are followed by `*`, never by `**`, so that no loop is walked.
 */
export function expand(pattern: string): Expanded {
  const walk = new Walk();
  const isAbsolute = pattern.startsWith("/");
  const steps = pattern.split("/").filter((step) => step !== "" && step !== ".");
  walk.follow(isAbsolute ? "/" : "", steps, 0);
  return { paths: [...walk.paths].sort(), folders: [...walk.folders], trouble: walk.trouble };
}

class Walk {
  readonly paths = new Set<string>();
  readonly folders = new Set<string>();
  trouble: string | null = null;
  #entries = 0;

  follow(folder: string, steps: readonly string[], depth: number): void {
    const [step, ...rest] = steps;
    if (step === undefined) return;
    if (step === "**") return this.#anywhere(folder, rest, depth);
    if (!isPattern(step)) {
      const path = folder + step;
      if (rest.length > 0) return this.follow(`${path}/`, rest, depth);
      this.folders.add(folder === "" ? "." : folder);
      this.paths.add(path);
      return;
    }
    for (const entry of this.#list(folder)) {
      if (!matchesName(step, entry.name)) continue;
      if (rest.length === 0) this.paths.add(folder + entry.name);
      else if (entry.isDirectory() || entry.isSymbolicLink()) this.follow(`${folder}${entry.name}/`, rest, depth);
    }
  }

  #anywhere(folder: string, rest: readonly string[], depth: number): void {
    this.follow(folder, rest.length === 0 ? ["*"] : rest, depth);
    if (depth >= DEPTH_MAX) return;
    for (const entry of this.#list(folder)) {
      if (!entry.isDirectory() || entry.name.startsWith(".")) continue;
      this.#anywhere(`${folder}${entry.name}/`, rest, depth + 1);
    }
  }

  #list(folder: string): Dirent[] {
    this.folders.add(folder === "" ? "." : folder);
    try {
      const entries = readdirSync(folder === "" ? "." : folder, { withFileTypes: true });
      this.#entries += entries.length;
      if (this.#entries <= ENTRIES_MAX) return entries;
      this.trouble = `Cannot look at all of "${folder}" as there must be at most ${ENTRIES_MAX} entries`;
      return [];
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (code !== "ENOENT" && code !== "ENOTDIR") this.trouble = `Cannot look into "${folder}": ${String(code)}`;
      return [];
    }
  }
}

/** Whether a name fits a step of a pattern. Takes time in proportion to the product of their lengths at most. */
export function matchesName(step: string, name: string): boolean {
  if (name.startsWith(".") && !step.startsWith(".")) return false;
  let p = 0;
  let n = 0;
  let starAt = -1;
  let starName = 0;
  while (n < name.length) {
    if (step[p] === "*") {
      starAt = p++;
      starName = n;
      continue;
    }
    const length = fits(step, p, name.charAt(n));
    if (length > 0) {
      p += length;
      n++;
    } else if (starAt >= 0) {
      p = starAt + 1;
      n = ++starName;
    } else return false;
  }
  while (step[p] === "*") p++;
  return p === step.length;
}

/** How much of the step stands for a character, where it does; 0 where it does not. */
function fits(step: string, p: number, char: string): number {
  const first = step[p];
  if (first === undefined) return 0;
  if (first === "?") return 1;
  if (first !== "[") return first === char ? 1 : 0;
  const end = step.indexOf("]", p + 2);
  if (end < 0) return char === "[" ? 1 : 0;
  const isNot = step[p + 1] === "!" || step[p + 1] === "^";
  const set = step.slice(p + (isNot ? 2 : 1), end);
  return isIn(set, char) === isNot ? 0 : end + 1 - p;
}

function isIn(set: string, char: string): boolean {
  for (let i = 0; i < set.length; i++) {
    if (set[i + 1] === "-" && i + 2 < set.length) {
      if (char >= set.charAt(i) && char <= set.charAt(i + 2)) return true;
      i += 2;
    } else if (set[i] === char) return true;
  }
  return false;
}

/** Whether a whole path fits a pattern, as an exclusion: one without a slash is held against the name alone. */
export function matchesPath(pattern: string, path: string): boolean {
  if (!pattern.includes("/")) return matchesName(pattern, path.slice(path.lastIndexOf("/") + 1));
  return matchesSteps(pattern.split("/"), path.split("/"));
}

function matchesSteps(steps: readonly string[], names: readonly string[]): boolean {
  const [step, ...rest] = steps;
  if (step === undefined) return names.length === 0;
  if (step === "**") return names.some((_, i) => matchesSteps(rest, names.slice(i))) || rest.length === 0;
  const [name, ...others] = names;
  return name !== undefined && matchesName(step, name) && matchesSteps(rest, others);
}
