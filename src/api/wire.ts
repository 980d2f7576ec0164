/** What goes out, in wire names: snake_case, times in RFC 3339. */

import type { EntityKey } from "../core/detection.ts";
import type { Diagnostic } from "../core/errors.ts";
import { type Fields, type TelemetryEvent, toRfc3339 } from "../core/event.ts";
import type { LedgerRow } from "../core/ledger.ts";
import { threatLevel, type ThreatScore } from "../core/score.ts";
import type { Condition } from "../rules/condition.ts";
import type { Rule } from "../rules/rule.ts";
import type { ApiDeps, CollectorStatus } from "./deps.ts";

/** A collector with its row of the ledger. */
export function collectorJson(status: CollectorStatus, row: LedgerRow | undefined) {
  const { name, state, reason, summary, sinceMs, restarts, lastEventMs, targets } = status;
  return {
    name,
    state,
    reason,
    summary,
    since: toRfc3339(sinceMs),
    restarts,
    last_event_time: lastEventMs === null ? null : toRfc3339(lastEventMs),
    ...(targets === undefined ? {} : {
      targets: { known: targets.length, in_trouble: targets.filter(({ trouble }) => trouble !== null) },
    }),
    ledger: {
      collected: row?.collected ?? 0,
      committed: row?.committed ?? 0,
      duplicate: row?.duplicate ?? 0,
      dropped: row?.dropped ?? {},
      pending: row?.pending ?? 0,
    },
  };
}

/** A rule in a list. */
export function ruleJson(rule: Rule) {
  const { id, title, level, weight, tags, format, place, correlation, suppressMs } = rule;
  return {
    id,
    title,
    level,
    weight,
    tags,
    format,
    place: `${place.path}:${place.line}`,
    correlation: correlation === null ? null : {
      group_by: correlation.groupBy,
      timespan_seconds: correlation.timespanMs / 1000,
      ordered: correlation.ordered,
    },
    suppress_seconds: suppressMs / 1000,
    tests: rule.tests.length,
  };
}

/** A rule by itself: with its conditions as they were written. */
export function wholeRuleJson(rule: Rule) {
  const { description, selections, correlation, entities, message } = rule;
  return {
    ...ruleJson(rule),
    description,
    selections: selections.map(({ name, kinds, rule: of, rules, where }) => ({
      name,
      kinds,
      rules: rules ?? (of === null ? [] : [of]),
      where: where === null ? null : conditionJson(where),
    })),
    when: correlation === null ? null : conditionJson(correlation.when),
    entities,
    message,
  };
}

/** A condition in json-rules-engine's form. */
function conditionJson(condition: Condition): unknown {
  switch (condition.type) {
    case "all":
    case "any":
      return { [condition.type]: condition.of.map(conditionJson) };
    case "not":
      return { not: conditionJson(condition.of[0]) };
    case "test":
      return { fact: condition.fact, operator: condition.operator, value: condition.value };
  }
}

export function diagnosticJson({ severity, place, message, hint }: Diagnostic) {
  return { severity, path: place.path, line: place.line, column: place.column, message, hint: hint ?? null };
}

/** What a score says in short. */
export function scoreSummary(score: ThreatScore | undefined) {
  if (score === undefined) return null;
  const { overall_score, confidence, threat_level } = score;
  return { overall_score, confidence, threat_level };
}

/** The score of an entity of which nothing counts any more. */
export function faded(entity: EntityKey, nowMs: number): ThreatScore {
  return {
    entity,
    overall_score: 0,
    confidence: 0,
    threat_level: threatLevel(0),
    contributing_agents: [],
    correlation_count: 0,
    primary_event: null,
    correlated_events: [],
    contributions: [],
    time: toRfc3339(nowMs),
    timestamp_ns: String(BigInt(Math.floor(nowMs)) * 1_000_000n),
  };
}

/** Processes that a host's page shows by each measure. */
const TOP_PROCESSES = 10;

interface Latest {
  readonly time: string;
  readonly fields: Fields;
}

/** The latest values of a host, each with the time of the event that told of it. */
export function hostJson(host: string, lastMs: number, hosts: ApiDeps["hosts"], score: ThreatScore | undefined) {
  const all = (kind: string) => hosts.latest(host, kind).map(latestJson);
  const one = (kind: string) => all(kind).at(-1) ?? null;
  const processes = hosts.latest(host, "process.stats");
  return {
    host,
    last_time: toRfc3339(lastMs),
    score: score ?? null,
    cpu: one("host.cpu"),
    memory: one("host.memory"),
    connections: one("host.connections"),
    processes: one("host.processes"),
    filesystems: all("host.filesystem"),
    disks: all("host.disk"),
    interfaces: all("host.interface"),
    top_processes: {
      by_cpu: topBy(processes, "process.cpu.percent"),
      by_memory: topBy(processes, "process.memory.resident.bytes"),
    },
  };
}

function topBy(processes: readonly TelemetryEvent[], field: string): Latest[] {
  const measured = processes.filter(({ fields }) => typeof fields[field] === "number");
  measured.sort((a, b) => Number(b.fields[field]) - Number(a.fields[field]));
  return measured.slice(0, TOP_PROCESSES).map(latestJson);
}

function latestJson({ timeMs, fields }: TelemetryEvent): Latest {
  return { time: toRfc3339(timeMs), fields };
}
