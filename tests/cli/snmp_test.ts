/** Probing and walking a real agent: what is printed, what a failure says, and that no secret is in either. */

import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { parse } from "yaml";
import { suitingProfile } from "../../src/cli/snmp.ts";
import { parseTarget } from "../../src/cli/snmp_target.ts";
import { metricsOf } from "../../src/collectors/snmp/profile.ts";
import { snmpSchema } from "../../src/collectors/snmp/schema.ts";
import { AUTH_PASSWORD, type Peer, PRIV_PASSWORD, startSnmpd } from "../collectors/snmp/peers.ts";
import { missing } from "../peers.ts";
import { weir } from "../e2e/weir.ts";

const skip = missing("snmpd", "snmpget");

/** The agent's own text, which must not reach a terminal as it is. */
const HOSTILE = "cellar \\x1b[2J";

async function withAgent(work: (peer: Peer, folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const peer = await startSnmpd([`sysContact ${HOSTILE.replace("\\x1b", "\u001b")}`]);
  try {
    await work(peer, folder);
  } finally {
    await peer.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

function peerTest(name: string, run: () => Promise<void>): void {
  Deno.test({ name: `${name}${skip === undefined ? "" : ` (${skip})`}`, ignore: skip !== undefined, fn: run });
}

const v3 = (user: string, ...more: string[]) => ["--user", user, "--timeout", "5s", "--tries", "1", ...more];

peerTest(
  "probe tells what a device answers, and its YAML is a configuration that asks it so",
  () =>
    withAgent(async ({ port }, folder) => {
      await Deno.writeTextFile(`${folder}/auth`, AUTH_PASSWORD);
      const target = `127.0.0.1:${port}`;
      const privacy = ["--auth-protocol", "sha-256", "--priv-protocol", "aes-256", "--priv-password", PRIV_PASSWORD];
      const [plain, secure] = await Promise.all([
        weir(["snmp", "probe", target]),
        weir(["snmp", "probe", target, ...v3("ro256", "--auth-password", `file:${folder}/auth`, ...privacy)]),
      ]);
      for (const { code, stdout, stderr } of [plain, secure]) {
        strictEqual(code, 0, stderr);
        match(stdout, /^device +lab-router$/m);
        match(stdout, /^round trip +\d+\.\d ms$/m);
        match(stdout, /^system +5 of 5$/m);
        match(stdout, /^network_interfaces +8 of 8 +[1-9]\d*$/m);
        match(stdout, /^\* +standard +1[23] of 13$/m); // snmpd knows hrProcessorLoad after a minute only
        for (const secret of [AUTH_PASSWORD, PRIV_PASSWORD]) ok(!stdout.includes(secret), stdout);
      }
      match(plain.stdout, /^# \(.*set SNMP_COMMUNITY,/m);
      match(secure.stdout, /^# \(.*set SNMP_PRIV_PASSWORD,/m);
      const devices = [plain, secure].map(({ stdout }) =>
        parse(stdout.slice(stdout.indexOf("collectors:"))).collectors.snmp
      );
      deepStrictEqual(devices[0].devices, [
        {
          name: "lab-router",
          host: "127.0.0.1",
          port,
          version: "2c",
          community: "env:SNMP_COMMUNITY",
          profile: "standard",
        },
      ]);
      deepStrictEqual(devices[1].devices[0], {
        name: "lab-router",
        host: "127.0.0.1",
        port,
        version: 3,
        user: "ro256",
        level: "authPriv",
        auth: { protocol: "SHA-256", password: `file:${folder}/auth` },
        priv: { protocol: "AES-256", password: "env:SNMP_PRIV_PASSWORD" },
        profile: "standard",
      });
      for (const snmp of devices) ok(snmpSchema.safeParse(snmp).success);
    }),
);

peerTest(
  "walk prints every value below an identifier, in each version, escaped, and one at it",
  () =>
    withAgent(async ({ port }) => {
      const target = `127.0.0.1:${port}`;
      const [v2, v1, one, name, json, bounded, nothing] = await Promise.all([
        weir(["snmp", "walk", target, "1.3.6.1.2.1.1"]),
        weir(["snmp", "walk", target, ".1.3.6.1.2.1.1", "--snmp-version", "1"]),
        weir(["snmp", "walk", target, "1.3.6.1.2.1.1.5.0"]),
        weir(["snmp", "walk", target, "sysLocation"]),
        weir(["snmp", "walk", target, "1.3.6.1.2.1.1.6", "--json"]),
        weir(["snmp", "walk", target, "1.3.6.1.2.1.25", "--max", "7"]),
        weir(["snmp", "walk", target, "1.3.6.1.4.1.99999"]),
      ]);
      const without = (text: string) => text.replace(/= ticks: \d+/g, "= ticks");
      strictEqual(without(v1.stdout), without(v2.stdout));
      ok(v2.stdout.includes(`1.3.6.1.2.1.1.5.0 = octets: lab-router\n`), v2.stdout);
      ok(v2.stdout.split("\n").length > 20);
      // deno-lint-ignore no-control-regex -- it is looked for
      ok(!/[\u0000-\u0009\u000b-\u001f]/.test(v2.stdout), v2.stdout);
      strictEqual(one.stdout, "1.3.6.1.2.1.1.5.0 = octets: lab-router\n");
      strictEqual(name.stdout, "1.3.6.1.2.1.1.6.0 = octets: the cellar\n");
      deepStrictEqual(JSON.parse(json.stdout), { oid: "1.3.6.1.2.1.1.6.0", type: "octets", value: "the cellar" });
      strictEqual(bounded.stdout.trim().split("\n").length, 7);
      deepStrictEqual([nothing.code, nothing.stdout], [1, ""]);
      match(nothing.stderr, /^Nothing below 1\.3\.6\.1\.4\.1\.99999 at /);
    }),
);

peerTest(
  "a wrong community, key or user and a level too low are told apart, and no secret is told",
  () =>
    withAgent(async ({ port }) => {
      const target = `127.0.0.1:${port}`;
      const auth = ["--auth-password", AUTH_PASSWORD];
      const wrong = "wrongpass-9876";
      const failures = await Promise.all([
        weir(["snmp", "probe", target, "--community", wrong, "--timeout", "500ms", "--tries", "1"]),
        weir(["snmp", "probe", target, ...v3("ropriv", "--auth-password", wrong)]),
        weir(["snmp", "probe", target, ...v3("nobody-there", ...auth)]),
        weir(["snmp", "probe", target, ...v3("ropriv", ...auth)]),
        weir(["snmp", "walk", target, "sysName", ...v3("ropriv", ...auth, "--priv-password", wrong)]),
      ]);
      const expected = [
        /does not answer: .*community is wrong/,
        /refuses the authentication key/,
        /knows no such user/,
        /level/,
      ];
      for (const [i, { code, stdout, stderr }] of failures.entries()) {
        strictEqual(code, 1, stdout + stderr);
        ok(!stderr.includes(wrong) && !stderr.includes(AUTH_PASSWORD), stderr);
        expected.forEach((one, j) => i < 4 && strictEqual(one.test(stderr), i === j, `${i}, ${j}: ${stderr}`));
      }
      match(failures[4]?.stderr ?? "", /privacy key/);
    }),
);

Deno.test("what cannot be asked is exit code 2, in a line that has no secret in it", async () => {
  const runs = await Promise.all([
    weir(["snmp", "probe", "not a host"]),
    weir(["snmp", "probe", "192.0.2.1:99999"]),
    weir(["snmp", "probe", "192.0.2.1", "--community", "env:NOT_SET_ANYWHERE"]),
    weir(["snmp", "probe", "192.0.2.1", "--user", "a", "--auth-password", "short"]),
    weir(["snmp", "probe", "192.0.2.1", "--user", "a", "--priv-password", "longenough"]),
    weir(["snmp", "probe", "192.0.2.1", "--user", "a", "--auth-password", "longenough", "--auth-protocol", "ROT13"]),
    weir(["snmp", "probe", "192.0.2.1", "--snmp-version", "3"]),
    weir(["snmp", "probe", "192.0.2.1", "--auth-password", "longenough"]),
    weir(["snmp", "probe", "192.0.2.1", "--user", "a", "--community", "longenough"]),
    weir(["snmp", "walk", "192.0.2.1", "3.6.1"]),
    weir(["snmp", "walk", "192.0.2.1", "sysDsecr"]),
  ]);
  for (const { code, stderr } of runs) {
    strictEqual(code, 2, stderr);
    match(stderr, /^weir: Cannot [^\n]+\n$/);
    ok(!stderr.includes("longenough"), stderr);
  }
});

Deno.test("targets as people write them", () => {
  deepStrictEqual(parseTarget("switch"), { host: "switch", port: 161 });
  deepStrictEqual(parseTarget("10.0.0.1:1161"), { host: "10.0.0.1", port: 1161 });
  deepStrictEqual(parseTarget("[2001:db8::1]:162"), { host: "2001:db8::1", port: 162 });
  deepStrictEqual(parseTarget("2001:db8::1"), { host: "2001:db8::1", port: 161 });
  for (const wrong of ["", "a b", "a:", "a:0", "a:70000", "[::1", "a:b:c"]) throws(() => parseTarget(wrong), wrong);
});

Deno.test("the profile that suits goes by what the device is", () => {
  const suiting = (names: readonly string[]) => suitingProfile(new Set(names));
  strictEqual(suiting(metricsOf("full")), "standard");
  strictEqual(suiting(metricsOf("full").filter((name) => name !== "hrProcessorLoad")), "standard");
  strictEqual(suiting(metricsOf("network")), "network");
  strictEqual(suiting(metricsOf("performance")), "performance");
  strictEqual(suiting(metricsOf("minimal")), "minimal");
  strictEqual(suiting([]), "minimal");
});
