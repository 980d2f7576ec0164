import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { isIP } from "node:net";
import fc from "fast-check";
import {
  describeRow,
  isListening,
  isPending,
  parseEndpoint,
  parseTable,
} from "../../../src/collectors/process/proc_net.ts";
import { netRow } from "./fake_proc.ts";

const HEADING = "  sl  local_address rem_address   st\n";

Deno.test("endpoints: IPv4, IPv6, IPv4 in IPv6, and nothing else", () => {
  deepStrictEqual(parseEndpoint("0100007F:1F90"), { ip: "127.0.0.1", port: 8_080 });
  deepStrictEqual(parseEndpoint("00000000:0000"), { ip: "0.0.0.0", port: 0 });
  deepStrictEqual(parseEndpoint("00000000000000000000000000000000:0016"), { ip: "::", port: 22 });
  deepStrictEqual(parseEndpoint("00000000000000000000000001000000:0016"), { ip: "::1", port: 22 });
  deepStrictEqual(parseEndpoint("B80D0120000000000000000001000000:01BB"), { ip: "2001:db8::1", port: 443 });
  deepStrictEqual(parseEndpoint("0000000000000000FFFF0000090200C0:01BB"), { ip: "192.0.2.9", port: 443 });
  for (const text of ["", ":", "0100007F", "0100007:1F90", "0100007G:1F90", "0100007F:"]) {
    strictEqual(parseEndpoint(text), undefined, text);
  }
});

Deno.test("endpoints: any 16 bytes are written as an address that reads back as those bytes", () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(65_535), (bytes, port) => {
    const words = [0, 4, 8, 12].map((at) => [...bytes.slice(at, at + 4)].reverse());
    const hex = words.flat().map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
    const found = parseEndpoint(`${hex}:${port.toString(16).toUpperCase().padStart(4, "0")}`);
    ok(found !== undefined && isIP(found.ip) !== 0, found?.ip);
    strictEqual(found.port, port);
    const plain = words.map((word) => word.reverse()).flat().map((byte) => byte.toString(16).padStart(2, "0")).join("")
      .match(/.{4}/g)?.join(":");
    const canonical = (ip: string) => new URL(`http://[${ip}]/`).hostname;
    strictEqual(canonical(found.ip.includes(":") ? found.ip : `::ffff:${found.ip}`), canonical(plain ?? ""));
  }));
});

Deno.test("tables: rows are read, headings and broken lines are not", () => {
  const good = netRow("0100007F:1F90", "00000000:0000", "0A", 645, 33);
  const rows = [...parseTable("tcp", `${HEADING}   0: ${good}\n  12345: ${good}\n   1: 0100007F\n\ngarbage`)];
  strictEqual(rows.length, 2);
  deepStrictEqual(rows[0], {
    table: "tcp",
    local: "0100007F:1F90",
    peer: "00000000:0000",
    state: "0A",
    uid: "33",
    inode: 645,
  });
  deepStrictEqual([...parseTable("tcp", "")], []);
  deepStrictEqual([...parseTable("tcp", HEADING)], []);
});

Deno.test("rows: listeners, connections, UDP with and without a peer", () => {
  const describe = (table: "tcp" | "udp", row: string) => {
    const [parsed] = parseTable(table, `${HEADING}   0: ${row}\n`);
    ok(parsed !== undefined);
    return { ...describeRow(parsed), pending: isPending(parsed), listening: isListening(parsed) };
  };
  const own = { type: "ipv4", localIp: "127.0.0.1", localPort: 8_080 };
  deepStrictEqual(describe("tcp", netRow("0100007F:1F90", "00000000:0000", "0A", 9, 33)), {
    ...own,
    transport: "tcp",
    state: "listen",
    userId: "33",
    pending: false,
    listening: true,
  });
  deepStrictEqual(describe("tcp", netRow("0100007F:1F90", "0100007F:0050", "01", 0)), {
    ...own,
    transport: "tcp",
    state: "established",
    peerIp: "127.0.0.1",
    peerPort: 80,
    pending: true,
    listening: false,
  });
  strictEqual(describe("tcp", netRow("0100007F:1F90", "0100007F:0050", "06", 0)).pending, false);
  strictEqual(describe("udp", netRow("0100007F:1F90", "00000000:0000", "07", 4)).state, "unconnected");
  strictEqual(describe("udp", netRow("0100007F:1F90", "0100007F:0035", "01", 4)).state, "established");
});
