/** What the kernel's packet filter logs (iptables, nftables, ufw): `PREFIX IN=eth0 OUT= MAC=... SRC=... DST=... PROTO=TCP SPT=... DPT=... SYN`. */

import { isAddress } from "./address.ts";
import type { FieldsInTheMaking } from "./source_line.ts";

/** Values as text, and our fields. */
const TEXTS: Readonly<Partial<Record<string, string>>> = {
  IN: "observer.ingress.interface.name",
  OUT: "observer.egress.interface.name",
  MAC: "firewall.mac",
};

const ADDRESSES: Readonly<Partial<Record<string, string>>> = { SRC: "source.ip", DST: "destination.ip" };

const NUMBERS: Readonly<Partial<Record<string, string>>> = {
  SPT: "source.port",
  DPT: "destination.port",
  LEN: "firewall.length.bytes",
  TTL: "firewall.ttl",
  TYPE: "firewall.icmp.type",
  CODE: "firewall.icmp.code",
};

const FLAGS = new Set(["CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"]);

/** Words in a rule's prefix that say what became of the packet. */
const BLOCKED = ["block", "drop", "reject", "deny", "denied", "discard"];
const ALLOWED = ["allow", "accept", "pass", "permit"];

/** The kind of a message of the kernel's. */
export function decodeKernel(message: string, fields: FieldsInTheMaking): string | undefined {
  const at = message.indexOf("IN=");
  if (at === -1 || message.indexOf(" OUT=", at) === -1 || message.indexOf(" SRC=", at) === -1) return undefined;
  const action = actionOf(prefixOf(message, at), fields);
  if (action !== undefined) fields["event.action"] = action;
  const flags: string[] = [];
  // An ICMP error quotes the packet it is about in brackets: the packet that was seen is what stands outside.
  const quoted = message.indexOf("[", at);
  for (const word of message.slice(at, quoted === -1 ? message.length : quoted).split(" ")) {
    const equals = word.indexOf("=");
    if (equals > 0) addValue(word.slice(0, equals), word.slice(equals + 1), fields);
    else if (FLAGS.has(word)) flags.push(word);
  }
  if (flags.length > 0) fields["firewall.tcp.flags"] = flags;
  return "firewall.packet";
}

/** What stands before the packet, without the kernel's time. */
function prefixOf(message: string, at: number): string {
  const start = message.startsWith("[") && !message.startsWith("[UFW") ? message.indexOf("] ") + 2 : 0;
  return message.slice(start, at).trim();
}

function actionOf(prefix: string, fields: FieldsInTheMaking): string | undefined {
  if (prefix === "") return undefined;
  fields["rule.name"] = prefix;
  const text = prefix.toLowerCase();
  if (BLOCKED.some((word) => text.includes(word))) return "block";
  return ALLOWED.some((word) => text.includes(word)) ? "allow" : undefined;
}

function addValue(name: string, value: string, fields: FieldsInTheMaking): void {
  if (value === "") return;
  const text = TEXTS[name];
  const address = ADDRESSES[name];
  const number = NUMBERS[name];
  if (text !== undefined) fields[text] ??= value;
  else if (address !== undefined) addAddress(address, value, fields);
  else if (number !== undefined) addNumber(number, value, fields);
  else if (name === "PROTO") fields["network.transport"] ??= value.toLowerCase();
}

function addAddress(field: string, value: string, fields: FieldsInTheMaking): void {
  if (!isAddress(value)) return;
  fields[field] ??= value;
  fields["network.type"] ??= value.includes(":") ? "ipv6" : "ipv4";
}

/** A name may come twice (an IP's and a UDP's length): the first counts. */
function addNumber(field: string, value: string, fields: FieldsInTheMaking): void {
  const number = Number(value);
  if (Number.isSafeInteger(number) && number >= 0) fields[field] ??= number;
}
