/** What PAM's modules say, whichever program called them, and what programs say of PAM. */

import { addSource } from "./address.ts";
import { ownText } from "./names.ts";
import type { FieldsInTheMaking } from "./source_line.ts";

/** Whether a message is one of PAM's: `pam_unix(sshd:auth): ...`. */
export function isPam(message: string): boolean {
  return message.startsWith("pam_");
}

/** The kind of a message of PAM's; `undefined` for one that tells nothing a rule could ask for. */
export function decodePam(message: string, fields: FieldsInTheMaking): string | undefined {
  if (head.text === "" || !message.startsWith(head.text)) {
    const found = readHead(message);
    if (found === undefined) return undefined;
    head = found;
  }
  fields["pam.module"] = head.module;
  fields["pam.service"] = head.service;
  return decodePamText(message, head.text.length, fields);
}

/** What a message of a module begins with: `pam_unix(sshd:auth): `. */
interface Head {
  readonly text: string;
  readonly module: string;
  readonly service: string;
}

/** The last that was read: most messages of a log begin alike. */
let head: Head = { text: "", module: "", service: "" };

function readHead(message: string): Head | undefined {
  const open = message.indexOf("(");
  const close = message.indexOf("): ", open);
  if (open === -1 || close === -1 || close > HEAD_LENGTH_MAX || message.indexOf(" ") < close) return undefined;
  const text = ownText(message.slice(0, close + 3));
  return { text, module: text.slice(0, open), service: text.slice(open + 1, close) };
}

/** UTF-16 units. */
const HEAD_LENGTH_MAX = 256;

/** The kind of what PAM says, without the name of its module: so older versions wrote it, naming it beside the program. */
export function decodePamText(text: string, start: number, fields: FieldsInTheMaking): string | undefined {
  if (text.startsWith("authentication failure;", start)) return failure(text, start + 23, 1, fields);
  if (text.startsWith("session ", start)) return decodeSession(text.slice(start), fields);
  if (text.startsWith("check pass; user unknown", start)) return "pam.user_unknown";
  if (text.startsWith("password changed for ", start)) {
    fields["user.name"] = text.slice(start + 21);
    return "user.password_change";
  }
  return decodePamMore(text.slice(start), fields);
}

/** `PAM 2 more authentication failures; ...`, as sshd writes it. */
export function decodePamSummary(message: string, fields: FieldsInTheMaking): string | undefined {
  return decodePamMore(message.slice(4), fields);
}

/** `2 more authentication failures; ...`. */
function decodePamMore(text: string, fields: FieldsInTheMaking): string | undefined {
  const at = text.indexOf(" more authentication failure");
  const count = at > 0 && at < 10 ? Number(text.slice(0, at)) : NaN;
  if (!Number.isSafeInteger(count)) return undefined;
  return failure(text, text.indexOf(";", at) + 1, count, fields);
}

/**
 * `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root`. Whoever asked may have chosen what stands as `ruser` and `user`,
 * blanks and equals signs included.
 */
function failure(text: string, start: number, count: number, fields: FieldsInTheMaking): string {
  fields["event.outcome"] = "failure";
  fields["pam.failures.count"] = count;
  const requester = text.indexOf(" ruser=", start);
  if (requester === -1) return "pam.failure";
  addValues(text, start, requester, fields);
  const host = hostAt(text, requester + 7, fields);
  if (host === -1) return "pam.failure";
  const ruser = text.slice(requester + 7, host);
  if (ruser !== "") fields["pam.ruser"] = ruser;
  const account = text.indexOf(ACCOUNT, host);
  addSource(fields, text.slice(host + HOST.length, account === -1 ? text.length : account).trimEnd());
  if (account !== -1) fields["user.name"] = text.slice(account + ACCOUNT.length);
  return "pam.failure";
}

const HOST = " rhost=";
const ACCOUNT = " user=";

/**
 * Where the host stands. Of several that seem to, the one before which the same name stands as at the end, as of programs that ask for
 * an account in its own name; of sshd, which leaves the name empty, the first; -1 where none is sure.
 */
function hostAt(text: string, ruserAt: number, fields: FieldsInTheMaking): number {
  const first = text.indexOf(HOST, ruserAt - 1);
  if (first === -1 || text.indexOf(HOST, first + 1) === -1) return first;
  for (let at = first; at !== -1; at = text.indexOf(HOST, at + 1)) {
    const account = text.indexOf(ACCOUNT, at);
    if (account !== -1 && at > ruserAt && text.slice(account + ACCOUNT.length) === text.slice(ruserAt, at)) return at;
  }
  return first === ruserAt && String(fields["process.name"]).startsWith("sshd") ? first : -1;
}

/** Values that PAM's modules write before those that others chose. */
interface Values {
  readonly text: string;
  readonly logname: string | undefined;
  readonly uid: string | undefined;
  readonly euid: string | undefined;
  readonly tty: string | undefined;
}

/** The last that were read: most lines of a log say the same. */
let known: Values = readValues("");

/** `logname= uid=0 euid=0 tty=ssh`. */
function addValues(text: string, start: number, end: number, fields: FieldsInTheMaking): void {
  if (end - start !== known.text.length || !text.startsWith(known.text, start)) {
    known = readValues(ownText(text.slice(start, end)));
  }
  const { logname, uid, euid, tty } = known;
  if (logname !== undefined) fields["pam.logname"] = logname;
  if (uid !== undefined) fields["pam.uid"] = uid;
  if (euid !== undefined) fields["pam.euid"] = euid;
  if (tty !== undefined) fields["pam.tty"] = tty;
}

function readValues(text: string): Values {
  const values = new Map<string, string>();
  for (const pair of text.split(" ")) {
    const equals = pair.indexOf("=");
    if (equals > 0 && equals + 1 < pair.length) values.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
  return {
    text,
    logname: values.get("logname"),
    uid: values.get("uid"),
    euid: values.get("euid"),
    tty: values.get("tty"),
  };
}

/** `session opened for user NAME(uid=0) by (uid=0)`, `session closed for user NAME`. */
function decodeSession(text: string, fields: FieldsInTheMaking): string | undefined {
  const isOpened = text.startsWith("session opened for user ");
  if (!isOpened && !text.startsWith("session closed for user ")) return undefined;
  const by = isOpened ? text.lastIndexOf(" by ") : -1;
  const name = by === -1 ? text.slice(24) : text.slice(24, by);
  const id = name.lastIndexOf("(uid=");
  fields["user.name"] = id === -1 ? name : name.slice(0, id);
  if (id !== -1 && name.endsWith(")")) fields["user.id"] = name.slice(id + 5, -1);
  if (by !== -1) {
    const caller = text.slice(by + 4);
    const callerId = caller.indexOf("(uid=");
    if (callerId > 0) fields["pam.ruser"] = caller.slice(0, callerId);
    if (callerId !== -1 && caller.endsWith(")")) fields["pam.uid"] = caller.slice(callerId + 5, -1);
  }
  return isOpened ? "session.start" : "session.end";
}
