/** Copies that rotation makes of a file before it truncates it: what is in one has been read, or is to be read on from there. */

import { closeSync } from "node:fs";
import type { TailedFile } from "./file.ts";
import { hasHead, hasTrace, type OpenFile, openRegular, readAt, type Trace } from "./identity.ts";
import { isRotatedName, type Sibling, siblingsOf } from "./rotation.ts";

/** A copy must share this much with what it is held to be a copy of, where it has not reached what was read: bytes. */
const SHARED_MIN_BYTES = 64;

/** The copy of a file's content from which it can be read on; opened. */
export function findCopy(path: string, trace: Trace): OpenFile | undefined {
  if (trace.head === null || trace.head.bytes === 0) return undefined;
  for (const sibling of siblingsOf(path).reverse()) {
    if (sibling.size < trace.offset) continue;
    const open = openOrNone(sibling.path);
    if (open === undefined) continue;
    if (hasTrace(open.fd, trace)) return open;
    closeSync(open.fd);
  }
  return undefined;
}

/** What a new file that has a rotated name is: `growing` may become a copy yet. */
export type CopyVerdict = "copy" | "growing" | "no";

/** Whether a file that has just been found is a copy of one that is known by its `trace`, being read as `original` or not. */
export function copyVerdict(
  open: OpenFile,
  { size }: Sibling,
  trace: Trace,
  original: TailedFile | undefined,
): CopyVerdict {
  const { head, offset } = trace;
  if (head === null || head.bytes === 0) return "no";
  if (size < head.bytes) {
    if (original === undefined) return "no";
    return equal(readAt(open.fd, 0, size), original.begins(size)) ? "growing" : "no";
  }
  if (!hasHead(open.fd, head)) return "no";
  if (size >= offset) return hasTrace(open.fd, trace) ? "copy" : "no";
  return head.bytes >= SHARED_MIN_BYTES ? "copy" : "no";
}

/** Whether rotation may have made the file at `path` of the one at `of`. */
export function isRotatedPath(of: string, path: string): boolean {
  const slash = of.lastIndexOf("/") + 1;
  if (path.lastIndexOf("/") + 1 !== slash || path.slice(0, slash) !== of.slice(0, slash)) return false;
  return isRotatedName(of.slice(slash), path.slice(slash));
}

/** A regular file, opened; `undefined` when it cannot be. */
export function openOrNone(path: string): OpenFile | undefined {
  try {
    return openRegular(path);
  } catch {
    return undefined;
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
