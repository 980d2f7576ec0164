/** Groups: what makes two events belong together, and a table of groups that knows which one was left alone for longest. */

import { createHash } from "node:crypto";
import type { FieldValue } from "../core/event.ts";
import { Recency, Used } from "./recency.ts";

/** A group's values as one key: texts, numbers and lists never make the same one. */
export type GroupKey = string | number | boolean;

/** A text longer than this is known by its beginning and a digest: UTF-16 units. */
export const GROUP_TEXT_MAX = 1_024;

/** The key of group values, or of those from one place up to another. */
export function groupKey(values: readonly FieldValue[], from = 0, to: number = values.length): GroupKey {
  const only = values[from];
  if (to - from === 1 && isOwnKey(only)) return only;
  return LIST_MARK + JSON.stringify(from === 0 && to === values.length ? values : values.slice(from, to));
}

function isOwnKey(value: FieldValue | undefined): value is GroupKey {
  if (typeof value === "string") return !value.startsWith(LIST_MARK);
  return typeof value === "number" || typeof value === "boolean";
}

/** The values that {@linkcode groupKey} made a key of. */
export function groupValues(key: GroupKey): readonly FieldValue[] {
  if (typeof key !== "string" || !key.startsWith(LIST_MARK)) return [key];
  return JSON.parse(key.slice(LIST_MARK.length)) as readonly FieldValue[];
}

/** Starts a key that is a JSON list. A text that starts so becomes a list of one. */
const LIST_MARK = "\u0000";

/** A value as it goes into a key: itself, or, of a long text, its beginning and a digest. */
export function groupValue(value: FieldValue): FieldValue {
  const text = typeof value === "object" ? JSON.stringify(value) : value;
  if (typeof text !== "string" || text.length <= GROUP_TEXT_MAX) return value;
  return `${text.slice(0, GROUP_TEXT_MAX / 2)}\u2026${createHash("sha256").update(text).digest("hex")}`;
}

/** V8 copies texts shorter than this; a longer piece of a text keeps the whole of it alive. */
const COPIED_BELOW = 13;

/** A text that shares no memory with the line it was cut from, so that keeping it keeps only it. */
export function ownText<T>(value: T): T {
  return typeof value === "string" && value.length >= COPIED_BELOW ? JSON.parse(JSON.stringify(value)) : value;
}

/** What a table needs of a group. */
export abstract class Grouped extends Used {
  touched = 0;
  /** Whether it has left its table. */
  gone = false;
  constructor(readonly key: GroupKey) {
    super();
  }
}

/** All groups of all tables: how many there are, and how many had to go. */
export class Census {
  readonly #tables: Table[] = [];
  total = 0;
  evicted = 0;
  #touches = 0;

  constructor(readonly groupsMax: number) {}

  join(table: Table): void {
    this.#tables.push(table);
  }

  leave(table: Table): void {
    this.#tables.splice(this.#tables.indexOf(table), 1);
  }

  touch(): number {
    return ++this.#touches;
  }

  /** Makes the group that was left alone for longest go, while there are too many. */
  makeRoom(): void {
    while (this.total >= this.groupsMax) {
      let oldest: Table | undefined;
      for (const table of this.#tables) {
        if (table.oldestTouch < (oldest?.oldestTouch ?? Infinity)) oldest = table;
      }
      if (oldest === undefined) return;
      oldest.evictOldest();
      this.evicted++;
    }
  }
}

interface Table {
  readonly oldestTouch: number;
  evictOldest(): void;
}

/** The groups of one rule, in the order in which they were last touched. */
export class GroupTable<G extends Grouped> implements Table {
  readonly #groups = new Map<GroupKey, G>();
  readonly #census: Census;
  readonly #onEvict: (group: G) => void;
  readonly #order = new Recency<G>();

  /** `onEvict` is told of a group that has to go for another rule's or its own. */
  constructor(census: Census, onEvict: (group: G) => void) {
    this.#census = census;
    this.#onEvict = onEvict;
    census.join(this);
  }

  get size(): number {
    return this.#groups.size;
  }

  /** The one left alone for longest. */
  get oldest(): G | undefined {
    return this.#order.oldest;
  }

  get oldestTouch(): number {
    return this.oldest?.touched ?? Infinity;
  }

  get(key: GroupKey): G | undefined {
    return this.#groups.get(key);
  }

  add(group: G): void {
    this.#census.makeRoom();
    this.#groups.set(group.key, group);
    this.#census.total++;
    this.#order.append(group);
    group.touched = this.#census.touch();
  }

  touch(group: G): void {
    this.#order.touch(group);
    group.touched = this.#census.touch();
  }

  remove(group: G): void {
    if (group.gone) return;
    group.gone = true;
    this.#groups.delete(group.key);
    this.#census.total--;
    this.#order.remove(group);
  }

  evictOldest(): void {
    const group = this.oldest;
    if (group === undefined) return;
    this.remove(group);
    this.#onEvict(group);
  }

  /** Makes every group go, and with them the table. */
  end(): void {
    while (this.oldest !== undefined) this.evictOldest();
    this.#census.leave(this);
  }

  /** All groups; one may be removed while it is looked at. */
  groups(): Iterable<G> {
    return this.#groups.values();
  }
}
