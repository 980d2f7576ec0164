/**
 * Masks secrets in texts from outside before they are stored. What is masked is replaced by {@linkcode MASK}; what was there is
 * kept nowhere.
 */

import { z } from "zod";
import { compileExpression, type Expression } from "./expression.ts";
import { LITERAL_LENGTH_MIN, literalSieve } from "./literal_sieve.ts";
import { DEFAULT_PATTERNS, type MaskingPattern } from "./masking_patterns.ts";

/** What stands in place of a secret. */
export const MASK = "***";

/** Of one pattern, so many secrets in a text are masked one by one; behind the last of them all of the rest is. */
export const SECRETS_MAX = 1_000;

export const maskingSchema = z.strictObject({
  defaults: z.boolean().default(true)
    .describe(
      "Whether the patterns that come with Weir are looked for: passwords, tokens and keys in options, URLs, headers",
    ),
  patterns: z.array(z.string().min(1).superRefine(checkPattern)).max(100).default([])
    .describe(
      "Expressions of one's own. What one finds is masked, but for its first group, which stands at its beginning, and its second, at its end",
    )
    .meta({ examples: [["(?i)(pin=)\\d+", "EMP-\\d+"]] }),
});

export type MaskingConfig = z.output<typeof maskingSchema>;

/** Masks the secrets in a text. */
export type Mask = (text: string) => string;

export interface Masking {
  readonly mask: Mask;
  /** Masks the secrets in a command's arguments, where the name of a secret may stand in the argument before it. */
  maskArgs(args: readonly string[]): readonly string[];
}

/** Nothing is masked. */
export const noMasking: Masking = { mask: (text) => text, maskArgs: (args) => args };

/** From, and up to but not with: UTF-16 units. */
type Span = readonly [start: number, end: number];

interface Pattern {
  readonly expression: Expression;
  /** Of these one must be in the lower case of the text; null: it has to be tried. */
  readonly literals: readonly string[] | null;
}

/** @throws {TypeError} when a pattern is none; a configuration that was checked has no such pattern. */
export function createMasking({ defaults, patterns }: MaskingConfig): Masking {
  const all = [...(defaults ? DEFAULT_PATTERNS : []), ...patterns.map((expression): MaskingPattern => ({ expression }))]
    .map(compile);
  if (all.length === 0) return noMasking;
  const spansOf = spanFinder(all);
  return {
    mask: (text) => masked(text, spansOf(text)),
    maskArgs(args) {
      const text = args.join(" ");
      const spans = spansOf(text);
      return spans.length === 0 ? args : maskedArgs(args, spans);
    },
  };
}

function compile({ expression: pattern, literals }: MaskingPattern): Pattern {
  const expression = compileExpression(pattern);
  if ("error" in expression) {
    throw new TypeError(`Cannot mask by a pattern as ${expression.error}: current value is ${JSON.stringify(pattern)}`);
  }
  const own = expression.literal;
  const isUsable = own !== null && own.length >= LITERAL_LENGTH_MIN && /^[\x21-\x7e ]+$/.test(own);
  return { expression, literals: literals ?? (isUsable ? [own] : null) };
}

/** Where secrets are: most texts hold none of the literals, and are let pass by that. */
function spanFinder(patterns: readonly Pattern[]): (text: string) => readonly Span[] {
  const sieved = patterns.filter(({ literals }) => literals !== null);
  const others = patterns.filter(({ literals }) => literals === null);
  const sieve = literalSieve(sieved.map(({ literals }) => literals ?? []));
  return (text) => {
    const found = sieve(text);
    if (found.length === 0 && others.length === 0) return NO_SPANS;
    const spans: Span[] = [];
    for (const number of found) addSpans(spans, text, sieved[number]);
    for (const pattern of others) addSpans(spans, text, pattern);
    return together(spans);
  };
}

const NO_SPANS: readonly Span[] = [];

function addSpans(spans: Span[], text: string, pattern: Pattern | undefined): void {
  let count = 0;
  for (let found = pattern?.expression.find(text, 0) ?? null; found !== null;) {
    const start = found.start + found.first.length;
    const end = found.end - found.second.length;
    if (++count > SECRETS_MAX) {
      spans.push([start, text.length]);
      return;
    }
    if (end > start) spans.push([start, end]);
    const from = Math.max(found.end, found.start + 1);
    found = from <= text.length ? pattern?.expression.find(text, from) ?? null : null;
  }
}

/** Spans in order, those that meet as one. */
function together(spans: Span[]): Span[] {
  if (spans.length < 2) return spans;
  spans.sort((a, b) => a[0] - b[0]);
  const merged: Span[] = [];
  for (const [start, end] of spans) {
    const last = merged.at(-1);
    if (last === undefined || start > last[1]) merged.push([start, end]);
    else merged[merged.length - 1] = [last[0], Math.max(last[1], end)];
  }
  return merged;
}

function masked(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let [result, at] = ["", 0];
  for (const [start, end] of spans) {
    result += text.slice(at, start) + MASK;
    at = end;
  }
  return result + text.slice(at);
}

/**
 * The same of arguments, by spans of the text that they make when joined by blanks. An argument that is an option, or a secret
 * from its beginning on, is masked to its end: a blank in it does not end the secret, as it would in a line.
 */
function maskedArgs(args: readonly string[], spans: readonly Span[]): string[] {
  let offset = 0;
  return args.map((arg) => {
    const from = offset;
    offset += arg.length + 1;
    const own = spans.filter(([start, end]) => start < from + arg.length && end > from)
      .map(([start, end]): Span => [Math.max(0, start - from), Math.min(arg.length, end - from)]);
    const [first] = own;
    if (first === undefined) return arg;
    const isWhole = first[0] === 0 || (arg.startsWith("-") && first[0] < (/\s/.exec(arg)?.index ?? Infinity));
    return isWhole ? arg.slice(0, first[0]) + MASK : masked(arg, own);
  });
}

/** Says what is wrong with a pattern of the configuration. */
function checkPattern(pattern: string, context: z.RefinementCtx): void {
  const expression = compileExpression(pattern);
  if (!("error" in expression)) return;
  context.addIssue({
    code: "custom",
    message: `must be an expression that can be used: ${expression.error}`,
    input: pattern,
  });
}
