/** Who knocks chooses the user's name: it never says where somebody came from, nor whether he got in. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { eventsOf } from "./decoding.ts";

/** Names made of what the lines themselves are made of. */
const forgedName = fc.array(
  fc.constantFrom(
    "root",
    " from ",
    "6.6.6.6",
    " port ",
    "22",
    " ssh2",
    ": RSA SHA256:x",
    "invalid user ",
    "Accepted password for ",
    " [preauth]",
    " not allowed because ",
    "x",
    " ",
    "]",
  ),
  { minLength: 1, maxLength: 8 },
).map((pieces) => pieces.join(""));

const line = (message: string) => `Feb  5 17:00:00 web-1 sshd[2]: ${message}`;

Deno.test("sshd: a name of any words is the name, and the address is the one that sshd wrote", () => {
  fc.assert(
    fc.property(forgedName, fc.constantFrom("", ": RSA SHA256:abc"), (name, key) => {
      const isInvalid = name.startsWith("invalid user ");
      const [event] = eventsOf("syslog", [
        line(`Failed password for invalid user ${name} from 192.0.2.7 port 40000 ssh2${key}`),
      ]);
      strictEqual(event?.kind, "authentication.failure");
      deepStrictEqual(
        [event.fields["user.name"], event.fields["source.ip"], event.fields["source.port"]],
        [name, "192.0.2.7", 40000],
        String(isInvalid),
      );
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("sshd: other messages with a name give the address that sshd wrote, or none", () => {
  fc.assert(
    fc.property(forgedName, (name) => {
      const events = eventsOf(
        "syslog",
        [
          `Invalid user ${name} from 192.0.2.7 port 40000`,
          `Connection closed by invalid user ${name} 192.0.2.7 port 40000 [preauth]`,
          `User ${name} from 192.0.2.7 not allowed because not listed in AllowUsers`,
          `error: maximum authentication attempts exceeded for invalid user ${name} from 192.0.2.7 port 40000 ssh2 [preauth]`,
          `Received disconnect from 192.0.2.7: 11: ${name} [preauth]`,
          `Bad protocol version identification '${name}' from 192.0.2.7 port 40000`,
        ].map(line),
      );
      for (const { kind, fields } of events) {
        strictEqual(kind.startsWith("ssh."), true, kind);
        strictEqual(fields["source.ip"], "192.0.2.7", String(fields["message"]));
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("PAM: an account of any words never says where somebody came from", () => {
  const words = fc.array(fc.constantFrom("x", " rhost=6.6.6.6", " user=root", "  user=y", " ", "=", "ruser="), {
    minLength: 1,
    maxLength: 6,
  }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(words, (name) => {
      const text = "pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp";
      const [event] = eventsOf("syslog", [
        `Feb  5 17:00:00 web-1 vsftpd[2]: ${text} ruser=${name} rhost=192.0.2.7  user=${name}`,
      ]);
      strictEqual(event?.kind, "pam.failure");
      const address = event.fields["source.ip"];
      strictEqual(address === undefined || address === "192.0.2.7", true, String(address));
    }),
    { numRuns: 2_000 },
  );
});
