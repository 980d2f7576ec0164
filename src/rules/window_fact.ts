/** Window facts: what a correlation's `when` may ask of the events a selection met, `<selection>.<measure>[.<field>]`. */

import { nameHint } from "../core/errors.ts";

/** Measures of the selection itself. */
export const SELECTION_MEASURES = ["count", "age"] as const;

/** Measures of one field over the selection's events. Beside them stand the percentiles, `p1` to `p99`. */
export const FIELD_MEASURES = ["distinct", "sum", "avg", "min", "max", "last", "slope", "rise", "ratio"] as const;

/** Measures that a pattern of the correlation gives to its selection, and which pattern. */
export const PATTERN_MEASURES = {
  sustained: "sustained",
  absent: "absent",
  deviations: "baseline",
  baseline: "baseline",
} as const;

type PatternMeasure = keyof typeof PATTERN_MEASURES;

type Percentile = `p${number}`;

/**
 * What is measured. Facts are absent where there is nothing to measure, so a comparison with them does not hold.
 *
 * - `count`: events; 0 when there is none.
 * - `age`: seconds from the selection's first event in the window to the time of evaluation.
 * - `distinct`: different values of the field; 0 when there is none.
 * - `sum`, `avg`, `min`, `max`: of the field's numbers.
 * - `last`: the field's latest value, of whatever type.
 * - `slope`: change of the field per second, by least squares; from two events at different times on.
 * - `rise`: the last number less the smallest before it; from two numbers on.
 * - `ratio`: the last number divided by the average of those before it; from two numbers on, and not where that is 0.
 * - `p1` ... `p99`: the percentile, linear between the closest ranks.
 * - `sustained`: seconds from the first to the last event of the run that was not broken; 0 when there is none.
 * - `absent`: seconds waited.
 * - `deviations`: how far the farthest value in the window lies from the group's history.
 * - `baseline`: the median that the latest of them was held against.
 */
export type WindowMeasure =
  | typeof SELECTION_MEASURES[number]
  | typeof FIELD_MEASURES[number]
  | PatternMeasure
  | Percentile;

/** A window fact taken apart. */
export interface WindowFact {
  readonly selection: string;
  readonly measure: WindowMeasure;
  /** The field measured; null for those of the selection itself and of a pattern. */
  readonly field: string | null;
}

/** Measures whose field must hold numbers. */
export function needsNumbers(measure: WindowMeasure): boolean {
  return isPercentile(measure) ||
    (FIELD_MEASURES.some((m) => m === measure) && measure !== "distinct" && measure !== "last");
}

/** The pattern that a correlation must have for a measure to be there; `undefined` where any has it. */
export function patternOf(measure: string): "sustained" | "absent" | "baseline" | undefined {
  return isPatternMeasure(measure) ? PATTERN_MEASURES[measure] : undefined;
}

/** The percentile a measure asks for, 1 to 99, or `undefined` when it is another measure. */
export function percentileOf(measure: WindowMeasure): number | undefined {
  return isPercentile(measure) ? Number(measure.slice(1)) : undefined;
}

/** The parts of a window fact's name, or `undefined` when it is not one of these selections'. */
export function parseWindowFact(name: string, selectionNames: Iterable<string>): WindowFact | undefined {
  const parts = split(name);
  if (parts === undefined) return undefined;
  const { selection, measure, field } = parts;
  if (![...selectionNames].includes(selection)) return undefined;
  const known = field === null ? ownMeasure(measure) : fieldMeasure(measure);
  return known === undefined || field === "" ? undefined : { selection, measure: known, field };
}

/** Why a name is no window fact, as the end of a sentence, with what would be right. For a name that does not parse. */
export function windowFactProblem(
  name: string,
  selectionNames: readonly string[],
): { readonly problem: string; readonly hint: string } {
  const form = "<selection>.count, <selection>.age or <selection>.<measure>.<field>";
  const parts = split(name);
  if (parts === undefined) {
    return { problem: "a window fact must be a selection and a measure", hint: `as in ${form}` };
  }
  const { selection, measure, field } = parts;
  if (!selectionNames.includes(selection)) {
    return { problem: "it must start with the name of a selection", hint: nameHint(selection, selectionNames) };
  }
  if ((field === null || field === "") && fieldMeasure(measure) !== undefined) {
    return { problem: `"${measure}" must name a field`, hint: `as in ${selection}.${measure}.process.pid` };
  }
  if (field !== null && ownMeasure(measure) !== undefined) {
    return { problem: `"${measure}" must stand without a field`, hint: `as in ${selection}.${measure}` };
  }
  const measures = [...SELECTION_MEASURES, ...FIELD_MEASURES, "p95"];
  return { problem: `"${measure}" must be a measure`, hint: nameHint(measure, measures) };
}

function split(name: string): { selection: string; measure: string; field: string | null } | undefined {
  const first = name.indexOf(".");
  if (first <= 0) return undefined;
  const second = name.indexOf(".", first + 1);
  const selection = name.slice(0, first);
  if (second < 0) return { selection, measure: name.slice(first + 1), field: null };
  return { selection, measure: name.slice(first + 1, second), field: name.slice(second + 1) };
}

function ownMeasure(measure: string): WindowMeasure | undefined {
  return SELECTION_MEASURES.find((m) => m === measure) ?? (isPatternMeasure(measure) ? measure : undefined);
}

function isPatternMeasure(measure: string): measure is PatternMeasure {
  return Object.hasOwn(PATTERN_MEASURES, measure);
}

function fieldMeasure(measure: string): WindowMeasure | undefined {
  return FIELD_MEASURES.find((m) => m === measure) ?? (isPercentile(measure) ? measure : undefined);
}

function isPercentile(measure: string): measure is Percentile {
  return /^p[1-9]\d?$/.test(measure);
}
