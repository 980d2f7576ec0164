/** Which folders there are, and how much is in them: asked before stock is taken, so that it can be told how far that is. */

import { yieldToOthers } from "../../core/clock.ts";
import { joined, type Scope } from "./scope.ts";

/** Folders looked into before others have a turn. */
const TURN_FOLDERS = 20;

/** Files, and the bytes in them. */
export interface Size {
  files: number;
  bytes: number;
}

/** Every folder within the scope, and the size of all files. */
export async function folderTrees(
  scope: Scope,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly folders: string[]; readonly size: Size }> {
  const size: Size = { files: 0, bytes: 0 };
  const folders: string[] = [];
  const stack: string[] = [];
  const take = (path: string) => {
    if (!scope.isExcluded(path) && measure(path, size)) stack.push(path);
  };
  for (const [folder, names] of scope.roots) for (const name of names.keys()) take(joined(folder, name));
  for (let folder = stack.pop(); folder !== undefined && !signal.aborted; folder = stack.pop()) {
    folders.push(folder);
    if (folders.length % TURN_FOLDERS === 0) await yieldToOthers();
    for (const name of namesOf(folder)) take(joined(folder, name));
  }
  return { folders, size };
}

function namesOf(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch {
    return []; // the look itself will say so
  }
}

/** Adds a file's size; says whether it is a folder. */
function measure(path: string, size: Size): boolean {
  try {
    const info = Deno.lstatSync(path);
    if (info.isFile) {
      size.files++;
      size.bytes += info.size;
    }
    return info.isDirectory;
  } catch {
    return false;
  }
}
