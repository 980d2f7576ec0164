import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { TelemetryEvent } from "../../../src/core/event.ts";
import { createMatcher } from "../../../src/rules/matcher.ts";
import type { Match } from "../../../src/rules/rule.ts";
import { routeOf } from "../../../src/rules/sigma/mod.ts";
import { rulesOf, ruleText } from "./fixtures.ts";

function event(kind: string, fields: TelemetryEvent["fields"]): TelemetryEvent {
  return { id: "e", timeMs: 0, observedMs: 0, source: kind.split(".")[0] ?? "", kind, host: "web-1", fields };
}

/** Whether a rule of this log source takes each event. */
function taken(logsource: string, detection: string, events: readonly TelemetryEvent[]): boolean[] {
  const matcher = createMatcher(rulesOf(ruleText(detection, logsource)));
  return events.map((event) => {
    const matches: Match[] = [];
    matcher.match(event, matches);
    return matches.length > 0;
  });
}

const source = (category: string | null, product: string | null = null, service: string | null = null) => ({
  category,
  product,
  service,
});

Deno.test("Log sources that our collectors yield are our kinds", () => {
  deepStrictEqual(routeOf(source("process_creation", "linux")).kinds, ["process.start", "process.exec"]);
  strictEqual(routeOf(source("process_creation", "windows")).os, "windows");
  strictEqual(routeOf(source("process_creation")).os, undefined);
  deepStrictEqual(routeOf(source("network_connection", "linux")).kinds, ["network.connection"]);
  deepStrictEqual(routeOf(source("file_delete", "linux")).kinds, ["file.delete"]);
  ok(routeOf(source(null, "linux", "sshd")).kinds?.includes("authentication.failure"));
});

Deno.test("Any other log source is a kind of its own", () => {
  deepStrictEqual(routeOf(source("registry_set", "windows")).kinds, ["sigma.windows.registry_set"]);
  deepStrictEqual(routeOf(source(null, "aws", "cloudtrail")).kinds, ["sigma.aws.cloudtrail"]);
  deepStrictEqual(routeOf(source("application", "kubernetes", "audit")).kinds, ["sigma.kubernetes.application.audit"]);
  deepStrictEqual(routeOf(source("antivirus")).kinds, ["sigma.antivirus"]);
  deepStrictEqual(routeOf(source("process_creation", "constructor")).kinds, ["sigma.constructor.process_creation"]);
  deepStrictEqual(routeOf(source("constructor")).kinds, ["sigma.constructor"]);
  strictEqual(routeOf(source(null, "linux")).kinds, null, "a whole system is all of its events");
  strictEqual(routeOf(source(null, "linux")).os, "linux");
});

Deno.test("A rule for one system is offered the events of that system's hosts only", () => {
  const fields = { "process.executable": "/bin/sh" };
  const linux = event("process.start", fields);
  const saysLinux = event("process.start", { ...fields, "host.os.type": "linux" });
  const windows = event("process.start", { ...fields, "host.os.type": "windows" });
  const foreign = event("", { Image: "/bin/sh" });
  const detection = "s: {Image|endswith: /sh}\ncondition: s";
  const events = [linux, saysLinux, windows, foreign];
  deepStrictEqual(taken("category: process_creation, product: linux", detection, events), [true, true, false, true]);
  deepStrictEqual(taken("category: process_creation, product: windows", detection, events), [false, false, true, true]);
  deepStrictEqual(taken("category: process_creation", detection, events), [true, true, true, true]);
  deepStrictEqual(taken("category: file_event, product: linux", detection, events), [false, false, false, true]);
});

Deno.test("A field is ours for our events and the literal one for others", () => {
  const detection =
    "s: {Image|endswith: /sh, CommandLine|contains: ' -i', ParentImage: /usr/sbin/sshd, User: root}\ncondition: s";
  const ours = {
    "process.executable": "/bin/SH",
    "process.command_line": "sh -i",
    "process.parent.executable": "/usr/sbin/sshd",
    "user.name": "root",
  };
  const literal = { Image: "/bin/sh", CommandLine: "sh -i", ParentImage: "/usr/sbin/sshd", User: "root" };
  const events = [
    event("process.start", ours),
    event("process.exec", ours),
    event("", literal),
    event("process.start", literal),
    event("process.end", ours),
  ];
  deepStrictEqual(taken("category: process_creation, product: linux", detection, events), [
    true,
    true,
    true,
    true,
    false,
  ]);
});

Deno.test("The host's name is the event's where the literal field is not there", () => {
  const events = [
    event("process.start", {}),
    event("", { ComputerName: "dc-1" }),
    event("process.start", { ComputerName: "dc-1" }),
  ];
  deepStrictEqual(taken("category: process_creation", "s: {ComputerName: web-1}\ncondition: s", events), [
    true,
    false,
    false,
  ]);
});

Deno.test("A direction is what Sysmon calls initiated", () => {
  const events = [
    event("network.connection", { "network.direction": "egress" }),
    event("network.connection", { "network.direction": "ingress" }),
    event("", { Initiated: "true" }),
    event("", { Initiated: false }),
  ];
  deepStrictEqual(taken("category: network_connection", "s: {Initiated: 'true'}\ncondition: s", events), [
    true,
    false,
    true,
    false,
  ]);
  deepStrictEqual(taken("category: network_connection", "s: {Initiated: false}\ncondition: s", events), [
    false,
    true,
    false,
    true,
  ]);
});

Deno.test("One program's log is that program's lines", () => {
  const line = (name: string) => event("log.line", { "process.name": name, message: "Something failed" });
  const events = [
    line("sshd"),
    line("cron"),
    event("log.line", { message: "It failed" }),
    event("", { text: "it failed" }),
    event("process.start", { message: "failed" }),
  ];
  deepStrictEqual(taken("product: linux, service: sshd", "k: [failed]\ncondition: k", events), [
    true,
    false,
    true,
    true,
    false,
  ]);
  deepStrictEqual(taken("product: linux, service: syslog", "k: [failed]\ncondition: k", events), [
    true,
    true,
    true,
    true,
    false,
  ]);
});

Deno.test("A web server's fields", () => {
  const detection =
    "s: {cs-method: GET, cs-uri-query|contains: /etc/passwd, sc-status: 200, cs-user-agent|contains: curl}\ncondition: s";
  const ours = {
    "http.request.method": "GET",
    "url.query": "f=/etc/passwd",
    "http.response.status_code": 200,
    "user_agent.original": "curl/8",
  };
  deepStrictEqual(
    taken("category: webserver", detection, [
      event("web.access", ours),
      event("web.access", { ...ours, "url.query": "x" }),
    ]),
    [true, false],
  );
});

Deno.test("A rule for one record of an audit event takes the event that has it", () => {
  const fields = {
    "audit.type": ["SYSCALL", "EXECVE", "CWD", "PATH", "PROCTITLE"],
    "audit.syscall": "execve",
    "audit.a0": "chmod",
    "audit.a1": "u+s",
    "audit.key": "susp_activity",
    "audit.path.name": ["/bin/chmod", "/lib/ld.so"],
    "audit.path.nametype": ["NORMAL", "NORMAL"],
    "audit.unit": "cron",
    "process.executable": "/bin/chmod",
    "user.effective.id": "33",
  };
  const events = [event("audit.event", fields)];
  for (
    const detection of [
      "{type: EXECVE, a0: chmod, a1: u+s}",
      "{type: SYSCALL, SYSCALL: execve, exe|endswith: /chmod, key: susp_activity, euid: 33}",
      "{type: PATH, name|startswith: /lib/, nametype: NORMAL}",
      "{unit: cron}",
    ]
  ) {
    deepStrictEqual(
      taken("product: linux, service: auditd", `s: ${detection}\ncondition: s`, events),
      [true],
      detection,
    );
  }
  const other = "s: {type: EXECVE, a0: chown}\ncondition: s";
  deepStrictEqual(taken("product: linux, service: auditd", other, events), [false]);
});
