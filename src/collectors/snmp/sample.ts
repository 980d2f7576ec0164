/** The values of one row, as numbers and texts: what cannot be is left out, and counted. */

import type { Fields, FieldValue } from "../../core/event.ts";
import { type CounterMemory, type Growth, type Quality, worstOf } from "./counter.ts";
import { nameOfValue, objectNamed } from "./objects.ts";
import { asBigInt, asNumber, asText, type Varbind } from "./varbind.ts";

/** One event to be. */
export interface Told {
  readonly kind: string;
  /** Tells rows of one kind in one poll apart; empty where there is one. */
  readonly row: string;
  readonly fields: Fields;
}

/** What is known of a poll besides its values, and what is counted on the way. */
export interface TellContext {
  readonly memory: CounterMemory;
  /** Whether the agent started anew since the last poll. */
  readonly isRestarted: boolean;
  /** Metrics that were chosen. */
  readonly metrics: ReadonlySet<string>;
  /** Values that cannot be: of another type, negative, no number. */
  refused: number;
}

/** A counter read from a row. */
interface Counter {
  readonly value: bigint;
  readonly growth: Growth;
}

/** Reads the values of one row by the names of their objects. */
export class Sample {
  readonly #qualities: Quality[] = [];

  constructor(
    readonly values: ReadonlyMap<string, Varbind>,
    readonly context: TellContext,
    /** When the row was read, by the clock that never goes back: milliseconds. */
    readonly atMs: number,
    isPartial: boolean,
  ) {
    if (isPartial) this.#qualities.push("partial");
  }

  /** The worst of what was said of the row's values. */
  get quality(): Quality {
    return worstOf(this.#qualities);
  }

  note(quality: Quality): void {
    this.#qualities.push(quality);
  }

  /** Counts a value that cannot be. */
  refuse(): void {
    this.context.refused++;
  }

  text(name: string): string | undefined {
    const varbind = this.values.get(name);
    return varbind === undefined ? undefined : asText(varbind);
  }

  /** A number that cannot be negative. */
  number(name: string): number | undefined {
    const value = this.signed(name);
    if (value === undefined || value >= 0) return value;
    this.refuse();
    return undefined;
  }

  signed(name: string): number | undefined {
    const varbind = this.values.get(name);
    if (varbind === undefined) return undefined;
    const value = asNumber(varbind);
    if (value === undefined) this.refuse();
    return value;
  }

  /** A number in a text, as load averages are; such a number also where the agent sends it as one. */
  decimal(name: string): number | undefined {
    const varbind = this.values.get(name);
    if (varbind === undefined) return undefined;
    const text = asText(varbind)?.trim() ?? "";
    const value = /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (Number.isFinite(value)) return value;
    this.refuse();
    return undefined;
  }

  /** The name of a number or an identifier; where it has none, what it is. */
  choice(name: string): string | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : nameOfValue(objectNamed(name), text) ?? text;
  }

  /** A counter, and what it grew by. `row` tells the row, the same in each poll. */
  counter(
    name: string,
    row: string,
    { bits, isRestarted, perSecondMax }: { bits: 32 | 64; isRestarted?: boolean; perSecondMax?: number | undefined },
  ): Counter | undefined {
    const varbind = this.values.get(name);
    if (varbind === undefined) return undefined;
    const value = asBigInt(varbind);
    if (value === undefined || value < 0n || value >> BigInt(bits) !== 0n) {
      this.refuse();
      return undefined;
    }
    const growth = this.context.memory.growth(`${row}\0${name}`, { value, bits, atMs: this.atMs }, {
      isRestarted: this.context.isRestarted || isRestarted === true,
      perSecondMax,
    });
    this.note(growth.quality);
    return { value, growth };
  }
}

/** An event of what is known of a row. */
export function told(
  kind: string,
  row: string,
  sample: Pick<Sample, "quality">,
  fields: Readonly<Record<string, FieldValue | undefined>>,
): Told {
  const known: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || (typeof value === "number" && !Number.isFinite(value))) continue;
    known[name] = value;
  }
  known["snmp.quality"] = sample.quality;
  return { kind, row, fields: known };
}

/** 0 to 100 of the whole, to a hundredth; `undefined` where there is no whole. */
export function share(part: number | undefined, whole: number | undefined): number | undefined {
  if (part === undefined || whole === undefined || whole <= 0) return undefined;
  return Math.round(Math.min(100, Math.max(0, (part / whole) * 100)) * 100) / 100;
}

/** A whole number in full, where a number cannot hold it. */
export function exact(value: bigint | undefined): string | undefined {
  return value !== undefined && value > BigInt(Number.MAX_SAFE_INTEGER) ? String(value) : undefined;
}

/** A whole number as a number: past 2^53 the nearest. */
export function nearest(value: bigint | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
