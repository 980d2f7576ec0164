/** What each route answers: `GET` alone, under `/api/v1`. */

import type { Context } from "@hono/hono";
import { yieldToOthers } from "../core/clock.ts";
import { ENTITY_TYPES, LEVELS, parseEntityKey } from "../core/detection.ts";
import { detectionToJson } from "../core/detection_json.ts";
import { eventToJson, type TelemetryEvent, toRfc3339 } from "../core/event.ts";
import type { EventFilter, Page, Paged } from "../journal/mod.ts";
import type { ApiDeps } from "./deps.ts";
import { compareNames, listJson, pageInMemory, pageOf } from "./list.ts";
import { numberParameter, oneOf, PAGE_PARAMETERS, readParameters, textParameter, timeParameter } from "./parameters.ts";
import { ProblemError } from "./problem.ts";
import { collectorJson, diagnosticJson, faded, hostJson, ruleJson, scoreSummary, wholeRuleJson } from "./wire.ts";

/** What answers a request, as JSON. */
export type Route = (c: Context) => unknown | Promise<unknown>;

/** Slices of the journal that one request for events looks at, with a turn for others between them. */
const EVENT_SLICES_MAX = 40;

/** Past scores that one entity's answer shows. */
const SCORE_HISTORY_ITEMS = 50;

/** Every route by its path. */
export function routes(deps: ApiDeps): Readonly<Record<string, Route>> {
  return {
    "/api/v1/scores": (c) => scores(c, deps),
    "/api/v1/scores/:type/:id{.+}": (c) => scoreOf(c, deps),
    "/api/v1/detections": (c) => detections(c, deps),
    "/api/v1/detections/:id": (c) => detection(c, deps),
    "/api/v1/events": (c) => events(c, deps),
    "/api/v1/hosts": (c) => hosts(c, deps),
    "/api/v1/hosts/:host{.+}": (c) => host(c, deps),
    "/api/v1/rules": (c) => rules(c, deps),
    "/api/v1/rules/:id{.+}": (c) => rule(c, deps),
    "/api/v1/collectors": (c) => collectors(c, deps),
  };
}

function scores(c: Context, deps: ApiDeps) {
  const asked = readParameters(c, { ...PAGE_PARAMETERS, min: numberParameter(0, 100), type: oneOf(ENTITY_TYPES) });
  const wanted = deps.scores.all(deps.clock.now()).filter(({ entity, overall_score }) =>
    overall_score >= (asked.min ?? 0) && (asked.type === undefined || entity.startsWith(`${asked.type}:`))
  );
  const compare = (a: readonly [number, string], b: readonly [number, string]) =>
    b[0] - a[0] || compareNames(a[1], b[1]);
  const keyOf = ({ overall_score, entity }: typeof wanted[number]) => [overall_score, entity] as const;
  wanted.sort((a, b) => compare(keyOf(a), keyOf(b)));
  return pageInMemory(wanted, asked, keyOf, compare);
}

function scoreOf(c: Context, deps: ApiDeps) {
  readParameters(c, {});
  const key = `${c.req.param("type")}:${c.req.param("id")}`;
  const parsed = parseEntityKey(key);
  if (parsed === undefined) {
    const types = ENTITY_TYPES.join(", ");
    throw new ProblemError(
      404,
      `The type of an entity is one of ${types}: current value is ${JSON.stringify(c.req.param("type"))}`,
    );
  }
  const entity = `${parsed.type}:${parsed.id}` as const;
  const nowMs = deps.clock.now();
  const present = deps.scores.score(entity, nowMs);
  const history = deps.reader.scoreHistory(entity, { limit: SCORE_HISTORY_ITEMS }).items;
  if (present === undefined && history.length === 0) {
    throw new ProblemError(404, `No score was ever written of ${JSON.stringify(entity)}`);
  }
  return {
    ...(present ?? faded(entity, nowMs)),
    history: history.map((score) => ({ time: score.time, ...scoreSummary(score) })),
  };
}

function detections(c: Context, deps: ApiDeps) {
  const { limit, cursor, since, ...filter } = readParameters(c, {
    ...PAGE_PARAMETERS,
    rule: textParameter,
    host: textParameter,
    entity: textParameter,
    level: oneOf(LEVELS),
    state: oneOf(["open", "closed"]),
    since: timeParameter,
  });
  const sinceMs = since === undefined ? {} : { sinceMs: since };
  return listJson(deps.reader.detections({ ...filter, ...sinceMs }, pageOf({ limit, cursor })), detectionToJson);
}

/** Everything about one: what it rests on, and what it adds to whose score now. */
function detection(c: Context, deps: ApiDeps) {
  readParameters(c, {});
  const id = c.req.param("id") ?? "";
  const found = deps.reader.detection(id);
  if (found === undefined) throw new ProblemError(404, `There is no detection ${JSON.stringify(id)}`);
  const nowMs = deps.clock.now();
  const contributions = found.entities.flatMap((entity) => {
    const score = deps.scores.score(entity, nowMs);
    const own = score?.contributions.find((contribution) => contribution.detection === id);
    return score === undefined || own === undefined ? [] : [{ entity, overall_score: score.overall_score, ...own }];
  });
  const rested = found.eventIds.map((eventId) => deps.event(eventId));
  return {
    ...detectionToJson(found),
    events: rested.filter((event) => event !== undefined).map(eventToJson),
    contributions,
  };
}

async function events(c: Context, deps: ApiDeps) {
  const { limit, cursor, since, until, ...rest } = readParameters(c, {
    ...PAGE_PARAMETERS,
    host: textParameter,
    kind: textParameter,
    source: textParameter,
    since: timeParameter,
    until: timeParameter,
  });
  const filter = {
    ...rest,
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
  };
  return listJson(await searchEvents(deps, filter, pageOf({ limit, cursor })), eventToJson);
}

/** Looks further back, slice by slice, until the page is full, the journal ends or enough was looked at. */
async function searchEvents(deps: ApiDeps, filter: EventFilter, page: Page): Promise<Paged<TelemetryEvent>> {
  let found = deps.reader.events(filter, page);
  const items = [...found.items];
  for (let i = 1; i < EVENT_SLICES_MAX && found.next !== null && items.length < page.limit; i++) {
    await yieldToOthers();
    found = deps.reader.events(filter, { limit: page.limit - items.length, cursor: found.next });
    items.push(...found.items);
  }
  return { items, next: found.next };
}

function hosts(c: Context, deps: ApiDeps) {
  const asked = readParameters(c, PAGE_PARAMETERS);
  const sorted = [...deps.hosts.hosts()].sort((a, b) => compareNames(a.host, b.host));
  const { items, next } = pageInMemory(sorted, asked, ({ host }) => host, compareNames);
  const nowMs = deps.clock.now();
  return {
    items: items.map(({ host, lastMs }) => ({
      host,
      last_time: toRfc3339(lastMs),
      score: scoreSummary(deps.scores.score(`host:${host}`, nowMs)),
    })),
    next,
  };
}

function host(c: Context, deps: ApiDeps) {
  readParameters(c, {});
  const name = c.req.param("host") ?? "";
  const lastMs = deps.hosts.lastMs(name);
  if (lastMs === undefined) throw new ProblemError(404, `Nothing was heard of a host ${JSON.stringify(name)}`);
  return hostJson(name, lastMs, deps.hosts, deps.scores.score(`host:${name}`, deps.clock.now()));
}

function rules(c: Context, deps: ApiDeps) {
  const asked = readParameters(c, {
    ...PAGE_PARAMETERS,
    level: oneOf(LEVELS),
    format: oneOf(["native", "sigma"]),
    tag: textParameter,
  });
  const { rules, diagnostics } = deps.rules();
  const wanted = rules.filter(({ level, format, tags }) =>
    (asked.level ?? level) === level && (asked.format ?? format) === format &&
    (asked.tag === undefined || tags.includes(asked.tag))
  ).sort((a, b) => compareNames(a.id, b.id));
  const { items, next } = pageInMemory(wanted, asked, ({ id }) => id, compareNames);
  return { items: items.map(ruleJson), next, diagnostics: diagnostics.map(diagnosticJson) };
}

function rule(c: Context, deps: ApiDeps) {
  readParameters(c, {});
  const id = c.req.param("id") ?? "";
  const found = deps.rules().rules.find((rule) => rule.id === id);
  if (found === undefined) throw new ProblemError(404, `No rule ${JSON.stringify(id)} is in force`);
  return wholeRuleJson(found);
}

function collectors(c: Context, deps: ApiDeps) {
  const asked = readParameters(c, { ...PAGE_PARAMETERS, state: oneOf(["running", "degraded", "off"]) });
  const rows = new Map(deps.ledger().map((row) => [row.collector, row]));
  const wanted = deps.collectors()
    .filter(({ state }) => (asked.state ?? state) === state)
    .sort((a, b) => compareNames(a.name, b.name));
  const { items, next } = pageInMemory(wanted, asked, ({ name }) => name, compareNames);
  return { items: items.map((status) => collectorJson(status, rows.get(status.name))), next };
}
