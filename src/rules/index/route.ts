/** The selections that one sort of event is offered to, indexed, and the index mended by what it is seen to do. */

import type { TelemetryEvent } from "../../core/event.ts";
import { testsOf } from "../compile.ts";
import type { Condition, Predicate } from "../condition.ts";
import type { Match } from "../rule.ts";
import type { Subject } from "../subject.ts";
import { Candidates } from "./candidates.ts";
import { groupFields } from "./field_groups.ts";
import { buildLookup, createLookup, findCandidates, type Lookup, type SeenTexts } from "./lookup.ts";
import { guessedRate, type SeenRates, seenRates } from "./rates.ts";
import { type Cover, coversOf, type Rate, type Witness } from "./witness.ts";

/** A selection of events, with the match to report when it is met. */
export interface Entry {
  readonly match: Match;
  /** Null: met by every event it is offered. */
  readonly where: Condition | null;
  /** `where` as a closure. */
  readonly accepts: Predicate | null;
}

/** How many events are kept to see how often witnesses are there: a prime, so that they do not keep step with a stream that repeats. */
const SAMPLE_SIZE = 127;

/** An event with a longer text is not kept for that: UTF-16 units. */
const SAMPLED_LENGTH_MAX = 4_096;

/** After so many events the index is first mended; then each time after eight times as many. */
const FIRST_MEND_EVENTS = 1_024;
const MEND_INTERVAL_FACTOR = 8;

/** After so many events it is mended again, however many there were before. */
const MEND_INTERVAL_MAX_EVENTS = 1_048_576;

/** At most so many selections get other witnesses at a time. */
const MENDED_MAX = 64;

/** A selection that names more texts keeps those it has: to see how often each is there would take too long. */
const MENDED_TEXTS_MAX = 500;

/** A selection tried in vain on less than this share of events is as good as it needs to be. */
const VAIN_SHARE = 0.001;

/** A second cover is asked for where it leaves no more than this share of the events that hold the first. */
const SECOND_COVER_SHARE_MAX = 0.5;

/** What a route has done since it was made. */
export interface RouteCounts {
  readonly events: number;
  /** Conditions evaluated. */
  readonly tried: number;
}

/** What takes the place of a lookup, and the witnesses it is of. */
interface Mended {
  readonly witnesses: readonly (readonly Witness[] | null)[];
  readonly lookup: Lookup;
}

/** A route of these selections, in the order in which matches are to be reported. */
export class Route {
  readonly #entries: readonly Entry[];
  readonly #accepts: readonly (Predicate | null)[];
  readonly #guessed: Rate;
  /** Of each selection what an event must hold; then, in the same order, what it must hold as well, where that is asked for. */
  #witnesses: readonly (readonly Witness[] | null)[];
  /** Selections that are tried on every event. */
  readonly #always: Uint32Array;
  /** Numbers in `#witnesses` of which the event holds one. */
  readonly #found: Candidates;
  /** Selections of which it holds all that is asked for. */
  readonly #candidates: Candidates;
  /** Of which it holds one of two. */
  readonly #halves: Candidates;
  readonly #spare: Candidates;
  /** How often each was tried in vain since the index was last mended. */
  readonly #vain: Uint32Array;
  #lookup: Lookup;
  /** The next lookup while it is being built: a step an event, so that none waits long. */
  #building: Generator<void, Mended> | null = null;
  #sample: TelemetryEvent[] = [];
  #events = 0;
  #tried = 0;
  #mendedAt = 0;
  #nextSample = 0;
  #interval = FIRST_MEND_EVENTS;

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.#accepts = entries.map(({ accepts }) => accepts);
    const conditions = entries.flatMap(({ where }) => where === null ? [] : [where]);
    this.#guessed = guessedRate(conditions);
    const covers = entries.map(({ where }) => where === null ? undefined : coversOf(where, this.#guessed)[0]);
    this.#witnesses = [...covers.map((cover) => cover?.witnesses ?? null), ...entries.map(() => null)];
    this.#always = Uint32Array.from(entries.keys().filter((id) => this.#witnesses[id] === null));
    this.#found = new Candidates(this.#witnesses.length);
    this.#spare = new Candidates(this.#witnesses.length);
    this.#candidates = new Candidates(entries.length);
    this.#halves = new Candidates(entries.length);
    this.#vain = new Uint32Array(entries.length);
    this.#lookup = createLookup(this.#witnesses, groupFields(conditions), new Map());
  }

  get counts(): RouteCounts {
    return { events: this.#events, tried: this.#tried };
  }

  /** Appends the match of each selection that the event meets. The subject is made to stand for the event when it is needed. */
  match(event: TelemetryEvent, subject: Subject, into: Match[]): void {
    const candidates = this.#candidates;
    candidates.reset();
    candidates.addAll(this.#always);
    this.#found.reset();
    findCandidates(this.#lookup, event, this.#found, this.#spare);
    if (this.#found.count > 0) this.#addFound();
    this.#count(event, candidates.count);
    if (candidates.count === 0) return;
    subject.reset(event, this.#lookup.layout);
    const met = this.#keepMet(subject, candidates);
    for (let i = 0; i < met; i++) into.push((this.#entries[candidates.ids[i] as number] as Entry).match);
  }

  /** Adds to the candidates what was found, where two things are asked for only what was found with both. */
  #addFound(): void {
    const { ids, count } = this.#found;
    const selections = this.#entries.length;
    this.#halves.reset();
    for (let i = 0; i < count; i++) {
      const id = ids[i] as number;
      const selection = id < selections ? id : id - selections;
      if (this.#witnesses[selection + selections] === null || !this.#halves.add(selection)) {
        this.#candidates.add(selection);
      }
    }
  }

  /** Leaves only those candidates that the event meets, in the order of the selections, and says how many they are. */
  #keepMet(subject: Subject, { ids, count }: Candidates): number {
    let met = 0;
    for (let i = 0; i < count; i++) {
      const id = ids[i] as number;
      const accepts = this.#accepts[id] as Predicate | null;
      if (accepts !== null && !accepts(subject)) {
        (this.#vain[id] as number)++;
        continue;
      }
      let place = met++;
      for (; place > 0 && (ids[place - 1] as number) > id; place--) ids[place] = ids[place - 1] as number;
      ids[place] = id;
    }
    return met;
  }

  #count(event: TelemetryEvent, tried: number): void {
    this.#tried += tried;
    if (this.#building !== null) this.#build(this.#building);
    if (this.#events++ < this.#nextSample) return;
    if (isSampled(event)) this.#sample.push(event);
    this.#nextSample += this.#interval / SAMPLE_SIZE;
    if (this.#events - this.#mendedAt >= this.#interval) this.#mend();
  }

  /** Sets about giving other witnesses to those most often tried in vain, and counts anew. */
  #mend(): void {
    this.#building = this.#mended(this.#worst(), this.#sample);
    this.#vain.fill(0);
    this.#sample = [];
    this.#mendedAt = this.#events;
    this.#interval = Math.min(this.#interval * MEND_INTERVAL_FACTOR, MEND_INTERVAL_MAX_EVENTS);
    this.#nextSample = this.#events;
  }

  /** A lookup by witnesses that the sample speaks for. Until it is there, the old one stays in use. */
  *#mended(worst: readonly number[], sample: readonly TelemetryEvent[]): Generator<void, Mended> {
    const rates = seenRates(sample, this.#guessed);
    const witnesses = [...this.#witnesses];
    for (const id of worst) {
      yield;
      const where = this.#entries[id]?.where ?? null;
      const [first, second] = where === null ? [] : bestCovers(coversOf(where, rates.rateOf), rates);
      witnesses[id] = first?.witnesses ?? null;
      witnesses[id + this.#entries.length] = second?.witnesses ?? null;
    }
    return { witnesses, lookup: yield* buildLookup(witnesses, this.#lookup, seenTexts(sample)) };
  }

  #build(building: Generator<void, Mended>): void {
    const step = building.next();
    if (step.done !== true) return;
    this.#witnesses = step.value.witnesses;
    this.#lookup = step.value.lookup;
    this.#building = null;
  }

  #worst(): number[] {
    const many = VAIN_SHARE * (this.#events - this.#mendedAt);
    const vain = (id: number) => this.#vain[id] as number;
    const worst = [...this.#vain.keys()].filter((id) => vain(id) >= many && this.#isMendable(id));
    return worst.sort((a, b) => vain(b) - vain(a)).slice(0, MENDED_MAX);
  }

  #isMendable(id: number): boolean {
    const where = this.#entries[id]?.where ?? null;
    if (where === null || this.#witnesses[id] === null) return false;
    let texts = 0;
    for (const { witnesses } of testsOf(where)) texts += witnesses?.length ?? 0;
    return texts <= MENDED_TEXTS_MAX;
  }
}

/** The rarest of some covers, and the one that is least often there with it, if that is seldom enough. */
function bestCovers(covers: readonly Cover[], { shareOfBoth }: SeenRates): readonly Cover[] {
  const [first, ...others] = covers;
  if (first === undefined) return [];
  const alone = shareOfBoth(first, first);
  if (alone === 0) return [first];
  let least = SECOND_COVER_SHARE_MAX * alone;
  let best: Cover | null = null;
  for (const other of others) {
    const share = shareOfBoth(first, other);
    if (share <= least && (best === null || share < least)) [least, best] = [share, other];
  }
  return best === null ? [first] : [first, best];
}

function isSampled({ fields }: TelemetryEvent): boolean {
  return Object.values(fields).flat().every((value) => typeof value !== "string" || value.length <= SAMPLED_LENGTH_MAX);
}

/** The texts in some events by the field they are in, in lower case. */
function seenTexts(events: readonly TelemetryEvent[]): SeenTexts {
  const texts = new Map<string, string[]>();
  for (const [name, value] of events.flatMap(({ fields }) => Object.entries(fields))) {
    const of = texts.get(name) ?? [];
    texts.set(name, of);
    for (const one of [value].flat()) if (typeof one === "string") of.push(one.toLowerCase());
  }
  return texts;
}
