/** Values as agents send them, at the edges of their types. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  asBigInt,
  asNumber,
  asText,
  cutText,
  isPresent,
  TEXT_MAX,
  toVarbind,
} from "../../../src/collectors/snmp/varbind.ts";

const raw = (type: number, value: number | string | boolean | Buffer | null) => toVarbind({ oid: "1.3", type, value });
const [INTEGER, OCTETS, OID, OPAQUE, COUNTER_64] = [2, 4, 6, 68, 70];

Deno.test("varbind: 64-bit counters to the last unit, with a zero before them or without", () => {
  const counter = (...bytes: number[]) => asBigInt(raw(COUNTER_64, Buffer.from(bytes)));
  strictEqual(counter(), 0n);
  strictEqual(counter(1), 1n);
  strictEqual(counter(0x20, 0, 0, 0, 0, 0, 1), 2n ** 53n + 1n);
  strictEqual(counter(...new Array(8).fill(255)), 2n ** 64n - 1n);
  strictEqual(counter(0, ...new Array(8).fill(255)), 2n ** 64n - 1n);
  strictEqual(asNumber(raw(COUNTER_64, Buffer.from([0, ...new Array(8).fill(255)]))), 2 ** 64);
});

Deno.test("varbind: floats that Net-SNMP wraps up, and what only looks like one", () => {
  strictEqual(asNumber(raw(OPAQUE, Buffer.from("9f78043f800000", "hex"))), 1);
  strictEqual(asNumber(raw(OPAQUE, Buffer.from("9f79083ff8000000000000", "hex"))), 1.5);
  strictEqual(asNumber(raw(OPAQUE, Buffer.from("9f78047fc00000", "hex"))), undefined);
  for (const other of ["", "9f", "9f7804", "9f78053f80000000", "9f790a"]) {
    strictEqual(asNumber(raw(OPAQUE, Buffer.from(other, "hex"))), undefined, other);
  }
});

Deno.test("varbind: texts as they are, ends of C's strings left off, bytes that are no text in hexadecimal", () => {
  const text = (bytes: Uint8Array | string) => asText(raw(OCTETS, Buffer.from(bytes)));
  strictEqual(text("Zürich, 2. Stock\tRack 7"), "Zürich, 2. Stock\tRack 7");
  strictEqual(text("eth0\0\0"), "eth0");
  strictEqual(text(""), undefined);
  strictEqual(text("\0"), undefined);
  strictEqual(text(Uint8Array.of(0, 0x1b, 0x21, 0xff)), "00:1b:21:ff");
  strictEqual(text("a\u001b[2Jb"), "61:1b:5b:32:4a:62");
  strictEqual(asText(raw(OID, "1.3.6")), "1.3.6");
  strictEqual(asText(raw(INTEGER, -1)), "-1");
  strictEqual(asText(raw(99, "what is this")), undefined);
});

Deno.test("varbind: no text is longer than it may be, and none ends in half a character", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 3_000 }), fc.nat(50), (text, more) => {
    const long = "x".repeat(TEXT_MAX - more) + text;
    const shown = asText(raw(OCTETS, Buffer.from(long))) ?? "";
    strictEqual(shown.length <= TEXT_MAX, true);
    strictEqual(shown.isWellFormed(), true);
  }));
  strictEqual(cutText("a😀", 2), "a");
  strictEqual(cutText("a😀", 3), "a😀");
});

Deno.test("varbind: what is not there is no value", () => {
  deepStrictEqual([5, 128, 129, 130].map((type) => isPresent(raw(type, null))), [false, false, false, false]);
  strictEqual(isPresent(raw(INTEGER, 0)), true);
});
