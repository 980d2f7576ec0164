/** Copies that rotation makes of a file before it truncates it: what is in one has been read, or is to be read on from there. */

import { closeSync } from "node:fs";
import type { TailedFile } from "./file.ts";
import {
  hasHead,
  hasTrace,
  type OpenFile,
  openRegular,
  type Place,
  placeKey,
  readAt,
  sizeOf,
  type Trace,
} from "./identity.ts";
import type { Records } from "./record.ts";
import { isRotatedName, type Sibling, siblingsOf } from "./rotation.ts";

/** A copy must share this much with what it is held to be a copy of, where it has not reached what was read: bytes. */
const SHARED_MIN_BYTES = 64;

/**
 * The copy of a file's content from which it can be read on, opened. `behind`: there is a copy, and what was read reaches further;
 * what else came after it was made is lost.
 */
export function findCopy(path: string, trace: Trace): OpenFile | "behind" | undefined {
  const { head, offset } = trace;
  if (head === null || head.bytes === 0) return undefined;
  let isBehind = false;
  for (const sibling of siblingsOf(path).reverse()) {
    const open = openAt(sibling.path, sibling);
    if (open === undefined) continue;
    if (sibling.size >= offset && hasTrace(open.fd, trace)) return open;
    isBehind ||= sibling.size < offset && head.bytes >= SHARED_MIN_BYTES && hasHead(open.fd, head);
    closeSync(open.fd);
  }
  return isBehind ? "behind" : undefined;
}

/** What a new file that has a rotated name is: `growing` may become a copy yet. */
export type CopyVerdict = "copy" | "growing" | "no";

/** A new file that may be a copy in the making is looked at again for this long: milliseconds. */
const GROWING_MAX_MS = 10_000;

/** A copy in the making. */
interface Growing {
  /** Since when it has been held to be one: milliseconds since the epoch. */
  readonly sinceMs: number;
  /** How large it was when it was last looked at: bytes. */
  readonly size: number;
}

/** Tells copies of files that are known from new files. */
export class Copies {
  /** By device and inode. */
  readonly #growing = new Map<string, Growing>();

  /** `current` is the file that is being read at a place. */
  constructor(readonly records: Records, readonly current: (place: Place) => TailedFile | undefined) {}

  /** What a file is that has just been found. */
  verdict(open: OpenFile, found: Sibling, nowMs: number): CopyVerdict {
    const key = placeKey(found);
    const size = sizeOf(open.fd);
    for (const record of this.records.all()) {
      if (!isRotatedPath(record.path, found.path)) continue;
      const current = this.current(record);
      const original = current?.generation === record.generation ? current : undefined;
      const likeness = likenessOf(open, size, original?.trace ?? record, current);
      if (likeness === "no") continue;
      const before = this.#growing.get(key);
      // A copy is whole once its original is truncated, or is no longer than it, or it has stopped growing.
      const isWhole = original === undefined || size >= original.size || size === before?.size;
      if (likeness === "copy" && isWhole) return "copy";
      const sinceMs = before?.sinceMs ?? nowMs;
      this.#growing.set(key, { sinceMs, size });
      if (nowMs - sinceMs < GROWING_MAX_MS) return "growing";
    }
    this.forget(found);
    return "no";
  }

  /** Whether a path is one that rotation gives to a copy of a file that is known. */
  mayBe(path: string): boolean {
    return [...this.records.all()].some((record) => isRotatedPath(record.path, path));
  }

  /** It has been decided what a file is. */
  forget(place: Place): void {
    this.#growing.delete(placeKey(place));
  }
}

/** Whether a file of a size is like one that is known by its `trace`; `current` is the file that is being read in its place. */
function likenessOf(open: OpenFile, size: number, trace: Trace, current: TailedFile | undefined): CopyVerdict {
  const { head, offset } = trace;
  if (head === null || head.bytes === 0) return "no";
  if (size < head.bytes) {
    if (current === undefined) return "no";
    return equal(readAt(open.fd, 0, size), current.begins(size)) ? "growing" : "no";
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

/** The file at a path, opened, if it is the one that is meant; `undefined` when it is not, or cannot be. */
export function openAt(path: string, place: Place, open = openRegular): OpenFile | undefined {
  try {
    const file = open(path);
    if (placeKey(file) === placeKey(place)) return file;
    closeSync(file.fd);
  } catch {
    // It has gone, or may not be read.
  }
  return undefined;
}

/** The file at a device and inode, opened: at its path, or where rotation has just put it. */
export function openMoved(path: string, place: Place, open = openRegular): OpenFile | undefined {
  const there = openAt(path, place, open);
  if (there !== undefined) return there;
  const sibling = siblingsOf(path).find((each) => placeKey(each) === placeKey(place));
  return sibling === undefined ? undefined : openAt(sibling.path, place, open);
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
