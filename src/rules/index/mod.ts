/**
 * From an event to the selections it meets, without trying them all: by kind and system first, then by a text that must be in
 * the event, found for all selections in one pass over each field. Only what is left is evaluated.
 */

import { FOREIGN_KIND, type TelemetryEvent } from "../../core/event.ts";
import type { Match, OsType, Selection } from "../rule.ts";
import { osOf, Subject } from "../subject.ts";
import { type Entry, Route, type RouteCounts } from "./route.ts";
import { coverOf } from "./witness.ts";

export type { Entry } from "./route.ts";

/** Selections of events, indexed. Not to be used by two callers in turns within a call. */
export interface RuleIndex {
  /** Appends the match of every selection that the event meets, in the order of the entries. */
  match(event: TelemetryEvent, into: Match[]): void;
  /** How many events it was asked about, and how many conditions it evaluated for them. */
  counts(): RouteCounts;
}

/** The routes of one kind of event, each made when its first event comes. */
interface KindRoutes {
  readonly entries: readonly Entry[];
  /** Whether some selection names a system. */
  readonly bySystem: boolean;
  readonly routes: Map<OsType | null, Route>;
}

/** Makes an index. What the events of a kind need is built when the first of them comes. */
export function createIndex(entries: readonly Entry[]): RuleIndex {
  const kindsOf = ({ match }: Entry) => match.selection.kinds;
  const anyKind = kindRoutes(entries.filter((entry) => kindsOf(entry) === null));
  const byKind = new Map<string, KindRoutes>();
  for (const kind of new Set(entries.flatMap((entry) => kindsOf(entry) ?? []))) {
    byKind.set(kind, kindRoutes(entries.filter((entry) => kindsOf(entry)?.includes(kind) ?? true)));
  }
  const foreign = kindRoutes(entries.filter(({ where }) => where !== null));
  const all = [...byKind.values(), anyKind, foreign];
  let subject: Subject | undefined;
  return {
    match(event, into) {
      const isForeign = event.kind === FOREIGN_KIND;
      const routes = isForeign ? foreign : byKind.get(event.kind) ?? anyKind;
      if (routes.entries.length === 0) return;
      subject ??= new Subject(event);
      routeFor(routes, isForeign || !routes.bySystem ? undefined : systemOf(event)).match(event, subject, into);
    },
    counts() {
      const counts = all.flatMap(({ routes }) => [...routes.values()].map((route) => route.counts));
      const sum = (count: (one: RouteCounts) => number) => counts.reduce((total, one) => total + count(one), 0);
      return { events: sum(({ events }) => events), tried: sum(({ tried }) => tried) };
    },
  };
}

/** Whether a selection has nothing by which the index could find it: it is evaluated on every event of its kinds. */
export function isCostly({ where }: Selection): boolean {
  return where !== null && coverOf(where, () => 1) === null;
}

function kindRoutes(entries: readonly Entry[]): KindRoutes {
  return { entries, bySystem: entries.some(({ match }) => match.selection.os !== undefined), routes: new Map() };
}

/** The route for events of a system; `undefined` for all, whatever theirs. */
function routeFor({ entries, routes }: KindRoutes, system: OsType | null | undefined): Route {
  const key = system ?? null;
  const known = routes.get(key);
  if (known !== undefined) return known;
  const takes = ({ match: { selection: { os } } }: Entry) => system === undefined || os === undefined || os === system;
  const route = new Route(entries.filter(takes));
  routes.set(key, route);
  return route;
}

/** The system that routes an event; null where it is none that a selection can name: then it goes to those that name none. */
function systemOf(event: TelemetryEvent): OsType | null {
  const os = osOf(event);
  return os === "linux" || os === "windows" || os === "macos" ? os : null;
}
