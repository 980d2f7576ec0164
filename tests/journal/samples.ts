/** What the journal's tests put in. */

import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import type { Detection } from "../../src/core/detection.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import type { ThreatScore } from "../../src/core/score.ts";
import { type Commit, DATABASE_FILE, Journal, type JournalOptions } from "../../src/journal/mod.ts";

/** A time that events of these tests stand after: 2026-01-01. */
export const START_MS = Date.UTC(2026, 0, 1);

export const DAY_MS = 86_400_000;

export const KEEP = { retention: 7 * DAY_MS, size_max: 2 ** 31 };

export const NOTHING: Commit = { events: [], matches: [], detections: [], updates: [], scores: [], state: [] };

export function sampleEvent(number: number, change: Partial<TelemetryEvent> = {}): TelemetryEvent {
  const timeMs = START_MS + number * 10;
  return {
    id: `process:boot:${String(number).padStart(9, "0")}:start`,
    timeMs,
    observedMs: timeMs + 5,
    source: "process",
    kind: "process.start",
    host: "web-1",
    fields: { "process.pid": number, "process.name": "sh", "process.args": ["sh", "-c", "true"] },
    ...change,
  };
}

export function sampleEvents(count: number, from = 0): TelemetryEvent[] {
  return Array.from({ length: count }, (_, i) => sampleEvent(from + i));
}

export function sampleDetection(number: number, change: Partial<Detection> = {}): Detection {
  const event = sampleEvent(number);
  return {
    id: `d${String(number).padStart(4, "0")}`,
    rule: "suspicious-process",
    title: "Suspicious process",
    level: "high",
    weight: 0.7,
    strength: 1,
    tags: ["attack.t1496"],
    timeMs: event.timeMs,
    lastMs: event.timeMs,
    host: event.host,
    group: { "host.name": event.host },
    entities: ["host:web-1", "user:root"],
    message: "xmrig was started",
    count: 1,
    eventIds: [event.id],
    sources: ["process"],
    consumes: [],
    state: "open",
    evidence: { selections: [{ selection: "process", event_id: event.id }] },
    ...change,
  };
}

export function sampleScore(timeMs: number, change: Partial<ThreatScore> = {}): ThreatScore {
  return {
    entity: "host:web-1",
    overall_score: 70,
    confidence: 0.6,
    threat_level: "HIGH",
    contributing_agents: ["process"],
    correlation_count: 0,
    primary_event: null,
    correlated_events: [],
    contributions: [],
    time: new Date(timeMs).toISOString(),
    timestamp_ns: `${timeMs}000000`,
    ...change,
  };
}

/** Runs with a fresh data directory, which is removed afterwards. */
export function inDirectory(run: (directory: string) => void): void {
  const directory = Deno.makeTempDirSync({ prefix: "weir-journal-" });
  try {
    run(directory);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

/** Runs with a fresh, open journal. */
export function withJournal(
  run: (journal: Journal, directory: string) => void,
  options: Partial<JournalOptions> = {},
): void {
  inDirectory((directory) => {
    const journal = Journal.open(directory, { ...KEEP, ...options });
    try {
      run(journal, directory);
    } finally {
      journal.close();
    }
  });
}

/** Runs with a connection that goes behind the journal's back. */
export function withRawDatabase<T>(directory: string, run: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(join(directory, DATABASE_FILE));
  try {
    return run(db);
  } finally {
    db.close();
  }
}
