/** What a program's message tells, and which program's messages are known. */

import { createAccessReader, isAccess } from "./access.ts";
import { ACCOUNT_PROGRAMS } from "./accounts.ts";
import { decodeCron } from "./cron.ts";
import { decodeKernel } from "./firewall.ts";
import { decodeLogin, decodeLogind } from "./login.ts";
import { decodePam, decodePamText, isPam } from "./pam.ts";
import { type FieldsInTheMaking, UNKNOWN_KIND } from "./source_line.ts";
import { createZone } from "./stamp.ts";
import { decodeSshd } from "./sshd.ts";
import { decodeSu } from "./su.ts";
import { decodeSudo } from "./sudo.ts";
import { decodeSystemd } from "./systemd.ts";
import { decodeWebError, isWebError } from "./web_error.ts";

/** The kind of a message; what it tells is put into `fields`. `undefined`: nothing a rule could ask for. */
export type MessageDecoder = (message: string, fields: FieldsInTheMaking) => string | undefined;

const PROGRAMS: ReadonlyMap<string, MessageDecoder> = new Map<string, MessageDecoder>([
  ["sshd", decodeSshd],
  ["sshd-session", decodeSshd],
  ["sshd-auth", decodeSshd],
  ["sudo", decodeSudo],
  ["su", decodeSu],
  ["login", decodeLogin],
  ["systemd-logind", decodeLogind],
  ["elogind-daemon", decodeLogind],
  ["systemd", decodeSystemd],
  ["cron", decodeCron],
  ["crond", decodeCron],
  ["CRON", decodeCron],
  ["CROND", decodeCron],
  ["crontab", decodeCron],
  ["kernel", decodeKernel],
  ["nginx", decodeWeb],
  ["apache2", decodeWeb],
  ["httpd", decodeWeb],
  ...ACCOUNT_PROGRAMS,
]);

/** A web server that logs by syslog sends the lines of its own logs; when they came is told by the header. */
function decodeWeb(message: string, fields: FieldsInTheMaking): string | undefined {
  if (isWebError(message)) return decodeWebError(message, UTC, fields).kind;
  return isAccess(message) && readAccess(message, fields) !== undefined ? "web.access" : undefined;
}

const readAccess = createAccessReader();
const UTC = createZone("UTC");

/** The kind of a program's message. `fields` hold the message, and come to hold what it tells. */
export function decodeText(program: string, message: string, fields: FieldsInTheMaking): string {
  if (isPam(message)) return decodePam(message, fields) ?? UNKNOWN_KIND;
  const decoder = PROGRAMS.get(program);
  if (decoder !== undefined) return decoder(message, fields) ?? UNKNOWN_KIND;
  // Older systems name the module beside the program: su(pam_unix)[123].
  if (program.endsWith(")")) return decodeOldPam(program, message, fields);
  return UNKNOWN_KIND;
}

function decodeOldPam(program: string, message: string, fields: FieldsInTheMaking): string {
  const open = program.indexOf("(pam_");
  if (open === -1) return UNKNOWN_KIND;
  fields["process.name"] = program.slice(0, open);
  fields["pam.module"] = program.slice(open + 1, -1);
  return decodePamText(message, 0, fields) ?? UNKNOWN_KIND;
}
