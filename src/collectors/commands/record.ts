/**
 * One command as a shell's hook writes it down (`src/cli/hook_*.ts`): twelve texts, each with a NUL behind it, which no command
 * can hold, and a line feed.
 *
 *     weir1 · shell · number · began · milliseconds · status · terminal · folder · form · command · first · ended
 *
 * `began` and `ended` are microseconds or seconds since the epoch, or empty. `form` says what `command` is: `text`, as it was
 * typed; `history+`, what bash's `history 1` says of a command that it has kept; `history=`, the same when it may not have kept
 * it, being told not to: then `first`, the first simple command that ran, says whether it is that one.
 */

/** The longest command kept: bytes. Of a longer one the rest is left out, and it is marked. */
export const COMMAND_BYTES_MAX = 65_536;

/** The longest record: bytes. What goes on for longer is none. */
export const RECORD_BYTES_MAX = 1_048_576;

/** One command. All of it is the user's own word, of which only the owner of the file is certain. */
export interface CommandRecord {
  readonly shell: string;
  /** Counts the commands of the shell. */
  readonly number: number;
  /** Empty where nobody knows: bash was told not to keep it, and its DEBUG trap belongs to somebody else. */
  readonly command: string;
  /** Whether there was more of it. */
  readonly isCut: boolean;
  /** Milliseconds since the epoch. */
  readonly beganMs: number | undefined;
  readonly endedMs: number | undefined;
  readonly tookMs: number | undefined;
  readonly status: number | undefined;
  readonly terminal: string;
  readonly folder: string;
}

/** What was read, and how many bytes it took. */
export interface Read {
  /** Null of bytes that are no record. */
  readonly record: CommandRecord | null;
  readonly length: number;
}

const MAGIC = new TextEncoder().encode("weir1\0");
const END = new TextEncoder().encode("\0\n");
const FIELDS = 12;

const decoder = new TextDecoder();

/** The record that begins at a place; `undefined` when its end has not been written yet. */
export function readRecord(bytes: Uint8Array, from: number): Read | undefined {
  const fields: [start: number, end: number][] = [];
  let at = from;
  while (fields.length < FIELDS) {
    const end = bytes.indexOf(0, at);
    if (end === -1) return unfinished(bytes, from);
    fields.push([at, end]);
    if (fields.length === 1 && !startsWith(bytes, from, MAGIC)) return passedBy(bytes, from);
    at = end + 1;
  }
  if (at === bytes.length) return unfinished(bytes, from);
  if (bytes[at] !== 10) return passedBy(bytes, from);
  return { record: recordOf(bytes, fields), length: at + 1 - from };
}

/** What may still become a record is waited for; what is too long for one, or begins otherwise, is passed by. */
function unfinished(bytes: Uint8Array, from: number): Read | undefined {
  const length = Math.min(MAGIC.length, bytes.length - from);
  const mayBecome = startsWith(bytes, from, MAGIC.subarray(0, length));
  return mayBecome && bytes.length - from < RECORD_BYTES_MAX ? undefined : passedBy(bytes, from);
}

/** Goes on where the next record begins, or at the end of what is there. */
function passedBy(bytes: Uint8Array, from: number): Read {
  for (let at = bytes.indexOf(0, from); at !== -1; at = bytes.indexOf(0, at + 1)) {
    const next = at + END.length;
    if (bytes[at + 1] === 10 && next > from && startsWith(bytes, next, MAGIC.subarray(0, bytes.length - next))) {
      return { record: null, length: next - from };
    }
  }
  return { record: null, length: bytes.length - from };
}

function startsWith(bytes: Uint8Array, from: number, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[from + i] === byte);
}

function recordOf(bytes: Uint8Array, fields: readonly (readonly [number, number])[]): CommandRecord | null {
  const text = (field: number, bytesMax = COMMAND_BYTES_MAX) => {
    const [start = 0, end = 0] = fields[field] ?? [];
    return decoder.decode(bytes.subarray(start, Math.min(end, start + bytesMax)));
  };
  const [start = 0, end = 0] = fields[9] ?? [];
  const { command, isPart } = commandOf(text(8), text(9), text(10));
  if (command === "" && !isPart) return null;
  return {
    shell: text(1, 64),
    number: whole(text(2, 32)) ?? 0,
    command,
    isCut: isPart || end - start > COMMAND_BYTES_MAX,
    beganMs: timeMs(text(3, 64)),
    tookMs: whole(text(4, 32)),
    status: whole(text(5, 32)),
    terminal: text(6, 256),
    folder: text(7, 4_096),
    endedMs: timeMs(text(11, 64)),
  };
}

/** The command that was typed, without what bash's history puts around it. */
function commandOf(form: string, command: string, first: string): { command: string; isPart: boolean } {
  if (!form.startsWith("history")) return { command, isPart: false };
  const kept = command.replace(/^\s*\d+\*?\s+/, "").replace(/\n$/, "");
  const isKept = form === "history+" || (first !== "" && single(kept).startsWith(single(first)));
  return isKept ? { command: kept, isPart: false } : { command: first, isPart: true };
}

/** With single blanks: bash tells the first command as it has read it. */
function single(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}

function whole(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Milliseconds of microseconds, or of seconds with or without a fraction (whose mark goes by the user's language). */
function timeMs(text: string): number | undefined {
  if (/^\d{16}$/.test(text)) return Number(text) / 1000;
  return /^\d{9,11}(?:[.,]\d{1,12})?$/.test(text) ? Number(text.replace(",", ".")) * 1000 : undefined;
}
