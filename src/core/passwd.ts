/** Names by their numbers, out of the text of a passwd(5) or group(5) file: `name:password:number:...` a line. */

/** Names by number; the first line of a number counts, as with getpwuid(3). */
export function parsePasswd(text: string): Map<string, string> {
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (name && id !== undefined && /^\d+$/.test(id) && !names.has(id)) names.set(id, name);
  }
  return names;
}

/** Every home folder that a passwd(5) file names, once each, those of no use left out: `/`, and what is not absolute. */
export function homeFolders(text: string): string[] {
  const homes = new Set<string>();
  for (const line of text.split("\n")) {
    const home = line.split(":")[5]?.replace(/\/+$/, "") ?? "";
    if (home.startsWith("/")) homes.add(home);
  }
  return [...homes];
}
