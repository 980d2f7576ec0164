/** cron and crontab. */

import type { FieldsInTheMaking } from "./source_line.ts";

/** What crontab does, and our kinds. */
const ACTIONS: Readonly<Partial<Record<string, string>>> = {
  REPLACE: "cron.change",
  DELETE: "cron.change",
  "BEGIN EDIT": "cron.edit",
  "END EDIT": "cron.edit",
  LIST: "cron.list",
  RELOAD: "cron.reload",
  CMD: "cron.run",
};

/** The kind of a message of cron's or crontab's: `(USER) ACTION (WHAT)`. */
export function decodeCron(message: string, fields: FieldsInTheMaking): string | undefined {
  if (!message.startsWith("(")) return undefined;
  const close = message.indexOf(") ");
  const open = message.indexOf(" (", close);
  if (close === -1 || open === -1 || !message.endsWith(")")) return undefined;
  const action = message.slice(close + 2, open);
  const kind = ACTIONS[action];
  if (kind === undefined) return undefined;
  const what = message.slice(open + 2, -1);
  fields["event.action"] = action;
  fields["user.name"] = message.slice(1, close);
  if (kind === "cron.run") fields["process.command_line"] = what.startsWith("(") ? what : what.trim();
  else if (kind === "cron.reload") fields["file.path"] = what;
  else fields["user.target.name"] = what;
  return kind;
}
