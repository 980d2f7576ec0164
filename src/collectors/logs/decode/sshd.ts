/**
 * OpenSSH's server.
 *
 * Who knocks chooses the user's name, and may choose one that reads like the rest of a line. So what stands behind the name is found
 * from the right end, which sshd wrote, and a name never says where somebody came from.
 */

import { addSource, isAddress, plainAddress, portIn } from "./address.ts";
import { decodePamSummary } from "./pam.ts";
import type { FieldsInTheMaking } from "./source_line.ts";

/** The kind of a message of sshd; `undefined` for one that tells nothing a rule could ask for. */
export function decodeSshd(message: string, fields: FieldsInTheMaking): string | undefined {
  switch (message.charCodeAt(0)) {
    case 65: // A
      if (message.startsWith("Accepted ")) return decodeAttempt(message, 9, "success", fields);
      break;
    case 70: // F
      if (message.startsWith("Failed ")) return decodeAttempt(message, 7, "failure", fields);
      break;
    case 73: // I
      if (message.startsWith("Invalid user ")) return decodeInvalidUser(message, fields);
      break;
    case 80: // P
      if (message.startsWith("PAM ")) return decodePamSummary(message, fields);
      if (message.startsWith("Postponed ")) {
        return decodeAttempt(withoutPhase(message), 10, "unknown", fields) && "ssh.postponed";
      }
      break;
    case 101: // e
      if (message.startsWith("error: ")) return decodeError(message, fields);
      break;
    case 105: // i
      if (message.startsWith("input_userauth_request: invalid user ")) {
        fields["user.name"] = withoutPhase(message).slice(37);
        return "ssh.invalid_user";
      }
      break;
    case 114: // r
      if (message.startsWith("reverse mapping checking getaddrinfo for ")) return decodeReverseMapping(message, fields);
  }
  return decodeConnection(message, fields);
}

/** `Failed METHOD for [invalid user ]NAME from ADDRESS port N ssh2[: KEY]`, and the same for `Accepted`. */
function decodeAttempt(message: string, start: number, outcome: string, fields: FieldsInTheMaking): string | undefined {
  const space = message.indexOf(" ", start);
  if (space === -1 || !message.startsWith("for ", space + 1)) return undefined;
  const from = findOrigin(message);
  if (from === undefined) return undefined;
  const method = message.slice(start, space);
  const isInvalid = message.startsWith("invalid user ", space + 5);
  const user = message.slice(space + (isInvalid ? 18 : 5), from.at);
  fields["event.outcome"] = method === "none" ? "unknown" : outcome;
  fields["user.name"] = user;
  addOrigin(fields, from);
  fields["ssh.method"] = method;
  if (isInvalid) fields["ssh.invalid_user"] = true;
  const key = from.end < message.length ? message.slice(from.end + 2) : "";
  if (key !== "") fields["ssh.signature"] = key;
  if (method === "none") return "ssh.probe";
  return outcome === "failure" ? "authentication.failure" : "authentication.success";
}

/** Where somebody came from, as a message tells it. */
interface Origin {
  /** Where ` from ADDRESS ...` begins. */
  readonly at: number;
  /** Empty where it cannot be told apart from what somebody else wrote. */
  readonly address: string;
  readonly port: number;
  /** Where ` port N ssh2` ends. */
  readonly end: number;
}

/** The last ` from ADDRESS port N ssh2` of a message, the end of it or followed by `: ` and the key that was offered. */
function findOrigin(message: string): Origin | undefined {
  const plain = originAtEnd(message);
  if (plain !== undefined) return plain;
  let last: Origin | undefined;
  for (let at = message.lastIndexOf(" from "); at > 0; at = message.lastIndexOf(" from ", at - 1)) {
    const origin = originAt(message, at);
    if (origin === undefined) continue;
    // The name of a certificate is its holder's to choose, and stands behind the address: two origins are one too many.
    if (last !== undefined) return { ...last, address: "" };
    if (origin.end === message.length || !message.includes(" (serial ", origin.end)) return origin;
    last = origin;
  }
  return last;
}

/** The same where nothing stands behind it, which is how most lines end: read backwards, character by character. */
function originAtEnd(message: string): Origin | undefined {
  const end = message.length;
  if (!message.endsWith(" ssh2")) return undefined;
  let at = end - 6;
  let port = 0;
  for (let scale = 1; scale <= 10_000; scale *= 10, at--) {
    const digit = message.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    port += digit * scale;
  }
  if (at === end - 6 || port > 65_535 || !message.startsWith(" port ", at - 5)) return undefined;
  const addressEnd = at - 5;
  let start = addressEnd;
  while (start > 0 && message.charCodeAt(start - 1) !== 32) start--;
  if (!message.startsWith(" from ", start - 6)) return undefined;
  return { at: start - 6, address: message.slice(start, addressEnd), port, end };
}

function originAt(message: string, at: number): Origin | undefined {
  const addressEnd = message.indexOf(" ", at + 6);
  if (addressEnd === -1 || !message.startsWith(" port ", addressEnd)) return undefined;
  let end = message.indexOf(" ", addressEnd + 6);
  if (end === -1) end = message.length;
  const port = portIn(message, addressEnd + 6, end);
  if (port < 0) return undefined;
  if (message.startsWith(" ssh", end)) end += 5;
  if (end < message.length && !message.startsWith(": ", end)) return undefined;
  return { at, address: message.slice(at + 6, addressEnd), port, end: Math.min(end, message.length) };
}

function addOrigin(fields: FieldsInTheMaking, { address, port }: Origin): void {
  if (address === "") return;
  addSource(fields, address);
  fields["source.port"] = port;
}

/** A message without the phase that may stand behind it. */
function withoutPhase(message: string): string {
  return message.endsWith(" [preauth]") ? message.slice(0, -10) : message;
}

/** `Invalid user NAME from ADDRESS[ port N]`. */
function decodeInvalidUser(whole: string, fields: FieldsInTheMaking): string {
  const message = withoutPhase(whole);
  const at = message.lastIndexOf(" from ");
  fields["user.name"] = at < 12 ? message.slice(13) : message.slice(13, at);
  fields["ssh.invalid_user"] = true;
  if (at >= 12) addPeer(fields, message.slice(at + 6));
  return "ssh.invalid_user";
}

/** `ADDRESS port N`, or the address alone, a colon behind it or not. */
function addPeer(fields: FieldsInTheMaking, text: string, start = 0): boolean {
  const space = text.indexOf(" ", start);
  const end = space === -1 ? text.length : space;
  const hasColon = text.charCodeAt(end - 1) === 58;
  const address = text.slice(start, hasColon ? end - 1 : end);
  if (!isAddress(address)) return false;
  fields["source.ip"] = plainAddress(address);
  if (text.startsWith(" port ", end)) {
    const port = portIn(text, end + 6, endOfDigits(text, end + 6));
    if (port >= 0) fields["source.port"] = port;
  }
  return true;
}

function endOfDigits(text: string, start: number): number {
  let at = start;
  while (text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++;
  return at;
}

/** What sshd calls an error may be a connection's end, too many attempts, or what PAM said. */
function decodeError(message: string, fields: FieldsInTheMaking): string | undefined {
  const text = message.slice(7);
  if (text.startsWith("PAM: ")) return decodePamError(text, fields);
  if (text.startsWith("maximum authentication attempts exceeded for ")) {
    const from = findOrigin(withoutPhase(text));
    if (from === undefined) return undefined;
    const isInvalid = text.startsWith("invalid user ", 45);
    fields["user.name"] = text.slice(isInvalid ? 58 : 45, from.at);
    addOrigin(fields, from);
    return "ssh.too_many_attempts";
  }
  return decodeConnection(text, fields);
}

/** `PAM: Authentication failure for [illegal user ]NAME from ADDRESS`. */
function decodePamError(text: string, fields: FieldsInTheMaking): string | undefined {
  const before = text.indexOf(" for ");
  const at = text.lastIndexOf(" from ");
  if (before === -1 || at < before + 4) return undefined;
  const isIllegal = text.startsWith("illegal user ", before + 5);
  fields["event.outcome"] = "failure";
  fields["user.name"] = text.slice(before + (isIllegal ? 18 : 5), at);
  addSource(fields, text.slice(at + 6));
  return "pam.failure";
}

/** `reverse mapping checking getaddrinfo for NAME [ADDRESS] failed...`: a name is whatever its owner had written into the DNS. */
function decodeReverseMapping(message: string, fields: FieldsInTheMaking): string | undefined {
  const close = message.lastIndexOf("] failed");
  const open = message.lastIndexOf(" [", close);
  if (open < 41 || close === -1) return undefined;
  fields["source.domain"] = message.slice(41, open);
  addSource(fields, message.slice(open + 2, close));
  return "ssh.reverse_mapping_failed";
}

/** Beginnings after which the peer stands at once: what comes behind it may be the peer's own words. */
const PEER_FIRST: readonly (readonly [start: string, kind: string])[] = [
  ["Received disconnect from ", "ssh.disconnect"],
  ["Did not receive identification string from ", "ssh.probe"],
  ["Connection from ", "ssh.connection"],
  ["Timeout before authentication for ", "ssh.timeout"],
  ["fatal: Timeout before authentication for ", "ssh.timeout"],
  ["Unable to negotiate with ", "ssh.probe"],
  ["fatal: Unable to negotiate with ", "ssh.probe"],
  ["banner exchange: Connection from ", "ssh.probe"],
  ["ssh_dispatch_run_fatal: Connection from ", "ssh.disconnect"],
  ["Connection closed by ", "ssh.disconnect"],
  ["Connection reset by ", "ssh.disconnect"],
  ["Disconnected from ", "ssh.disconnect"],
  ["Disconnecting ", "ssh.disconnect"],
];

/** The same by their first character. */
const PEER_BY_FIRST: ReadonlyMap<number, typeof PEER_FIRST> = Map.groupBy(PEER_FIRST, ([start]) => start.charCodeAt(0));

/** Words before a user's name, which stands before the peer. */
const USER_FIRST = ["invalid user ", "authenticating user ", "user "] as const;

function decodeConnection(message: string, fields: FieldsInTheMaking): string | undefined {
  for (const [start, kind] of PEER_BY_FIRST.get(message.charCodeAt(0)) ?? NONE) {
    if (!message.startsWith(start)) continue;
    if (addPeer(fields, message, start.length)) return kind;
    return addUserAndPeer(fields, withoutPhase(message).slice(start.length)) ? kind : undefined;
  }
  if (message.startsWith("Bad protocol version identification ")) return decodeBadVersion(message, fields);
  if (message.startsWith("User ")) return decodeNotAllowed(message, fields);
  return undefined;
}

const NONE: typeof PEER_FIRST = [];

/** `invalid user NAME ADDRESS port N[: ...]`: the peer is the last thing that looks like one, before what sshd says of it. */
function addUserAndPeer(fields: FieldsInTheMaking, text: string): boolean {
  const words = USER_FIRST.find((start) => text.startsWith(start));
  if (words === undefined) return false;
  for (let at = text.lastIndexOf(" port "); at > 0; at = text.lastIndexOf(" port ", at - 1)) {
    const space = text.lastIndexOf(" ", at - 1);
    const end = endOfDigits(text, at + 6);
    const isEnd = end === text.length || text.startsWith(": ", end);
    if (!isEnd || space < words.length - 1 || !addPeer(fields, text.slice(space + 1, end))) continue;
    fields["user.name"] = text.slice(words.length, space);
    if (words === "invalid user ") fields["ssh.invalid_user"] = true;
    return true;
  }
  return false;
}

/** `Bad protocol version identification 'WORDS' from ADDRESS[ port N]`. */
function decodeBadVersion(message: string, fields: FieldsInTheMaking): string | undefined {
  const at = message.lastIndexOf("' from ");
  return at !== -1 && addPeer(fields, message.slice(at + 7)) ? "ssh.probe" : undefined;
}

/** `User NAME from ADDRESS not allowed because ...`. */
function decodeNotAllowed(message: string, fields: FieldsInTheMaking): string | undefined {
  const end = message.lastIndexOf(" not allowed because ");
  const at = message.lastIndexOf(" from ", end);
  if (end === -1 || at < 5) return undefined;
  fields["user.name"] = message.slice(5, at);
  addSource(fields, message.slice(at + 6, end));
  return "ssh.not_allowed";
}
