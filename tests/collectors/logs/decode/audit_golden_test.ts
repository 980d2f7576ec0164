/**
 * The audit logs of six systems with what another decoder made of them (elastic/go-libaudit): every field of theirs that has a
 * counterpart of ours is compared, value by value. What differs on purpose stands in one table, each with its reason; anything else is
 * a mistake.
 */

import { deepStrictEqual, ok } from "node:assert/strict";
import { parse } from "yaml";
import { parseRfc3339 } from "../../../../src/core/clock.ts";
import type { FieldValue } from "../../../../src/core/event.ts";
import { createDecoder, type DecodedEvent } from "../../../../src/collectors/logs/decode/decoder.ts";
import { needing, recorded } from "../../../recorded.ts";

const folder = recorded("audit");

function decode(lines: readonly string[]): DecodedEvent[] {
  const decoder = createDecoder("audit", { nowMs: () => 0 });
  const into: DecodedEvent[] = [];
  for (const [at, text] of lines.entries()) decoder.decode({ text, at, observedMs: 0 }, into);
  decoder.flush(Infinity, into);
  return into;
}

type Json = Readonly<Record<string, unknown>>;

/** What of theirs is not compared, and why. */
const NO_COUNTERPART: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^summary\./, "a sentence about the event, which a rule's message says here"],
  [/^ecs\./, "their classification of the event, which rules do here"],
  [/^category$/, "likewise"],
  [/^raw_msg$/, "the line as it stands, which we have in message"],
];

/** Where we say another thing on purpose, and why. */
const DIFFERENT: readonly {
  readonly path: RegExp;
  readonly reason: string;
  readonly holds: (d: Difference) => boolean;
}[] = [
  {
    path: /^file\.device$/,
    reason: "theirs is the device that the file stands for (rdev), ours the one it is on, as ECS has it",
    holds: ({ theirs, fields }) => (fields["audit.path.rdev"] as FieldValue[]).includes(theirs as string),
  },
  {
    path: /^file\./,
    reason:
      "older kernels wrote objtype for nametype: they take the first path, the folder; we take what was made in it",
    holds: ({ theirs, fields, path }) => {
      const list = fields[FILE_LISTS[path] ?? ""];
      return Array.isArray(list) && list.some((value) => String(value).endsWith(String(theirs)));
    },
  },
  {
    path: /^tags$/,
    reason: "a key that was written as key=NAME is kept as it was written",
    holds: ({ theirs, ours }) => [ours].flat().map((key) => String(key).replace(/^key=/, "")).join() === String(theirs),
  },
  {
    path: /^tags$/,
    reason: "the line's key=(null)ARCH=x86_64, a blank missing, has no key: they took the machine for one",
    holds: ({ theirs, ours, fields }) => ours === undefined && String(theirs) === fields["audit.arch"],
  },
  {
    path: /old-ses$|old_auid$/,
    reason: "an id that is not set is unset wherever it stands; they say so of some",
    holds: ({ theirs, ours }) => theirs === "4294967295" && ours === "unset",
  },
  {
    path: /^record_type$/,
    reason: "they name one record of the event; we list all of them, theirs among them",
    holds: ({ theirs, ours }) => [ours].flat().includes(String(theirs).toUpperCase()),
  },
  {
    path: /^data\.(op|old|new|name)$/,
    reason: "of several records that say something else, they keep the last; we keep all",
    holds: ({ theirs, ours }) => Array.isArray(ours) && ours.includes(String(theirs)),
  },
];

const FILE_LISTS: Readonly<Record<string, string>> = {
  "file.path": "audit.path.name",
  "file.inode": "audit.path.inode",
  "file.mode": "audit.path.mode",
  "file.selinux": "audit.path.obj",
};

interface Difference {
  readonly path: string;
  readonly theirs: unknown;
  readonly ours: FieldValue | undefined;
  readonly fields: Readonly<Record<string, FieldValue>>;
}

const IDS: Readonly<Record<string, string>> = {
  auid: "user.audit.id",
  uid: "user.id",
  euid: "user.effective.id",
  suid: "user.saved.id",
  fsuid: "user.filesystem.id",
  gid: "user.group.id",
  egid: "user.effective.group.id",
  sgid: "user.saved.group.id",
  fsgid: "user.filesystem.group.id",
  "old-auid": "audit.old-auid",
};

const NAMES: Readonly<Record<string, string>> = {
  sequence: "audit.sequence",
  record_type: "audit.type",
  session: "audit.session",
  "process.pid": "process.pid",
  "process.ppid": "process.parent.pid",
  "process.title": "audit.proctitle",
  "process.name": "process.name",
  "process.exe": "process.executable",
  "process.cwd": "process.working_directory",
  "process.args": "process.args",
  "data.socket_addr": "audit.socket.address",
  "data.socket_family": "audit.socket.family",
  "data.socket_port": "audit.socket.port",
  "data.syscall": "audit.syscall",
  "data.cmd": "process.command_line",
  "data.ses": "audit.session",
  tags: "audit.key",
};

/** What we say where they say something under a path. */
function ours(path: string, event: DecodedEvent): FieldValue | undefined {
  const { fields } = event;
  if (path === "@timestamp") return new Date(event.timeMs).toISOString();
  if (path === "result") return String(fields["event.outcome"]).replace("failure", "fail");
  const id = /^(?:user\.ids|data)\.(.+)$/.exec(path)?.[1] ?? "";
  const register = /^data\.a([0-3])$/.exec(path);
  if (register !== null) return (fields["audit.registers"] as string[])[Number(register[1])];
  return fields[NAMES[path] ?? IDS[id] ?? path.replace(/^data\./, "audit.")];
}

/** A security context in the parts that they have of it. */
const CONTEXT = ["user", "role", "domain", "level", "category"];

function contextOf(parts: Json, prefix = ""): string {
  return CONTEXT.flatMap((name) => parts[prefix + name] ?? []).join(":");
}

function same(theirs: unknown, mine: FieldValue | undefined): boolean {
  if (Array.isArray(theirs)) return [mine].flat().join("\n") === theirs.join("\n");
  if (typeof theirs === "string" && parseRfc3339(theirs) !== undefined) {
    return parseRfc3339(theirs) === parseRfc3339(String(mine));
  }
  return mine !== undefined && String(theirs) === String(mine);
}

interface Tally {
  compared: number;
  readonly explained: Map<string, number>;
  readonly unexplained: string[];
}

/** Compares all they say of an event with what we say of it. */
function compare(golden: Json, event: DecodedEvent, tally: Tally, prefix = ""): void {
  for (const [name, theirs] of Object.entries(golden)) {
    const path = prefix + name;
    const none = NO_COUNTERPART.find(([pattern]) => pattern.test(`${path}.`) || pattern.test(path));
    if (none !== undefined) count(tally, none[1]);
    else if (path === "paths") comparePaths(theirs as Json[], event, tally);
    else if (name === "selinux") {
      const of = path.startsWith("file") ? mainContext(event) : event.fields["audit.subj"];
      check(path, contextOf(theirs as Json), of, event, tally);
    } else if (typeof theirs === "object" && !Array.isArray(theirs)) compare(theirs as Json, event, tally, `${path}.`);
    else check(path, theirs, ours(path, event), event, tally);
  }
}

function mainContext({ fields }: DecodedEvent): FieldValue | undefined {
  const at = (fields["audit.path.inode"] as FieldValue[]).indexOf(fields["file.inode"] as string);
  return (fields["audit.path.obj"] as string[])[at];
}

function comparePaths(paths: readonly Json[], event: DecodedEvent, tally: Tally): void {
  for (const [i, path] of paths.entries()) {
    const mine = (name: string) => (event.fields[`audit.path.${name}`] as FieldValue[] | undefined)?.[i] as FieldValue;
    const context = contextOf(path, "obj_");
    if (context !== "") check("paths.obj", context, mine("obj"), event, tally);
    for (const [name, theirs] of Object.entries(path)) {
      if (name.startsWith("obj_")) continue;
      check(`paths.${name}`, theirs, mine(name === "objtype" ? "nametype" : name), event, tally);
    }
  }
}

function check(path: string, theirs: unknown, mine: FieldValue | undefined, event: DecodedEvent, tally: Tally): void {
  tally.compared++;
  if (same(theirs, mine)) return;
  const difference = { path, theirs, ours: mine, fields: event.fields };
  const known = DIFFERENT.find((one) => one.path.test(path) && one.holds(difference));
  if (known !== undefined) count(tally, known.reason);
  else tally.unexplained.push(`${path}: theirs ${JSON.stringify(theirs)}, ours ${JSON.stringify(mine)}`);
}

function count({ explained }: Tally, reason: string): void {
  explained.set(reason, (explained.get(reason) ?? 0) + 1);
}

const newTally = (): Tally => ({ compared: 0, explained: new Map(), unexplained: [] });

interface Coalesced {
  readonly test_name: string;
  readonly event: Json;
}

Deno.test({
  ...needing(
    "audit",
    "audit events, coalesced: every field of another decoder's has our counterpart, or a stated reason",
  ),
  fn() {
    const tally = newTally();
    let events = 0;
    for (const { name } of Deno.readDirSync(`${folder}/aucoalesce`)) {
      if (!name.endsWith(".yaml")) continue;
      const { tests } = parse(Deno.readTextFileSync(`${folder}/aucoalesce/${name}`)) as {
        tests: Record<string, string>;
      };
      const golden = JSON.parse(
        Deno.readTextFileSync(`${folder}/aucoalesce/${name.replace(".yaml", ".json.golden")}`),
      ) as Coalesced[];
      deepStrictEqual(golden.length, Object.keys(tests).length);
      for (const { test_name, event } of golden) {
        const decoded = decode((tests[test_name] ?? "").trim().split("\n"));
        deepStrictEqual(decoded.length, 1, test_name);
        for (const one of decoded) compare(event, one, tally);
        events++;
      }
    }
    deepStrictEqual(tally.unexplained, []);
    deepStrictEqual(events, 48);
    ok(tally.compared > 1_000, String(tally.compared));
  },
});

/** Of a record that stands alone they keep their own names: these are the ones that differ. */
const RECORD_NAMES: Readonly<Record<string, string>> = {
  comm: "process.name",
  exe: "process.executable",
  cwd: "process.working_directory",
  pid: "process.pid",
  ppid: "process.parent.pid",
  syscall: "audit.syscall",
  ses: "audit.session",
  cmd: "process.command_line",
  result: "event.outcome",
  new_auid: "user.audit.id",
  old_auid: "audit.old-auid",
};

/** What we say where they say something of one record. */
function ofRecord(type: string, name: string, event: DecodedEvent): FieldValue | undefined {
  const { fields } = event;
  const register = /^a([0-3])$/.exec(name);
  if (type === "syscall" && register !== null) return (fields["audit.registers"] as string[])[Number(register[1])];
  if (type === "path") return (fields[`audit.path.${name}`] as FieldValue[] | undefined)?.[0] as FieldValue;
  if (name === "result") return String(fields["event.outcome"]).replace("failure", "fail");
  return fields[IDS[name] ?? RECORD_NAMES[name] ?? `audit.${name}`];
}

/** Names in which a record says more than a golden file's data: signals by number. */
const RECORD_DIFFERENT: readonly (readonly [type: string, name: string, reason: string])[] = [
  ["seccomp", "sig", "they name the signal; we keep its number, as the record has it"],
];

Deno.test({
  ...needing(
    "audit",
    "audit records, each by itself: every value of another decoder's is ours too, or there is a stated reason",
  ),
  fn() {
    const tally = newTally();
    let records = 0;
    for (const { name } of Deno.readDirSync(`${folder}/auparse/testdata`)) {
      if (!name.endsWith(".log")) continue;
      const path = `${folder}/auparse/testdata/${name}`;
      const lines = Deno.readTextFileSync(path).split(/\r?\n/).filter((line) => line !== "");
      const golden = JSON.parse(Deno.readTextFileSync(`${path}.golden`)) as Json[];
      deepStrictEqual(lines.length, golden.length, name);
      for (const [i, line] of lines.entries()) {
        const [event] = decode([line]);
        const theirs = golden[i];
        ok(event !== undefined && theirs !== undefined);
        compareRecord(theirs, event, tally);
        records++;
      }
    }
    deepStrictEqual(tally.unexplained, []);
    deepStrictEqual(records, 34);
    ok(tally.compared > 300, String(tally.compared));
  },
});

function compareRecord(golden: Json, event: DecodedEvent, tally: Tally): void {
  const type = String(golden["record_type"]);
  check("@timestamp", golden["@timestamp"], new Date(event.timeMs).toISOString(), event, tally);
  check("sequence", golden["sequence"], event.fields["audit.sequence"], event, tally);
  check("record_type", type.toUpperCase(), event.fields["audit.type"], event, tally);
  if (golden["tags"] !== undefined) check("tags", golden["tags"], event.fields["audit.key"], event, tally);
  const data = golden["data"] as Json;
  for (const prefix of ["subj_", "obj_"]) {
    const context = contextOf(data, prefix);
    if (context === "") continue;
    const mine = prefix === "subj_" ? event.fields["audit.subj"] : ofRecord("path", "obj", event);
    check(`${prefix}context`, context, mine, event, tally);
  }
  for (const [name, theirs] of Object.entries(data)) {
    if (/^(subj|obj)_/.test(name)) continue;
    const known = RECORD_DIFFERENT.find(([of, which]) => of === type && which === name);
    if (known !== undefined) count(tally, known[2]);
    else check(`${type}.${name}`, theirs, ofRecord(type, name, event), event, tally);
  }
}
