/** `weir query scores | detections | events | collectors`: what the journal says, also beside a running Weir. */

import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { detectionToJson } from "../core/detection_json.ts";
import { eventToJson, toRfc3339 } from "../core/event.ts";
import { SCORE_HALF_LIVES_KEPT, Scoreboard } from "../correlate/mod.ts";
import { JournalReader } from "../journal/mod.ts";
import { countOption } from "./options.ts";
import { escapeText, printJson, printLine, printTable, warnLine } from "./output.ts";
import { type SettingsFlags, settingsOf, withData } from "./settings.ts";

interface QueryFlags extends SettingsFlags {
  readonly json?: boolean;
  readonly limit: number;
}

/** Rows asked of the journal at a time. */
const PAGE_ROWS = 500;

export function addQueryCommand(program: Command): void {
  const query = program.command("query").description("scores, detections, events and collectors, from the journal");
  const command = (name: string) =>
    withData(query.command(name)).option("--json", "one JSON object a line")
      .option("--limit <count>", "how many at most", countOption, 20);
  command("scores").description("threat scores as they stand now, highest first").action(scores);
  command("detections").description("what fired, newest first").action(detections);
  command("events").description("what was seen, newest first")
    .option("--kind <kind>", "of this kind only")
    .option("--host <host>", "about this host only")
    .action(events);
  command("collectors").description("each collector's last ledger row, told once a minute").action(collectors);
}

function openReader(flags: QueryFlags): JournalReader {
  return JournalReader.open(settingsOf(flags).config.data, {
    onBadRow: ({ table, key, reason }) => warnLine(escapeText(`${table} ${key}: ${reason}; left out`)),
  });
}

/** Items of one page after another, until there are `limit` or no more. */
function* paged<T>(
  limit: number,
  read: (page: { limit: number; cursor?: string }) => { items: readonly T[]; next: string | null },
): Iterable<T> {
  let left = limit;
  let cursor: string | null | undefined;
  while (left > 0 && cursor !== null) {
    const page = read({ limit: Math.min(left, PAGE_ROWS), ...(cursor === undefined ? {} : { cursor }) });
    yield* page.items;
    left -= page.items.length;
    cursor = page.next;
  }
}

function scores(flags: QueryFlags): void {
  const { score } = settingsOf(flags).config;
  const reader = openReader(flags);
  const nowMs = systemClock.now();
  const board = new Scoreboard({ halfLifeMs: score.half_life, entitiesMax: score.entities_max });
  const sinceMs = nowMs - SCORE_HALF_LIVES_KEPT * score.half_life;
  for (const detection of reader.detectionsSince(sinceMs)) board.put(detection);
  reader.close();
  const all = board.all(nowMs).slice(0, flags.limit);
  if (flags.json) return all.forEach(printJson);
  if (all.length === 0) return printLine("No entity has a score: nothing has fired of late");
  printTable(
    ["ENTITY", "SCORE", "LEVEL", "CONFIDENCE", "RULES"],
    all.map(({ entity, overall_score, threat_level, confidence, contributions }) => [
      entity,
      overall_score.toFixed(1),
      threat_level,
      confidence.toFixed(2),
      [...new Set(contributions.map(({ rule }) => rule))].join(", "),
    ]),
  );
}

function detections(flags: QueryFlags): void {
  const reader = openReader(flags);
  const found = [...paged(flags.limit, (page) => reader.detections({}, page))];
  reader.close();
  if (flags.json) return found.forEach((detection) => printJson(detectionToJson(detection)));
  if (found.length === 0) return printLine("Nothing has fired");
  printTable(
    ["TIME", "LEVEL", "COUNT", "STATE", "RULE", "MESSAGE"],
    found.map((d) => [toRfc3339(d.timeMs), d.level, String(d.count), d.state, d.rule, d.message]),
  );
}

function events(flags: QueryFlags & { kind?: string; host?: string }): void {
  const reader = openReader(flags);
  const { kind, host } = flags;
  const filter = { ...(kind === undefined ? {} : { kind }), ...(host === undefined ? {} : { host }) };
  const found = [...paged(flags.limit, (page) => reader.events(filter, page))];
  reader.close();
  if (flags.json) return found.forEach((event) => printJson(eventToJson(event)));
  if (found.length === 0) return printLine("No such event is in the journal");
  printTable(
    ["TIME", "HOST", "KIND", "FIELDS"],
    found.map((event) => [toRfc3339(event.timeMs), event.host, event.kind, JSON.stringify(event.fields)]),
  );
}

function collectors(flags: QueryFlags): void {
  const reader = openReader(flags);
  const { items } = reader.events({ kind: "weir.collector" }, { limit: PAGE_ROWS });
  reader.close();
  const latest = new Map(items.toReversed().map((event) => [event.fields["weir.collector.name"], event]));
  if (flags.json) return [...latest.values()].forEach((event) => printJson(eventToJson(event)));
  if (latest.size === 0) {
    return printLine("No ledger row is in the journal yet: the first comes a minute after the start");
  }
  const cell = (value: unknown) => value === undefined ? "-" : String(value);
  printTable(
    ["COLLECTOR", "STATE", "COLLECTED", "COMMITTED", "DUPLICATE", "DROPPED", "RESTARTS", "AS OF"],
    [...latest.values()].map(({ fields, timeMs }) => [
      ...["name", "state", "collected", "committed", "duplicate", "dropped", "restarts"]
        .map((name) => cell(fields[`weir.collector.${name}`])),
      toRfc3339(timeMs),
    ]),
  );
}
