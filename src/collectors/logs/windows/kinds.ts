/**
 * What records of the Windows Event Log are. What Sigma has a category for, and Weir a kind, becomes that kind
 * (`src/rules/sigma/logsource.ts` routes them); any other is of the kind of its Sigma log source.
 */

import { ownEntry } from "../../../core/own_entry.ts";

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
const OTHER_KIND = "windows.event";

/** Every kind that records become. */
export const WINDOWS_KINDS: readonly string[] = [
  ...new Set([
    ...Object.values(KINDS),
    ...[...Object.values(CATEGORIES), REGISTRY_DELETE].map(sigmaKind),
    ...Object.values(SERVICES).map(sigmaKind),
    OTHER_KIND,
  ]),
];

/** What a record is, by its channel and event id; Sysmon says in its `EventType` what became of a registry's key. */
export function windowsKind(channel: string, code: string, eventType: () => string): string {
  const key = `${channel}:${code}`;
  if (key === `${SYSMON}:12` && eventType().startsWith("Delete")) return sigmaKind(REGISTRY_DELETE);
  const kind = ownEntry(KINDS, key);
  if (kind !== undefined) return kind;
  const source = ownEntry(CATEGORIES, key) ?? ownEntry(SERVICES, channel);
  return source === undefined ? OTHER_KIND : sigmaKind(source);
}

function sigmaKind(source: string): string {
  return `sigma.windows.${source}`;
}
