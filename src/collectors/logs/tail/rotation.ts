/** What log rotation leaves behind: how it names files, compresses them, and copies one before it truncates it. */

import { readdirSync, type Stats, statSync } from "node:fs";
import type { Place } from "./identity.ts";

/** How names of compressed files end. They hold what has been read already, and not as lines. */
const COMPRESSED = /\.(?:gz|bz2|xz|zst|lz4|lzma|br|Z|zip)$/;

/** How compressed files begin, whatever they are called: gzip, bzip2, xz, zstd, LZ4, zip. */
const MAGIC: readonly (readonly number[])[] = [
  [0x1f, 0x8b],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x04, 0x22, 0x4d, 0x18],
  [0x50, 0x4b, 0x03, 0x04],
];

/** Entries of one folder among which rotated files are searched, at most. */
const ENTRIES_MAX = 10_000;

export function hasCompressedName(path: string): boolean {
  return COMPRESSED.test(path);
}

/** Whether a file begins as compressed ones do. */
export function beginsCompressed(start: Uint8Array): boolean {
  return MAGIC.some((magic) => magic.every((byte, i) => start[i] === byte));
}

/**
 * Whether a name is one that rotation gives to a file of another name: `app.log.1`, `app.log-20260101`, `app.log.old`,
 * `app-20260101.log`, `app.1.log`. Names, not paths.
 */
export function isRotatedName(base: string, name: string): boolean {
  if (name.length <= base.length) return false;
  if (name.startsWith(base)) return /^[._-](?:[\d._T:-]+|old|bak|prev|rotated)$/.test(name.slice(base.length));
  const dot = base.lastIndexOf(".");
  if (dot <= 0 || !name.startsWith(base.slice(0, dot)) || !name.endsWith(base.slice(dot))) return false;
  return /^[._-]?\d[\d._T:-]*$/.test(name.slice(dot, name.length - (base.length - dot)));
}

/** A regular file that rotation may have made of another. */
export interface Sibling extends Place {
  readonly path: string;
  readonly size: number;
  /** When it was last written to: milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** A folder that is being rotated is listed again until nothing moves meanwhile, at most so many times. */
const LISTINGS_MAX = 5;

/**
 * What rotation may have made of the file at `path`, not compressed, the one written to longest ago first. While files are being
 * renamed in a row, one may be passed by in a listing: so it is made again until two are the same.
 */
export function siblingsOf(path: string): Sibling[] {
  let siblings = listSiblings(path);
  for (let n = 1; n < LISTINGS_MAX; n++) {
    const again = listSiblings(path);
    const isSame = again.length === siblings.length && again.every(({ inode, path }, i) => {
      return inode === siblings[i]?.inode && path === siblings[i]?.path;
    });
    siblings = again;
    if (isSame) break;
  }
  return siblings.sort((a, b) => a.modifiedMs - b.modifiedMs);
}

/** In the order of their names. */
function listSiblings(path: string): Sibling[] {
  const slash = path.lastIndexOf("/");
  const folder = slash < 0 ? "" : path.slice(0, slash + 1);
  const base = path.slice(slash + 1);
  const siblings: Sibling[] = [];
  for (const name of namesIn(folder)) {
    if (!isRotatedName(base, name) || hasCompressedName(name)) continue;
    const stat = statOf(folder + name);
    if (stat?.isFile() !== true) continue;
    const { dev, ino, size, mtimeMs } = stat;
    siblings.push({ path: folder + name, device: dev, inode: ino, size, modifiedMs: mtimeMs });
  }
  return siblings;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder === "" ? "." : folder).slice(0, ENTRIES_MAX).sort();
  } catch {
    return []; // it has gone, or may not be read, which looking for the file itself says
  }
}

/** What stands at a path, links followed; `undefined` when nothing does. */
export function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
