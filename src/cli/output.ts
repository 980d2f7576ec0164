/** Printing for people and for programs. What came from outside is never sent to a terminal as it is. */

const encoder = new TextEncoder();

/** Writes one line to standard output. */
export function printLine(line: string): void {
  writeAll(Deno.stdout, line + "\n");
}

/** What stands below all lines of standard error, on a terminal; empty for nothing. */
let statusLine = "";

/** To the beginning of the line, and all of it gone. */
const ERASE = "\r\x1b[K";

/** Writes one line to standard error. */
export function warnLine(line: string): void {
  writeAll(Deno.stderr, statusLine === "" ? `${line}\n` : `${ERASE}${line}\n${statusLine}`);
}

/** Shows a line that stays below all others on standard error, or takes it away; for a terminal only. */
export function setStatusLine(text: string | null): void {
  const line = text ?? "";
  if (line === statusLine) return;
  statusLine = line;
  writeAll(Deno.stderr, `${ERASE}${line}`);
}

/** Standard output may be a pipe whose reader has gone: then nobody is left to be told. */
function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let bytes = encoder.encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
  }
}

/** C0 and C1 controls, and the marks that turn or hide text (Unicode Bidi_Control, zero width, line separators). */
// deno-lint-ignore no-control-regex -- these are the characters to be shown instead of obeyed
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]/g;

/** Text from outside, safe to show: what would move a cursor, change a colour or turn a line round is written as `\xNN`. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, (c) => {
    const code = c.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** Prints a table with aligned columns; the last column is as long as it needs to be. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const all = [header, ...rows].map((row) => row.map(escapeText));
  const widths = header.map((_, i) => Math.max(...all.map((row) => row[i]?.length ?? 0)));
  for (const row of all) {
    printLine(row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join("  ").trimEnd());
  }
}

/** Prints a value as one line of JSON. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}
