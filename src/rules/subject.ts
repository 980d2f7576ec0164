/** An event as a condition sees it. */

import { type Fields, type FieldValue, FOREIGN_KIND, type TelemetryEvent } from "../core/event.ts";
import type { Facts } from "./condition.ts";

/** Facts of every event beside its fields. */
export const EVENT_FACTS = ["event.kind", "event.source", "host.name"] as const;

/** A text in lower case, a list with its texts so, anything else as it is. */
export function fold(value: FieldValue | undefined): FieldValue | undefined {
  if (typeof value === "string") return value.toLowerCase();
  if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? item.toLowerCase() : item));
  return value;
}

/** A field's value, `undefined` where there is none; what an object inherits (`constructor`, ...) is no field. */
export function ownField(fields: Fields, name: string): FieldValue | undefined {
  const value = fields[name];
  if (typeof value === "string" || typeof value === "number" || value === undefined) return value;
  return Object.hasOwn(fields, name) ? value : undefined;
}

/** How many names of fields are kept from event to event, so that asking for one again needs no room. */
const NAMES_KEPT_MAX = 4_096;

/** What was last asked of a field. */
interface Asked {
  /** The number of the event whose value it is, and of that whose value in lower case it is. */
  event: number;
  value: FieldValue | undefined;
  foldedEvent: number;
  folded: FieldValue | undefined;
  /** The layout that was seen not to have it. */
  absentIn: number;
}

/** The layout of an event of which nothing is known. */
const NO_LAYOUT = -1;

/**
 * The facts of one event after another: its fields, `event.kind`, `event.source` and `host.name`. One object serves a whole
 * stream, so that looking at an event allocates nothing; what is folded is folded once.
 *
 * A foreign event says in a field which host it is about; where it was read is only the next best.
 */
export class Subject implements Facts {
  #event: TelemetryEvent;
  readonly #asked = new Map<string, Asked>();
  #events = 0;
  #layout = NO_LAYOUT;
  #names: readonly string[] | undefined;

  constructor(event: TelemetryEvent) {
    this.#event = event;
  }

  /** The event it stands for now. */
  get event(): TelemetryEvent {
    return this.#event;
  }

  /**
   * Makes it stand for another event. Events of the same `layout`, a number of the caller's, have the same fields: to look for one
   * that is not there takes longest, and is done once for all of them.
   */
  reset(event: TelemetryEvent, layout = NO_LAYOUT): this {
    this.#event = event;
    this.#layout = layout;
    this.#names = undefined;
    this.#events++;
    if (this.#asked.size > NAMES_KEPT_MAX) this.#asked.clear();
    return this;
  }

  get(name: string): FieldValue | undefined {
    return this.#read(this.#askedOf(name), name);
  }

  folded(name: string): FieldValue | undefined {
    const asked = this.#askedOf(name);
    if (asked.foldedEvent !== this.#events) {
      asked.foldedEvent = this.#events;
      asked.folded = fold(this.#read(asked, name));
    }
    return asked.folded;
  }

  #askedOf(name: string): Asked {
    const known = this.#asked.get(name);
    if (known !== undefined) return known;
    const asked = { event: -1, value: undefined, foldedEvent: -1, folded: undefined, absentIn: NO_LAYOUT };
    this.#asked.set(name, asked);
    return asked;
  }

  #read(asked: Asked, name: string): FieldValue | undefined {
    if (asked.event === this.#events) return asked.value;
    asked.event = this.#events;
    const isAbsent = this.#layout !== NO_LAYOUT && asked.absentIn === this.#layout;
    asked.value = isAbsent ? undefined : this.#find(name);
    if (asked.value === undefined && !Object.hasOwn(this.#event.fields, name)) asked.absentIn = this.#layout;
    return asked.value;
  }

  #find(name: string): FieldValue | undefined {
    const { kind, source, host, fields } = this.#event;
    switch (name) {
      case "event.kind":
        return kind;
      case "event.source":
        return source;
      case "host.name":
        return kind === FOREIGN_KIND ? ownField(fields, name) ?? host : host;
      default:
        return ownField(fields, name);
    }
  }

  names(): readonly string[] {
    return this.#names ??= Object.keys(this.#event.fields);
  }
}

/** The facts of an event as a record: what json-rules-engine is given. */
export function recordOfEvent(event: TelemetryEvent): Fields {
  const subject = new Subject(event);
  const record: Record<string, FieldValue> = Object.assign(Object.create(null), event.fields);
  for (const name of EVENT_FACTS) record[name] = subject.get(name) ?? null;
  return record;
}

/** The field that says which system an event's host runs: ECS. */
export const OS_FIELD = "host.os.type";

/** What it runs where that field is absent. */
export const DEFAULT_OS = "linux";

/** The system an event's host runs. */
export function osOf(event: TelemetryEvent): FieldValue {
  return ownField(event.fields, OS_FIELD) ?? DEFAULT_OS;
}

/** Facts that stand in a record: a window's, or those of a test. */
export function factsOfRecord(record: Fields): Facts {
  return {
    get: (name) => ownField(record, name),
    folded: (name) => fold(ownField(record, name)),
    names: () => Object.keys(record),
  };
}
