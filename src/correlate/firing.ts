/** A rule fires: the detection that comes of it. */

import { createHash } from "node:crypto";
import { type Detection, type EntityKey, type EntityType, type Group } from "../core/detection.ts";
import type { FieldValue, TelemetryEvent } from "../core/event.ts";
import type { Rule, Selection } from "../rules/rule.ts";
import { Subject } from "../rules/subject.ts";

/** A rule that fired, before its evidence is found. */
export interface Firing {
  /** Its evidence is empty yet. */
  readonly detection: Detection;
  readonly rule: Rule;
  /**
   * The event that fired it; of a condition that turned true as time went on, the last event of the window; `undefined` where there
   * was none, or it is not held any more.
   */
  readonly event: TelemetryEvent | undefined;
  /** The window facts that `when` names, as the closures saw them. */
  readonly facts: Readonly<Record<string, FieldValue>>;
  /** The last event in the window that met each selection, where it is still held. */
  readonly lastBySelection: readonly { readonly selection: Selection; readonly event: TelemetryEvent }[];
}

/** All that a firing is made of. */
export interface Draft {
  readonly rule: Rule;
  readonly event: TelemetryEvent | undefined;
  /** The event's id, known though the event itself is not held any more; `undefined` where there was none. */
  readonly eventId: string | undefined;
  /** The host it is about as far as is known, for a firing without an event. */
  readonly host: string;
  /** When it fired: the event's time, or that at which something expired. */
  readonly timeMs: number;
  /** Whether it fired as time went on, and not with an event. */
  readonly byExpiry: boolean;
  readonly group: Group;
  /** Facts that `when` names. */
  readonly facts: Readonly<Record<string, FieldValue>>;
  /** Facts that only the message or the strength name. */
  readonly extras: Readonly<Record<string, FieldValue>>;
  readonly lastBySelection: Firing["lastBySelection"];
  /** Events in the window. */
  readonly count: number;
  readonly eventIds: readonly string[];
  /** Sorted. */
  readonly sources: readonly string[];
  /** Ids of the rules whose matches the rule takes, directly or through others. */
  readonly consumes: readonly string[];
}

/** The detection of a firing, without evidence. */
export function makeDetection(draft: Draft, state: Detection["state"]): Detection {
  const { rule, event, group } = draft;
  const subject = event === undefined ? undefined : new Subject(event);
  const host = String(subject?.get("host.name") ?? group["host.name"] ?? draft.host);
  const read = (name: string) => draft.facts[name] ?? draft.extras[name] ?? group[name] ?? subject?.get(name);
  return {
    id: detectionId(draft),
    rule: rule.id,
    title: rule.title,
    level: rule.level,
    weight: rule.weight,
    strength: strengthOf(rule, read),
    tags: rule.tags,
    timeMs: draft.timeMs,
    lastMs: draft.timeMs,
    host,
    group,
    entities: entitiesOf(rule, group, host, read),
    message: rule.message === null ? rule.title : fillMessage(rule.message, read),
    count: draft.count,
    eventIds: draft.eventIds,
    sources: draft.sources,
    consumes: draft.consumes,
    state,
    evidence: { selections: [] },
  };
}

/**
 * The same rule, group and event always make the same id: 32 hexadecimal digits. Of what fired as time went on the time is in it too,
 * and where there was no event, that alone.
 */
function detectionId({ rule, group, eventId, byExpiry, timeMs }: Draft): string {
  const parts = [rule.id, Object.entries(group), eventId ?? null, ...(byExpiry ? [timeMs] : [])];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

/** Ids of the rules whose matches a selection takes; none when it takes events. */
export function referredRules({ rule, rules }: Selection): readonly string[] {
  return rules ?? (rule === null ? [] : [rule]);
}

type Read = (name: string) => FieldValue | undefined;

function strengthOf({ strength }: Rule, read: Read): number {
  if (strength === null) return 1;
  const value = Number(read(strength.fact) ?? 0);
  const grown = Number.isFinite(value) && strength.at > 0 ? value / strength.at : 1;
  return Math.max(1, Math.min(strength.max, grown));
}

/** Characters of a message at most. */
const MESSAGE_CHARS_MAX = 2_000;

/** Puts values in the place of names in braces, as they are: what is in a value is not looked at again. */
export function fillMessage(message: string, read: Read): string {
  const filled = message.replace(/\{([^{}]+)\}/g, (_, name: string) => show(read(name.trim())));
  return filled.length <= MESSAGE_CHARS_MAX ? filled : filled.slice(0, MESSAGE_CHARS_MAX - 1) + "\u2026";
}

function show(value: FieldValue | undefined): string {
  if (value === undefined || value === null) return "?";
  if (typeof value === "object") return value.map((item) => show(item)).join(", ");
  if (typeof value !== "number" || Number.isInteger(value)) return String(value);
  return String(Math.abs(value) >= 1 ? Number(value.toFixed(2)) : Number(value.toPrecision(3)));
}

function entitiesOf(rule: Rule, group: Group, host: string, read: Read): EntityKey[] {
  const found = new Set<EntityKey>();
  if (rule.entities === null) {
    addEntities(found, "host.name", host);
    for (const [field, value] of Object.entries(group)) addEntities(found, field, value);
  } else for (const field of rule.entities) addEntities(found, field, read(field));
  return [...found];
}

function addEntities(into: Set<EntityKey>, field: string, value: FieldValue | undefined): void {
  const type = entityType(field);
  if (type === undefined || value === undefined) return;
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item !== null && item !== "") into.add(`${type}:${String(item)}`);
  }
}

/** What a field's value names: `host.name` a host, `....ip` an address, `user.name` and the like a user. */
export function entityType(field: string): EntityType | undefined {
  if (field === "host.name") return "host";
  if (field === "ip" || field.endsWith(".ip")) return "ip";
  return /(^|\.)user\.[^.]+$/.test(field) ? "user" : undefined;
}
