import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { isLoopback, parseListen } from "../../src/config/listen.ts";

Deno.test("parseListen: names, addresses, bracketed IPv6, any free port", () => {
  deepStrictEqual(parseListen("127.0.0.1:8470"), { hostname: "127.0.0.1", port: 8470 });
  deepStrictEqual(parseListen("[::1]:0"), { hostname: "::1", port: 0 });
  deepStrictEqual(parseListen("weir.example:65535"), { hostname: "weir.example", port: 65_535 });
});

Deno.test("parseListen: what is none", () => {
  for (
    const text of [
      "",
      ":8470",
      "8470",
      "127.0.0.1",
      "127.0.0.1:",
      "127.0.0.1:65536",
      "127.0.0.1:-1",
      "::1:8470",
      "[::1]8470",
      "[zz]:1",
      "[1.2.3.4]:1",
      "300.1.1.1:1",
      "1.2.3:1",
      "a b:1",
      "http://a:1",
    ]
  ) strictEqual(parseListen(text), undefined, text);
});

Deno.test("isLoopback: what only this machine can reach", () => {
  const loopback = (hostname: string) => isLoopback({ hostname, port: 1 });
  for (const name of ["127.0.0.1", "127.255.0.9", "localhost", "::1", "0:0:0:0:0:0:0:1"]) {
    strictEqual(loopback(name), true, name);
  }
  for (const name of ["0.0.0.0", "::", "192.0.2.1", "127.example", "localhost.example", "::2", "fe80::1", "1::1"]) {
    strictEqual(loopback(name), false, name);
  }
});
