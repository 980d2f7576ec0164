/** Where what is shipped with Weir lies: beside the source, or inside the compiled program. */

import { fileURLToPath } from "node:url";

/** The path of a shipped folder. In a compiled Weir it is in the program's own read-only file system. */
export function shippedFolder(name: "rules" | "profiles"): string {
  return fileURLToPath(new URL(`../../${name}`, import.meta.url));
}

/** A folder as it stands in the working directory, if there; `rules` and `profiles` that are not are those shipped. */
export async function folderOrShipped(folder: string): Promise<string> {
  if (folder !== "rules" && folder !== "profiles") return folder;
  try {
    if ((await Deno.stat(folder)).isDirectory) return folder;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return shippedFolder(folder);
}
