/**
 * Writes numbered lines to a file at a rate, and rotates it: `log_writer.ts FILE LINES_PER_SECOND SECONDS rename|alternate`. At its end it says on
 * standard output, as JSON, how many it wrote, and which of them stood only in what a truncation threw away.
 */

import { closeSync, constants, copyFileSync, existsSync, openSync, renameSync, truncateSync, writeSync } from "node:fs";

/** Between two rotations, two writes, and how long the old file is written to after it was renamed: milliseconds. */
const ROTATE_MS = 2_000;
const TICK_MS = 10;
const RENAMED_MS = 60;

/** Rotated files that are kept. */
const KEPT = 100;

const [path = "", rate = "", seconds = "", mode = ""] = Deno.args;
const encoder = new TextEncoder();
const openToAppend = () => openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let fd = openToAppend();
let written = 0;
let rest = "";
/** Lines written after a copy was made and before the truncation, as [first, last]. */
const thrownAway: [number, number][] = [];

/** The lines that are due, their last one in two parts: the second comes with the next write. */
function write(due: number): void {
  let text = rest;
  while (written < due) {
    text += `line ${++written} of a log that is rotated while it is read and read while it is rotated\n`;
  }
  rest = text.slice(-9);
  writeSync(fd, encoder.encode(text.slice(0, -9)));
}

function shift(): void {
  for (let n = KEPT; n >= 1; n--) if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`);
}

const startMs = performance.now();
const due = () => Math.floor((performance.now() - startMs) / 1000 * Number(rate));
let reopenMs = Infinity;
let rotateMs = startMs + ROTATE_MS;
let isCopyNext = false;
while (performance.now() - startMs < Number(seconds) * 1000) {
  await pause(TICK_MS);
  write(due());
  const nowMs = performance.now();
  if (nowMs >= reopenMs) {
    writeSync(fd, encoder.encode(rest));
    rest = "";
    closeSync(fd);
    fd = openToAppend();
    reopenMs = Infinity;
  }
  if (nowMs < rotateMs) continue;
  rotateMs += ROTATE_MS;
  shift();
  if (isCopyNext) {
    writeSync(fd, encoder.encode(rest));
    rest = "";
    copyFileSync(path, `${path}.1`);
    const from = written + 1;
    await pause(5);
    write(due());
    writeSync(fd, encoder.encode(rest));
    rest = "";
    truncateSync(path, 0);
    thrownAway.push([from, written]);
  } else {
    renameSync(path, `${path}.1`);
    reopenMs = nowMs + RENAMED_MS;
  }
  isCopyNext = mode === "alternate" && !isCopyNext;
}
writeSync(fd, encoder.encode(rest));
closeSync(fd);
await new Response(JSON.stringify({ written, thrownAway })).body?.pipeTo(Deno.stdout.writable);
