/** The header of a syslog line, as files have it and as it comes over the network (RFC 3164, RFC 5424). */

import { Names } from "./names.ts";
import type { FieldsInTheMaking } from "./source_line.ts";
import { StampReader, type Zone } from "./stamp.ts";
import { readStructuredData } from "./structured_data.ts";

const SPACE = 32;
const CLOSE = 93; // ]
const OPEN = 91; // [
const COLON = 58;
const NIL = 45; // -

/** A program's name is not longer than this: UTF-16 units. */
const PROGRAM_LENGTH_MAX = 128;

/** Facilities (RFC 5424, 6.2.1), by number. */
const FACILITIES = [
  "kern",
  "user",
  "mail",
  "daemon",
  "auth",
  "syslog",
  "lpr",
  "news",
  "uucp",
  "cron",
  "authpriv",
  "ftp",
  "ntp",
  "audit",
  "alert",
  "clock",
  "local0",
  "local1",
  "local2",
  "local3",
  "local4",
  "local5",
  "local6",
  "local7",
] as const;

/** Severities, by number. */
const SEVERITIES = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"] as const;

/** Reads one header after another; what it found stands in its members until the next. */
export class SyslogHeader {
  /** Milliseconds since the epoch; `undefined` where the line tells no time. */
  timeMs: number | undefined;
  host: string | undefined;
  program: string | undefined;
  pid: number | undefined;
  /** Where the message starts. */
  messageAt = 0;
  /** 0 to 191; -1 where there is none. */
  priority = -1;
  /** What RFC 5424 has beside that: the message's type, and its structured data by name; `undefined` where there is none. */
  more: FieldsInTheMaking | undefined;
  readonly #stamp: StampReader;
  /** What the last line with both began with: `HOST PROGRAM[`. */
  #lastHead = "";
  #lastHost = "";
  #lastProgram = "";
  readonly #hosts = new Names();
  readonly #programs = new Names();

  constructor(zone: Zone, nowMs: () => number) {
    this.#stamp = new StampReader(zone, nowMs);
  }

  /** Reads the header of a line. One that has none is all message. */
  read(text: string): void {
    this.timeMs =
      this.host =
      this.program =
      this.pid =
      this.more =
        undefined;
    this.priority = -1;
    const at = text.charCodeAt(0) === 60 ? this.#readPriority(text) : 0;
    if (this.priority >= 0 && text.charCodeAt(at) === 49 && text.charCodeAt(at + 1) === SPACE) {
      this.#readModern(text, at + 2);
      return;
    }
    const stamp = this.#stamp;
    this.messageAt = at;
    if (!stamp.read(text, at) || text.charCodeAt(stamp.end) !== SPACE) {
      if (this.priority >= 0) this.#readTag(text, at);
      return;
    }
    this.timeMs = stamp.timeMs;
    this.#readHost(text, stamp.end + 1);
  }

  /** Adds what the header says of the message's weight and kind. */
  addTo(fields: FieldsInTheMaking): void {
    if (this.priority >= 0) {
      fields["log.syslog.facility.name"] = FACILITIES[this.priority >> 3] ?? "unknown";
      fields["log.syslog.severity.name"] = SEVERITIES[this.priority & 7] ?? "unknown";
    }
    if (this.more !== undefined) Object.assign(fields, this.more);
  }

  /** `<0>` to `<191>`. Returns where it ends. */
  #readPriority(text: string): number {
    let at = 1;
    let number = 0;
    for (; at < 4; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
    }
    if (at === 1 || text.charCodeAt(at) !== 62 || number > 191) return 0;
    this.priority = number;
    return at + 1;
  }

  /** The host, where one stands there, and the tag. Most lines begin as the one before. */
  #readHost(text: string, start: number): void {
    const head = this.#lastHead;
    if (head === "" || !text.startsWith(head, start)) return this.#readNewHost(text, start);
    this.host = this.#lastHost;
    this.messageAt = start + this.#lastHost.length + 1;
    if (this.#readPid(text, start + head.length - 1)) this.program = this.#lastProgram;
  }

  #readNewHost(text: string, start: number): void {
    let end = text.indexOf(" ", start);
    if (end === -1) end = text.length;
    const last = text.charCodeAt(end - 1);
    // A tag in the place of the host: the line came without one.
    const isTag = last === COLON && end > start + 1;
    if (isTag || end === start || end === text.length) return this.#readTag(text, start);
    this.host = this.#hosts.read(text, start, end);
    this.#readTag(text, end + 1);
    if (this.program === undefined || this.pid === undefined) return;
    this.#lastHost = this.host;
    this.#lastProgram = this.program;
    this.#lastHead = `${this.host} ${this.program}[`;
  }

  /** `program[pid]: `, or `program: `. Without one the message starts here. */
  #readTag(text: string, start: number): void {
    this.messageAt = start;
    const most = Math.min(text.length, start + PROGRAM_LENGTH_MAX);
    for (let at = start; at < most; at++) {
      const code = text.charCodeAt(at);
      if (code === SPACE) return;
      if (code === OPEN) {
        if (at > start && this.#readPid(text, at)) this.program = this.#programs.read(text, start, at);
        return;
      }
      if (code !== COLON) continue;
      const next = text.charCodeAt(at + 1);
      if (at === start) return;
      if (next !== SPACE && at + 1 < text.length) continue;
      this.program = this.#programs.read(text, start, at);
      return this.#startMessage(text, at + 1);
    }
  }

  /** `[pid]:`, and where the message starts. Anything else in brackets is part of no tag. */
  #readPid(text: string, open: number): boolean {
    let at = open + 1;
    let pid = 0;
    for (;; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (!(digit >= 0 && digit <= 9)) break;
      pid = pid * 10 + digit;
    }
    const isNumber = at > open + 1 && at - open <= 10;
    const close = isNumber ? at : text.indexOf("]", open);
    if (text.charCodeAt(close) !== CLOSE) return false;
    const next = text.charCodeAt(close + 1);
    if (next !== COLON && (next !== SPACE || !isNumber)) return false;
    if (isNumber) this.pid = pid;
    this.#startMessage(text, close + (next === COLON ? 2 : 1));
    return true;
  }

  #startMessage(text: string, at: number): void {
    this.messageAt = text.charCodeAt(at) === SPACE ? at + 1 : at;
  }

  /** RFC 5424, after the version: time, host, program, process id, type of message, structured data. `-` is none. */
  #readModern(text: string, start: number): void {
    const stamp = this.#stamp;
    let at = start;
    if (text.charCodeAt(at) !== NIL && stamp.read(text, at)) this.timeMs = stamp.timeMs;
    at = after(text, at);
    const hostEnd = endOf(text, at);
    if (!isNil(text, at, hostEnd)) this.host = this.#hosts.read(text, at, hostEnd);
    at = hostEnd + 1;
    const programEnd = endOf(text, at);
    if (!isNil(text, at, programEnd)) this.program = this.#programs.read(text, at, programEnd);
    at = programEnd + 1;
    const pidEnd = endOf(text, at);
    const pid = Number(text.slice(at, pidEnd));
    if (pidEnd > at && Number.isSafeInteger(pid) && pid >= 0) this.pid = pid;
    at = pidEnd + 1;
    const typeEnd = endOf(text, at);
    const more: FieldsInTheMaking = {};
    if (!isNil(text, at, typeEnd)) more["log.syslog.msgid"] = text.slice(at, typeEnd);
    at = readStructuredData(text, typeEnd + 1, more);
    this.more = more;
    if (text.charCodeAt(at) === SPACE) at++;
    if (text.charCodeAt(at) === 0xfeff) at++; // the mark of UTF-8 text
    this.messageAt = Math.min(at, text.length);
  }
}

function endOf(text: string, at: number): number {
  const end = text.indexOf(" ", at);
  return end === -1 ? text.length : end;
}

function after(text: string, at: number): number {
  return endOf(text, at) + 1;
}

function isNil(text: string, start: number, end: number): boolean {
  return end <= start || (end === start + 1 && text.charCodeAt(start) === NIL);
}
