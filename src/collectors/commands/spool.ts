/** The files into which shells write their commands, one or more a shell, each read on from where it was left. */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import process from "node:process";

/** Bytes read of a file at a time. */
export const READ_BYTES_MAX = 1_048_576;

/** Files looked at in one folder. */
export const FILES_MAX = 10_000;

/** A file of a shell's: `commands-<uid>-<seconds>-<pid>-<part>.log`. */
export interface SpoolFile {
  readonly path: string;
  /** Folder, user, start and pid: the same for all parts of one shell. */
  readonly shell: string;
  readonly uid: number;
  readonly startedSeconds: number;
  readonly pid: number;
  readonly part: number;
}

const NAME = /^commands-(\d{1,10})-(\d{9,11})-(\d{1,10})-(\d{1,6})\.log$/;

/** The files of a folder, those of one shell together and in their order; none where there is no such folder. */
export function spoolFiles(folder: string): SpoolFile[] {
  const files: SpoolFile[] = [];
  try {
    for (const { name } of Deno.readDirSync(folder)) {
      const file = spoolFile(folder, name);
      if (file !== undefined) files.push(file);
      if (files.length === FILES_MAX) break;
    }
  } catch {
    return [];
  }
  return files.sort((a, b) => (a.shell === b.shell ? a.part - b.part : a.shell < b.shell ? -1 : 1));
}

function spoolFile(folder: string, name: string): SpoolFile | undefined {
  const found = NAME.exec(name);
  if (found === null) return undefined;
  const [uid = 0, startedSeconds = 0, pid = 0, part = 0] = found.slice(1).map(Number);
  const shell = `${folder}/${name.slice(0, name.lastIndexOf("-"))}`;
  return { path: `${folder}/${name}`, shell, uid, startedSeconds, pid, part };
}

/** What was read of a file; or why it is not believed, or cannot be read. */
export type SpoolReading =
  | { readonly bytes: Uint8Array; readonly from: number; readonly size: number }
  | { readonly refused: "not_the_users" | "unreadable" };

/** Neither waits for a pipe nor follows a link. Absent on Windows. */
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);

/**
 * Reads on in a file. Whose commands these are is told by who owns the file, never by what stands in it: it must be an ordinary
 * file under one name, of the user that its name says, into which no other can write.
 */
export function readSpool({ path, uid }: SpoolFile, offset: number, buffer: Uint8Array): SpoolReading {
  let fd: number | undefined;
  try {
    fd = openSync(path, FLAGS);
    const info = fstatSync(fd);
    if (!info.isFile() || info.uid !== uid || info.nlink !== 1 || (info.mode & 0o022) !== 0) {
      return { refused: "not_the_users" };
    }
    const from = offset <= info.size ? offset : 0; // cut by its shell, which had too much that nobody read
    const count = readSync(fd, buffer, 0, buffer.length, from);
    return { bytes: buffer.subarray(0, count), from, size: info.size };
  } catch {
    return { refused: "unreadable" };
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Whether a process with this id runs, be it the shell or one that was given its id since. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(typeof error === "object" && error !== null && "code" in error && error.code === "ESRCH");
  }
}

/** Removes a file; one that cannot be removed stays. */
export function removeSpool(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is small, and read: it may stay.
  }
}
