/** From an event to the selections worth trying on it: one pass over each of its fields. */

import type { TelemetryEvent } from "../../core/event.ts";
import { ANY_FIELD, type Automaton, createAutomaton, type Pattern, STATES_MAX, statesOf } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { plainText } from "./characters.ts";
import { type FieldIndex, findInValue } from "./field_index.ts";
import { Memo } from "./memo.ts";
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

/** Adds to `into` every selection that an event may meet, as far as the lookup knows of it. `spare` is overwritten. */
export function findCandidates(lookup: Lookup, event: TelemetryEvent, into: Candidates, spare: Candidates): void {
  const { byName, keywordsOnly, kind, source, host } = lookup;
  const { fields } = event;
  for (const name in fields) {
    const index = byName.get(name) ?? keywordsOnly;
    const value = fields[name];
    if (index !== null && value !== undefined) findInValue(index, value, into, spare);
  }
  if (kind !== undefined) findInValue(kind, event.kind, into, spare);
  if (source !== undefined) findInValue(source, event.source, into, spare);
  if (host !== undefined) findInValue(host, event.host, into, spare);
}

/** What is looked for in one group of fields. */
interface GroupTexts {
  readonly starts: Edge[];
  readonly ends: Edge[];
  readonly parts: Pattern[];
}

/** A lookup of selections by their witnesses; a selection without has its list empty or null. */
export function createLookup(
  witnesses: readonly (readonly Witness[] | null)[],
  groups: ReadonlyMap<string, number>,
): Lookup {
  const texts = new Map<number, GroupTexts>();
  const keywords: Pattern[] = [];
  for (const [selection, some] of witnesses.entries()) {
    for (const witness of some ?? []) sortIn(witness, selection, groups, texts, keywords);
  }
  const indexes = indexGroups(texts, keywords);
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

function indexGroups(texts: ReadonlyMap<number, GroupTexts>, keywords: readonly Pattern[]): Indexes {
  const owns = ({ parts }: GroupTexts) => parts.length >= OWN_AUTOMATON_PARTS_MIN;
  const shared = automatonOf([...texts.values()].filter((of) => !owns(of)).flatMap(({ parts }) => parts), keywords);
  const byGroup = new Map<number, FieldIndex>();
  for (const [group, of] of texts) {
    const reads = of.parts.length > 0 || keywords.length > 0;
    const parts = !reads ? null : owns(of) ? automatonOf(of.parts, keywords) : shared;
    byGroup.set(group, {
      field: group,
      starts: of.starts.length === 0 ? null : createTrie(of.starts, false),
      ends: of.ends.length === 0 ? null : createTrie(of.ends, true),
      parts,
      memo: parts === null ? null : new Memo(),
    });
  }
  return { byGroup, keywordsOnly: { field: ANY_FIELD, starts: null, ends: null, parts: shared, memo: new Memo() } };
}

/** One automaton for all patterns, of each the rarest window; narrower ones where there would be too many states. */
function automatonOf(parts: readonly Pattern[], keywords: readonly Pattern[]): Automaton | null {
  const patterns = [...parts, ...keywords].map((pattern) => ({ ...pattern, text: plainText(pattern.text) }));
  if (patterns.length === 0) return null;
  const grams = countGrams(patterns.map(({ text }) => text));
  for (let width = WINDOW_WIDTH;; width--) {
    const windows = patterns.map((pattern) => ({ ...pattern, text: rarestWindow(pattern.text, width, grams) }));
    if (width === 2 || statesOf(windows.map(({ text }) => text)) <= STATES_MAX) return createAutomaton(windows);
  }
}
