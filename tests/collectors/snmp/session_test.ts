/** A device on a real socket, and everything that it or somebody else may send. */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { Secret } from "../../../src/core/schema.ts";
import { SnmpError } from "../../../src/collectors/snmp/failure.ts";
import { type DeviceAccess, openSession, type SnmpSession } from "../../../src/collectors/snmp/session.ts";
import { targetOf } from "../../../src/collectors/snmp/target.ts";
import { AUTH_PASSWORD, COMMUNITY, PRIV_PASSWORD, startSnmpd } from "./peers.ts";
import { missing } from "../../peers.ts";
import { readRecording } from "./recorded_agent.ts";
import {
  type Behaviour,
  encodeVarbind,
  failing,
  Recording,
  response,
  startUdpAgent,
  type UdpAgent,
} from "./udp_agent.ts";

const SYS_NAME = "1.3.6.1.2.1.1.5.0";
const recording = readRecording(
  `${SYS_NAME}|4|switch\n1.3.6.1.2.1.1.6.0|4|rack 7\n1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615`,
);

/** For requests that nobody answers. */
const SHORT = { timeout: 150 };

/** The secret of every test here: no message may hold it. */
const SECRET = "c0mmunity-that-is-secret";

async function asking(
  behaviour: Behaviour | undefined,
  test: (session: SnmpSession, agent: UdpAgent) => Promise<void>,
  more: Partial<DeviceAccess> = {},
): Promise<void> {
  const agent = await startUdpAgent(new Map([[SECRET, new Recording(recording)]]), behaviour);
  const session = await openSession({
    host: "127.0.0.1",
    port: agent.port,
    version: "2c",
    community: new Secret(SECRET),
    timeout: 20_000,
    retries: 0,
    ...more,
  });
  try {
    await test(session, agent);
  } finally {
    session.close();
    await agent.close();
  }
}

/** A datagram with another request's id: bytes of the answer changed where the id stands. */
function withOtherId(answer: Uint8Array, id: number, other: number): Uint8Array {
  const copy = Buffer.from(answer);
  const bytes = (value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeUInt32BE(value);
    return buffer.subarray(buffer.findIndex((byte) => byte !== 0));
  };
  const at = copy.indexOf(bytes(id));
  bytes(other).copy(copy, at);
  return copy;
}

Deno.test("session: get, getnext and getbulk", () =>
  asking(undefined, async (session) => {
    const [name, absent] = await session.get([SYS_NAME, "1.3.6.1.2.1.1.99.0"]);
    deepStrictEqual([name?.type, new TextDecoder().decode(name?.value as Uint8Array)], ["octets", "switch"]);
    strictEqual(absent?.type, "no_such_instance");
    const [next] = await session.getNext([SYS_NAME]);
    strictEqual(next?.oid, "1.3.6.1.2.1.1.6.0");
    const [list] = await session.getBulk([SYS_NAME], 5);
    deepStrictEqual(list?.map(({ type }) => type), [
      "octets",
      "counter64",
      "end_of_mib_view",
      "end_of_mib_view",
      "end_of_mib_view",
    ]);
    strictEqual(list?.[1]?.value, 2n ** 64n - 1n);
  }));

Deno.test("session: requests under way together each get their own answer", () =>
  asking(undefined, async (session) => {
    const oids = Array.from({ length: 50 }, (_, i) => i % 2 === 0 ? SYS_NAME : "1.3.6.1.2.1.1.6.0");
    const answers = await Promise.all(oids.map((oid) => session.get([oid])));
    deepStrictEqual(answers.map(([varbind]) => varbind?.oid), oids);
  }));

const GARBAGE: readonly (readonly [string, Uint8Array])[] = [
  ["nothing", new Uint8Array()],
  ["zeros", new Uint8Array(64)],
  ["text", new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["a length that is not there", Uint8Array.of(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2, 1, 1)],
  ["the beginning of a message", Uint8Array.of(0x30, 0x20, 2, 1, 1, 4, 6)],
  ["version 3, torn", Uint8Array.of(0x30, 0x10, 2, 1, 3, 0x30, 0x0b, 2, 1, 1, 2, 1, 1, 4, 1, 4, 2, 1)],
];

for (const [what, datagram] of GARBAGE) {
  Deno.test(`session: ${what} in place of an answer is counted, and the answer behind it is taken`, () =>
    asking((_request, proper) => [datagram, proper()], async (session) => {
      const [name] = await session.get([SYS_NAME]);
      strictEqual(name?.type, "octets");
      strictEqual(session.counts.garbage + session.counts.stray, 1, JSON.stringify(session.counts));
      strictEqual((await session.get([SYS_NAME]))[0]?.type, "octets", "and the session goes on");
    }));
}

Deno.test("session: an answer to another request, and a second answer to the same, are strays", () =>
  asking(
    (request, proper) => [withOtherId(proper(), request.id, request.id ^ 0x55), proper(), proper()],
    async (session) => {
      strictEqual((await session.get([SYS_NAME]))[0]?.type, "octets");
      strictEqual((await session.get([SYS_NAME]))[0]?.type, "octets");
      ok(session.counts.stray >= 2, JSON.stringify(session.counts));
    },
  ));

Deno.test("session: what comes from elsewhere is not looked at", () =>
  asking(() => [], async (session, agent) => {
    const answer = session.get([SYS_NAME]);
    while (agent.requests === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const forged = response({ version: 1, community: SECRET, type: 0xa0, id: 1, repetitions: 0, oids: [] }, []);
    await agent.sendFromElsewhere(forged);
    await rejects(answer, { code: "silent" });
    strictEqual(session.counts.stray, 1);
  }, { timeout: 1_000 }));

Deno.test("session: an answer by another community fails, and tells neither", () =>
  asking((request, proper) => {
    const answer = Buffer.from(proper());
    answer.write("x", answer.indexOf(request.community));
    return [answer];
  }, async (session) => {
    const error = await session.get([SYS_NAME]).catch((error: unknown) => error);
    ok(error instanceof SnmpError);
    strictEqual(error.code, "malformed");
    ok(!error.message.includes(SECRET.slice(1)), error.message);
  }));

/** An SNMPv3 answer with the request's id as its own, to somebody who has no user to check it with. */
function version3(id: number, flags: number): Uint8Array {
  const idBytes = Buffer.alloc(4);
  idBytes.writeUInt32BE(id);
  const security = [0x30, 0x0e, 4, 0, 2, 1, 0, 2, 1, 0, 4, 0, 4, 0, 4, 0];
  const scoped = [0x30, 0x10, 4, 0, 4, 0, 0xa2, 0x0a, 2, 1, 1, 2, 1, 0, 2, 1, 0, 0x30, 0];
  const header = [0x30, 0x10, 2, 4, ...idBytes, 2, 2, 5, 0xdc, 4, 1, flags, 2, 1, 3];
  const whole = [2, 1, 3, ...header, 4, security.length, ...security, ...scoped];
  return Uint8Array.of(0x30, whole.length, ...whole);
}

for (const flags of [0, 1, 3, 7]) {
  Deno.test(`session: version 3 (flags ${flags}) in answer to version 2c ends no program`, () =>
    asking((request) => [version3(request.id, flags)], async (session) => {
      await rejects(session.get([SYS_NAME]), SnmpError);
    }, SHORT));
}

Deno.test("session: an answer with any of its bytes changed, cut or doubled is taken or refused, and the session goes on", async () => {
  let mangle: (answer: Uint8Array) => Uint8Array = (answer) => answer;
  await asking((_request, proper) => [mangle(proper())], async (session) => {
    const change = fc.record({ at: fc.nat(), byte: fc.nat(255), how: fc.constantFrom("set", "cut", "double") });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        mangle = (answer) => changes.reduce(changed, answer);
        await session.getBulk([SYS_NAME], 3).catch((error) => ok(error instanceof SnmpError, String(error)));
      }),
      { numRuns: 300 },
    );
    mangle = (answer) => answer;
    const again = () => session.get([SYS_NAME]).then(([varbind]) => varbind?.type, () => undefined);
    let type = await again();
    for (let tries = 1; tries < 50 && type === undefined; tries++) type = await again();
    strictEqual(type, "octets");
  }, { timeout: 10 });
});

interface Change {
  readonly at: number;
  readonly byte: number;
  readonly how: "set" | "cut" | "double";
}

function changed(answer: Uint8Array, { at, byte, how }: Change): Uint8Array {
  const place = at % Math.max(1, answer.length);
  if (how === "cut") return answer.subarray(0, place);
  if (how === "double") return Buffer.concat([answer.subarray(0, place), answer]);
  return Buffer.concat([answer.subarray(0, place), Uint8Array.of(byte), answer.subarray(place + 1)]);
}

Deno.test("session: an answer with more or other objects, and error statuses, are told apart", async () => {
  const other = encodeVarbind({ oid: "1.3.6.1.2.1.1.1.0", type: "octets", value: "not asked for" });
  await asking((request) => [response(request, [other, other])], async (session) => {
    await rejects(session.get([SYS_NAME]), { code: "malformed" });
  });
  for (const [status, code] of [[1, "too_big"], [2, "no_such_name"], [5, "refused"], [16, "authorization"]] as const) {
    await asking((request) => [failing(request, status, 1)], async (session) => {
      await rejects(session.get([SYS_NAME]), { code });
    });
  }
});

Deno.test("session: closed while it waits, it says so at once, and stays closed", () =>
  asking(() => [], async (session) => {
    const answer = session.get([SYS_NAME]);
    session.close();
    await rejects(answer, { code: "closed" });
    await rejects(session.get([SYS_NAME]), { code: "closed" });
    session.close();
  }));

Deno.test("session: a request is sent again, and the answer to the second is taken", () => {
  let asked = 0;
  return asking((_request, proper) => ++asked === 1 ? [] : [proper()], async (session) => {
    strictEqual((await session.get([SYS_NAME]))[0]?.type, "octets");
    ok(session.counts.sent >= 2);
  }, { ...SHORT, retries: 10 });
});

Deno.test("session: a name without an address is said so", async () => {
  const device = { host: "no-such-host.invalid", port: 161, version: "2c", timeout: 100, retries: 0 } as const;
  await rejects(openSession(device), { code: "unresolved", message: /no-such-host\.invalid:161.*no address/ });
});

Deno.test("session: how a device is called", () => {
  strictEqual(targetOf({ host: "10.0.0.1", port: 161 }), "10.0.0.1:161");
  strictEqual(targetOf({ host: "2001:db8::1", port: 161 }), "[2001:db8::1]:161");
});

const skip = missing("snmpd", "snmpget");

Deno.test({
  name: `session: failures that look alike are told apart, and none holds a secret${skip ?? ""}`,
  ignore: skip !== undefined,
  fn: async () => {
    const peer = await startSnmpd();
    const wrong = "wrongwrong1234";
    const base = { host: "127.0.0.1", port: peer.port, timeout: 20_000, retries: 0 };
    const auth = (password: string) => ({ protocol: "SHA", password: new Secret(password) }) as const;
    const priv = (password: string) => ({ protocol: "AES-128", password: new Secret(password) }) as const;
    const v3 = { ...base, version: "3", user: "ropriv", level: "authPriv" } as const;
    const cases: readonly (readonly [DeviceAccess, SnmpError["code"], RegExp])[] = [
      [{ ...base, ...SHORT, version: "2c", community: new Secret(wrong) }, "silent", /community is wrong/],
      [
        { ...v3, timeout: 1_000, retries: 2, auth: auth(AUTH_PASSWORD), priv: priv(wrong) },
        "silent",
        /privacy key or protocol is wrong/,
      ],
      [{ ...v3, auth: auth(wrong), priv: priv(PRIV_PASSWORD) }, "authentication", /refuses the authentication key/],
      [
        { ...v3, user: "stranger", auth: auth(AUTH_PASSWORD), priv: priv(PRIV_PASSWORD) },
        "unknown_user",
        /no such user/,
      ],
      [{ ...v3, level: "authNoPriv", auth: auth(AUTH_PASSWORD) }, "authorization", /at this security level/],
      [{ ...v3, level: "noAuthNoPriv" }, "authorization", /at this security level/],
      [{ ...v3, user: "roauth", auth: auth(AUTH_PASSWORD), priv: priv(PRIV_PASSWORD) }, "privacy", /security level/],
    ];
    try {
      for (const [device, code, message] of cases) {
        const session = await openSession(device);
        const error = await session.get([SYS_NAME]).catch((error: unknown) => error);
        session.close();
        ok(error instanceof SnmpError, String(error));
        strictEqual(error.code, code);
        ok(message.test(error.message), error.message);
        for (const secret of [wrong, AUTH_PASSWORD, PRIV_PASSWORD, COMMUNITY]) ok(!error.message.includes(secret));
      }
      const messages = new Set(cases.slice(1, 5).map(([, code]) => code));
      strictEqual(messages.size, 4);
    } finally {
      await peer.stop();
    }
  },
});
