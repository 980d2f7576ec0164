/** Events of what was found: which kind it is, what it says, and the id that the same finding always has. */

import { createHash } from "node:crypto";
import { type FieldValue, type TelemetryEvent, toRfc3339 } from "../../core/event.ts";
import { changesOf, type Entry, ENTRY_TYPES, isHashed, isOtherContent } from "./entry.ts";
import type { Owners } from "./owners.ts";
import type { Difference } from "./round.ts";
import { folderOf, nameOf } from "./scope.ts";

/** The collector's name, which every id begins with. */
export const SOURCE_NAME = "files";

/** A change found within this long of it happened when the file's own times say, any later one when it was found: ms. */
const PROMPT_MS = 10_000;

export interface Telling {
  readonly host: string;
  readonly owners: Owners;
  readonly nowMs: number;
}

export function tellDifference(difference: Difference, telling: Telling): TelemetryEvent {
  const { path, before, after, from } = difference;
  const { host, nowMs } = telling;
  const changed = before !== undefined && after !== undefined ? changesOf(before, after) : [];
  const kind = kindOf(difference, changed);
  const present = after ?? before;
  const fields: Record<string, FieldValue> = {
    "file.path": path,
    "file.name": nameOf(path),
    "file.directory": folderOf(path),
    ...extension(path),
    ...(after === undefined ? {} : describe("file", after, telling.owners)),
    ...(present === undefined ? {} : { "file.type": ENTRY_TYPES[present.type] }),
    ...(before === undefined ? {} : previous(before, after, telling.owners)),
    ...(from === undefined ? {} : { "file.previous.path": from }),
    ...(changed.length === 0 ? {} : { "file.changed": changed }),
  };
  const id = differenceId(host, difference, kind);
  return { id, timeMs: timeOf(after, nowMs), observedMs: nowMs, source: SOURCE_NAME, kind, host, fields };
}

function kindOf({ before, after, from }: Difference, changed: readonly string[]): string {
  if (from !== undefined) return "file.move";
  if (before === undefined) return "file.create";
  if (after === undefined) return "file.delete";
  return isOtherContent(before, after, changed) ? "file.change" : "file.attributes";
}

/** What a name is now, or was; by the given prefix. */
function describe(prefix: string, entry: Entry, owners: Owners): Record<string, FieldValue> {
  const isFile = entry.type === "f";
  const user = owners.user(entry.uid);
  const group = owners.group(entry.gid);
  return {
    ...(isFile ? { [`${prefix}.size`]: entry.size } : {}),
    ...(entry.type === "l" ? {} : { [`${prefix}.mode`]: entry.mode.toString(8).padStart(4, "0") }),
    [`${prefix}.uid`]: String(entry.uid),
    [`${prefix}.gid`]: String(entry.gid),
    ...(user === undefined ? {} : { [`${prefix}.owner`]: user }),
    ...(group === undefined ? {} : { [`${prefix}.group`]: group }),
    [`${prefix}.inode`]: String(entry.inode),
    [`${prefix}.mtime`]: toRfc3339(entry.mtimeMs),
    [`${prefix}.ctime`]: toRfc3339(entry.ctimeMs),
    ...(isFile ? { [`${prefix}.links`]: entry.links } : {}),
    ...(isHashed(entry) ? { [`${prefix}.hash.sha256`]: hexOf(entry.content) } : {}),
    ...(isFile && !isHashed(entry) ? { [`${prefix}.unhashed`]: entry.content.slice(1) } : {}),
    ...(entry.type === "l" && entry.content !== "" ? { [`${prefix}.target_path`]: entry.content } : {}),
  };
}

/** What was, as far as it is not so any more; of what has gone, all. */
function previous(before: Entry, after: Entry | undefined, owners: Owners): Record<string, FieldValue> {
  const was = describe("file.previous", before, owners);
  if (after === undefined) return was;
  const is = describe("file.previous", after, owners);
  const fields: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(was)) if (is[name] !== value) fields[name] = value;
  if (before.type !== after.type) fields["file.previous.type"] = ENTRY_TYPES[before.type];
  return fields;
}

function extension(path: string): Record<string, FieldValue> {
  const name = nameOf(path);
  const dot = name.lastIndexOf(".");
  return dot > 0 && dot < name.length - 1 ? { "file.extension": name.slice(dot + 1) } : {};
}

/** The file's own time of writing where it is that of the last change, and recent; else the time of the finding. */
function timeOf(after: Entry | undefined, nowMs: number): number {
  if (after === undefined) return nowMs;
  const { mtimeMs, ctimeMs } = after;
  const isLast = mtimeMs >= ctimeMs && mtimeMs < ctimeMs + 1000; // of the time of change only the second is known
  return isLast && mtimeMs <= nowMs && nowMs - mtimeMs < PROMPT_MS ? mtimeMs : nowMs;
}

/** The same of the same finding: what was there, what is there, and where. Grows with the time of the change. */
function differenceId(host: string, { path, before, after, from }: Difference, kind: string): string {
  const mark = (entry: Entry | undefined) =>
    entry && [entry.type, entry.inode, entry.ctimeMs, entry.mtimeMs, entry.size, entry.mode, entry.content];
  const parts = JSON.stringify([host, kind, path, from, mark(before), mark(after)]);
  return `${SOURCE_NAME}:${digits((after ?? before)?.ctimeMs ?? 0)}:${shortHash(parts, 20)}`;
}

/** The id of what is said of a scan: its number counts those of this journal. */
export function scanId(host: string, number: number, part: number): string {
  return `${SOURCE_NAME}:scan:${shortHash(host, 12)}:${digits(number)}:${String(part).padStart(6, "0")}`;
}

function hexOf(base64url: string): string {
  return Array.from(
    atob(base64url.replaceAll("-", "+").replaceAll("_", "/")),
    (char) => char.charCodeAt(0).toString(16).padStart(2, "0"),
  ).join("");
}

function shortHash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

function digits(value: number): string {
  return String(Math.max(0, Math.round(value))).padStart(13, "0");
}
