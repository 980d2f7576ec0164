/** From the records of one audit event to its fields. */

import { isAddress, plainAddress, portIn } from "../address.ts";
import type { FieldsInTheMaking } from "../source_line.ts";
import { readArguments } from "./arguments.ts";
import { type AuditRecord, RECORD_VALUES_MAX } from "./record.ts";
import { syscallName } from "./syscalls.ts";
import { archName, exitName, type SocketAddress, socketAddress } from "./values.ts";

/** Values with a field of their own; those of the system call's record count before those of others. */
const FIELDS: Readonly<Partial<Record<string, string>>> = {
  auid: "user.audit.id",
  uid: "user.id",
  euid: "user.effective.id",
  suid: "user.saved.id",
  fsuid: "user.filesystem.id",
  gid: "user.group.id",
  egid: "user.effective.group.id",
  sgid: "user.saved.group.id",
  fsgid: "user.filesystem.group.id",
  AUID: "user.audit.name",
  UID: "user.name",
  EUID: "user.effective.name",
  SUID: "user.saved.name",
  FSUID: "user.filesystem.name",
  GID: "user.group.name",
  EGID: "user.effective.group.name",
  SGID: "user.saved.group.name",
  FSGID: "user.filesystem.group.name",
  comm: "process.name",
  exe: "process.executable",
  cwd: "process.working_directory",
  ses: "audit.session",
  cmd: "process.command_line",
};

const NUMBERS: Readonly<Partial<Record<string, string>>> = { pid: "process.pid", ppid: "process.parent.pid" };

/** Told by other fields. */
const TOLD = new Set([
  "arch",
  "syscall",
  "ARCH",
  "SYSCALL",
  "key",
  "exit",
  "items",
  "SADDR",
]);

/** What user and group ids say that are not set: -1 as an unsigned number. */
const UNSET = "4294967295";

/** Records that hold nothing but what is told by itself. */
const OWN_KINDS = new Set(["EXECVE", "PATH", "CWD", "SOCKADDR", "PROCTITLE", "EOE"]);

/** The fields of an event. There is at least one record. */
export function auditFields(records: readonly AuditRecord[]): FieldsInTheMaking {
  const first = records[0];
  const fields: FieldsInTheMaking = {
    message: records.map(({ type, text }) => `type=${type} ${text}`).join("\n"),
    "audit.type": typesOf(records),
    "audit.sequence": first?.serial ?? 0,
    "event.outcome": outcomeOf(records),
  };
  const call = records.find(({ type }) => type === "SYSCALL");
  if (call !== undefined) addCall(call, fields);
  for (const record of records) if (!OWN_KINDS.has(record.type)) addOthers(record, fields);
  addOwnKinds(records, fields);
  addKeys(records, fields);
  addPaths(records.filter(({ type }) => type === "PATH"), fields);
  addPeer(records, fields);
  addAccount(records, fields);
  if (records.some(({ values }) => values.size >= RECORD_VALUES_MAX)) fields["log.fields_cut"] = true;
  return fields;
}

/** Types in the order of their records, each once; as one text where there is one. */
function typesOf(records: readonly AuditRecord[]): string | string[] {
  const types = [...new Set(records.map(({ type }) => type))].filter((type) => type !== "EOE");
  return types.length === 1 ? types[0] ?? "EOE" : types;
}

function outcomeOf(records: readonly AuditRecord[]): string {
  for (const { values } of records) {
    const said = values.get("success") ?? values.get("res") ?? values.get("result");
    if (said === "yes" || said === "success" || said === "1") return "success";
    if (said === "no" || said === "failed" || said === "fail" || said === "0") return "failure";
  }
  return "unknown";
}

/** The system call's record: who called what, and what came of it. */
function addCall({ values }: AuditRecord, fields: FieldsInTheMaking): void {
  addCallName(values, fields);
  const exit = values.get("exit");
  if (exit !== undefined) fields["audit.exit"] = exitName(exit);
  const items = values.get("items");
  if (items !== undefined) fields["audit.items"] = items;
  const registers: string[] = [];
  for (let i = 0; i < 4; i++) {
    const register = values.get(`a${i}`);
    if (register === undefined) continue;
    registers.push(register);
  }
  fields["audit.registers"] = registers;
}

function addCallName(values: ReadonlyMap<string, string>, fields: FieldsInTheMaking): void {
  const number = values.get("syscall");
  const arch = values.get("ARCH") ?? archName(values.get("arch") ?? "");
  if (arch !== "") fields["audit.arch"] = arch;
  if (number === undefined) return;
  const name = values.get("SYSCALL") ?? syscallName(arch, Number(number));
  fields["audit.syscall"] = name ?? number;
}

function addOthers({ type, values }: AuditRecord, fields: FieldsInTheMaking): void {
  if (type !== "SYSCALL" && fields["audit.syscall"] === undefined) addCallName(values, fields);
  for (const [name, value] of values) {
    if (TOLD.has(name) || (type === "SYSCALL" && /^a[0-3]$/.test(name))) continue;
    const meant = value === UNSET ? "unset" : value;
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    const number = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
    if (number !== undefined) addNumber(fields, number, value);
    else if (field !== undefined) fields[field] ??= meant;
    else addMore(fields, `audit.${name}`, meant);
  }
  if (type === "CONFIG_CHANGE" || fields["audit.exit"] !== undefined) return;
  const exit = values.get("exit");
  if (exit !== undefined) fields["audit.exit"] = exitName(exit);
}

function addNumber(fields: FieldsInTheMaking, field: string, value: string): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) fields[field] ??= number;
}

/** Several records may each say another thing: all of it is kept. */
function addMore(fields: FieldsInTheMaking, field: string, value: string): void {
  const known = fields[field];
  if (known === undefined) fields[field] = value;
  else if (Array.isArray(known)) {
    if (!known.includes(value)) fields[field] = [...known, value];
  } else if (known !== value) fields[field] = [String(known), value];
}

/** What only one record of an event tells. */
function addOwnKinds(records: readonly AuditRecord[], fields: FieldsInTheMaking): void {
  const cwd = valueOf(records, "CWD", "cwd");
  if (cwd !== undefined) fields["process.working_directory"] = cwd;
  const title = valueOf(records, "PROCTITLE", "proctitle")?.replaceAll("\0", " ").trimEnd();
  if (title !== undefined) fields["audit.proctitle"] = title;
  const args = readArguments(records);
  if (args !== undefined) {
    fields["process.args"] = args;
    fields["process.args_count"] = args.length;
    const argc = valueOf(records, "EXECVE", "argc");
    if (argc !== undefined) fields["audit.argc"] = argc;
  }
  const named = args ?? fields["audit.registers"];
  if (Array.isArray(named)) {
    for (const [i, arg] of named.slice(0, ARGUMENT_FIELDS_MAX).entries()) fields[`audit.a${i}`] = arg;
  }
  const line = args?.join(" ") ?? title;
  if (line !== undefined) fields["process.command_line"] ??= line;
}

/** So many arguments, of a command or else of a system call, have a field each, as Sigma's rules name them; all of them are in the list. */
const ARGUMENT_FIELDS_MAX = 16;

function valueOf(records: readonly AuditRecord[], type: string, name: string): string | undefined {
  return records.find((record) => record.type === type)?.values.get(name);
}

/** The keys of the audit rules that asked for the event. */
function addKeys(records: readonly AuditRecord[], fields: FieldsInTheMaking): void {
  for (const { values } of records) {
    for (const key of values.get("key")?.split("\x01") ?? []) if (key !== "") addMore(fields, "audit.key", key);
  }
}

/** Values of a path's record, each with a list of its own: the first of each list belongs to the first path, and so on. */
const PATH_VALUES = [
  "item",
  "name",
  "nametype",
  "inode",
  "dev",
  "mode",
  "ouid",
  "ogid",
  "rdev",
  "obj",
  "cap_fp",
  "cap_fi",
  "cap_fe",
  "cap_fver",
  "cap_frootid",
] as const;

/** Names that the ENRICHED format adds, and ours. */
const PATH_NAMES = [["OUID", "owner"], ["OGID", "group"]] as const;

/** Paths are in the order of their items, whatever that of their records. */
function addPaths(unsorted: readonly AuditRecord[], fields: FieldsInTheMaking): void {
  if (unsorted.length === 0) return;
  const itemOf = ({ values }: AuditRecord) => Number(values.get("item") ?? 0);
  const paths = unsorted.toSorted((a, b) => itemOf(a) - itemOf(b));
  const add = (field: string, read: (values: ReadonlyMap<string, string>) => string | undefined) => {
    const list = paths.map(({ values }) => read(values) ?? null);
    if (list.some((value) => value !== null)) fields[`audit.path.${field}`] = list;
  };
  for (const name of PATH_VALUES) {
    add(name, (values) => values.get(name) ?? (name === "nametype" ? values.get("objtype") : undefined));
  }
  for (const [name, field] of PATH_NAMES) add(field, (values) => values.get(name));
  const main = paths.find(isObject) ?? paths[0];
  if (main !== undefined) addFile(main, fields);
}

/** Whether a path is what the call was about, and not the folder it is in. */
function isObject({ values }: AuditRecord): boolean {
  const type = values.get("nametype") ?? values.get("objtype");
  return type === "NORMAL" || type === "CREATE" || type === "DELETE";
}

function addFile({ values }: AuditRecord, fields: FieldsInTheMaking): void {
  const mode = values.get("mode");
  const of = {
    "file.path": values.get("name"),
    "file.inode": values.get("inode"),
    "file.device": values.get("dev"),
    "file.mode": mode === undefined ? undefined : mode.slice(-4).padStart(4, "0"),
    "file.uid": values.get("ouid"),
    "file.gid": values.get("ogid"),
    "file.owner": values.get("OUID"),
    "file.group": values.get("OGID"),
  };
  for (const [field, value] of Object.entries(of)) if (value !== undefined) fields[field] = value;
}

/** Calls whose address is that of somebody who came; that of all others is where the call goes. */
const INGRESS = new Set(["accept", "accept4", "recvfrom", "recvmsg", "recvmmsg", "getpeername"]);
const EGRESS = new Set(["connect", "sendto", "sendmsg", "sendmmsg"]);

function addPeer(records: readonly AuditRecord[], fields: FieldsInTheMaking): void {
  const hex = valueOf(records, "SOCKADDR", "saddr");
  const socket = hex === undefined ? undefined : socketAddress(hex);
  if (socket !== undefined) return addSocket(socket, fields);
  for (const { values } of records) {
    const address = [values.get("addr"), values.get("hostname")].find((value) =>
      value !== undefined && isAddress(value)
    );
    if (address === undefined) continue;
    fields["source.ip"] = plainAddress(address);
    fields["network.direction"] = "ingress";
    const port = values.get("rport") ?? "";
    if (portIn(port, 0, port.length) > 0) fields["source.port"] = Number(port);
    return;
  }
}

function addSocket({ family, address, port, path }: SocketAddress, fields: FieldsInTheMaking): void {
  fields["audit.socket.family"] = family;
  if (address !== undefined) fields["audit.socket.address"] = address;
  if (port !== undefined) fields["audit.socket.port"] = port;
  if (path !== undefined) fields["audit.socket.path"] = path;
  const call = String(fields["audit.syscall"] ?? "");
  const side = INGRESS.has(call) ? "source" : EGRESS.has(call) ? "destination" : undefined;
  if (side === undefined) return;
  fields["network.direction"] = side === "source" ? "ingress" : "egress";
  if (address !== undefined) fields[`${side}.ip`] = address;
  if (port !== undefined) fields[`${side}.port`] = port;
}

/** The account that a program's message is about; who acted is told by the ids. */
function addAccount(records: readonly AuditRecord[], fields: FieldsInTheMaking): void {
  const account = records.find(({ values }) => values.has("acct"))?.values.get("acct");
  if (account !== undefined) fields["user.name"] = account;
}
