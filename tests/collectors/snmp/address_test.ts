import { strictEqual } from "node:assert/strict";
import { plainAddress } from "../../../src/collectors/snmp/address.ts";

Deno.test("plainAddress: one form for each address, names left alone", () => {
  const forms = [
    ["10.0.0.1", "10.0.0.1"],
    ["::ffff:10.0.0.1", "10.0.0.1"],
    ["::FFFF:0a00:0001", "10.0.0.1"],
    ["2001:0DB8:0:0::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["::1", "::1"],
    ["core-1.example.org", "core-1.example.org"],
    ["", ""],
  ] as const;
  for (const [written, plain] of forms) {
    strictEqual(plainAddress(written), plain);
    strictEqual(plainAddress(plain), plain);
  }
});
