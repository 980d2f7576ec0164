/** What a trap or inform says, as fields: its name, who sent it, and what it carries. Nothing here does I/O. */

import type { Fields, FieldValue } from "../../core/event.ts";
import type { RawVarbind } from "./library.ts";
import { nameOfValue, objectNamed } from "./objects.ts";
import { asText, cutText, toVarbind } from "./varbind.ts";

/** A trap or inform as net-snmp reads it, v1's own form included. */
export interface TrapPdu {
  /** The BER tag of the message: {@linkcode TRAP_V1}, {@linkcode INFORM}, or that of a trap of v2c and v3. */
  readonly type: number;
  /** Request id; v1 has none. */
  readonly id?: number;
  readonly varbinds: readonly RawVarbind[];
  /** The user it came by; v3 only. */
  readonly user?: string;
  /** v1 only, to the end. */
  readonly enterprise?: string;
  readonly agentAddr?: string;
  readonly generic?: number;
  readonly specific?: number;
  /** Hundredths of a second. */
  readonly upTime?: number;
}

/** BER tags of the messages that tell of something (RFC 1157, RFC 3416). */
export const TRAP_V1 = 0xa4;
export const INFORM = 0xa6;

/** How many objects of a trap are kept, and how many characters of each. */
export const VARBINDS_MAX = 64;
export const VARBIND_TEXT_MAX = 256;

const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";
const TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0";
const TRAP_ENTERPRISE = "1.3.6.1.6.3.1.1.4.3.0";
const TRAP_ADDRESS = "1.3.6.1.6.3.18.1.3.0";

/** The community that a v1 trap came with, put in by who passed it on (RFC 3584): a secret, and so kept nowhere. */
const TRAP_COMMUNITY = "1.3.6.1.6.3.18.1.4.0";

/** What stands before the number of a standard trap (RFC 3418); v1's generic trap n is the (n + 1)th under it. */
const STANDARD_TRAPS = "1.3.6.1.6.3.1.1.5";

/** The number of v1's generic trap that stands for one of an enterprise's own. */
const ENTERPRISE_SPECIFIC = 6;

/** Traps that have a name: the standard ones, and those by which net-snmp's agent tells of itself. */
export const TRAP_NAMES: ReadonlyMap<string, string> = new Map([
  [`${STANDARD_TRAPS}.1`, "coldStart"],
  [`${STANDARD_TRAPS}.2`, "warmStart"],
  [`${STANDARD_TRAPS}.3`, "linkDown"],
  [`${STANDARD_TRAPS}.4`, "linkUp"],
  [`${STANDARD_TRAPS}.5`, "authenticationFailure"],
  [`${STANDARD_TRAPS}.6`, "egpNeighborLoss"],
  ["1.3.6.1.4.1.8072.4.0.1", "nsNotifyStart"],
  ["1.3.6.1.4.1.8072.4.0.2", "nsNotifyShutdown"],
  ["1.3.6.1.4.1.8072.4.0.3", "nsNotifyRestart"],
]);

/** Columns of the interface tables that link traps carry, and the fields a poll tells them in. The interface's index follows. */
const INTERFACE_FIELDS: ReadonlyMap<string, { readonly field: string; readonly object: string }> = new Map([
  ["1.3.6.1.2.1.2.2.1.1", { field: "snmp.interface.index", object: "ifIndex" }],
  ["1.3.6.1.2.1.2.2.1.2", { field: "snmp.interface.name", object: "ifDescr" }],
  ["1.3.6.1.2.1.31.1.1.1.1", { field: "snmp.interface.name", object: "ifName" }],
  ["1.3.6.1.2.1.2.2.1.7", { field: "snmp.interface.admin_state", object: "ifAdminStatus" }],
  ["1.3.6.1.2.1.2.2.1.8", { field: "snmp.interface.state", object: "ifOperStatus" }],
]);

/** The fields of a trap: everything it says, within the bounds above. */
export function trapFields(pdu: TrapPdu): Fields {
  const isV1 = pdu.type === TRAP_V1;
  const oid = trapOid(pdu);
  const carried = pdu.varbinds.filter(({ oid }) => oid !== TRAP_COMMUNITY && (isV1 || !isHeader(oid)));
  const kept = carried.slice(0, VARBINDS_MAX);
  const ticks = isV1 ? pdu.upTime : valueOf(pdu, SYS_UP_TIME);
  return present({
    "snmp.trap.version": isV1 ? "1" : pdu.user === undefined ? "2c" : "3",
    "snmp.trap.user": pdu.user,
    "snmp.trap.type": pdu.type === INFORM ? "inform" : "trap",
    "snmp.trap.oid": oid,
    "snmp.trap.name": oid === undefined ? undefined : TRAP_NAMES.get(oid),
    "snmp.trap.enterprise": isV1 ? pdu.enterprise : textAt(pdu, TRAP_ENTERPRISE),
    "snmp.trap.agent.ip": agentAddress(isV1 ? pdu.agentAddr : textAt(pdu, TRAP_ADDRESS)),
    "snmp.trap.varbinds": kept.length === 0 ? undefined : kept.map((one) => `${one.oid}=${varbindText(one)}`),
    "snmp.trap.varbinds_cut": carried.length > kept.length ? true : undefined,
    "snmp.device.uptime.seconds": typeof ticks === "number" && ticks >= 0 ? ticks / 100 : undefined,
    ...interfaceFields(kept),
  });
}

/** Which trap it is: v2's own name, or what RFC 3584 makes of v1's numbers. */
function trapOid(pdu: TrapPdu): string | undefined {
  if (pdu.type !== TRAP_V1) return textAt(pdu, TRAP_OID);
  const { generic, specific, enterprise } = pdu;
  if (generic === undefined || generic < 0) return undefined;
  if (generic < ENTERPRISE_SPECIFIC) return `${STANDARD_TRAPS}.${generic + 1}`;
  return enterprise === undefined || specific === undefined ? undefined : `${enterprise}.0.${specific}`;
}

/** Objects at the head of a v2 trap: they say what it is, and have fields of their own. */
function isHeader(oid: string): boolean {
  return oid === SYS_UP_TIME || oid === TRAP_OID || oid === TRAP_ENTERPRISE || oid === TRAP_ADDRESS;
}

/** The interface a link trap is about, as a poll of it would say. */
function interfaceFields(varbinds: readonly RawVarbind[]): Record<string, FieldValue | undefined> {
  const fields: Record<string, FieldValue | undefined> = {};
  for (const varbind of varbinds) {
    const known = INTERFACE_FIELDS.get(varbind.oid.slice(0, varbind.oid.lastIndexOf(".")));
    if (known === undefined) continue;
    const object = objectNamed(known.object);
    fields[known.field] = object?.names === undefined
      ? varbindText(varbind) || undefined
      : nameOfValue(object, String(varbind.value));
  }
  return fields;
}

/** A value as text, as a poll would tell it, cut short; empty where there is none. */
export function varbindText(varbind: RawVarbind): string {
  const text = asText(toVarbind(varbind)) ?? "";
  return text.length > VARBIND_TEXT_MAX ? `${cutText(text, VARBIND_TEXT_MAX)}\u2026` : text;
}

function valueOf(pdu: TrapPdu, oid: string): unknown {
  return pdu.varbinds.find((varbind) => varbind.oid === oid)?.value;
}

function textAt(pdu: TrapPdu, oid: string): string | undefined {
  const value = valueOf(pdu, oid);
  return typeof value === "string" && value.length > 0 ? cutText(value, VARBIND_TEXT_MAX) : undefined;
}

const IPV4 = /^(?:\d{1,3}\.){3}\d{1,3}$/;

/** The address the agent gives as its own, where it gives one. Whoever sent the trap could write anything here. */
function agentAddress(address: string | undefined): string | undefined {
  return address !== undefined && address !== "0.0.0.0" && IPV4.test(address) ? address : undefined;
}

function present(fields: Readonly<Record<string, FieldValue | undefined>>): Fields {
  const known: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) known[name] = value;
  return known;
}
