import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { networkContains, parseAddress, parseCidr } from "../../src/core/cidr.ts";

function contains(cidr: string, address: string): boolean | undefined {
  const network = parseCidr(cidr);
  const parsed = parseAddress(address);
  return network === undefined || parsed === undefined ? undefined : networkContains(network, parsed);
}

Deno.test("A network contains its own addresses, to the last bit", () => {
  strictEqual(contains("10.0.0.0/8", "10.255.255.255"), true);
  strictEqual(contains("10.0.0.0/8", "11.0.0.0"), false);
  strictEqual(contains("192.168.4.0/23", "192.168.5.255"), true);
  strictEqual(contains("192.168.4.0/23", "192.168.6.0"), false);
  strictEqual(contains("0.0.0.0/0", "255.255.255.255"), true);
  strictEqual(contains("203.0.113.9", "203.0.113.9"), true);
  strictEqual(contains("203.0.113.9/32", "203.0.113.8"), false);
  strictEqual(contains("128.0.0.0/1", "127.255.255.255"), false);
  strictEqual(contains("10.1.2.3/8", "10.9.9.9"), true, "bits past the prefix are ignored");
});

Deno.test("IPv6 in every way of writing it", () => {
  strictEqual(contains("2001:db8::/32", "2001:0DB8:ffff::1"), true);
  strictEqual(contains("2001:db8::/33", "2001:db8:8000::"), false);
  strictEqual(contains("::/0", "fe80::1%eth0"), true);
  strictEqual(contains("fe80::/10", "[fe80::1]"), true);
  strictEqual(contains("::1", "0:0:0:0:0:0:0:1"), true);
  strictEqual(contains("64:ff9b::/96", "64:ff9b::192.0.2.33"), true);
  strictEqual(contains("2001:db8::/127", "2001:db8::2"), false);
});

Deno.test("An IPv4 address mapped into IPv6 is that IPv4 address", () => {
  deepStrictEqual(parseAddress("::ffff:192.0.2.1"), parseAddress("192.0.2.1"));
  deepStrictEqual(parseAddress("::ffff:c000:201"), parseAddress("192.0.2.1"));
  strictEqual(contains("192.0.2.0/24", "::ffff:192.0.2.200"), true);
  strictEqual(contains("::ffff:192.0.2.0/120", "192.0.2.200"), true);
  strictEqual(contains("10.0.0.0/8", "2001:db8::a00:1"), false, "the versions never meet");
});

Deno.test("What is no address or network is none", () => {
  const bad = [
    "",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 ",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "12345::",
  ];
  for (const text of [...bad, "1:2:3:4:5:6:7:8:9", "1.2.3.4::", "::1.2.3", "x", "%eth0", "a".repeat(200)]) {
    strictEqual(parseAddress(text), undefined, text);
  }
  for (const text of ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "::ffff:1.2.3.4/64", "/8"]) {
    strictEqual(parseCidr(text), undefined, text);
  }
});

Deno.test("Every address is in the network of any of its prefixes, and the next one past its end is not", () => {
  fc.assert(fc.property(fc.nat({ max: 0xffffffff }), fc.integer({ min: 1, max: 32 }), (word, length) => {
    const text = (n: number) => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join(".");
    const size = 2 ** (32 - length);
    const start = Math.floor(word / size) * size;
    const network = `${text(word)}/${length}`;
    ok(contains(network, text(start)) === true);
    ok(contains(network, text(start + size - 1)) === true);
    if (start + size <= 0xffffffff) ok(contains(network, text(start + size)) === false);
    if (start > 0) ok(contains(network, text(start - 1)) === false);
  }));
});
