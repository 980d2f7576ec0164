/** Ids: what stands in them is where an observation stands, so that the same one always has the same id. They grow with time. */

import { createHash } from "node:crypto";
import type { Identity } from "./source.ts";

/** The collector's name, which every id begins with. */
export const SOURCE_NAME = "process";

/** Twelve hexadecimal digits that tell a host, since it started, from any other. */
export function hostKey(host: string, boot: string): string {
  return shortHash(`${host}\0${boot}`, 12);
}

/** Boot, start and pid: one process, even if its pid is used again. */
export function entityId(key: string, { start, pid }: Pick<Identity, "start" | "pid">): string {
  return `${key}:${digits(start, 12)}:${digits(pid, 7)}`;
}

/** Something that happens to a process once: `start`, `end`, `running`; or, with what makes it unique, an exec. */
export function lifeId(key: string, process: Pick<Identity, "start" | "pid">, what: string): string {
  return `${SOURCE_NAME}:${entityId(key, process)}:${what}`;
}

/** An exec, by the image that came of it. */
export function execId(key: string, process: Pick<Identity, "start" | "pid">, image: string): string {
  return lifeId(key, process, `exec:${shortHash(image, 12)}`);
}

/** A round of stats, at a time since the host's start in milliseconds; of one process, or of the host. */
export function statsId(key: string, uptimeMs: number, process?: Pick<Identity, "start" | "pid">): string {
  const of = process === undefined ? "host" : `${process.start}:${process.pid}`;
  return `${SOURCE_NAME}:${key}:${digits(uptimeMs, 13)}:stats:${of}`;
}

/** A socket, by the kernel's number for it and its addresses; one without a number by when it was seen as well. */
export function socketId(key: string, socket: { inode: number; key: string }, uptimeMs: number): string {
  const which = socket.inode === 0 ? `at${digits(uptimeMs, 13)}` : digits(socket.inode, 12);
  return `${SOURCE_NAME}:${key}:socket:${which}:${shortHash(socket.key, 12)}`;
}

function shortHash(text: string, length: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, length);
}

function digits(value: number, width: number): string {
  return String(Math.round(value)).padStart(width, "0");
}
