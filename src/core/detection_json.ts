/** A detection as it is written outside: the journal, the API, ingest. */

import { parseRfc3339 } from "./clock.ts";
import type { Detection, EntityKey, Evidence, Group, Level } from "./detection.ts";
import { toRfc3339 } from "./event.ts";

/** Wire names, times in RFC 3339. */
export interface DetectionJson {
  readonly id: string;
  readonly rule: string;
  readonly title: string;
  readonly level: Level;
  readonly weight: number;
  readonly strength: number;
  readonly tags: readonly string[];
  readonly time: string;
  readonly last_time: string;
  readonly host: string;
  readonly group: Group;
  readonly entities: readonly EntityKey[];
  readonly message: string;
  readonly count: number;
  readonly event_ids: readonly string[];
  readonly sources: readonly string[];
  readonly consumes: readonly string[];
  readonly state: "open" | "closed";
  readonly evidence: Evidence;
}

export function detectionToJson(detection: Detection): DetectionJson {
  return {
    id: detection.id,
    rule: detection.rule,
    title: detection.title,
    level: detection.level,
    weight: detection.weight,
    strength: detection.strength,
    tags: detection.tags,
    time: toRfc3339(detection.timeMs),
    last_time: toRfc3339(detection.lastMs),
    host: detection.host,
    group: detection.group,
    entities: detection.entities,
    message: detection.message,
    count: detection.count,
    event_ids: detection.eventIds,
    sources: detection.sources,
    consumes: detection.consumes,
    state: detection.state,
    evidence: detection.evidence,
  };
}

/** Reads back what {@linkcode detectionToJson} wrote; times are as exact as their text, microseconds. */
export function detectionFromJson(json: DetectionJson): Detection {
  return {
    id: json.id,
    rule: json.rule,
    title: json.title,
    level: json.level,
    weight: json.weight,
    strength: json.strength,
    tags: json.tags,
    timeMs: parseRfc3339(json.time) ?? 0,
    lastMs: parseRfc3339(json.last_time) ?? 0,
    host: json.host,
    group: json.group,
    entities: json.entities,
    message: json.message,
    count: json.count,
    eventIds: json.event_ids,
    sources: json.sources,
    consumes: json.consumes,
    state: json.state,
    evidence: json.evidence,
  };
}
