/** What a trap says as fields, at the edges: bounds, forms of values, and what is not there. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { fieldDefinition } from "../../../src/core/fields.ts";
import {
  INFORM,
  TRAP_V1,
  trapFields,
  type TrapPdu,
  VARBIND_TEXT_MAX,
  VARBINDS_MAX,
} from "../../../src/collectors/snmp/trap_fields.ts";
import type { RawVarbind } from "../../../src/collectors/snmp/library.ts";

const TRAP_V2 = 0xa7;
const [INTEGER, OCTETS, OID, COUNTER_64] = [2, 4, 6, 70];

const octets = (oid: string, text: string | Uint8Array): RawVarbind => ({
  oid,
  type: OCTETS,
  value: Buffer.from(text as string),
});

const carrying = (...varbinds: RawVarbind[]) => trapFields({ type: TRAP_V2, id: 1, varbinds })["snmp.trap.varbinds"];

Deno.test("values: text, bytes, wide counters, nothing", () => {
  deepStrictEqual(
    carrying(
      octets("1.2.1", "a b"),
      octets("1.2.2", new Uint8Array([0, 0x1b, 0xff])),
      { oid: "1.2.3", type: COUNTER_64, value: Buffer.from("ffffffffffffffff", "hex") },
      { oid: "1.2.4", type: INTEGER, value: -5 },
      { oid: "1.2.5", type: 5, value: null },
      octets("1.2.6", "with the zero that ends it\0"),
    ),
    [
      "1.2.1=a b",
      "1.2.2=00:1b:ff",
      "1.2.3=18446744073709551615",
      "1.2.4=-5",
      "1.2.5=",
      "1.2.6=with the zero that ends it",
    ],
  );
});

Deno.test("bounds: so many objects, so long a text, and it is said that there was more", () => {
  const many = Array.from({ length: VARBINDS_MAX + 1 }, (_, i) => octets(`1.2.${i}`, "x"));
  const fields = trapFields({ type: TRAP_V2, id: 1, varbinds: many });
  strictEqual((fields["snmp.trap.varbinds"] as string[]).length, VARBINDS_MAX);
  strictEqual(fields["snmp.trap.varbinds_cut"], true);
  const just = trapFields({ type: TRAP_V2, id: 1, varbinds: many.slice(1) });
  strictEqual(just["snmp.trap.varbinds_cut"], undefined);
  deepStrictEqual(carrying(octets("1.2", "y".repeat(VARBIND_TEXT_MAX))), [`1.2=${"y".repeat(VARBIND_TEXT_MAX)}`]);
  deepStrictEqual(carrying(octets("1.2", "y".repeat(VARBIND_TEXT_MAX + 1))), [`1.2=${"y".repeat(VARBIND_TEXT_MAX)}…`]);
});

Deno.test("v1: generic and specific numbers, and an agent that gives no address", () => {
  const v1 = (more: Partial<TrapPdu>) =>
    trapFields({ type: TRAP_V1, varbinds: [], enterprise: "1.3.6.1.4.1.9", ...more });
  strictEqual(v1({ generic: 5, specific: 0 })["snmp.trap.oid"], "1.3.6.1.6.3.1.1.5.6");
  strictEqual(v1({ generic: 6, specific: 12 })["snmp.trap.oid"], "1.3.6.1.4.1.9.0.12");
  strictEqual(v1({ generic: -1, specific: 0 })["snmp.trap.oid"], undefined);
  strictEqual(v1({ generic: 0, agentAddr: "0.0.0.0" })["snmp.trap.agent.ip"], undefined);
  strictEqual(v1({ generic: 0, agentAddr: "10.0.0.1" })["snmp.trap.agent.ip"], "10.0.0.1");
});

Deno.test("v2: what stands at the head is told once; a trap without its name, or with nonsense for one, is still told", () => {
  const head: RawVarbind[] = [
    { oid: "1.3.6.1.2.1.1.3.0", type: 67, value: 4_200 },
    { oid: "1.3.6.1.6.3.1.1.4.1.0", type: OID, value: "1.3.6.1.6.3.1.1.5.1" },
  ];
  deepStrictEqual(trapFields({ type: INFORM, id: 1, user: "u", varbinds: head }), {
    "snmp.trap.version": "3",
    "snmp.trap.user": "u",
    "snmp.trap.type": "inform",
    "snmp.trap.oid": "1.3.6.1.6.3.1.1.5.1",
    "snmp.trap.name": "coldStart",
    "snmp.device.uptime.seconds": 42,
  });
  deepStrictEqual(trapFields({ type: TRAP_V2, id: 1, varbinds: [] }), {
    "snmp.trap.version": "2c",
    "snmp.trap.type": "trap",
  });
  const nonsense = trapFields({
    type: TRAP_V2,
    id: 1,
    varbinds: [{ oid: "1.3.6.1.6.3.1.1.4.1.0", type: INTEGER, value: 7 }],
  });
  strictEqual(nonsense["snmp.trap.oid"], undefined);
});

Deno.test("the community that a proxy puts into a trap is kept nowhere, nor are names that only look like names of values", () => {
  const fields = trapFields({
    type: TRAP_V2,
    id: 1,
    varbinds: [
      octets("1.3.6.1.6.3.18.1.4.0", "s3cret-community"),
      octets("1.3.6.1.2.1.2.2.1.8.3", "constructor"),
      octets("1.3.6.1.2.1.2.2.1.7.3", "__proto__"),
    ],
  });
  ok(!JSON.stringify(fields).includes("s3cret"), JSON.stringify(fields));
  deepStrictEqual([fields["snmp.interface.state"], fields["snmp.interface.admin_state"]], [undefined, undefined]);
});

Deno.test("whatever a trap carries, its fields are those of the dictionary, of their types and within their bounds", () => {
  const oid = fc.oneof(
    fc.constantFrom(
      "1.3.6.1.2.1.2.2.1.1.3",
      "1.3.6.1.2.1.2.2.1.2.3",
      "1.3.6.1.2.1.2.2.1.8.3",
      "1.3.6.1.6.3.1.1.4.1.0",
      "1.3.6.1.2.1.1.3.0",
    ),
    fc.array(fc.nat(300), { minLength: 1, maxLength: 12 }).map((parts) => parts.join(".")),
  );
  const value = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.string({ maxLength: 600 }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 900 }).map((bytes) => Buffer.from(bytes)),
  );
  const varbind = fc.record({ oid, type: fc.integer({ min: 0, max: 255 }), value });
  fc.assert(
    fc.property(
      fc.array(varbind, { maxLength: 80 }),
      fc.constantFrom(TRAP_V1, TRAP_V2, INFORM),
      fc.option(fc.string(), { nil: undefined }),
      (varbinds, type, address) => {
        const pdu = {
          type,
          varbinds,
          generic: 6,
          specific: 1,
          enterprise: "1.3",
          upTime: -1,
          ...(address === undefined ? {} : { agentAddr: address }),
        };
        for (const [name, field] of Object.entries(trapFields(pdu))) {
          const definition = fieldDefinition(name);
          ok(definition !== undefined, name);
          if (definition.type === "list") ok(Array.isArray(field) && field.length <= VARBINDS_MAX);
          else if (definition.type === "number") {
            ok(
              typeof field === "number" && Number.isFinite(field) && field >= 0,
              name,
            );
          } else if (definition.type === "boolean") strictEqual(typeof field, "boolean");
          else {ok(
              typeof field === "string" && field.length > 0 && field.length <= VARBIND_TEXT_MAX + 1,
              `${name}: ${field}`,
            );}
        }
      },
    ),
  );
});
