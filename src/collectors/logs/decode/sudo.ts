/** sudo: `NAME : [WHY ; ]TTY=... ; PWD=... ; USER=... ; COMMAND=...`. What is run comes last, and may be anything. */

import type { FieldsInTheMaking } from "./source_line.ts";

/** Parts of a message that say a word, an equals sign and a value, and our fields. */
const PARTS: readonly (readonly [start: string, field: string])[] = [
  ["TTY=", "sudo.tty"],
  ["PWD=", "process.working_directory"],
  ["USER=", "user.effective.name"],
  ["GROUP=", "group.name"],
  ["CHROOT=", "sudo.chroot"],
  ["HOST=", "sudo.host"],
  ["TSID=", "sudo.session"],
  ["ENV=", "sudo.environment"],
];

const COMMAND = "COMMAND=";
const ATTEMPTS = " incorrect password attempt";

/** The kind of a message of sudo's. */
export function decodeSudo(message: string, fields: FieldsInTheMaking): string | undefined {
  const start = firstNonBlank(message);
  const colon = message.indexOf(" : ", start);
  if (colon === -1) return undefined;
  const reason = readParts(message, colon + 3, fields);
  if (reason === undefined && fields["process.command_line"] === undefined) return undefined;
  fields["user.name"] = message.slice(start, colon);
  if (reason === undefined) {
    fields["event.outcome"] = "success";
    return "sudo.command";
  }
  fields["event.outcome"] = "failure";
  fields["event.reason"] = reason;
  const attempts = reason.indexOf(ATTEMPTS);
  const count = attempts > 0 ? Number(reason.slice(0, attempts)) : NaN;
  if (!Number.isSafeInteger(count) || count < 1) return "sudo.denied";
  fields["authentication.attempts"] = count;
  return "authentication.failure";
}

function firstNonBlank(text: string): number {
  let at = 0;
  while (text.charCodeAt(at) === 32) at++;
  return at;
}

/** Reads the parts up to the command, which is all that is left. Returns the one that is no `NAME=value`: why it was refused. */
function readParts(message: string, start: number, fields: FieldsInTheMaking): string | undefined {
  let reason: string | undefined;
  for (let at = start; at < message.length;) {
    if (message.startsWith(COMMAND, at)) {
      fields["process.command_line"] = message.slice(at + COMMAND.length);
      break;
    }
    const next = message.indexOf(" ; ", at);
    const end = next === -1 ? message.length : next;
    const part = PARTS.find(([word]) => message.startsWith(word, at));
    if (part !== undefined) fields[part[1]] = message.slice(at + part[0].length, end);
    else reason ??= message.slice(at, end);
    at = next === -1 ? message.length : next + 3;
  }
  return reason;
}
