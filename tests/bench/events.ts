/** Synthetic process events for benchmarks: the same for the same seed, in the form the process collector gives them. */

import type { FieldValue, TelemetryEvent } from "../../src/core/event.ts";

/** A small generator of pseudo-random numbers (mulberry32): reproducible, not for secrets. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const PROGRAMS = [
  ["bash", "/usr/bin/bash", ["bash", "-c", "make -j4 all"]],
  ["cc1plus", "/usr/lib/gcc/x86_64-linux-gnu/12/cc1plus", [
    "cc1plus",
    "-quiet",
    "-O2",
    "-std=c++20",
    "main.cc",
    "-o",
    "main.s",
  ]],
  ["python3", "/usr/bin/python3.11", ["python3", "-m", "http.server", "8000"]],
  ["grep", "/usr/bin/grep", ["grep", "-rn", "needle", "/srv/data"]],
  ["sshd", "/usr/sbin/sshd", ["sshd: deploy [priv]"]],
  ["cron", "/usr/sbin/cron", ["/usr/sbin/CRON", "-f"]],
  ["postgres", "/usr/lib/postgresql/15/bin/postgres", ["postgres: checkpointer"]],
  ["nginx", "/usr/sbin/nginx", ["nginx: worker process"]],
  ["node", "/usr/bin/node", ["node", "/srv/app/server.js", "--port=3000"]],
  ["git", "/usr/bin/git", ["git", "status", "--porcelain=v2", "--branch"]],
] as const;

const USERS = ["root", "www-data", "deploy", "postgres"];

/** Long-lived processes, which are the ones that have stats: the collector gives those of the busiest and the largest. */
const LIVING = 40;

/**
 * `count` process events, one a millisecond from `startMs` on: half starts of ever new processes, a quarter their ends, a quarter
 * stats of the same {@linkcode LIVING}.
 */
export function processEvents(count: number, startMs: number, seed = 1): TelemetryEvent[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => processEvent(i, startMs + i, random));
}

function processEvent(i: number, timeMs: number, random: () => number): TelemetryEvent {
  const kind = ["process.start", "process.start", "process.end", "process.stats"][i % 4] ?? "process.start";
  const n = kind === "process.stats" ? Math.floor(random() * LIVING) : LIVING + i;
  const pid = 1000 + (n % 30_000);
  const [name, executable, args] = PROGRAMS[n % PROGRAMS.length] ?? PROGRAMS[0];
  const fields: Record<string, FieldValue> = {
    "process.pid": pid,
    "process.entity_id": `c0ffee:${n}:${pid}`,
    "process.name": name,
    "process.executable": executable,
    "process.command_line": args.join(" "),
    "process.args": args,
    "process.args_count": args.length,
    "process.state": "sleeping",
    "process.threads.count": 1 + Math.floor(random() * 8),
    "process.memory.percent": random() * 3,
    "process.memory.resident.bytes": Math.floor(random() * 5e8),
    "process.parent.pid": 1,
    "process.parent.name": "systemd",
    "process.parent.executable": "/usr/lib/systemd/systemd",
    "process.parent.command_line": "/sbin/init",
    "user.name": USERS[Math.floor(random() * USERS.length)] ?? "root",
  };
  if (kind === "process.stats") fields["process.cpu.percent"] = random() * 60;
  if (kind === "process.end") fields["event.duration"] = Math.floor(random() * 1e9);
  return {
    id: `process:c0ffee:${String(i).padStart(12, "0")}:${pid}:${kind}`,
    timeMs,
    observedMs: timeMs,
    source: "process",
    kind,
    host: "bench",
    fields,
  };
}
