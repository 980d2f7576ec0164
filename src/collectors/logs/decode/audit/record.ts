/** One record of the audit log: `[node=NAME ]type=TYPE msg=audit(SECONDS:SERIAL): NAME=VALUE ...`. */

import { hexText, isHex } from "./values.ts";

/** A record, its values as they mean: quotes taken off, hexadecimal texts decoded. */
export interface AuditRecord {
  readonly type: string;
  /** The host, where the line names one. */
  readonly node: string | undefined;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly serial: number;
  /** Everything after the header, as it stands. */
  readonly text: string;
  /** The values by their names, in their order; of one that comes twice, the first. */
  readonly values: ReadonlyMap<string, string>;
}

/** So many values of one record are kept. */
export const RECORD_VALUES_MAX = 1_000;

/** Values that hold a text of somebody's choosing: in hexadecimal where they are not in quotes. */
const TEXTS = new Set([
  "acct",
  "cmd",
  "comm",
  "cwd",
  "data",
  "device",
  "dir",
  "exe",
  "file",
  "grp",
  "key",
  "name",
  "new_group",
  "path",
  "proctitle",
  "profile",
  "sw",
  "vm",
  "watch",
]);

/** Names that auditd adds to a record in its ENRICHED format, sometimes without a blank before them. */
const ENRICHED = [
  "ARCH",
  "SYSCALL",
  "SADDR",
  "OBJ_UID",
  "OBJ_GID",
  "OLD-AUID",
  "OAUID",
  "FSUID",
  "FSGID",
  "OUID",
  "OGID",
  "AUID",
  "EUID",
  "EGID",
  "SUID",
  "SGID",
  "IUID",
  "IGID",
  "INODE_UID",
  "INODE_GID",
  "NEW_GID",
  "UID",
  "GID",
  "ID",
] as const;

const HEADER = /^(?:node=(\S+) )?type=(\S+) msg=audit\((\d{1,12})\.(\d{1,9}):(\d{1,20})\): ?/;

/** Reads a record; `undefined` where the line is none. */
export function readRecord(line: string): AuditRecord | undefined {
  const found = HEADER.exec(line);
  if (found === null) return undefined;
  const [header, node, type = "", seconds, fraction = "", serial] = found;
  const text = line.slice(header.length);
  return {
    type,
    node,
    timeMs: Number(seconds) * 1000 + Number(`0.${fraction}`) * 1000,
    serial: Number(serial),
    text,
    values: readValues(type, text),
  };
}

const GROUP_SEPARATOR = "\x1d";

function readValues(type: string, text: string): Map<string, string> {
  const values = new Map<string, string>();
  if (type === "AVC" || type === "USER_AVC") readDecision(text, values);
  addValues(text, type, values);
  return values;
}

/** `avc:  denied  { read } for  ...` of SELinux. */
function readDecision(text: string, values: Map<string, string>): void {
  const found = /avc: {1,4}(denied|granted) {1,4}\{ ([^{}]{0,1000}) \}/.exec(text);
  if (found === null) return;
  values.set("seresult", found[1] ?? "");
  values.set("seperms", found[2] ?? "");
}

/** Reads `NAME=VALUE` after `NAME=VALUE`, passing over whatever words stand between them. */
function addValues(text: string, type: string, values: Map<string, string>): void {
  for (let at = 0; at < text.length && values.size < RECORD_VALUES_MAX;) {
    const equals = text.indexOf("=", at);
    if (equals === -1) return;
    const start = startOfName(text, at, equals);
    const name = text.slice(start, equals);
    const { value, end, isQuoted } = valueAt(text, equals + 1);
    at = end;
    const isNone = isQuoted ? value === "" && type !== "EXECVE" : value === "" || value === "?";
    if (name === "" || isNone) continue;
    const whole = wholeName(text, start, name);
    if (name === "msg" && isQuoted) addValues(value, type, values);
    else if (!values.has(whole)) values.set(whole, meaningOf(type, name, value, isQuoted));
  }
}

function startOfName(text: string, from: number, equals: number): number {
  let start = equals;
  while (start > from && isNameCharacter(text.charCodeAt(start - 1))) start--;
  return start;
}

function isNameCharacter(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 93) || code === 95 || (code >= 97 && code <= 122) ||
    code === 45;
}

/** Older kernels wrote `old auid=` and `new auid=`. */
function wholeName(text: string, start: number, name: string): string {
  if (name !== "auid" && name !== "ses") return name;
  return text.endsWith("old ", start) ? `old-${name}` : name;
}

interface Value {
  readonly value: string;
  readonly end: number;
  readonly isQuoted: boolean;
}

function valueAt(text: string, start: number): Value {
  const quote = text.charAt(start);
  if (quote === '"' || quote === "'") {
    // What is in quotes ends with the next: a text with quotes in it is written in hexadecimal.
    const close = quote === "'" ? endOfMessage(text, start + 1) : text.indexOf('"', start + 1);
    // A line that was cut has no end of it.
    const end = close === -1 ? text.length : close;
    return { value: text.slice(start + 1, end), end: end + 1, isQuoted: true };
  }
  if (text.startsWith("{ ", start)) {
    const close = text.indexOf(" }", start);
    if (close !== -1) return { value: text.slice(start, close + 2), end: close + 2, isQuoted: true };
  }
  if (text.startsWith("(null)", start)) return { value: "", end: start + 6, isQuoted: false };
  const end = endOfWord(text, start);
  return { value: trimmed(text.slice(start, end)), end, isQuoted: false };
}

/** A message in single quotes ends with the last of them before what auditd added. */
function endOfMessage(text: string, start: number): number {
  const added = text.indexOf(`'${GROUP_SEPARATOR}`, start);
  if (added !== -1) return added;
  const last = text.lastIndexOf("'");
  return last < start ? -1 : last;
}

function endOfWord(text: string, start: number): number {
  let end = start;
  while (end < text.length) {
    const code = text.charCodeAt(end);
    if (code === 32 || code === 0x1d) return end;
    if (code === 61) {
      const enriched = enrichedEnd(text, start, end);
      if (enriched !== -1) return enriched;
    }
    end++;
  }
  return end;
}

/** Where a value ends to which auditd added a name without a blank; -1 where none was. */
function enrichedEnd(text: string, start: number, equals: number): number {
  const name = ENRICHED.find((known) => equals - known.length >= start && text.endsWith(known, equals));
  if (name !== undefined) return equals - name.length;
  return -1;
}

/** Words between values end with a comma, a bracket, or, by a fault of old versions, a quote. */
function trimmed(value: string): string {
  return value.replace(/[,"]$/, "").replace(/^([^(]*)\)$/, "$1");
}

function meaningOf(type: string, name: string, value: string, isQuoted: boolean): string {
  const isText = TEXTS.has(name) || (type === "EXECVE" && /^a\d+$/.test(name));
  return isText && !isQuoted && isHex(value) ? hexText(value) : value;
}
