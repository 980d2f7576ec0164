/** What is known of one name in a folder, how it is kept, and what makes two of them different. */

/** What a name stands for, in the words of `file.type`. */
export const ENTRY_TYPES = {
  f: "file",
  d: "dir",
  l: "symlink",
  p: "fifo",
  s: "socket",
  b: "block_device",
  c: "char_device",
  u: "unknown",
} as const;

export type EntryType = keyof typeof ENTRY_TYPES;

/** What the file system says of a name itself; a link is not followed. */
export interface Status {
  readonly type: EntryType;
  /** Permissions, with set-user-id, set-group-id and sticky: 12 bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly mtimeMs: number;
  /** The same; the runtime gives whole seconds. */
  readonly ctimeMs: number;
  readonly inode: number;
  readonly links: number;
  /** Number of a device file; 0 of all others. */
  readonly device: number;
}

/** One name in a folder. */
export interface Entry extends Status {
  readonly name: string;
  /** SHA-256 of a file in base64url, or `!` and why there is none; where a link leads; a device's number; else empty. */
  readonly content: string;
  /**
   * Whether its time of change was long enough ago when it was looked at: a later change must then show by it. What was not is
   * read again at the next look.
   */
  readonly isSettled: boolean;
}

/** Why a file has no hash. */
export const UNHASHED = { tooLarge: "!too_large", unreadable: "!unreadable", changing: "!changing" } as const;

/** A change within this long of the last is not told from it by its time: milliseconds. */
const SETTLED_AFTER_MS = 2_000;

export function statusOf(info: Deno.FileInfo): Status {
  return {
    type: typeOf(info),
    mode: (info.mode ?? 0) & 0o7777,
    uid: info.uid ?? 0,
    gid: info.gid ?? 0,
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
    inode: info.ino ?? 0,
    links: info.nlink ?? 1,
    device: info.isBlockDevice || info.isCharDevice ? info.rdev ?? 0 : 0,
  };
}

export function entryOf(name: string, status: Status, content: string, nowMs: number): Entry {
  return { name, ...status, content, isSettled: nowMs - status.ctimeMs >= SETTLED_AFTER_MS };
}

function typeOf(info: Deno.FileInfo): EntryType {
  if (info.isSymlink) return "l";
  if (info.isFile) return "f";
  if (info.isDirectory) return "d";
  if (info.isFifo) return "p";
  if (info.isSocket) return "s";
  if (info.isBlockDevice) return "b";
  return info.isCharDevice ? "c" : "u";
}

/** Whether nothing can have happened to a name since it was looked at. */
export function isUntouched(before: Entry, now: Status): boolean {
  return before.isSettled && before.type === now.type && before.inode === now.inode && before.ctimeMs === now.ctimeMs &&
    before.mtimeMs === now.mtimeMs && before.size === now.size && before.mode === now.mode && before.uid === now.uid &&
    before.gid === now.gid && before.links === now.links && before.device === now.device;
}

/** Whether the hash of a file is known. */
export function isHashed({ type, content }: Entry): boolean {
  return type === "f" && !content.startsWith("!");
}

/**
 * What is different, in the words of `file.changed`. The size and times of a folder say no more than that of what is in it, and
 * a pipe's or a socket's change as it is used.
 */
export function changesOf(before: Entry, after: Entry): string[] {
  const changed: string[] = [];
  const note = (is: boolean, what: string) => {
    if (is) changed.push(what);
  };
  const isFile = before.type === "f" && after.type === "f";
  note(before.type !== after.type, "type");
  note(isHashed(before) && isHashed(after) && before.content !== after.content, "sha256");
  note(before.type === "l" && after.type === "l" && before.content !== after.content, "target");
  note(before.device !== after.device, "device");
  note(isFile && before.size !== after.size, "size");
  note(before.mode !== after.mode && after.type !== "l", "mode");
  note(before.uid !== after.uid, "owner");
  note(before.gid !== after.gid, "group");
  note(isFile && before.mtimeMs !== after.mtimeMs, "mtime");
  note(before.inode !== after.inode, "inode");
  note(isFile && before.links !== after.links, "links");
  return changed;
}

/** Whether it holds something else than before, or may: a file that cannot be read has changed when its times have. */
export function isOtherContent(before: Entry, after: Entry, changed: readonly string[]): boolean {
  if (changed.some((what) => ["type", "sha256", "target", "device", "size"].includes(what))) return true;
  const isUnknown = after.type === "f" && !(isHashed(before) && isHashed(after));
  return isUnknown && (changed.includes("mtime") || changed.includes("inode"));
}

/** Whether the one can be the other under a new name. Numbers of files are given out again: the rest has to fit too. */
export function isSameThing(gone: Entry, come: Entry): boolean {
  return gone.inode === come.inode && gone.type === come.type && gone.content === come.content &&
    (gone.type === "d" || gone.mtimeMs === come.mtimeMs && gone.size === come.size);
}

type Row = readonly [
  name: string,
  type: EntryType,
  mode: number,
  uid: number,
  gid: number,
  size: number,
  mtimeMs: number,
  ctimeMs: number,
  inode: number,
  links: number,
  device: number,
  content: string,
  isSettled: 0 | 1,
];

/** Entries as they are kept. */
export function encodeEntries(entries: readonly Entry[]): string {
  return JSON.stringify(entries.map((e): Row => [
    e.name,
    e.type,
    e.mode,
    e.uid,
    e.gid,
    e.size,
    e.mtimeMs,
    e.ctimeMs,
    e.inode,
    e.links,
    e.device,
    e.content,
    e.isSettled ? 1 : 0,
  ]));
}

/** The entries that {@linkcode encodeEntries} wrote. */
export function decodeEntries(text: string): Entry[] {
  return (JSON.parse(text) as Row[]).map((
    [name, type, mode, uid, gid, size, mtimeMs, ctimeMs, inode, links, device, content, settled],
  ) => {
    const isSettled = settled === 1;
    return { name, type, mode, uid, gid, size, mtimeMs, ctimeMs, inode, links, device, content, isSettled };
  });
}
