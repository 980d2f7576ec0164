/** The API over a real journal and made-up views, asked without a socket. */

import type { Hono } from "@hono/hono";
import { type Access, type ApiDeps, createApp } from "../../src/api/mod.ts";
import { SimulatedClock } from "../../src/core/clock.ts";
import { type EntityKey, parseEntityKey } from "../../src/core/detection.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { noLog } from "../../src/core/log.ts";
import { threatLevel, type ThreatScore } from "../../src/core/score.ts";
import { Journal, JournalReader } from "../../src/journal/mod.ts";
import type { Rule } from "../../src/rules/rule.ts";
import { KEEP, sampleScore, START_MS } from "../journal/samples.ts";

/** Anyone may ask, under any name. */
export const OPEN: Access = { hostNames: null };

export const NOW_MS = START_MS + 60_000;

/** Views of a Weir in which nothing has happened. */
export function quietDeps(reader: ApiDeps["reader"] & Pick<JournalReader, "event">): ApiDeps {
  const histogram = { cumulative: () => [{ bound: 1, count: 0 }, { bound: Infinity, count: 0 }], sum: 0, count: 0 };
  return {
    version: "0.1.0",
    host: "web-1",
    clock: new SimulatedClock(NOW_MS),
    startedMs: START_MS,
    log: noLog,
    reader,
    event: (id) => reader.event(id),
    scores: scoresOf([]),
    hosts: hostsOf([]),
    rules: () => ({ rules: [], diagnostics: [] }),
    collectors: () => [],
    ledger: () => [],
    problems: () => [],
    measures: () => ({
      detections: [],
      recent: { size: 0, evicted: 0 },
      hostsEvicted: 0,
      threadsLost: 0,
      correlator: {
        groups: 0,
        entries: 0,
        pending: 0,
        open: 0,
        fired: 0,
        groupsEvicted: 0,
        entriesEvicted: 0,
        pendingHurried: 0,
        late: 0,
        ungrouped: 0,
        heldEvicted: 0,
        sourcesRefused: 0,
        learntValues: 0,
        learntForgotten: 0,
        baselines: 0,
        baselinesForgotten: 0,
      },
      commitSeconds: histogram,
      eventSeconds: histogram,
    }),
  };
}

export function scoresOf(scores: readonly ThreatScore[]): ApiDeps["scores"] {
  return {
    score: (entity) => scores.find((score) => score.entity === entity),
    all: () => [...scores].sort((a, b) => b.overall_score - a.overall_score),
  };
}

export function hostsOf(events: readonly TelemetryEvent[]): ApiDeps["hosts"] {
  const names = [...new Set(events.map(({ host }) => host))].sort();
  const lastMs = (host: string) => Math.max(...events.filter((event) => event.host === host).map((e) => e.timeMs));
  return {
    hosts: () => names.map((host) => ({ host, lastMs: lastMs(host) })),
    lastMs: (host) => (names.includes(host) ? lastMs(host) : undefined),
    latest: (host, kind) => events.filter((event) => event.host === host && event.kind === kind),
  };
}

export function scoreOf(entity: string, overall: number, change: Partial<ThreatScore> = {}): ThreatScore {
  if (parseEntityKey(entity) === undefined) throw new Error(`no entity: ${entity}`);
  const level = { overall_score: overall, threat_level: threatLevel(overall) };
  return sampleScore(NOW_MS, { entity: entity as EntityKey, ...level, ...change });
}

export function sampleRule(id: string, change: Partial<Rule> = {}): Rule {
  return {
    id,
    title: `Rule ${id}`,
    description: "What it is about.",
    level: "high",
    weight: 0.7,
    tags: [],
    format: "native",
    place: { path: "rules/process/x.yaml", line: 1, column: 1 },
    selections: [{ name: "event", kinds: ["process.start"], rule: null, where: null }],
    correlation: null,
    suppressMs: 0,
    entities: null,
    message: null,
    strength: null,
    tests: [],
    ...change,
  };
}

/** Runs with the API over a fresh journal. */
export async function withApi(
  run: (asked: { app: Hono; journal: Journal; get: (path: string) => Promise<Answer> }) => Promise<void>,
  change: Partial<ApiDeps> = {},
  access: Access = OPEN,
): Promise<void> {
  const directory = Deno.makeTempDirSync({ prefix: "weir-api-" });
  const journal = Journal.open(directory, KEEP);
  const reader = JournalReader.open(directory);
  const app = createApp({ ...quietDeps(reader), ...change }, access);
  try {
    await run({ app, journal, get: (path) => ask(app, path) });
  } finally {
    reader.close();
    journal.close();
    Deno.removeSync(directory, { recursive: true });
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body of a JSON answer. */
  // deno-lint-ignore no-explicit-any -- tests look into answers of every form
  readonly json: any;
  readonly text: string;
}

export async function ask(app: Hono, path: string, init: RequestInit = {}): Promise<Answer> {
  const response = await app.request(path, init);
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: isJson && text !== "" ? JSON.parse(text) : undefined,
  };
}
