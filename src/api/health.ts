/** How Weir is doing: well, or degraded, and then by what. */

import { messageOf } from "../core/errors.ts";
import { toRfc3339 } from "../core/event.ts";
import type { ApiDeps } from "./deps.ts";

/** The answer of `/health`. */
export interface Health {
  /** Degraded while there is any problem; Weir goes on all the same. */
  readonly status: "ok" | "degraded";
  readonly version: string;
  readonly host: string;
  readonly uptime_seconds: number;
  readonly problems: readonly HealthProblem[];
  readonly journal: {
    readonly state: "ok" | "unreadable";
    readonly rows: number | null;
    readonly last_seq: number | null;
  };
  /** `refused` counts what was said against rule files that left something out. */
  readonly rules: { readonly loaded: number; readonly refused: number };
  readonly collectors: { readonly running: number; readonly degraded: number; readonly off: number };
}

export interface HealthProblem {
  readonly component: string;
  readonly message: string;
  readonly since: string;
}

/** Problems of rule files that are told one by one; of more, how many there are. */
const RULE_PROBLEMS_MAX = 20;

export function healthOf(deps: ApiDeps): Health {
  const { rules, diagnostics } = deps.rules();
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const collectors = deps.collectors();
  const inState = (state: string) => collectors.filter((collector) => collector.state === state).length;
  const journal = journalHealth(deps);
  const problems = [...journal.problems, ...problemsOf(deps)];
  return {
    status: problems.length === 0 ? "ok" : "degraded",
    version: deps.version,
    host: deps.host,
    uptime_seconds: Math.max(0, Math.round((deps.clock.now() - deps.startedMs) / 1000)),
    problems,
    journal: journal.json,
    rules: { loaded: rules.length, refused: errors.length },
    collectors: { running: inState("running"), degraded: inState("degraded"), off: inState("off") },
  };
}

function problemsOf(deps: ApiDeps): HealthProblem[] {
  const told = deps.problems().map(({ component, message, sinceMs }) => problem(component, message, sinceMs));
  const collectors = deps.collectors()
    .filter(({ state }) => state === "degraded")
    .map(({ name, reason, sinceMs }) => problem(name, reason ?? "Degraded", sinceMs));
  const { diagnostics, sinceMs = deps.startedMs } = deps.rules();
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  const refused = errors.slice(0, RULE_PROBLEMS_MAX).map(({ place, message }) =>
    problem("rules", `${place.path}:${place.line}:${place.column}: ${message}`, sinceMs)
  );
  if (errors.length > RULE_PROBLEMS_MAX) {
    refused.push(problem("rules", `${errors.length - RULE_PROBLEMS_MAX} more errors in rules`, sinceMs));
  }
  return [...told, ...collectors, ...refused];
}

function journalHealth(deps: ApiDeps): { json: Health["journal"]; problems: HealthProblem[] } {
  try {
    const { rows, lastSeq } = deps.reader.size();
    return { json: { state: "ok", rows, last_seq: lastSeq }, problems: [] };
  } catch (error) {
    const unreadable = problem("journal", messageOf(error), deps.clock.now());
    return { json: { state: "unreadable", rows: null, last_seq: null }, problems: [unreadable] };
  }
}

function problem(component: string, message: string, sinceMs: number): HealthProblem {
  return { component, message, since: toRfc3339(sinceMs) };
}
