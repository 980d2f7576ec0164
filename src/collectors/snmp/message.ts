/** The head of an SNMP message, read without decoding the rest: of which version it is, and how it is secured. */

import type { SecurityLevel } from "./security.ts";

/** Where the content of an element in BER is. */
interface Element {
  readonly start: number;
  readonly end: number;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const SEQUENCE = 0x30;
const REPORT = 0xa8;

/** The flags of a message (RFC 3412, section 6.4), of which those of a level must be set. */
const LEVEL_FLAGS: Readonly<Record<SecurityLevel, number>> = { noAuthNoPriv: 0, authNoPriv: 1, authPriv: 3 };
const ENCRYPTED = 2;

/** The protocol version a datagram says it is of: 1, 2, 3; 0 when it does not say so as it must. */
export function versionOf(datagram: Uint8Array): 0 | 1 | 2 | 3 {
  const version = versionIn(datagram);
  if (version === undefined || version.end - version.start !== 1) return 0;
  switch (datagram[version.start]) {
    case 0:
      return 1;
    case 1:
      return 2;
    case 3:
      return 3;
    default:
      return 0;
  }
}

/**
 * Whether a datagram may be an answer to what was asked by version 3 at a level: it is secured at that level or above, or it is a
 * report, by which agents tell of their engine and of what is wrong with a user (RFC 3414, section 3.2), and of no values.
 */
export function isSecuredAt(level: SecurityLevel, datagram: Uint8Array): boolean {
  if (versionOf(datagram) !== 3) return false;
  const header = elementAt(datagram, versionIn(datagram)?.end, SEQUENCE);
  const id = elementAt(datagram, header?.start, INTEGER);
  const sizeMax = elementAt(datagram, id?.end, INTEGER);
  const flags = elementAt(datagram, sizeMax?.end, OCTETS);
  if (header === undefined || flags === undefined || flags.end - flags.start !== 1) return false;
  const set = datagram[flags.start] ?? 0;
  if ((set & LEVEL_FLAGS[level]) === LEVEL_FLAGS[level]) return true;
  return (set & ENCRYPTED) === 0 && isReport(datagram, header.end);
}

/** Whether what follows the header is a report: in the clear, behind what the security model says. */
function isReport(datagram: Uint8Array, at: number): boolean {
  const security = elementAt(datagram, at, OCTETS);
  const scoped = elementAt(datagram, security?.end, SEQUENCE);
  const engine = elementAt(datagram, scoped?.start, OCTETS);
  const context = elementAt(datagram, engine?.end, OCTETS);
  return elementAt(datagram, context?.end, REPORT) !== undefined;
}

function versionIn(datagram: Uint8Array): Element | undefined {
  return elementAt(datagram, elementAt(datagram, 0, SEQUENCE)?.start, INTEGER);
}

/** The element that begins at a place, when it has the tag; `undefined` too when there is no place, or it does not fit. */
function elementAt(bytes: Uint8Array, at: number | undefined, tag: number): Element | undefined {
  if (at === undefined || bytes[at] !== tag) return undefined;
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  let [start, length] = [at + 2, first];
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 256 + (bytes[start + i] ?? 0);
    start += count;
  }
  return start + length <= bytes.length ? { start, end: start + length } : undefined;
}
