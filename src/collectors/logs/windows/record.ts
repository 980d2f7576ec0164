/** A record of the Windows Event Log as an event: one of a kind of Weir's with ECS names, any other with the names that Windows gives. */

import { isIP } from "node:net";
import { parseRfc3339 } from "../../../core/clock.ts";
import { ownEntry } from "../../../core/own_entry.ts";
import { SYSMON_DNS, SYSMON_FILE, SYSMON_NETWORK, SYSMON_PROCESS } from "../../../core/sysmon_names.ts";
import type { FieldsInTheMaking } from "../decode/decoder.ts";
import { windowsKind } from "./kinds.ts";
import { readXml, type XmlElement } from "./xml.ts";

/** One record. */
export interface WindowsRecord {
  readonly recordId: number;
  readonly channel: string;
  readonly kind: string;
  /** When it was written: milliseconds since the epoch; `undefined` where it does not say. */
  readonly timeMs: number | undefined;
  /** The computer it is about. */
  readonly host: string | undefined;
  readonly fields: FieldsInTheMaking;
}

/** Fields of one record, and characters of one, at most; the rest is left out. */
const FIELDS_MAX = 200;
const VALUE_CHARACTERS_MAX = 65_536;

type Names = Readonly<Record<string, string>>;

/** What the Security log has names of its own for. */
const PROCESS: Names = {
  ...SYSMON_PROCESS,
  NewProcessName: "process.executable",
  NewProcessId: "process.pid",
  ParentProcessName: "process.parent.executable",
  SubjectUserName: "user.name",
};
const LOGON: Names = { TargetUserName: "user.name", IpAddress: "source.ip", IpPort: "source.port" };

const NAMES: Readonly<Record<string, Names>> = {
  "process.start": PROCESS,
  "process.end": PROCESS,
  "network.connection": SYSMON_NETWORK,
  "file.create": SYSMON_FILE,
  "file.delete": SYSMON_FILE,
  "dns.query": SYSMON_DNS,
  "authentication.success": LOGON,
  "authentication.failure": LOGON,
};

const NUMBERS: ReadonlySet<string> = new Set(["process.pid", "process.parent.pid", "source.port", "destination.port"]);
const ADDRESSES: ReadonlySet<string> = new Set(["source.ip", "destination.ip"]);

/** Kinds of which Sigma's rules also ask by the names that Windows gives. */
const KEEPS_NAMES: ReadonlySet<string> = new Set(["authentication.success", "authentication.failure"]);

/** Reads one record; `undefined` when it is none. */
export function readWindowsRecord(xml: string): WindowsRecord | undefined {
  const event = readXml(xml);
  const system = event === undefined ? undefined : child(event, "System");
  if (event === undefined || system === undefined) return undefined;
  const recordId = Number(textOf(system, "EventRecordID"));
  const channel = textOf(system, "Channel");
  if (!Number.isSafeInteger(recordId) || recordId < 1 || channel === "") return undefined;
  const code = textOf(system, "EventID");
  const kind = windowsKind(channel, code, () => dataNamed(event, "EventType"));
  const time = child(system, "TimeCreated")?.attributes.SystemTime;
  const host = textOf(system, "Computer");
  const fields = { ...systemFields(system, channel, code), ...dataFields(event, kind) };
  return {
    recordId,
    channel,
    kind,
    timeMs: time === undefined ? undefined : parseRfc3339(time),
    host: host === "" ? undefined : host,
    fields,
  };
}

function systemFields(system: XmlElement, channel: string, code: string): FieldsInTheMaking {
  const fields: FieldsInTheMaking = { "host.os.type": "windows", Channel: channel };
  if (code !== "") fields.EventID = /^\d{1,9}$/.test(code) ? Number(code) : code;
  const provider = child(system, "Provider")?.attributes.Name;
  if (provider !== undefined && provider !== "") fields.Provider_Name = provider;
  for (const name of ["Level", "Task", "Opcode", "Keywords"]) {
    const value = textOf(system, name);
    if (value !== "") fields[name] = value;
  }
  return fields;
}

/** `EventData` by the names of its `Data`, or `UserData` by the names of its elements; unnamed ones together as `Data`. */
function dataFields(event: XmlElement, kind: string): FieldsInTheMaking {
  const fields: FieldsInTheMaking = {};
  const names = ownEntry(NAMES, kind) ?? {};
  const unnamed: string[] = [];
  let count = 0;
  for (const [name, value] of valuesOf(event)) {
    if (value === "" || value === "-" || ++count > FIELDS_MAX) continue;
    const text = value.slice(0, VALUE_CHARACTERS_MAX);
    if (name === "") {
      unnamed.push(text);
      continue;
    }
    const ecs = ownEntry(names, name);
    if (ecs !== undefined) putEcs(fields, ecs, text);
    if (ecs === undefined || KEEPS_NAMES.has(kind)) fields[name] = text;
  }
  if (unnamed.length > 0) fields.Data = unnamed.join("\n");
  if (kind.startsWith("authentication.")) fields["event.outcome"] = kind.slice("authentication.".length);
  if (kind === "network.connection" && typeof fields["network.transport"] === "string") {
    fields["network.transport"] = fields["network.transport"].toLowerCase();
  }
  const executable = fields["process.executable"];
  if (typeof executable === "string") fields["process.name"] = executable.slice(executable.lastIndexOf("\\") + 1);
  return fields;
}

function* valuesOf(event: XmlElement): Generator<[name: string, value: string]> {
  for (const data of child(event, "EventData")?.children ?? []) {
    yield [data.name === "Data" ? data.attributes.Name ?? "" : data.name, data.text.trim()];
  }
  for (const element of child(event, "UserData")?.children ?? []) {
    for (const data of element.children) yield [data.name, data.text.trim()];
  }
}

function dataNamed(event: XmlElement, name: string): string {
  for (const [each, value] of valuesOf(event)) if (each === name) return value;
  return "";
}

function putEcs(fields: FieldsInTheMaking, name: string, text: string): void {
  if (NUMBERS.has(name)) {
    const number = Number(text); // 4688 has its ids in hexadecimal
    if (Number.isSafeInteger(number)) fields[name] = number;
  } else if (!ADDRESSES.has(name) || isIP(text) !== 0) fields[name] = text;
}

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((each) => each.name === name);
}

function textOf(element: XmlElement, name: string): string {
  return child(element, name)?.text.trim() ?? "";
}
