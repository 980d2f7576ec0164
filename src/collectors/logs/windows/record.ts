/**
 * A record of the Windows Event Log as an event. What Sigma has a category for, and Weir a kind, becomes that kind with ECS names
 * (`src/rules/sigma/logsource.ts` routes them); any other is of the kind of its Sigma log source, with the names that Windows gives.
 */

import { isIP } from "node:net";
import { parseRfc3339 } from "../../../core/clock.ts";
import { SYSMON_DNS, SYSMON_FILE, SYSMON_NETWORK, SYSMON_PROCESS } from "../../../core/sysmon_names.ts";
import type { FieldsInTheMaking } from "../decode/decoder.ts";
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

const SYSMON = "Microsoft-Windows-Sysmon/Operational";

/** What some records are, by channel and event id. */
const KINDS: Readonly<Record<string, string>> = {
  [`${SYSMON}:1`]: "process.start",
  [`${SYSMON}:3`]: "network.connection",
  [`${SYSMON}:5`]: "process.end",
  [`${SYSMON}:11`]: "file.create",
  [`${SYSMON}:22`]: "dns.query",
  [`${SYSMON}:23`]: "file.delete",
  [`${SYSMON}:26`]: "file.delete",
  "Security:4624": "authentication.success",
  "Security:4625": "authentication.failure",
  "Security:4688": "process.start",
};

/** Sigma's categories of what else Sysmon and PowerShell tell. */
const CATEGORIES: Readonly<Record<string, string>> = {
  [`${SYSMON}:6`]: "driver_load",
  [`${SYSMON}:7`]: "image_load",
  [`${SYSMON}:8`]: "create_remote_thread",
  [`${SYSMON}:9`]: "raw_access_thread",
  [`${SYSMON}:10`]: "process_access",
  [`${SYSMON}:12`]: "registry_add",
  [`${SYSMON}:13`]: "registry_set",
  [`${SYSMON}:14`]: "registry_rename",
  [`${SYSMON}:15`]: "create_stream_hash",
  [`${SYSMON}:17`]: "pipe_created",
  [`${SYSMON}:18`]: "pipe_created",
  [`${SYSMON}:19`]: "wmi_event",
  [`${SYSMON}:20`]: "wmi_event",
  [`${SYSMON}:21`]: "wmi_event",
  [`${SYSMON}:25`]: "process_tampering",
  "Microsoft-Windows-PowerShell/Operational:4103": "ps_module",
  "Microsoft-Windows-PowerShell/Operational:4104": "ps_script",
};

/** What Sysmon's 12 is where its type does not say that a key was made. */
const REGISTRY_DELETE = "registry_delete";

/** Sigma's services, by channel. */
const SERVICES: Readonly<Record<string, string>> = {
  Application: "application",
  Security: "security",
  System: "system",
  [SYSMON]: "sysmon",
  "Windows PowerShell": "powershell-classic",
  "Microsoft-Windows-PowerShell/Operational": "powershell",
  "Microsoft-Windows-TaskScheduler/Operational": "taskscheduler",
  "Microsoft-Windows-Windows Defender/Operational": "windefend",
  "Microsoft-Windows-WMI-Activity/Operational": "wmi",
  "Microsoft-Windows-CodeIntegrity/Operational": "codeintegrity-operational",
  "Microsoft-Windows-Bits-Client/Operational": "bits-client",
  "Microsoft-Windows-TerminalServices-LocalSessionManager/Operational": "terminalservices-localsessionmanager",
  "Microsoft-Windows-Windows Firewall With Advanced Security/Firewall": "firewall-as",
};

/** Of a channel that Sigma has no name for. */
export const OTHER_KIND = "windows.event";

/** Every kind that records become. */
export const WINDOWS_KINDS: readonly string[] = [
  ...new Set([
    ...Object.values(KINDS),
    ...[...Object.values(CATEGORIES), REGISTRY_DELETE].map(sigmaKind),
    ...Object.values(SERVICES).map(sigmaKind),
    OTHER_KIND,
  ]),
];

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
  const kind = kindOf(event, channel, code);
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

function kindOf(event: XmlElement, channel: string, code: string): string {
  const key = `${channel}:${code}`;
  if (key === `${SYSMON}:12` && dataNamed(event, "EventType").startsWith("Delete")) return sigmaKind(REGISTRY_DELETE);
  const kind = own(KINDS, key);
  if (kind !== undefined) return kind;
  const source = own(CATEGORIES, key) ?? own(SERVICES, channel);
  return source === undefined ? OTHER_KIND : sigmaKind(source);
}

function sigmaKind(source: string): string {
  return `sigma.windows.${source}`;
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
  const names = own(NAMES, kind) ?? {};
  const unnamed: string[] = [];
  let count = 0;
  for (const [name, value] of valuesOf(event)) {
    if (value === "" || value === "-" || ++count > FIELDS_MAX) continue;
    const text = value.slice(0, VALUE_CHARACTERS_MAX);
    if (name === "") {
      unnamed.push(text);
      continue;
    }
    const ecs = own(names, name);
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

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
