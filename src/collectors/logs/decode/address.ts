/** Addresses and ports inside messages. */

import type { FieldsInTheMaking } from "./source_line.ts";

/** An IPv6 address in full, an IPv4 one in its last part, and a zone: UTF-16 units. */
const ADDRESS_LENGTH_MAX = 64;

/** Whether a text is an IPv4 or IPv6 address as programs print them; an IPv6 one may name a zone (`%eth0`). */
export function isAddress(text: string): boolean {
  if (text.length < 2 || text.length > ADDRESS_LENGTH_MAX) return false;
  return isIpv4(text, 0, text.length) || (text.includes(":") && isIpv6(text));
}

function isIpv4(text: string, start: number, end: number): boolean {
  let parts = 1;
  let digits = 0;
  let value = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (digits === 0) return false;
      parts++;
      digits = value = 0;
      continue;
    }
    if (code < 48 || code > 57 || ++digits > 3) return false;
    value = value * 10 + code - 48;
    if (value > 255) return false;
  }
  return parts === 4 && digits > 0;
}

function isIpv6(text: string): boolean {
  const zone = text.indexOf("%");
  const address = zone === -1 ? text : text.slice(0, zone);
  if (zone === text.length - 1 || text.slice(zone + 1).includes(" ")) return false;
  const halves = address.split("::");
  if (halves.length > 2) return false;
  let groups = 0;
  for (const half of halves) {
    if (half === "") continue;
    for (const group of half.split(":")) {
      if (group.includes(".")) {
        if (!address.endsWith(group) || !isIpv4(group, 0, group.length)) return false;
        groups += 2;
      } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) groups++;
      else return false;
    }
  }
  return halves.length === 2 ? groups < 8 : groups === 8;
}

/** An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) as IPv4, any other as it is. */
export function plainAddress(text: string): string {
  if (text.charCodeAt(0) !== 58 || !text.startsWith("::ffff:")) return text;
  return text.includes(".") ? text.slice(7) : text;
}

/** Says where something came from: an address, or else the name of a host. `UNKNOWN` and nothing are neither. */
export function addSource(fields: FieldsInTheMaking, text: string): void {
  if (isAddress(text)) fields["source.ip"] = plainAddress(text);
  else if (text !== "" && text !== "UNKNOWN" && text !== "?" && !text.includes(" ")) fields["source.domain"] = text;
}

/** The number that a piece of a text is, to 65535; -1 where it is none. */
export function portIn(text: string, start: number, end: number): number {
  if (end <= start || end - start > 5) return -1;
  let port = 0;
  for (let at = start; at < end; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    port = port * 10 + digit;
  }
  return port <= 65_535 ? port : -1;
}
