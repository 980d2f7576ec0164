/** Window facts, kept up as entries come into a window and leave it. What each says is stated in `rules/window_fact.ts`. */

import type { FieldValue } from "../core/event.ts";
import { percentileOf, type WindowMeasure } from "../rules/window_fact.ts";
import { Queue } from "./heap.ts";
import { Line, SortedNumbers, Sum } from "./numbers.ts";
import type { Entry, Window } from "./window.ts";

/** A window fact as a rule asks for it. */
export interface FactPlan {
  readonly name: string;
  /** Index of the selection. */
  readonly selection: number;
  readonly measure: WindowMeasure;
  /** Where an entry's values hold the field; -1 where the measure has none. */
  readonly slot: number;
  /** Of `sustained`: which hidden selection's events end the run, and the longest silence within it. */
  readonly run?: { readonly others: number; readonly gapMs: number };
}

/**
 * One fact of one window. `count`, `distinct`, `min`, `max`, `sum`, `avg` and the percentiles take entries in and out in any order;
 * the others want them in at the newest end and out at the oldest, which rules that use them in a condition see to.
 */
export interface Measure {
  add(entry: Entry): void;
  remove(entry: Entry): void;
  /** The fact at a time (milliseconds); `undefined` when there is nothing to measure. */
  value(window: Window, nowMs: number): FieldValue | undefined;
}

/** The numbers of a field in order, which all facts of it share: the first of them keeps them up. */
interface Ordered {
  readonly numbers: SortedNumbers;
  readonly isKept: boolean;
}

const ownNumbers = (): Ordered => ({ numbers: new SortedNumbers(), isKept: false });

/**
 * A measure with nothing in it. `soleSelection` says that every entry of the window met the fact's selection; `ordered` gives the
 * numbers of its field in order, for a measure that wants them.
 */
export function createMeasure(plan: FactPlan, soleSelection: boolean, ordered = ownNumbers): Measure {
  const { selection, slot, measure } = plan;
  switch (measure) {
    case "count":
      return soleSelection ? windowSize : new Count(selection);
    case "age":
      return new Age(selection);
    case "distinct":
      return new Distinct(selection, slot);
    case "sum":
    case "avg":
      return new Total(selection, slot, measure === "avg");
    case "last":
      return new Last(selection, slot);
    case "sustained":
      return new Run(selection, plan.run?.others ?? -1, plan.run?.gapMs ?? Infinity);
    case "slope":
      return new Slope(selection, slot);
    case "rise":
    case "ratio":
      return new Change(selection, slot, measure, ordered());
    case "min":
      return ranked(plan, 0, ordered());
    case "max":
      return ranked(plan, 100, ordered());
    default:
      return ranked(plan, percentileOf(measure) ?? 50, ordered());
  }
}

/** Measures of a window with nothing in it. Windows that are only counted share theirs, so that an idle group is small. */
export function createMeasures(plans: readonly FactPlan[], soleSelection: boolean): readonly Measure[] {
  const onlyCounted = soleSelection && plans.length === 1 && plans[0]?.measure === "count";
  if (onlyCounted) return COUNT_ONLY;
  const kept = new Map<string, SortedNumbers>();
  return plans.map((plan) =>
    createMeasure(plan, soleSelection, () => {
      const field = `${plan.selection} ${plan.slot}`;
      const known = kept.get(field);
      const numbers = known ?? new SortedNumbers();
      kept.set(field, numbers);
      return { numbers, isKept: known !== undefined };
    })
  );
}

/** The number an entry has for a field: a finite number, or a text that is one. */
export function numberIn(entry: Entry, slot: number): number | undefined {
  const value = entry.values[slot];
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

const windowSize: Measure = { add() {}, remove() {}, value: (window) => window.size };

const COUNT_ONLY: readonly Measure[] = [windowSize];

class Count implements Measure {
  #count = 0;
  constructor(readonly selection: number) {}
  add(entry: Entry): void {
    if (entry.met.includes(this.selection)) this.#count++;
  }
  remove(entry: Entry): void {
    if (entry.met.includes(this.selection)) this.#count--;
  }
  value(): number {
    return this.#count;
  }
}

class Age implements Measure {
  readonly #times = new Queue<number>();
  constructor(readonly selection: number) {}
  add(entry: Entry): void {
    if (entry.met.includes(this.selection)) this.#times.push(entry.timeMs);
  }
  remove(entry: Entry): void {
    if (entry.met.includes(this.selection)) this.#times.shift();
  }
  value(_window: Window, nowMs: number): number | undefined {
    const first = this.#times.peek();
    return first === undefined ? undefined : (nowMs - first) / 1000;
  }
}

/** The run of events that met the selection, none of its kind between them that did not: it goes on when its events expire. */
class Run implements Measure {
  #fromMs = NaN;
  #toMs = NaN;
  constructor(readonly selection: number, readonly others: number, readonly gapMs: number) {}
  add({ met, timeMs }: Entry): void {
    if (met.includes(this.selection)) {
      if (!(timeMs - this.#toMs <= this.gapMs)) this.#fromMs = timeMs;
      this.#toMs = timeMs;
    } else if (met.includes(this.others)) this.#fromMs = this.#toMs = NaN;
  }
  remove(): void {}
  value(): number {
    return Number.isNaN(this.#fromMs) ? 0 : (this.#toMs - this.#fromMs) / 1000;
  }
}

class Distinct implements Measure {
  readonly #seen = new Map<string | number | boolean, number>();
  constructor(readonly selection: number, readonly slot: number) {}
  add(entry: Entry): void {
    const key = this.#key(entry);
    if (key !== undefined) this.#seen.set(key, (this.#seen.get(key) ?? 0) + 1);
  }
  remove(entry: Entry): void {
    const key = this.#key(entry);
    if (key === undefined) return;
    const left = (this.#seen.get(key) ?? 0) - 1;
    if (left > 0) this.#seen.set(key, left);
    else this.#seen.delete(key);
  }
  value(): number {
    return this.#seen.size;
  }
  #key(entry: Entry): string | number | boolean | undefined {
    const value = entry.met.includes(this.selection) ? entry.values[this.slot] : undefined;
    if (value === undefined || value === null) return undefined;
    return typeof value === "object" ? `\u0000${JSON.stringify(value)}` : value;
  }
}

/** A measure of the numbers of one field of one selection. */
abstract class Numeric implements Measure {
  constructor(readonly selection: number, readonly slot: number) {}
  add(entry: Entry): void {
    const x = entry.met.includes(this.selection) ? numberIn(entry, this.slot) : undefined;
    if (x !== undefined) this.come(x, entry);
  }
  remove(entry: Entry): void {
    const x = entry.met.includes(this.selection) ? numberIn(entry, this.slot) : undefined;
    if (x !== undefined) this.go(x);
  }
  protected abstract come(x: number, entry: Entry): void;
  protected abstract go(x: number): void;
  abstract value(window: Window, nowMs: number): FieldValue | undefined;
}

class Total extends Numeric {
  readonly #sum = new Sum();
  #count = 0;
  constructor(selection: number, slot: number, readonly averaged: boolean) {
    super(selection, slot);
  }
  protected come(x: number): void {
    this.#count++;
    this.#sum.add(x);
  }
  protected go(x: number): void {
    this.#count--;
    this.#sum.remove(x);
  }
  value(): number | undefined {
    if (this.#count === 0) return undefined;
    return this.averaged ? this.#sum.value / this.#count : this.#sum.value;
  }
}

class Ranked extends Numeric {
  constructor(selection: number, slot: number, readonly percent: number, readonly numbers: SortedNumbers) {
    super(selection, slot);
  }
  protected come(x: number): void {
    this.numbers.add(x);
  }
  protected go(x: number): void {
    this.numbers.remove(x);
  }
  value(): number | undefined {
    return this.numbers.percentile(this.percent);
  }
}

/** A percentile; of numbers that another measure keeps up, nothing but a look. */
function ranked({ selection, slot }: FactPlan, percent: number, { numbers, isKept }: Ordered): Measure {
  if (!isKept) return new Ranked(selection, slot, percent, numbers);
  return { add() {}, remove() {}, value: () => numbers.percentile(percent) };
}

class Slope extends Numeric {
  readonly #line = new Line();
  protected come(x: number, entry: Entry): void {
    this.#line.push(entry.timeMs, x);
  }
  protected go(): void {
    this.#line.shift();
  }
  value(): number | undefined {
    return this.#line.slope;
  }
}

/** The last number against those before it. */
class Change extends Numeric {
  readonly #sum = new Sum();
  #last = 0;
  constructor(selection: number, slot: number, readonly how: "rise" | "ratio", readonly ordered: Ordered) {
    super(selection, slot);
  }
  protected come(x: number): void {
    if (!this.ordered.isKept) this.ordered.numbers.add(x);
    this.#sum.add(x);
    this.#last = x;
  }
  protected go(x: number): void {
    if (!this.ordered.isKept) this.ordered.numbers.remove(x);
    this.#sum.remove(x);
  }
  value(): number | undefined {
    const { numbers } = this.ordered;
    const earlier = numbers.size - 1;
    const smallest = numbers.at(0);
    if (earlier < 1 || smallest === undefined) return undefined;
    if (this.how === "rise") return this.#last - (smallest < this.#last ? smallest : numbers.at(1) ?? smallest);
    const average = (this.#sum.value - this.#last) / earlier;
    return average === 0 ? undefined : this.#last / average;
  }
}

class Last implements Measure {
  #last: Entry | undefined;
  constructor(readonly selection: number, readonly slot: number) {}
  add(entry: Entry): void {
    if (entry.met.includes(this.selection) && entry.values[this.slot] !== undefined) this.#last = entry;
  }
  remove(entry: Entry): void {
    if (entry === this.#last) this.#last = undefined;
  }
  value(): FieldValue | undefined {
    return this.#last?.values[this.slot];
  }
}
