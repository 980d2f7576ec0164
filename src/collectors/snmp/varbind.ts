/** Values as agents send them, by the type they were sent with. */

import { Buffer } from "node:buffer";
import type { RawVarbind } from "./library.ts";

/** The ASN.1 tags of SNMP's values (RFC 3416, and RFC 2578 for what they mean). */
const TYPES = {
  1: "boolean",
  2: "integer",
  3: "bits",
  4: "octets",
  5: "null",
  6: "oid",
  64: "ip",
  65: "counter32",
  66: "gauge",
  67: "ticks",
  68: "opaque",
  70: "counter64",
  128: "no_such_object",
  129: "no_such_instance",
  130: "end_of_mib_view",
} as const satisfies Readonly<Record<number, string>>;

export type VarbindType = typeof TYPES[keyof typeof TYPES] | "unknown";

/** One value of one object instance. */
export interface Varbind {
  readonly oid: string;
  readonly type: VarbindType;
  /** Octets as bytes, Counter64 as a bigint; null for what is not there. */
  readonly value: number | bigint | string | boolean | Uint8Array | null;
}

/** Longest text kept of a value: UTF-16 units. The rest is cut off. */
export const TEXT_MAX = 1_024;

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** net-snmp's varbind in our words. */
export function toVarbind({ oid, type, value }: RawVarbind): Varbind {
  const name: VarbindType = TYPES[type as keyof typeof TYPES] ?? "unknown";
  if (name === "counter64" && value instanceof Uint8Array) return { oid, type: name, value: unsigned(value) };
  if (name === "opaque" && value instanceof Uint8Array) return { oid, type: name, value: opaqueNumber(value) ?? value };
  return { oid, type: name, value };
}

/** Whether there is a value: not so for noSuchObject, noSuchInstance, endOfMibView. */
export function isPresent({ type }: Varbind): boolean {
  return type !== "no_such_object" && type !== "no_such_instance" && type !== "end_of_mib_view" && type !== "null";
}

/** The value as a number (past 2^53 the nearest one), or `undefined` when it is none. */
export function asNumber({ value }: Varbind): number | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? value : undefined;
    case "bigint":
      return Number(value);
    default:
      return undefined;
  }
}

/** The value as a whole number of any size, or `undefined` when it is none. */
export function asBigInt({ value }: Varbind): bigint | undefined {
  if (typeof value === "bigint") return value;
  return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

/**
 * The value as text, cut at {@linkcode TEXT_MAX}: UTF-8 where it is that, else bytes in hexadecimal with colons, as hardware
 * addresses are written. `undefined` when it is empty.
 */
export function asText({ value, type }: Varbind): string | undefined {
  if (value instanceof Uint8Array) return textOf(value);
  if (value === null || type === "unknown") return undefined;
  const text = cutText(String(value), TEXT_MAX);
  return text === "" ? undefined : text;
}

/** The beginning of a text, of so many UTF-16 units at most, and no character cut in two. */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : text.slice(0, max).replace(/[\ud800-\udbff]$/, "");
}

function textOf(bytes: Uint8Array): string | undefined {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--; // agents that count the end mark of C's strings
  if (end === 0) return undefined;
  const part = bytes.subarray(0, end);
  const text = decoded(part);
  if (text !== undefined) return cutText(text, TEXT_MAX);
  const shown = part.subarray(0, Math.floor(TEXT_MAX / 3));
  return Array.from(shown, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function decoded(bytes: Uint8Array): string | undefined {
  try {
    const text = utf8.decode(bytes);
    // deno-lint-ignore no-control-regex -- control characters are what tells bytes from text
    return /[\x00-\x08\x0e-\x1f\x7f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

/** An unsigned number of up to 8 bytes, most significant first; a leading zero byte more is how agents keep it positive. */
function unsigned(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asUintN(64, value);
}

/** Net-SNMP's floats: an opaque that holds the tags 9f 78 (single) or 9f 79 (double), a length, and the number. */
function opaqueNumber(bytes: Uint8Array): number | undefined {
  if (bytes[0] !== 0x9f) return undefined;
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[1] === 0x78 && bytes[2] === 4 && bytes.length === 7) return view.readFloatBE(3);
  return bytes[1] === 0x79 && bytes[2] === 8 && bytes.length === 11 ? view.readDoubleBE(3) : undefined;
}
