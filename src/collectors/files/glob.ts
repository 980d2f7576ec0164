/** Paths with wildcards: `*` and `?` within one name, `**` for any number of folders. Matched by hand, in time that is bounded. */

/** Whether a pattern needs looking at the folder rather than at one name in it. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes("*") || pattern.includes("?");
}

/** Whether one name is what a pattern without slashes says. */
export function matchesName(pattern: string, name: string): boolean {
  return matchesRun(pattern.length, name.length, (p) => pattern[p] === "*", (p, n) => {
    return pattern[p] === "?" || pattern[p] === name[n];
  });
}

/**
 * A test of whole paths. A pattern without a slash is about the last name of a path, wherever it stands; any other is about the
 * path from its beginning, and about everything below.
 */
export function pathMatcher(pattern: string): (path: string) => boolean {
  if (!pattern.includes("/")) return (path) => matchesName(pattern, path.slice(path.lastIndexOf("/") + 1));
  const wanted = [...pattern.split("/").filter((part) => part !== ""), "**"];
  return (path) => {
    const names = path.split("/").filter((part) => part !== "");
    return matchesRun(wanted.length, names.length, (p) => wanted[p] === "**", (p, n) => {
      return matchesName(wanted[p] ?? "", names[n] ?? "");
    });
  };
}

/** Matches a run of items against a run of patterns, of which some take any number: at most patterns × items steps. */
function matchesRun(
  patterns: number,
  items: number,
  isMany: (pattern: number) => boolean,
  isOne: (pattern: number, item: number) => boolean,
): boolean {
  let [pattern, item] = [0, 0];
  let back: { pattern: number; item: number } | undefined;
  while (item < items) {
    if (pattern < patterns && isMany(pattern)) back = { pattern: ++pattern, item };
    else if (pattern < patterns && isOne(pattern, item)) [pattern, item] = [pattern + 1, item + 1];
    else if (back !== undefined) [pattern, item] = [back.pattern, ++back.item];
    else return false;
  }
  while (pattern < patterns && isMany(pattern)) pattern++;
  return pattern === patterns;
}
