/** Lists, a page at a time: `{"items": [...], "next": cursor or null}`. */

import { CursorError } from "../core/errors.ts";
import { encodeCursor, LIMIT_DEFAULT } from "./parameters.ts";

/** What a list answers with. */
export interface ListJson<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** What was asked of a list. */
export interface PageAsked {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** A page of the journal's, its items in their outside form. */
export function listJson<T, J>(
  page: { items: readonly T[]; next: string | null },
  toJson: (item: T) => J,
): ListJson<J> {
  return { items: page.items.map(toJson), next: page.next === null ? null : encodeCursor(page.next) };
}

/** What the journal is asked for. */
export function pageOf({ limit = LIMIT_DEFAULT, cursor }: PageAsked): { limit: number; cursor?: string } {
  return { limit, ...(cursor === undefined ? {} : { cursor }) };
}

/**
 * A page of a list that is in memory and in the order of `compare`, which tells any two items apart. The cursor holds what
 * `compare` goes by of the last item, so a list that changes meanwhile is read on from the same place.
 */
export function pageInMemory<T, K>(
  sorted: readonly T[],
  { limit = LIMIT_DEFAULT, cursor }: PageAsked,
  keyOf: (item: T) => K,
  compare: (a: K, b: K) => number,
): ListJson<T> {
  const after = cursor === undefined ? undefined : keyFromCursor<K>(cursor, sorted[0] && keyOf(sorted[0]));
  const start = after === undefined ? 0 : sorted.findIndex((item) => compare(keyOf(item), after) > 0);
  const items = start === -1 ? [] : sorted.slice(start, start + limit);
  const last = items.at(-1);
  const isLast = last === undefined || start + items.length >= sorted.length;
  return { items, next: isLast ? null : encodeCursor(JSON.stringify(keyOf(last))) };
}

/** The key in a cursor, which must be of the form of the list's own keys. */
function keyFromCursor<K>(cursor: string, example: K | undefined): K {
  let key: unknown;
  try {
    key = JSON.parse(cursor);
  } catch {
    throw new CursorError(cursor);
  }
  if (example !== undefined && shapeOf(key) !== shapeOf(example)) throw new CursorError(cursor);
  return key as K;
}

function shapeOf(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(shapeOf).join()}]` : typeof value;
}

/** Names in the order of their code units, which never depends on a locale. */
export function compareNames(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
