/** Joining the records of audit events, whatever their order; how long is waited, and what is held. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import {
  createAuditDecoder,
  ENDED_WAIT_MS,
  EVENT_RECORDS_MAX,
  RECORDS_WAIT_MS,
  WAITING_EVENTS_MAX,
} from "../../../../src/collectors/logs/decode/audit/decoder.ts";
import { RECORD_VALUES_MAX } from "../../../../src/collectors/logs/decode/audit/record.ts";
import { socketAddress } from "../../../../src/collectors/logs/decode/audit/values.ts";
import { syscallName } from "../../../../src/collectors/logs/decode/audit/syscalls.ts";
import type { DecodedEvent } from "../../../../src/collectors/logs/decode/decoder.ts";
import { eventsOf } from "./decoding.ts";

/** The records of one command run, of which each event has its own serial. */
function recordsOf(serial: number, seconds = "1700000000.100"): string[] {
  const head = (type: string) => `type=${type} msg=audit(${seconds}:${serial}): `;
  return [
    head("SYSCALL") + "arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=2 ppid=1 pid=" + serial +
    ' auid=1000 uid=0 ses=3 comm="sh" exe="/bin/sh" key="run"',
    head("EXECVE") + `argc=3 a0="sh" a1="-c" a2="${serial}"`,
    head("CWD") + 'cwd="/root"',
    head("PATH") + 'item=0 name="/bin/sh" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL',
    head("PATH") + 'item=1 name="/lib/ld.so" inode=2 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL',
    head("PROCTITLE") + "proctitle=7368002D63",
    head("EOE"),
  ];
}

/** An event without what tells in which order its records came. */
function essence({ fields }: DecodedEvent): unknown {
  return { ...fields, message: "", "audit.type": [...fields["audit.type"] as string[]].sort() };
}

Deno.test("audit: the records of some events in any order are these events, each whole", () => {
  const serials = [10, 11, 12, 13];
  const lines = serials.flatMap((serial) => recordsOf(serial));
  const expected = eventsOf("audit", lines).map(essence);
  strictEqual(expected.length, serials.length);
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length, maxLength: lines.length }), (shuffled) => {
      const events = eventsOf("audit", shuffled).toSorted((a, b) =>
        Number(a.fields["audit.sequence"]) - Number(b.fields["audit.sequence"])
      );
      deepStrictEqual(events.map(essence), expected);
    }),
    { numRuns: 300 },
  );
});

Deno.test("audit: a command's arguments are whole, however they are cut into pieces and records", () => {
  const head = (type: string) => `type=${type} msg=audit(1700000000.100:1): `;
  const hexOf = (text: string) => new TextEncoder().encode(text).toHex().toUpperCase();
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replaceAll("\0", "")), {
        minLength: 1,
      }),
      fc.integer({ min: 1, max: 9 }),
      (args, size) => {
        const values = args.flatMap((arg, i) => {
          const hex = hexOf(arg);
          if (hex.length <= size) return [`a${i}=${hex === "" ? '""' : hex}`];
          const pieces = hex.match(new RegExp(`.{1,${size * 2}}`, "g")) ?? [];
          return [`a${i}_len=${hex.length}`, ...pieces.map((piece, n) => `a${i}[${n}]=${piece}`)];
        });
        const lines: string[] = [];
        for (let i = 0; i < values.length; i += 3) lines.push(head("EXECVE") + values.slice(i, i + 3).join(" "));
        const [event] = eventsOf("audit", lines);
        deepStrictEqual(event?.fields["process.args"], args);
      },
    ),
    { numRuns: 300 },
  );
});

const at = (text: string, place: number, observedMs = 0) => ({ text, at: place, observedMs });

Deno.test("audit: an event is given once there has been nothing of it for a while, sooner after its end record", () => {
  const decoder = createAuditDecoder();
  const into: DecodedEvent[] = [];
  const [call = "", ...others] = recordsOf(1);
  decoder.decode(at(call, 5, 1_000), into);
  decoder.decode(at(recordsOf(2)[0] ?? "", 6, 1_000), into);
  strictEqual(decoder.heldFrom(), 5);
  decoder.flush(1_000 + RECORDS_WAIT_MS - 1, into);
  strictEqual(into.length, 0);
  decoder.decode(at(others.at(-1) ?? "", 7, 1_500), into);
  decoder.flush(1_500 + ENDED_WAIT_MS, into);
  deepStrictEqual([into.map(({ at }) => at), decoder.heldFrom()], [[5], 6]);
  decoder.flush(1_000 + RECORDS_WAIT_MS, into);
  deepStrictEqual([into.map(({ at }) => at), decoder.heldFrom()], [[5, 6], undefined]);
});

Deno.test("audit: by the log's own times too, forwards and, when a clock was set, backwards", () => {
  for (const later of ["1700000002.101", "1699990000.000"]) {
    const decoder = createAuditDecoder();
    const into: DecodedEvent[] = [];
    decoder.decode(at(recordsOf(1)[0] ?? "", 0), into);
    decoder.decode(at(recordsOf(2, "1700000002.100")[0] ?? "", 1), into);
    strictEqual(into.length, 0);
    decoder.decode(at(recordsOf(3, later)[0] ?? "", 2), into);
    ok(into.some(({ at }) => at === 0), later);
    strictEqual(decoder.heldFrom(), later.startsWith("17") ? 1 : 2);
  }
});

Deno.test("audit: no more is held than is stated; what goes for it is given, not lost", () => {
  const decoder = createAuditDecoder();
  const into: DecodedEvent[] = [];
  for (let i = 0; i <= WAITING_EVENTS_MAX; i++) decoder.decode(at(recordsOf(i)[0] ?? "", i), into);
  deepStrictEqual([into.map(({ at }) => at), decoder.heldFrom()], [[0], 1]);
  into.length = 0;
  const path = recordsOf(5_000)[3] ?? "";
  for (let i = 0; i < EVENT_RECORDS_MAX + 1; i++) decoder.decode(at(path, 10_000 + i), into);
  deepStrictEqual(
    into.filter(({ at }) => at === 10_000).map(({ fields }) => (fields["audit.path.name"] as string[]).length),
    [
      EVENT_RECORDS_MAX,
    ],
  );
  const long = `${path} x=${"y".repeat(1_000_000)}`;
  into.length = 0;
  for (let i = 0; i < 20; i++) decoder.decode(at(long.replace(":5000)", `:${6_000 + i})`), 20_000 + i), into);
  ok(into.some(({ at }) => at === 20_000), "the text that waits has a limit too");
});

Deno.test("audit: what a program says is one record, and waits for nothing", () => {
  const decoder = createAuditDecoder();
  const into: DecodedEvent[] = [];
  const line =
    "type=USER_AUTH msg=audit(1700000000.1:7): pid=1 uid=0 msg='op=PAM:authentication acct=\"root\" res=failed'";
  decoder.decode(at(line, 3), into);
  deepStrictEqual([into.length, into[0]?.fields["user.name"], decoder.heldFrom()], [1, "root", undefined]);
});

Deno.test("audit: a record of more values than are kept is marked", () => {
  const values = (count: number) => Array.from({ length: count }, (_, i) => `v${i}=${i}`).join(" ");
  const [few, many] = [RECORD_VALUES_MAX - 1, RECORD_VALUES_MAX + 1].map((count) =>
    eventsOf("audit", [`type=X msg=audit(1.0:1): ${values(count)}`])[0]?.fields
  );
  deepStrictEqual([few?.["log.fields_cut"], few?.[`audit.v${RECORD_VALUES_MAX - 2}`]], [undefined, "998"]);
  deepStrictEqual([many?.["log.fields_cut"], many?.[`audit.v${RECORD_VALUES_MAX}`]], [true, undefined]);
});

Deno.test("audit: addresses of sockets in hexadecimal", () => {
  deepStrictEqual(socketAddress("02000050A9FEA9FE0000000000000000"), {
    family: "ipv4",
    port: 80,
    address: "169.254.169.254",
  });
  deepStrictEqual(socketAddress("0A0000350000000000000000000000000000000000000001"), {
    family: "ipv6",
    port: 53,
    address: "::1",
  });
  deepStrictEqual(socketAddress("0A0000350000000000000000000000000000FFFFC0000207"), {
    family: "ipv6",
    port: 53,
    address: "192.0.2.7",
  });
  deepStrictEqual(socketAddress("0100"), { family: "unix", path: "" });
  deepStrictEqual(socketAddress("100000000000000000000000"), { family: "netlink" });
  deepStrictEqual(socketAddress("0200"), { family: "ipv4" });
  for (const none of ["", "0", "02", "xyz", "020"]) strictEqual(socketAddress(none), undefined);
});

Deno.test("audit: numbers of system calls are those of the machine", () => {
  deepStrictEqual(
    [["x86_64", 59], ["x86_64", 435], ["i386", 11], ["aarch64", 221], ["riscv64", 79], ["x86_64", 9_999], ["vax", 1]]
      .map(
        ([arch, number]) => syscallName(String(arch), Number(number)),
      ),
    ["execve", "clone3", "execve", "execve", "newfstatat", undefined, undefined],
  );
});
