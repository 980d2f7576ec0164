import { deepStrictEqual } from "node:assert/strict";
import { parseDiskstats, parseNetDev, parseSockets } from "../../../src/collectors/metrics/proc_tables.ts";

Deno.test("parseDiskstats: sectors are 512 bytes; virtual and unused devices are left out", () => {
  const text = `   7       0 loop0 5 0 8 0 0 0 0 0 0 0 0
 254       0 vda 67594 23143 3050162 7478 23305 25210 10155984 33281 0 8568 41501 3800 0 4306072 676 1956 65
 254       1 vda1 10 0 80 1 2 0 16 1 0 1 2
 253       0 zram0 0 0 0 0 0 0 0 0 0 0 0
   8      16 sdb 1 0
`;
  deepStrictEqual(parseDiskstats(text), [
    { name: "vda", readBytes: 1_561_682_944, writeBytes: 5_199_863_808, reads: 67_594, writes: 23_305 },
    { name: "vda1", readBytes: 40_960, writeBytes: 8_192, reads: 10, writes: 2 },
  ]);
  deepStrictEqual(parseDiskstats(""), []);
});

Deno.test("parseNetDev: every interface, aliases and values that touch the colon too", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    3193      29    0    0    0     0          0         0     3193      29    0    0    0     0       0          0
  eth0:111338509    4504    1    2    0     0          0         0   282377    3286    3    4    0     0       0          0
eth0:1:       5       1    0    0    0     0          0         0        6       1    0    0    0     0       0          0
broken: 1 2 3
`;
  const none = { inErrors: 0, outErrors: 0, inDropped: 0, outDropped: 0 };
  deepStrictEqual(parseNetDev(text), [
    { name: "lo", inBytes: 3_193, outBytes: 3_193, ...none },
    { name: "eth0", inBytes: 111_338_509, outBytes: 282_377, inErrors: 1, outErrors: 3, inDropped: 2, outDropped: 4 },
    { name: "eth0:1", inBytes: 5, outBytes: 6, ...none },
  ]);
  deepStrictEqual(parseNetDev(""), []);
});

Deno.test("parseSockets: established and listening of TCP, all sockets of both", () => {
  const text = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 2 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0
`;
  deepStrictEqual(parseSockets(text, true), { count: 3, established: 1, listening: 1 });
  deepStrictEqual(parseSockets(text, false), { count: 3, established: 0, listening: 0 });
  deepStrictEqual(parseSockets("  sl  local_address\n", true), { count: 0, established: 0, listening: 0 });
});
