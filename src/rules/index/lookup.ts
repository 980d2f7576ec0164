/** From an event to the selections worth trying on it: one pass over each of its fields. */

import type { TelemetryEvent } from "../../core/event.ts";
import type { Candidates } from "./candidates.ts";
import { createFieldIndex, type FieldIndex, findInText, findInValue, withOwnMemo } from "./field_index.ts";
import type { Pattern } from "./scanner.ts";
import type { Edge } from "./trie.ts";
import type { Witness } from "./witness.ts";

/** So many names of fields have an index of their own; of further names those in which nothing but keywords is looked for share one. */
const KEYWORD_NAMES_MAX = 512;

/** Of so many fields of the last event the names are kept. */
const LAST_NAMES_MAX = 64;

/** Texts that were seen in events, by the name of the field. */
export type SeenTexts = ReadonlyMap<string, readonly string[]>;

export interface Lookup {
  readonly wanted: WantedTexts;
  /** What is looked for in the fields that were met; null for nothing. */
  readonly byName: Map<string, FieldIndex | null>;
  readonly byGroup: Map<number, FieldIndex | null>;
  /** Of fields in which nothing but keywords is looked for; null when there are none. */
  readonly keywordsOnly: FieldIndex | null;
  /** The names of the fields of the last event, in their order, and what `byName` has for them. */
  readonly lastNames: string[];
  readonly lastIndexes: (FieldIndex | null)[];
  /** A number that this event has in common with those before it that had the same fields in the same order. */
  layout: number;
  /** Of the facts that an event has beside its fields; for keywords only once a field was met that has the name of one. */
  kind: FieldIndex | null;
  source: FieldIndex | null;
  host: FieldIndex | null;
}

/** What is looked for, and where. */
interface WantedTexts {
  readonly groups: ReadonlyMap<string, number>;
  readonly byGroup: ReadonlyMap<number, GroupTexts>;
  readonly keywords: readonly Pattern[];
  readonly seen: SeenTexts;
}

/** What is looked for in one group of fields. */
interface GroupTexts {
  readonly starts: Edge[];
  readonly ends: Edge[];
  readonly parts: Pattern[];
}

/** How many layouts were told apart: no two lookups give the same number. */
let layouts = 0;

/** Adds to `into` every selection that an event may meet, as far as the lookup knows of it. `spare` is overwritten. */
export function findCandidates(lookup: Lookup, event: TelemetryEvent, into: Candidates, spare: Candidates): void {
  const { lastNames, lastIndexes } = lookup;
  const { fields } = event;
  let isOther = false;
  let place = 0;
  for (const name in fields) {
    // Events of a sort have the same fields in the same order.
    if (lastNames[place] !== name && place < LAST_NAMES_MAX) {
      lastNames[place] = name;
      lastIndexes[place] = indexOf(lookup, name);
      isOther = true;
    }
    const index = place < LAST_NAMES_MAX ? lastIndexes[place] as FieldIndex | null : indexOf(lookup, name);
    place++;
    if (index !== null) findInValue(index, fields[name], into, spare);
  }
  if (isOther || place > LAST_NAMES_MAX || lastNames.length !== place) {
    lastNames.length = Math.min(lastNames.length, place);
    lookup.layout = layouts++;
  }
  const { kind, source, host } = lookup;
  if (kind !== null) findInText(kind, event.kind, into, spare);
  if (source !== null) findInText(source, event.source, into, spare);
  if (host !== null) findInText(host, event.host, into, spare);
}

function indexOf(lookup: Lookup, name: string): FieldIndex | null {
  const { byName, keywordsOnly } = lookup;
  // A keyword that asks for a field of this name is shown the fact.
  if (name === "event.kind") lookup.kind ??= keywordsOnly;
  if (name === "event.source") lookup.source ??= keywordsOnly;
  if (name === "host.name") lookup.host ??= keywordsOnly;
  const known = byName.get(name);
  if (known !== undefined) return known;
  const made = createIndexFor(lookup, name);
  const isWanted = lookup.wanted.groups.has(name);
  if (!isWanted && byName.size >= KEYWORD_NAMES_MAX) return keywordsOnly;
  byName.set(name, made);
  return made;
}

function createIndexFor({ wanted, byGroup, keywordsOnly }: Lookup, name: string): FieldIndex | null {
  const group = wanted.groups.get(name);
  const texts = group === undefined ? undefined : wanted.byGroup.get(group);
  if (group === undefined || texts === undefined) return keywordsOnly === null ? null : withOwnMemo(keywordsOnly);
  const known = byGroup.get(group);
  if (known !== undefined) return known === null ? null : withOwnMemo(known);
  const seen = [...wanted.seen].flatMap(([one, seen]) => wanted.groups.get(one) === group ? seen : []);
  const made = createFieldIndex(texts, wanted.keywords, seen);
  byGroup.set(group, made);
  return made;
}

/**
 * A lookup of selections by their witnesses; a selection without has its list empty or null. What is looked for in a field is made
 * ready when the first event with it comes.
 */
export function createLookup(
  witnesses: readonly (readonly Witness[] | null)[],
  groups: ReadonlyMap<string, number>,
  seen: SeenTexts,
): Lookup {
  const byGroup = new Map<number, GroupTexts>();
  const keywords: Pattern[] = [];
  for (const [selection, some] of witnesses.entries()) {
    for (const witness of some ?? []) sortIn(witness, selection, groups, byGroup, keywords);
  }
  const elsewhere = [...seen].flatMap(([name, texts]) => groups.has(name) ? [] : texts);
  const lookup: Lookup = {
    wanted: { groups, byGroup, keywords, seen },
    byName: new Map(),
    byGroup: new Map(),
    keywordsOnly: createFieldIndex(undefined, keywords, elsewhere),
    lastNames: [],
    lastIndexes: [],
    layout: -1,
    kind: null,
    source: null,
    host: null,
  };
  const ofFact = (name: string) => groups.has(name) ? createIndexFor(lookup, name) : null;
  return Object.assign(lookup, {
    kind: ofFact("event.kind"),
    source: ofFact("event.source"),
    host: ofFact("host.name"),
  });
}

/**
 * The same in steps, so that events can be matched between them, with the fields made ready that another lookup knows. No step takes
 * longer than one field with all its texts.
 */
export function* buildLookup(
  witnesses: readonly (readonly Witness[] | null)[],
  { wanted: { groups }, byName }: Lookup,
  seen: SeenTexts,
): Generator<void, Lookup> {
  const lookup = createLookup(witnesses, groups, seen);
  for (const name of byName.keys()) {
    yield;
    indexOf(lookup, name);
  }
  return lookup;
}

function sortIn(
  { fields, literal: { how, text } }: Witness,
  selection: number,
  groups: ReadonlyMap<string, number>,
  texts: Map<number, GroupTexts>,
  keywords: Pattern[],
): void {
  const group = fields[0] === undefined ? undefined : groups.get(fields[0]);
  if (group === undefined) {
    // Whatever a keyword starts, ends or is, it is in there.
    keywords.push({ text, selection });
    return;
  }
  const of = texts.get(group) ?? { starts: [], ends: [], parts: [] };
  texts.set(group, of);
  if (how === "contains") of.parts.push({ text, selection });
  else if (how === "endsWith") of.ends.push({ text, whole: false, selection });
  else of.starts.push({ text, whole: how === "equals", selection });
}
