/**
 * The files that are being read, and who each of them is: found by path, known by device, inode, beginning and generation.
 * A look (`scan`) decides which files begin, go on under another name, were truncated, copied, or have gone.
 */

import { closeSync } from "node:fs";
import type { FieldValue } from "../../../core/event.ts";
import { messageOf } from "../../../core/errors.ts";
import { Copies, findCopy, isRotatedPath, openAt, openMoved } from "./copies.ts";
import { discover, type Found } from "./discover.ts";
import { TailedFile } from "./file.ts";
import {
  hasTrace,
  headOf,
  lineStart,
  type OpenFile,
  openRegular,
  type Place,
  placeKey,
  readAt,
  sizeOf,
  tailOf,
} from "./identity.ts";
import { matchesPath } from "./globs.ts";
import type { FollowedOptions, Notice, TailInput } from "./options.ts";
import type { FileRecord } from "./record.ts";
import { beginsCompressed, type Sibling, siblingsOf, statOf } from "./rotation.ts";

/** A path that leads nowhere for this long has been removed, not rotated: milliseconds. */
const REMOVED_AFTER_MS = 2_000;

/** By this much a file's time of writing may lag behind the clock: the system keeps it no finer. Milliseconds. */
const COARSE_TIME_MS = 20;

/** Under which it is told that there are too many files. */
const CROWDED = "files_max";

/** A line in the making is looked for this far before the end of a file that is read from its end. */
const LINE_START_BYTES = 65_536;

export class Followed {
  readonly files = new Set<TailedFile>();
  /** Whether another look is due soon: something was in the making. */
  isUndecided = false;
  readonly #options: FollowedOptions;
  readonly #open: (path: string) => OpenFile;
  /** The latest life of each file that is being read, by device and inode. */
  readonly #current = new Map<string, TailedFile>();
  readonly #copies: Copies;
  /** Device and inode of every file that the last look found. */
  #wanted: ReadonlySet<string> = new Set();
  /** Paths whose rotated files are to be looked at again, and when the paths were last seen to lead where they did. */
  readonly #unsearched = new Map<string, number>();
  /** What the last look found to be wrong. */
  #troubles = new Set<string>();
  #hasScanned = false;

  constructor(options: FollowedOptions) {
    this.#options = options;
    this.#open = options.open ?? openRegular;
    this.#copies = new Copies(options.records, (place) => this.#current.get(placeKey(place)));
  }

  /** Looks at what there is now. Returns the folders in which whatever is new shows. */
  scan(nowMs: number): readonly string[] {
    const { inputs, notice, isKnown } = this.#options;
    this.isUndecided = false;
    const { found, folders, troubles } = discover(inputs, this.#options.dataDirectory);
    this.#tellTroubles(troubles);
    this.#wanted = new Set(found.map(placeKey));
    const searched = this.#placeAll(found, nowMs);
    for (const file of found) if (!this.#current.has(placeKey(file))) this.#consider(file, nowMs);
    for (const [path, seenMs] of searched) this.#search(path, seenMs, nowMs);
    if (!this.#hasScanned) this.#tellLost();
    this.#hasScanned = true;
    for (const { pattern } of inputs) {
      if (!isKnown(pattern)) notice({ kind: "log.watched", id: pattern, fields: { "log.file.path": pattern } });
    }
    return folders;
  }

  /** Tells what the look has found to be wrong, and forgets what was wrong at the last one only. */
  #tellTroubles(troubles: ReadonlyMap<string, string>): void {
    const { health } = this.#options;
    for (const name of this.#troubles) if (!troubles.has(name)) health.forget(name);
    this.#troubles = new Set(troubles.keys());
    for (const [name, trouble] of troubles) health.note(name, trouble);
  }

  /** Whether the path of a file that gave something since `sinceMs` leads elsewhere by now. */
  hasMoved(sinceMs: number, nowMs: number): boolean {
    let hasMoved = false;
    for (const file of this.#current.values()) {
      if (file.goneMs !== null || file.dataMs < sinceMs) continue;
      const stat = statOf(file.path);
      if (stat?.dev === file.place.device && stat.ino === file.place.inode) file.hereMs = nowMs;
      else hasMoved = true;
    }
    return hasMoved;
  }

  /**
   * What was read of a file does not stand there any more: its life has ended, and another has begun. Returns whether that is to be
   * looked at: a copy may have been made over an older one.
   */
  truncated(file: TailedFile, nowMs: number): boolean {
    const { path, place, generation } = file;
    if (!file.isCopy && this.#current.get(placeKey(place)) === file && this.#copies.mayBe(path)) {
      file.finish(nowMs);
      file.isGoneTold = true;
      file.goneMs ??= nowMs;
      this.#current.delete(placeKey(place));
      this.#options.records.put(file.record());
      return true;
    }
    const copy = file.isCopy ? undefined : findCopy(path, file.trace);
    if (typeof copy === "object") file.moveTo(copy);
    else file.finish(nowMs);
    this.#tell(copy === undefined ? "log.truncated" : "log.rotated", path, file);
    file.isGoneTold = true;
    file.goneMs ??= nowMs;
    if (this.#current.get(placeKey(place)) !== file) return false;
    this.#current.delete(placeKey(place));
    this.#options.records.put(file.record());
    const open = openMoved(path, place);
    if (open !== undefined) this.#follow(open, path, { generation: generation + 1, offset: 0 }, nowMs);
    return false;
  }

  /**
   * Tells of files of which it has just become known who they are. Only once that is committed may lines of theirs be: else lines might
   * be committed without it, and a file that is copied and truncated right after could not be known again.
   */
  introduce(): void {
    for (const file of this.files) {
      if (file.isIntroduced || !file.hasIdentity) continue;
      file.isIntroduced = true;
      this.#tell("log.started", file.path, file, { "log.offset": file.startedAt });
    }
  }

  /** Ends the reading of files from which nothing more is expected. */
  drain(nowMs: number): void {
    const { rotatedWaitMs, records, health } = this.#options;
    for (const file of this.files) {
      const { goneMs } = file;
      if (goneMs !== null && !file.isReady && file.pendingCount === 0) {
        if (file.isCopy || nowMs - Math.max(goneMs, file.dataMs) >= rotatedWaitMs) {
          this.#tellGone(file, false, Infinity);
          file.finish(nowMs);
        }
      }
      if (!file.isDone) continue;
      records.put(file.record());
      file.close();
      this.files.delete(file);
      const key = placeKey(file.place);
      if (this.#current.get(key) === file) this.#current.delete(key);
      if (![...this.files].some(({ path }) => path === file.path)) health.forget(file.path);
    }
  }

  close(): void {
    for (const file of this.files) file.close();
    this.files.clear();
    this.#current.clear();
  }

  /**
   * Notes which files are still where they were. Returns the paths that lead elsewhere now, or nowhere, with when they were last
   * seen to lead where they did: what has been written to since, and is not known, came and went unseen.
   */
  #placeAll(found: readonly Found<TailInput>[], nowMs: number): Map<string, number> {
    const byPath = new Map(found.map((file) => [file.path, file]));
    const byPlace = new Map(found.map((file) => [placeKey(file), file]));
    const searched = new Map(this.#unsearched);
    this.#unsearched.clear();
    const search = (path: string, seenMs: number) => searched.set(path, Math.max(seenMs, searched.get(path) ?? 0));
    const records = this.#hasScanned ? [] : this.#options.records.all();
    for (const { path, seenMs } of records) search(path, seenMs);
    for (const file of this.#current.values()) {
      const there = byPath.get(file.path);
      if (there !== undefined && placeKey(there) === placeKey(file.place)) {
        file.goneMs = null;
        file.hereMs = nowMs;
        continue;
      }
      const elsewhere = byPlace.get(placeKey(file.place));
      if (elsewhere !== undefined && !isRotatedPath(file.path, elsewhere.path)) {
        file.path = elsewhere.path;
        file.hereMs = nowMs;
        continue;
      }
      if (file.goneMs === null && !file.isGoneTold) search(file.path, file.hereMs);
      if (elsewhere === undefined || !file.isGoneTold) file.goneMs ??= nowMs;
      this.#tellGone(file, there !== undefined, nowMs);
      if (elsewhere !== undefined) file.goneMs = null;
    }
    return searched;
  }

  #tellGone(file: TailedFile, isReplaced: boolean, nowMs: number): void {
    if (file.isGoneTold) return;
    if (isReplaced) this.#tell("log.rotated", file.path, file);
    else if (file.goneMs !== null && nowMs - file.goneMs >= REMOVED_AFTER_MS) {
      this.#tell("log.removed", file.path, file);
    } else return;
    file.isGoneTold = true;
  }

  /** A file that is wanted and not read yet. */
  #consider(found: Found<TailInput>, nowMs: number): void {
    const { records, health, filesMax } = this.#options;
    if (this.files.size >= filesMax) {
      health.note(CROWDED, `Cannot read "${found.path}" as there must be at most ${filesMax} files`);
      this.#troubles.add(CROWDED);
      return;
    }
    const open = this.#openFound(found, nowMs);
    if (open === undefined) return;
    const record = records.latest(found);
    const { path } = found;
    if (record !== undefined && hasTrace(open.fd, record)) return void this.#follow(open, path, record, nowMs);
    if (record === undefined && this.#isFirst(found.input)) this.#noteRotated(path, nowMs);
    const verdict = this.#copies.verdict(open, found, nowMs); // also of one that was given the inode of another
    if (verdict === "growing") {
      this.isUndecided = true;
      return closeSync(open.fd);
    }
    const copied = verdict === "copy" ? sizeOf(open.fd) : undefined;
    if (record !== undefined) this.#beginAnew(open, path, record, nowMs, copied ?? 0);
    else this.#follow(open, path, { generation: 0, offset: copied ?? this.#startOf(open, found) }, nowMs);
  }

  #openFound(found: Found<TailInput>, nowMs: number): OpenFile | undefined {
    const { path, input } = found;
    const { health, records } = this.#options;
    try {
      const there = this.#open(path);
      health.note(path, null);
      if (placeKey(there) === placeKey(found)) return this.#unlessCompressed(there);
      closeSync(there.fd);
      return openMoved(path, found, this.#open); // rotated within the moment
    } catch (error) {
      const moved = openMoved(path, found, this.#open);
      if (moved !== undefined) return moved;
      health.note(path, `Cannot read "${path}", trying again: ${messageOf(error)}`);
      if (!this.#isFirst(input) || input.readFrom !== "end" || records.latest(found) !== undefined) return undefined;
      const { device, inode, size } = found;
      const place = { device, inode };
      const unread = { fingerprint: null, head: null, tail: 0, isOver: false };
      records.put({ ...place, generation: 0, content: place, path, offset: size, seenMs: nowMs, ...unread });
    }
    return undefined;
  }

  #unlessCompressed(open: OpenFile): OpenFile | undefined {
    if (!beginsCompressed(readAt(open.fd, 0, 8))) return open;
    closeSync(open.fd);
    return undefined;
  }

  #isFirst({ pattern }: TailInput): boolean {
    return !this.#options.isKnown(pattern);
  }

  #startOf(open: OpenFile, { size, input }: Found<TailInput>): number {
    return this.#isFirst(input) && input.readFrom === "end" ? lineStart(open.fd, size, LINE_START_BYTES) : 0;
  }

  /** The file at a known device and inode is not what it was: cut and filled again, or another that was given its inode. */
  #beginAnew(open: OpenFile, path: string, record: FileRecord, nowMs: number, offset: number): TailedFile {
    const { records } = this.#options;
    const copy = record.isOver ? undefined : findCopy(record.path, record);
    if (typeof copy === "object") {
      const file = this.#makeFile(copy, record.path, record, nowMs);
      file.isCopy = true;
      file.goneMs = nowMs;
      file.isGoneTold = true;
      this.#tell("log.rotated", path, record);
    } else {
      const isCut = record.path === path && offset === 0; // and not a copy made over an older one
      if (isCut) this.#tell(copy === undefined ? "log.truncated" : "log.rotated", path, record);
      records.put({ ...record, isOver: true });
    }
    return this.#follow(open, path, { generation: record.generation + 1, offset }, nowMs);
  }

  /** A path leads elsewhere: what rotation made of the file that it led to, and of those that came and went unseen. */
  #search(path: string, seenMs: number, nowMs: number): void {
    const { records } = this.#options;
    for (const sibling of siblingsOf(path)) {
      const key = placeKey(sibling);
      if (this.#current.has(key)) continue;
      const record = records.latest(sibling);
      const isLater = sibling.modifiedMs + COARSE_TIME_MS > (record?.seenMs ?? seenMs);
      if (record === undefined ? !isLater : record.isOver) continue;
      const open = openAt(sibling.path, sibling);
      if (open === undefined) {
        if (statOf(sibling.path)?.ino !== sibling.inode) this.#searchAgain(path, seenMs);
        continue;
      }
      if (record !== undefined && hasTrace(open.fd, record)) this.#follow(open, path, record, nowMs).goneMs = nowMs;
      else if (!isLater || beginsCompressed(readAt(open.fd, 0, 8))) closeSync(open.fd);
      else this.#missed(open, path, sibling, seenMs, nowMs);
    }
    for (const record of [...records.all()]) {
      if (record.path === path && !record.isOver) this.#resumeCopy(record, nowMs);
    }
  }

  #searchAgain(path: string, seenMs: number): void {
    this.#unsearched.set(path, seenMs);
    this.isUndecided = true;
  }

  /** What rotation had made of a file before it was first watched is not wanted, whoever writes to it still. */
  #noteRotated(path: string, nowMs: number): void {
    const { records } = this.#options;
    for (const sibling of siblingsOf(path)) {
      const place = { device: sibling.device, inode: sibling.inode };
      if (records.latest(place) !== undefined || this.#wanted.has(placeKey(place))) continue;
      const open = openAt(sibling.path, sibling);
      if (open === undefined) continue;
      const trace = { head: headOf(open.fd), offset: sibling.size, tail: tailOf(open.fd, sibling.size) };
      closeSync(open.fd);
      const who = { ...place, generation: 0, fingerprint: null, content: place, path: sibling.path };
      records.put({ ...who, ...trace, seenMs: nowMs, isOver: true });
    }
  }

  /** A file that took a path and was rotated away while nobody looked. */
  #missed(open: OpenFile, path: string, sibling: Sibling, seenMs: number, nowMs: number): void {
    const verdict = this.#copies.verdict(open, sibling, nowMs);
    if (verdict === "growing") this.#searchAgain(path, seenMs);
    if (verdict !== "no") return closeSync(open.fd);
    const record = this.#options.records.latest(sibling);
    const file = record === undefined
      ? this.#follow(open, path, { generation: 0, offset: 0 }, nowMs)
      : this.#beginAnew(open, path, record, nowMs, 0);
    file.goneMs = nowMs;
  }

  /** A file's earlier life whose content was copied: the rest of it is read from the copy, also after a restart. */
  #resumeCopy(record: FileRecord, nowMs: number): void {
    const isRead = [...this.files].some((file) =>
      placeKey(file.place) === placeKey(record) && file.generation === record.generation
    );
    if (isRead || placeKey(record.content) === placeKey(record)) return;
    const copy = findCopy(record.path, record);
    if (typeof copy !== "object") return this.#options.records.put({ ...record, isOver: true });
    const file = this.#makeFile(copy, record.path, record, nowMs);
    file.isCopy = file.isGoneTold = true;
    file.goneMs = nowMs;
  }

  /** Files that were being read when Weir ended, and are nowhere to be found. */
  #tellLost(): void {
    const { records } = this.#options;
    for (const record of [...records.all()]) {
      if (record.isOver || record.head === null || this.#current.has(placeKey(record))) continue;
      this.#tell("log.removed", record.path, record);
      records.put({ ...record, isOver: true });
    }
  }

  #follow(
    open: OpenFile,
    path: string,
    from: Pick<FileRecord, "generation" | "offset"> & Partial<FileRecord>,
    nowMs: number,
  ): TailedFile {
    const file = this.#makeFile(open, path, { ...from, device: open.device, inode: open.inode }, nowMs);
    this.#current.set(placeKey(open), file);
    this.#copies.forget(open);
    return file;
  }

  #makeFile(
    open: OpenFile,
    path: string,
    { device, inode, generation, offset, fingerprint = null }:
      & Place
      & Pick<FileRecord, "generation" | "offset">
      & Partial<FileRecord>,
    nowMs: number,
  ): TailedFile {
    const { lineBytesMax } = this.#options;
    const intake = this.#inputOf(path).intake(path);
    const place = { device, inode };
    const file = new TailedFile({ open, place, generation, path, offset, fingerprint, lineBytesMax, intake, nowMs });
    this.files.add(file);
    this.#options.records.put(file.record());
    return file;
  }

  #inputOf(path: string): TailInput {
    const { inputs } = this.#options;
    const fitting = inputs.find(({ pattern }) => pattern === path || matchesPath(pattern, path));
    return fitting ?? inputs[0] as TailInput;
  }

  #tell(
    kind: Notice["kind"],
    path: string,
    of: TailedFile | FileRecord,
    more: Readonly<Record<string, FieldValue>> = {},
  ): void {
    const key = "place" in of ? placeKey(of.place) : placeKey(of);
    this.#options.notice({
      kind,
      id: `${key}.${of.generation}`,
      fields: { "log.file.path": path, ...more },
    });
  }
}
