/** login, and systemd-logind's sessions. */

import { addSource } from "./address.ts";
import type { FieldsInTheMaking } from "./source_line.ts";

/** The kind of a message of login's. */
export function decodeLogin(message: string, fields: FieldsInTheMaking): string | undefined {
  if (message.startsWith("FAILED LOGIN")) return decodeFailure(message, fields);
  if (message.startsWith("TOO MANY LOGIN TRIES")) return decodeFailure(message, fields, "login.too_many_attempts");
  if (message.startsWith("ROOT LOGIN")) return success(message, "root", fields);
  const by = message.indexOf(" BY ");
  if (!message.startsWith("LOGIN ON ") || by === -1) return undefined;
  const from = message.indexOf(" FROM ", by);
  return success(message, message.slice(by + 4, from === -1 ? message.length : from), fields);
}

/** `FAILED LOGIN (1) on '/dev/tty1' FROM 'host' FOR 'root', Authentication failure`; `FAILED LOGIN 1 FROM host FOR root, ...`. */
function decodeFailure(
  message: string,
  fields: FieldsInTheMaking,
  kind = "authentication.failure",
): string | undefined {
  const at = message.indexOf(" FOR ");
  if (at === -1) return undefined;
  const comma = message.lastIndexOf(", ");
  fields["event.outcome"] = "failure";
  fields["user.name"] = unquoted(message.slice(at + 5, comma > at ? comma : message.length));
  addFrom(message.slice(0, at), fields);
  return kind;
}

function success(message: string, user: string, fields: FieldsInTheMaking): string {
  fields["event.outcome"] = "success";
  fields["user.name"] = unquoted(user);
  addFrom(message, fields);
  return "authentication.success";
}

/** Where from, and on which terminal. */
function addFrom(text: string, fields: FieldsInTheMaking): void {
  const from = Math.max(text.lastIndexOf(" FROM "), text.lastIndexOf(" from "));
  if (from !== -1) addSource(fields, unquoted(text.slice(from + 6).trim()));
  const on = Math.max(text.indexOf(" on "), text.indexOf(" ON "));
  if (on === -1) return;
  const end = text.indexOf(" ", on + 4);
  fields["login.tty"] = unquoted(text.slice(on + 4, end === -1 ? text.length : end));
}

function unquoted(text: string): string {
  return text.length > 1 && text.startsWith("'") && text.endsWith("'") ? text.slice(1, -1) : text;
}

/** The kind of a message of systemd-logind's: `New session 4 of user bob.`, `Removed session 4.`, and so on. */
export function decodeLogind(message: string, fields: FieldsInTheMaking): string | undefined {
  if (message.startsWith("New session ")) {
    const of = message.indexOf(" of user ");
    if (of === -1) return undefined;
    fields["session.id"] = unquoted(message.slice(12, of));
    const user = message.slice(of + 9, message.endsWith(".") ? -1 : undefined);
    const more = user.indexOf(" with class ");
    fields["user.name"] = unquoted(more === -1 ? user : user.slice(0, more));
    return "session.new";
  }
  if (!message.startsWith("Removed session ")) return undefined;
  fields["session.id"] = unquoted(message.slice(16, message.endsWith(".") ? -1 : undefined));
  return "session.removed";
}
