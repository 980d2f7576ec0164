/** The arguments of a command as audit records hold them: `argc=3 a0="grep" a1=2D2D a2_len=9000 a2[0]=... a2[1]=...`, over several records. */

import type { AuditRecord } from "./record.ts";
import { hexText, isHex } from "./values.ts";

/** A command's arguments are so many at most; the rest is left out. */
export const ARGUMENTS_MAX = 10_000;

const ARGUMENT = /^a(\d{1,5})(?:\[(\d{1,5})\])?$/;

/** The arguments, in their order; `undefined` where there are none. One that is missing is an empty text. */
export function readArguments(records: readonly AuditRecord[]): string[] | undefined {
  const args: string[] = [];
  const pieces = new Map<number, string[]>();
  let isCommand = false;
  for (const { type, values } of records) {
    if (type !== "EXECVE") continue;
    isCommand = true;
    for (const [name, value] of values) {
      const found = ARGUMENT.exec(name);
      const index = Number(found?.[1] ?? NaN);
      if (found === null || index >= ARGUMENTS_MAX) continue;
      if (found[2] === undefined) args[index] = value;
      else pieceAt(pieces, index)[Number(found[2])] = value;
    }
  }
  for (const [index, list] of pieces) args[index] = joined(list);
  return isCommand ? Array.from(args, (arg) => arg ?? "") : undefined;
}

function pieceAt(pieces: Map<number, string[]>, index: number): string[] {
  const known = pieces.get(index);
  if (known !== undefined) return known;
  const list: string[] = [];
  pieces.set(index, list);
  return list;
}

/** Pieces of one argument. In hexadecimal they are joined before they are read: a character may stand in two of them. */
function joined(list: readonly string[]): string {
  const whole = Array.from(list, (piece) => piece ?? "").join("");
  return isHex(whole) ? hexText(whole) : whole;
}
