/** `replay` of logs as a user runs it: formats, the line that each match stands in, time zones. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { weir } from "../e2e/weir.ts";

const RULES = `id: not-found
title: Not found
level: low
select:
  request:
    kind: web.access
    where: { fact: http.response.status_code, operator: equal, value: 404 }
---
id: shell
title: A shell was run
level: low
select:
  run:
    kind: audit.event
    where: { fact: process.executable, operator: equal, value: /bin/sh }
---
id: failure
title: A failure
level: low
select:
  failure: { kind: authentication.failure }
`;

const ACCESS = `192.0.2.7 - - [05/Feb/2026:17:00:00 +0000] "GET / HTTP/1.1" 200 5

192.0.2.7 - - [05/Feb/2026:17:00:01 +0000] "GET /x HTTP/1.1" 404 5
no request
192.0.2.7 - - [05/Feb/2026:17:00:02 +0000] "GET /y HTTP/1.1" 404 5
`;

const call = (serial: number, exe: string) =>
  `type=SYSCALL msg=audit(1700000000.100:${serial}): arch=c000003e syscall=59 success=yes pid=1 exe="${exe}" key=(null)\n`;

const AUDIT = call(1, "/bin/ls") + call(2, "/bin/sh") + 'type=CWD msg=audit(1700000000.100:2): cwd="/"\n';

async function withRules(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/rules.yaml`, RULES);
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("replay of an access log and an audit log: a match points at its line, of several at the first", () =>
  withRules(async (folder) => {
    const run = (format: string, stdin: string) =>
      weir(["replay", "--rules", folder, "--format", format, "--emit", "matches"], { stdin });
    const [access, audit] = await Promise.all([run("access", ACCESS), run("audit", AUDIT)]);
    deepStrictEqual([access.code, audit.code], [0, 0], access.stderr + audit.stderr);
    strictEqual(access.stdout, '{"line":3,"rule":"not-found"}\n{"line":5,"rule":"not-found"}\n');
    strictEqual(audit.stdout, '{"line":2,"rule":"shell"}\n');
    ok(access.stderr.includes("5 lines, 4 events, 0 could not be read"), access.stderr);
  }));

Deno.test("replay of a syslog in another zone; a zone that is not known is a mistake of use", () =>
  withRules(async (folder) => {
    const line = "Feb  5 17:00:00 web-1 sshd[2]: Failed password for root from 192.0.2.7 port 1 ssh2\n";
    const run = (zone: string) =>
      weir(["replay", "--rules", folder, "--format", "syslog", "--time-zone", zone], { stdin: line });
    const [kolkata, nowhere] = await Promise.all([run("Asia/Kolkata"), run("Nowhere/Land")]);
    deepStrictEqual([kolkata.code, nowhere.code], [0, 2], kolkata.stderr);
    const detection = JSON.parse(kolkata.stdout);
    ok(detection.time.endsWith("-02-05T11:30:00.000Z"), detection.time);
    deepStrictEqual(detection.group, { "host.name": "web-1" });
    ok(nowhere.stderr.includes("Cannot use a time zone as it must be an IANA name: current value is Nowhere/Land"));
  }));
