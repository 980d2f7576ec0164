/** su, as shadow, util-linux and the BSDs write it. */

import type { FieldsInTheMaking } from "./source_line.ts";

/** The kind of a message of su's: who became whom, or failed to. */
export function decodeSu(message: string, fields: FieldsInTheMaking): string | undefined {
  return decodeTo(message, fields) ?? decodeNamed(message, fields) ?? decodeShort(message, fields);
}

/** `(to root) alice on pts/0`, and `FAILED SU (to root) alice on pts/0`. */
function decodeTo(message: string, fields: FieldsInTheMaking): string | undefined {
  const isFailed = message.startsWith("FAILED SU ");
  const start = isFailed ? 10 : 0;
  if (!message.startsWith("(to ", start)) return undefined;
  const close = message.indexOf(") ", start);
  const on = message.lastIndexOf(" on ");
  if (close === -1 || on < close) return undefined;
  return tell(fields, !isFailed, message.slice(close + 2, on), message.slice(start + 4, close), message.slice(on + 4));
}

/** `Successful su for root by alice`, `FAILED su for root by alice`, `BAD SU alice to root on /dev/ttyp0`, and AIX's words. */
function decodeNamed(message: string, fields: FieldsInTheMaking): string | undefined {
  for (const [start, isSuccess] of [["Successful su for ", true], ["FAILED su for ", false]] as const) {
    const by = message.lastIndexOf(" by ");
    if (!message.startsWith(start) || by === -1) continue;
    return tell(fields, isSuccess, message.slice(by + 4), message.slice(start.length, by), "");
  }
  if (message.startsWith("BAD SU ")) return decodeFromTo(message, 7, false, fields);
  const changing = message.indexOf(" changing from ");
  if (!message.startsWith("failed: ") || changing === -1) return undefined;
  const to = message.indexOf(" to ", changing + 15);
  if (to === -1) return undefined;
  return tell(fields, false, message.slice(changing + 15, to), message.slice(to + 4), message.slice(8, changing));
}

/** `+ pts/0 alice:root` and `- pts/0 alice:root` of shadow; `alice to root on /dev/ttyp1` of the BSDs. */
function decodeShort(message: string, fields: FieldsInTheMaking): string | undefined {
  const isSuccess = message.startsWith("+ ");
  if (!isSuccess && !message.startsWith("- ")) return decodeFromTo(message, 0, true, fields);
  const space = message.indexOf(" ", 2);
  const colon = message.indexOf(":", space);
  if (space === -1 || colon === -1) return undefined;
  return tell(
    fields,
    isSuccess,
    message.slice(space + 1, colon),
    message.slice(colon + 1),
    message.slice(2, space),
  );
}

function decodeFromTo(message: string, start: number, isSuccess: boolean, fields: FieldsInTheMaking) {
  const on = message.lastIndexOf(" on ");
  const to = message.indexOf(" to ", start);
  if (on === -1 || to === -1 || to > on || message.slice(start, to).includes(" ")) return undefined;
  return tell(fields, isSuccess, message.slice(start, to), message.slice(to + 4, on), message.slice(on + 4));
}

function tell(fields: FieldsInTheMaking, isSuccess: boolean, from: string, to: string, terminal: string): string {
  fields["event.action"] = "su";
  fields["event.outcome"] = isSuccess ? "success" : "failure";
  fields["user.name"] = from;
  fields["user.effective.name"] = to;
  if (terminal !== "" && terminal !== "none") fields["su.tty"] = terminal;
  return isSuccess ? "authentication.success" : "authentication.failure";
}
