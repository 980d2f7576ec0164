/** Keys as the RFC has them, whoever makes them, and how many are kept. */

import { strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { installKeys } from "../../../src/collectors/snmp/keys.ts";
import { netSnmp } from "../../../src/collectors/snmp/library.ts";

/** RFC 3414, appendices A.3.1 and A.3.2. */
const VECTORS = [
  ["md5", "526f5eed9fcce26f8964c2930787d82b"],
  ["sha", "6695febc9288e36282235fc7151f128497b38f3f"],
] as const;

Deno.test("keys are those of the RFC's examples, however often they are asked for", async () => {
  const { Authentication, AuthProtocols } = await netSnmp();
  const engine = Buffer.from("000000000000000000000002", "hex");
  for (const [protocol, key] of VECTORS) {
    for (let i = 0; i < 2; i++) {
      const made = Authentication.passwordToKey(AuthProtocols[protocol] ?? 0, "maplesyrup", engine);
      strictEqual(made.toString("hex"), key);
    }
  }
});

Deno.test("a password of bytes is another than the text they look like; protocols, passwords and engines tell keys apart", () => {
  const Authentication = {
    algorithms: { 2: { CRYPTO_ALGORITHM: "md5" }, 3: { CRYPTO_ALGORITHM: "sha1" } },
    passwordToKey: (): Buffer => Buffer.alloc(0),
  };
  installKeys({ Authentication });
  const made: (protocol: number, password: string | Buffer, engine: Uint8Array) => Buffer =
    Authentication.passwordToKey;
  const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
  const keys = [
    made(2, "password", one),
    made(2, "password", other),
    made(2, "passwore", one),
    made(3, "password", one),
    made(2, Buffer.from([0xff, 0xfe]), one),
    made(2, Buffer.from([0xfe, 0xff]), one),
  ].map((key) => key.toString("hex"));
  strictEqual(new Set(keys).size, keys.length);
  const md5 = (...parts: Uint8Array[]) => Buffer.from(createHash("md5").update(Buffer.concat(parts)).digest());
  const hash = md5(Buffer.alloc(2 ** 20, "password"));
  strictEqual(keys[0], md5(hash, one, hash).toString("hex"));
});
