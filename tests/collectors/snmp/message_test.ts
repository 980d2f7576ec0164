/** What a message's head says, and that an answer below the level that was asked is none. */

import { rejects, strictEqual } from "node:assert/strict";
import { createSocket } from "node:dgram";
import fc from "fast-check";
import { Secret } from "../../../src/core/schema.ts";
import { isSecuredAt, versionOf } from "../../../src/collectors/snmp/message.ts";
import type { SecurityLevel } from "../../../src/collectors/snmp/security.ts";
import { openSession } from "../../../src/collectors/snmp/session.ts";
import { ber, bytesOf, version3Message } from "./ber.ts";

const ENGINE = [0x80, 0, 0, 0, 9, 1];
const [RESPONSE, REPORT] = [0xa2, 0xa8];
const pdu = (tag: number, ...varbinds: Uint8Array[]) =>
  ber(tag, ber(2, 1), ber(2, 0), ber(2, 0), ber(0x30, ...varbinds));
const message = (flags: number, tag: number) => version3Message({ flags, engine: ENGINE, pdu: pdu(tag) });

Deno.test("versionOf: what a datagram says, and 0 for what says nothing", () => {
  for (const [said, version] of [[0, 1], [1, 2], [3, 3], [2, 0], [200, 0]] as const) {
    strictEqual(versionOf(ber(0x30, ber(2, said), ber(4))), version);
  }
  const long = new Uint8Array([0x30, 0x82, 0, 3, 2, 1, 1]);
  strictEqual(versionOf(long), 2);
  for (const cut of [0, 1, 2, 4, 6]) strictEqual(versionOf(long.subarray(0, cut)), 0);
  strictEqual(versionOf(new Uint8Array([0x30, 0x85, 0, 0, 0, 0, 3, 2, 1, 1])), 0);
});

Deno.test("isSecuredAt: flags of the level or above, or a report in the clear", () => {
  const levels: readonly SecurityLevel[] = ["noAuthNoPriv", "authNoPriv", "authPriv"];
  for (const [have, flags] of [0, 1, 3].entries()) {
    for (const [asked, level] of levels.entries()) {
      strictEqual(isSecuredAt(level, message(flags, RESPONSE)), have >= asked, `${level}, flags ${flags}`);
      strictEqual(isSecuredAt(level, message(flags, REPORT)), true);
    }
  }
  strictEqual(isSecuredAt("authNoPriv", message(2, REPORT)), false, "encrypted and not signed is nothing");
  strictEqual(isSecuredAt("noAuthNoPriv", ber(0x30, ber(2, 1), ber(4), pdu(RESPONSE))), false, "version 2c");
});

Deno.test("isSecuredAt: of any bytes it says no, and ends", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), fc.nat(60), (noise, cut) => {
    strictEqual(isSecuredAt("authPriv", noise), false);
    const whole = message(0, REPORT);
    if (cut < whole.length) strictEqual(isSecuredAt("authPriv", whole.subarray(0, cut)), false);
  }));
});

Deno.test("an answer in the clear to what was asked signed or encrypted is not believed", async () => {
  for (const level of ["authNoPriv", "authPriv"] as const) {
    const agent = createSocket("udp4");
    const name = ber(0x30, ber(6, 0x2b, 6, 1, 2, 1, 1, 5, 0), ber(4, bytesOf("forged")));
    let asked = 0;
    agent.on("message", (datagram, { port, address }) => {
      // The message's id is the first integer of its header, which stands behind the version.
      const at = datagram.indexOf(Uint8Array.of(0x30), 5);
      const id = [...datagram.subarray(at + 4, at + 4 + (datagram[at + 3] ?? 0))];
      const unknownEngine = ber(0x30, ber(6, 0x2b, 6, 1, 6, 3, 15, 1, 1, 4, 0), ber(0x41, 1));
      const answer = asked++ === 0 ? pdu(REPORT, unknownEngine) : pdu(RESPONSE, name);
      agent.send(version3Message({ id, flags: 0, engine: ENGINE, pdu: answer }), port, address);
    });
    await new Promise<void>((resolve) => agent.bind(0, "127.0.0.1", resolve));
    const session = await openSession({
      host: "127.0.0.1",
      port: agent.address().port,
      version: "3",
      user: "operator",
      level,
      auth: { protocol: "SHA", password: new Secret("authpass1234") },
      priv: { protocol: "AES-128", password: new Secret("privpass1234") },
      timeout: 300,
      retries: 1,
    });
    await rejects(session.get(["1.3.6.1.2.1.1.5.0"]), { code: "silent" });
    strictEqual(session.counts.garbage >= 1, true, JSON.stringify(session.counts));
    strictEqual(asked >= 2, true, "it was asked on, after the agent had told its engine");
    session.close();
    await new Promise<void>((resolve) => agent.close(resolve));
  }
});
