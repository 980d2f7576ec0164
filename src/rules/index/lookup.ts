/** From an event to the selections worth trying on it: one pass over each of its fields. */

import type { TelemetryEvent } from "../../core/event.ts";
import { ANY_FIELD, type Automaton, createAutomaton, type Pattern, STATES_MAX, statesOf } from "./automaton.ts";
import type { Candidates } from "./candidates.ts";
import { plainText } from "./characters.ts";
import { type FieldIndex, findInText, findInValue } from "./field_index.ts";
import { createMemo } from "./memo.ts";
import { createSampler, isSampled } from "./sampler.ts";
import { createTrie, type Edge } from "./trie.ts";
import { countGrams, rarestWindow, WINDOW_WIDTH } from "./window.ts";
import type { Witness } from "./witness.ts";

/** A field in which so many texts or more are looked for has an automaton or sampler of its own; those with fewer share one. */
const OWN_PARTS_MIN = 64;

/** Where all texts are so long they are looked for by themselves: UTF-16 units. */
const LONG_PART_MIN = 16;

/** So many names of fields in which nothing but keywords is looked for have a memo each; the others share one. */
const KEYWORD_NAMES_MAX = 512;

/** Of so many fields of the last event the names are kept. */
const LAST_NAMES_MAX = 64;

export interface Lookup {
  readonly byName: Map<string, FieldIndex>;
  /** Of fields in which nothing but keywords is looked for; null when there are none. */
  readonly keywordsOnly: FieldIndex | null;
  /** The names of the fields of the last event, in their order, and what `byName` has for them. */
  readonly lastNames: string[];
  readonly lastIndexes: (FieldIndex | null)[];
  /** How many of `byName` were added for such fields, as they were met. */
  keywordNames: number;
  /** Of the facts that an event has beside its fields; for keywords only once a field was met that has the name of one. */
  kind: FieldIndex | null;
  source: FieldIndex | null;
  host: FieldIndex | null;
}

/** Adds to `into` every selection that an event may meet, as far as the lookup knows of it. `spare` is overwritten. */
export function findCandidates(lookup: Lookup, event: TelemetryEvent, into: Candidates, spare: Candidates): void {
  const { lastNames, lastIndexes } = lookup;
  const { fields } = event;
  let place = 0;
  for (const name in fields) {
    // Events of a sort have the same fields in the same order.
    if (lastNames[place] !== name && place < LAST_NAMES_MAX) {
      lastNames[place] = name;
      lastIndexes[place] = indexOf(lookup, name);
    }
    const index = place < LAST_NAMES_MAX ? lastIndexes[place++] as FieldIndex | null : indexOf(lookup, name);
    if (index !== null) findInValue(index, fields[name], into, spare);
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
  return byName.get(name) ?? (keywordsOnly === null ? null : indexForKeywords(lookup, keywordsOnly, name));
}

function indexForKeywords(lookup: Lookup, keywordsOnly: FieldIndex, name: string): FieldIndex {
  if (lookup.keywordNames === KEYWORD_NAMES_MAX) return keywordsOnly;
  const index = { ...keywordsOnly, memo: createMemo() };
  lookup.byName.set(name, index);
  lookup.keywordNames++;
  return index;
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
  const building = buildLookup(witnesses, groups, seen);
  for (;;) {
    const step = building.next();
    if (step.done === true) return step.value;
  }
}

/** The same in steps, so that events can be matched between them. No step takes longer than one field with all its texts. */
export function* buildLookup(
  witnesses: readonly (readonly Witness[] | null)[],
  groups: ReadonlyMap<string, number>,
  seen: readonly string[],
): Generator<void, Lookup> {
  const texts = new Map<number, GroupTexts>();
  const keywords: Pattern[] = [];
  for (const [selection, some] of witnesses.entries()) {
    for (const witness of some ?? []) sortIn(witness, selection, groups, texts, keywords);
  }
  yield;
  const { byGroup, keywordsOnly } = yield* indexGroups(texts, keywords, seen);
  const byName = new Map<string, FieldIndex>();
  for (const [name, group] of groups) {
    const index = byGroup.get(group);
    if (index !== undefined) byName.set(name, { ...index, memo: createMemo() });
  }
  return {
    byName,
    keywordsOnly: keywords.length === 0 ? null : keywordsOnly,
    lastNames: [],
    lastIndexes: [],
    keywordNames: 0,
    kind: byName.get("event.kind") ?? null,
    source: byName.get("event.source") ?? null,
    host: byName.get("host.name") ?? null,
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

/** What finds the texts that a value holds. */
type PartsIndex = Pick<FieldIndex, "parts" | "samples" | "long">;

function* indexGroups(
  texts: ReadonlyMap<number, GroupTexts>,
  keywords: readonly Pattern[],
  seen: readonly string[],
): Generator<void, Indexes> {
  const small = [...texts.values()].map(({ parts }) => parts).filter((parts) => parts.length < OWN_PARTS_MIN);
  const sampled = areSampled(keywords) ? small.filter(areSampled) : [];
  const sharedParts = partsOf(small.filter((parts) => !sampled.includes(parts)).flat(), keywords, seen);
  yield;
  const sharedSamples = areSampled(keywords) ? samplesOf(sampled.flat(), keywords, seen) : sharedParts;
  const byGroup = new Map<number, FieldIndex>();
  for (const [group, { starts, ends, parts }] of texts) {
    yield;
    const reads = parts.length + keywords.length > 0;
    const build = areSampled(parts) ? samplesOf : partsOf;
    const shared = areSampled(parts) ? sharedSamples : sharedParts;
    const found = !reads
      ? NO_PARTS
      : parts.length < OWN_PARTS_MIN
      ? shared
      : longSamplesOf(parts, sharedSamples, seen) ?? build(parts, keywords, seen);
    byGroup.set(group, {
      field: group,
      starts: starts.length === 0 ? null : createTrie(starts, false),
      ends: ends.length === 0 ? null : createTrie(ends, true),
      ...found,
      shortest: starts.length + ends.length > 0 || found.long !== null ? 0 : found.samples?.shortest ?? 0,
      keywordsOnly: false,
      memo: createMemo(),
    });
  }
  return {
    byGroup,
    keywordsOnly: {
      field: ANY_FIELD,
      starts: null,
      ends: null,
      ...sharedSamples,
      shortest: sharedSamples.samples?.shortest ?? 0,
      keywordsOnly: true,
      memo: createMemo(),
    },
  };
}

const NO_PARTS: PartsIndex = { parts: null, samples: null, long: null };

function areSampled(parts: readonly Pattern[]): boolean {
  return parts.every(({ text }) => isSampled(text));
}

/** A sampler for texts that are all long and the keywords. A value is not gone through twice: it takes an automaton if one is short. */
function samplesOf(parts: readonly Pattern[], keywords: readonly Pattern[], seen: readonly string[]): PartsIndex {
  const all = [...parts, ...keywords];
  if (all.length === 0) return NO_PARTS;
  const samples = areSampled(keywords) ? createSampler(all, countGrams(all.map(({ text }) => text), seen)) : null;
  return samples === null ? partsOf(parts, keywords, seen) : { ...NO_PARTS, samples };
}

/** The same for texts so long that it is quicker to go through a value for them alone, and again for the keywords. */
function longSamplesOf(parts: readonly Pattern[], keywords: PartsIndex, seen: readonly string[]): PartsIndex | null {
  if (!parts.every(({ text }) => text.length >= LONG_PART_MIN)) return null;
  const long = createSampler(parts, countGrams(parts.map(({ text }) => text), seen));
  return long === null ? null : { ...keywords, long };
}

/** An automaton for texts of any length and the keywords. */
function partsOf(parts: readonly Pattern[], keywords: readonly Pattern[], seen: readonly string[]): PartsIndex {
  return { ...NO_PARTS, parts: automatonOf([...parts, ...keywords], seen) };
}

/** One automaton for all patterns, of each the rarest window; narrower ones where there would be too many states. */
function automatonOf(written: readonly Pattern[], seen: readonly string[]): Automaton | null {
  if (written.length === 0) return null;
  const patterns = written.map((pattern) => ({ ...pattern, text: plainText(pattern.text) }));
  const grams = countGrams(patterns.map(({ text }) => text), seen);
  for (let width = WINDOW_WIDTH;; width--) {
    const windows = patterns.map((pattern) => ({ ...pattern, text: rarestWindow(pattern.text, width, grams) }));
    if (width === 2 || statesOf(windows.map(({ text }) => text)) <= STATES_MAX) return createAutomaton(windows);
  }
}
