/** What is wrong, where, and what would be right: the one form of every complaint about somebody's input. */

/** A place in a text: lines and columns count from 1. */
export interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** An error leaves out what it is about; a warning does not. */
export type Severity = "error" | "warning";

/** One complaint about one place. */
export interface Diagnostic {
  readonly severity: Severity;
  readonly place: Place;
  /** "Cannot X as Y must be Z: current value is V". No full stop. Never holds a secret. */
  readonly message: string;
  /** What would be right, where that can be said. */
  readonly hint?: string;
}

/** `path:line:column: severity: message (hint)`, as compilers print it. */
export function formatDiagnostic({ severity, place, message, hint }: Diagnostic): string {
  const tail = hint === undefined ? "" : ` (${hint})`;
  return `${place.path}:${place.line}:${place.column}: ${severity}: ${message}${tail}`;
}

/** The order in which diagnostics are told: by file, then by place in it. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  if (a.place.path !== b.place.path) return a.place.path < b.place.path ? -1 : 1;
  return a.place.line - b.place.line || a.place.column - b.place.column;
}

/** Somebody's input is wrong, in one or more places. All of them are in `diagnostics`. */
export class DiagnosticError extends Error {
  override readonly name = "DiagnosticError";
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(formatDiagnostic).join("\n"));
  }
}

/** The program cannot start or go on for a reason its user can mend: one clear line, and exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** A cursor is none that a page of the same list gave. */
export class CursorError extends Error {
  override readonly name = "CursorError";
  constructor(cursor: string) {
    super(`Cannot read on as the cursor must be one that a page gave: current value is ${JSON.stringify(cursor)}`);
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Length past which a value is cut short where a message quotes it: UTF-16 units. */
const QUOTED_MAX = 80;

/** A value as a message quotes it: JSON, cut short. Not for secrets. */
export function quoteValue(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > QUOTED_MAX ? `${json.slice(0, QUOTED_MAX - 3)}...` : json;
}

/** Distance past which two names are not held to be a slip of one another. */
const SLIP_MAX = 3;

/** The known name that a mistaken one most likely meant, or `undefined` when none is near. */
export function didYouMean(mistaken: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.min(SLIP_MAX, Math.floor(mistaken.length / 2)) + 1;
  const lower = mistaken.toLowerCase();
  for (const name of known) {
    if (Math.abs(name.length - mistaken.length) >= bestDistance) continue;
    const distance = editDistance(lower, name.toLowerCase(), bestDistance);
    if (distance < bestDistance) [best, bestDistance] = [name, distance];
  }
  return best;
}

/** `did you mean "x"?`, or what is allowed where nothing is near. For the hint of a diagnostic. */
export function nameHint(mistaken: string, known: Iterable<string>): string {
  const names = [...known];
  const near = didYouMean(mistaken, names);
  if (near !== undefined) return `did you mean "${near}"?`;
  const shown = names.slice(0, 12).join(", ");
  return names.length > 12 ? `one of ${shown}, \u2026` : `one of ${shown}`;
}

/** Optimal string alignment distance (edits and swaps of neighbours), given up at `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let d = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        d = Math.min(d, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(d);
    }
    if (Math.min(...row) >= limit) return limit;
    [beforeLast, last] = [last, row];
  }
  return last[b.length] ?? limit;
}
