/** Secrets are taken out of lines before anything is made of them, and of what only decoding shows. */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createMasking } from "../../../src/core/masking.ts";
import { createDecoder, type DecodedEvent } from "../../../src/collectors/logs/decode/decoder.ts";
import { Intake } from "../../../src/collectors/logs/intake.ts";

const SECRET = "hunter2-and-more";

function decode(format: "auto" | "audit", ...lines: string[]): DecodedEvent[] {
  const masking = createMasking({ defaults: true, patterns: [] });
  const intake = new Intake({ decoder: createDecoder(format, { nowMs: () => Date.UTC(2026, 0, 2) }), masking });
  const events: DecodedEvent[] = [];
  intake.take(lines.map((text, at) => ({ text, at, isCut: false, isReplaced: false })), 0, events);
  intake.flush(Infinity, 0, events);
  return events;
}

const hex = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join("");

Deno.test("masking: a password in a command that sudo logs", () => {
  const [event] = decode(
    "auto",
    `Jan  1 00:00:00 h sudo:  eve : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/mysql --password=${SECRET}`,
  );
  ok(!JSON.stringify(event).includes(SECRET), JSON.stringify(event));
  strictEqual(event?.kind, "sudo.command");
});

Deno.test("masking: what the audit log writes in hexadecimal, and a secret that its neighbour names", () => {
  const stamp = "msg=audit(1700000000.123:42):";
  const [event] = decode(
    "audit",
    `type=SYSCALL ${stamp} arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=4 items=0 ppid=1 pid=2 auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 comm="curl" exe="/usr/bin/curl" key=(null)`,
    `type=EXECVE ${stamp} argc=4 a0="curl" a1="--password" a2=${hex(SECRET)} a3="https://example.org"`,
    `type=PROCTITLE ${stamp} proctitle=${hex(`curl\0--password\0${SECRET}\0https://example.org`)}`,
    `type=EOE ${stamp} `,
  );
  ok(event !== undefined && !JSON.stringify(event).includes(SECRET), JSON.stringify(event));
  deepStrictEqual((event.fields["process.args"] as string[]).slice(0, 2), ["curl", "--password"]);
});
