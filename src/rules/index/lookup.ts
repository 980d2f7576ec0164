/** From an event to the selections worth trying on it: one pass over each of its fields. */

import type { FieldValue, TelemetryEvent } from "../../core/event.ts";
import { ANY_FIELD, type Automaton, createAutomaton, type Pattern, STATES_MAX, statesOf } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { plainText } from "./characters.ts";
import { type FieldIndex, findInText } from "./field_index.ts";
import { createTrie, type Edge } from "./trie.ts";
import { countGrams, rarestWindow, WINDOW_WIDTH } from "./window.ts";
import type { Witness } from "./witness.ts";

/** A field in which so many texts or more are looked for has an automaton of its own; those with fewer share one. */
const OWN_AUTOMATON_PARTS_MIN = 64;

export interface Lookup {
  readonly byName: ReadonlyMap<string, FieldIndex>;
  /** Of fields in which nothing but keywords is looked for; null when there are none. */
  readonly keywordsOnly: FieldIndex | null;
  /** Of the facts that an event has beside its fields. */
  readonly kind: FieldIndex | undefined;
  readonly source: FieldIndex | undefined;
  readonly host: FieldIndex | undefined;
}

/** Adds to `into` every selection that an event may meet, as far as the lookup knows of it. */
export function findCandidates(lookup: Lookup, event: TelemetryEvent, into: Candidates): void {
  const { byName, keywordsOnly, kind, source, host } = lookup;
  const { fields } = event;
  for (const name in fields) {
    const index = byName.get(name);
    const value = fields[name];
    if (index !== undefined) findInValue(index, value, into);
    else if (keywordsOnly !== null) findKeywords(keywordsOnly, value, into);
  }
  findInFact("event.kind", event.kind, kind, lookup, event, into);
  findInFact("event.source", event.source, source, lookup, event, into);
  findInFact("host.name", event.host, host, lookup, event, into);
}

/** Looks at a fact that is not a field. Where a field has its name, a keyword that asks for that field is shown the fact. */
function findInFact(
  name: string,
  value: string,
  index: FieldIndex | undefined,
  { keywordsOnly }: Lookup,
  { fields }: TelemetryEvent,
  into: Candidates,
): void {
  if (index !== undefined) findInText(index, value, into);
  else if (keywordsOnly !== null && name in fields) findInText(keywordsOnly, value, into);
}

/** Looks at a text, a number or boolean as written, or every item of a list. */
function findInValue(index: FieldIndex, value: FieldValue | undefined, into: Candidates): void {
  if (typeof value === "string") findInText(index, value, into);
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (value[i] !== null) findInText(index, String(value[i]), into);
  } else if (value !== undefined && value !== null) findInText(index, String(value), into);
}

/** Looks at a text, or every text of a list: a keyword is no number. */
function findKeywords(index: FieldIndex, value: FieldValue | undefined, into: Candidates): void {
  if (typeof value === "string") findInText(index, value, into);
  else if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (typeof value[i] === "string") findInText(index, value[i], into);
  }
}

/** What is looked for in one group of fields. */
interface GroupTexts {
  readonly starts: Edge[];
  readonly ends: Edge[];
  readonly parts: Pattern[];
}

/**
 * A lookup of selections by their witnesses; a selection without has its list empty or null. `seen` are texts of events, by which
 * it is told what is rare.
 */
export function createLookup(
  witnesses: readonly (readonly Witness[] | null)[],
  groups: ReadonlyMap<string, number>,
  seen: readonly string[],
): Lookup {
  const texts = new Map<number, GroupTexts>();
  const keywords: Pattern[] = [];
  for (const [selection, some] of witnesses.entries()) {
    for (const witness of some ?? []) sortIn(witness, selection, groups, texts, keywords);
  }
  const indexes = indexGroups(texts, keywords, seen);
  const keywordsOnly = keywords.length === 0 ? null : indexes.keywordsOnly;
  const byName = new Map<string, FieldIndex>();
  for (const [name, group] of groups) {
    const index = indexes.byGroup.get(group);
    if (index !== undefined) byName.set(name, index);
  }
  return {
    byName,
    keywordsOnly,
    kind: byName.get("event.kind"),
    source: byName.get("event.source"),
    host: byName.get("host.name"),
  };
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
    keywords.push({ text, field: ANY_FIELD, selection });
    return;
  }
  const of = texts.get(group) ?? { starts: [], ends: [], parts: [] };
  texts.set(group, of);
  if (how === "contains") of.parts.push({ text, field: group, selection });
  else if (how === "endsWith") of.ends.push({ text, whole: false, selection });
  else of.starts.push({ text, whole: how === "equals", selection });
}

interface Indexes {
  readonly byGroup: ReadonlyMap<number, FieldIndex>;
  readonly keywordsOnly: FieldIndex;
}

function indexGroups(
  texts: ReadonlyMap<number, GroupTexts>,
  keywords: readonly Pattern[],
  seen: readonly string[],
): Indexes {
  const owns = ({ parts }: GroupTexts) => parts.length >= OWN_AUTOMATON_PARTS_MIN;
  const shared = automatonOf(
    [...texts.values()].filter((of) => !owns(of)).flatMap(({ parts }) => parts),
    keywords,
    seen,
  );
  const byGroup = new Map<number, FieldIndex>();
  for (const [group, of] of texts) {
    const reads = of.parts.length > 0 || keywords.length > 0;
    const parts = !reads ? null : owns(of) ? automatonOf(of.parts, keywords, seen) : shared;
    byGroup.set(group, {
      field: group,
      starts: of.starts.length === 0 ? null : createTrie(of.starts, false),
      ends: of.ends.length === 0 ? null : createTrie(of.ends, true),
      parts,
    });
  }
  return { byGroup, keywordsOnly: { field: ANY_FIELD, starts: null, ends: null, parts: shared } };
}

/** One automaton for all patterns, of each the rarest window; narrower ones where there would be too many states. */
function automatonOf(
  parts: readonly Pattern[],
  keywords: readonly Pattern[],
  seen: readonly string[],
): Automaton | null {
  const patterns = [...parts, ...keywords].map((pattern) => ({ ...pattern, text: plainText(pattern.text) }));
  if (patterns.length === 0) return null;
  const grams = countGrams(patterns.map(({ text }) => text), seen);
  for (let width = WINDOW_WIDTH;; width--) {
    const windows = patterns.map((pattern) => ({ ...pattern, text: rarestWindow(pattern.text, width, grams) }));
    if (width === 2 || statesOf(windows.map(({ text }) => text)) <= STATES_MAX) return createAutomaton(windows);
  }
}
