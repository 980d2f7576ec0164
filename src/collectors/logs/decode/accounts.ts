/** Programs that change who there is: useradd, usermod, userdel, groupadd, groupmod, groupdel, gpasswd, passwd, chpasswd, chage, chsh, chfn. */

import type { MessageDecoder } from "./message.ts";
import type { FieldsInTheMaking } from "./source_line.ts";

/** `new user: name=eve, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1`: words, and our fields. */
const VALUES: Readonly<Partial<Record<string, string>>> = {
  UID: "user.id",
  GID: "group.id",
  home: "user.home",
  shell: "user.shell",
};

/** A message's beginning, its kind, and what its quoted names are, in their order. */
interface Sentence {
  readonly start: string;
  readonly kind: string;
  readonly quoted: readonly string[];
}

const USER = "user.name";
const GROUP = "group.name";

/** In order: the first that fits. */
const SENTENCES: readonly Sentence[] = [
  { start: "delete user ", kind: "user.delete", quoted: [USER] },
  { start: "removed group ", kind: "group.delete", quoted: [GROUP, USER] },
  { start: "group '", kind: "group.delete", quoted: [GROUP] },
  { start: "change user ", kind: "user.change", quoted: [USER, "event.old", "event.new"] },
  { start: "lock user ", kind: "user.lock", quoted: [USER] },
  { start: "unlock user ", kind: "user.unlock", quoted: [USER] },
  { start: "changed user ", kind: "user.change", quoted: [USER, "event.new"] },
  { start: "change group ", kind: "group.change", quoted: [GROUP, "event.old", "event.new"] },
  { start: "add '", kind: "group.member_add", quoted: [USER, GROUP] },
  { start: "delete '", kind: "group.member_remove", quoted: [USER, GROUP] },
  { start: "removed user ", kind: "group.member_remove", quoted: [USER, GROUP] },
];

const EXPIRY = "changed password expiry for ";

const decodeAccounts: MessageDecoder = (message, fields) => {
  if (message.startsWith("new user: ")) return readValues(message, 10, USER, "user.create", fields);
  if (message.startsWith("new group: ")) return readValues(message, 11, GROUP, "group.create", fields);
  if (message.startsWith("failed adding user ")) return failed(message, fields);
  if (message.startsWith("members of group ")) return decodeMembers(message, fields);
  if (message.startsWith("user ") && message.includes(" added by ")) return decodeAdded(message, fields);
  if (message.startsWith(EXPIRY)) {
    fields[USER] = message.slice(EXPIRY.length);
    return "user.change";
  }
  for (const { start, kind, quoted } of SENTENCES) {
    if (!message.startsWith(start)) continue;
    const names = quotedIn(message);
    if (names.length === 0) return undefined;
    for (const [i, field] of quoted.entries()) if (names[i] !== undefined) fields[field] = names[i];
    if (message.includes("shadow group")) fields["group.shadow"] = true;
    return kind;
  }
  return undefined;
};

/** Programs whose messages these are. */
export const ACCOUNT_PROGRAMS: readonly (readonly [program: string, decoder: MessageDecoder])[] = [
  "useradd",
  "usermod",
  "userdel",
  "groupadd",
  "groupmod",
  "groupdel",
  "gpasswd",
  "passwd",
  "chpasswd",
  "chage",
  "chsh",
  "chfn",
  "newusers",
].map((program) => [program, decodeAccounts]);

/** `name=eve, UID=0, ...`. A name has no comma in it: shadow refuses it. */
function readValues(message: string, start: number, of: string, kind: string, fields: FieldsInTheMaking): string {
  for (const pair of message.slice(start).split(", ")) {
    const equals = pair.indexOf("=");
    const name = pair.slice(0, equals);
    const field = name === "name" ? of : VALUES[name];
    if (field !== undefined && equals > 0 && fields[field] === undefined) fields[field] = pair.slice(equals + 1);
  }
  fields["event.outcome"] = "success";
  return kind;
}

/** `failed adding user 'ansible', data deleted`. */
function failed(message: string, fields: FieldsInTheMaking): string {
  const [name] = quotedIn(message);
  if (name !== undefined) fields[USER] = name;
  fields["event.outcome"] = "failure";
  return "user.create";
}

/** `members of group sudo set by root to alice,bob` of gpasswd. */
function decodeMembers(message: string, fields: FieldsInTheMaking): string | undefined {
  const by = message.indexOf(" set by ");
  if (by === -1) return undefined;
  fields[GROUP] = message.slice(17, by);
  return "group.change";
}

/** `user alice added by root to group sudo` of gpasswd. */
function decodeAdded(message: string, fields: FieldsInTheMaking): string | undefined {
  const by = message.indexOf(" added by ");
  const to = message.indexOf(" to group ", by);
  if (to === -1) return undefined;
  fields[USER] = message.slice(5, by);
  fields[GROUP] = message.slice(to + 10);
  return "group.member_add";
}

/** What stands in quotes, up to three times. */
function quotedIn(message: string): string[] {
  const found: string[] = [];
  for (let at = message.indexOf("'"); at !== -1 && found.length < 3; at = message.indexOf("'", at)) {
    const end = message.indexOf("'", at + 1);
    if (end === -1) break;
    found.push(message.slice(at + 1, end));
    at = end + 1;
  }
  return found;
}
