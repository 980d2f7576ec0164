/**
 * Regular expressions that cannot hang: V8's engine where it vouches for linear time, else re2js, else none.
 *
 * The dialect is the part of PCRE that both share: `.` is anything but a line feed, `$` stands at the end or before a last
 * line feed, `(?ims)` at the start sets flags. Back-references, lookaround, atomic groups and recursion are refused.
 */

import { RE2JS } from "re2js";
import { messageOf } from "./errors.ts";
import { type ExpressionFlags, type ReadExpression, readExpression } from "./expression_syntax.ts";

/** The longest expression taken: UTF-16 units. */
export const EXPRESSION_LENGTH_MAX = 10_000;

/** An expression ready to run. */
export interface Expression {
  readonly engine: "v8" | "re2js";
  /** Whether it is found anywhere in the text. Takes time linear in the text. */
  test(text: string): boolean;
  /** The first place at or after `from` where it is found; null when there is none. */
  find(text: string, from: number): Found | null;
  /** In lower case: one of them is in the lower case of whatever it is found in. Null when none can be named. */
  readonly literals: readonly string[] | null;
}

/** Where an expression was found: UTF-16 units from the beginning of the text, `end` being the first one behind. */
export interface Found {
  readonly start: number;
  readonly end: number;
  /** What its first two groups took; empty where there is no such group, or it took nothing. */
  readonly first: string;
  readonly second: string;
}

/** Why an expression is refused. */
export interface ExpressionError {
  /** What it may not hold, or what is wrong with it: "it may not hold a back-reference". */
  readonly error: string;
  /** Where in the expression: UTF-16 units from its start. */
  readonly offset: number;
}

/** Compiles an expression, or says why it is refused. Never throws. */
export function compileExpression(pattern: string, flags: ExpressionFlags = {}): Expression | ExpressionError {
  if (pattern.length > EXPRESSION_LENGTH_MAX) {
    return { error: `it must be at most ${EXPRESSION_LENGTH_MAX} characters long`, offset: EXPRESSION_LENGTH_MAX };
  }
  const read = readExpression(pattern, flags);
  if ("error" in read) return read;
  return compileForV8(read) ?? compileForRe2(pattern, read);
}

/** Whether V8 was started with its linear engine. Without it every expression runs on re2js: as safe, and slower. */
export function hasLinearEngine(): boolean {
  try {
    return new RegExp("", "l").test("");
  } catch {
    return false;
  }
}

function compileForV8({ v8, needs: { lengthMin, literals } }: ReadExpression): Expression | undefined {
  const expression = v8 === null ? undefined : linearForV8(v8);
  if (v8 === null || expression === undefined) return undefined;
  const finder = new RegExp(v8, "g");
  const find = (text: string, from: number): Found | null => {
    finder.lastIndex = from;
    const found = finder.exec(text);
    if (found === null) return null;
    const { index, 0: whole, 1: first = "", 2: second = "" } = found;
    return { start: index, end: index + whole.length, first, second };
  };
  return { engine: "v8", test: (text) => text.length >= lengthMin && expression.test(text), find, literals };
}

/** The expression for V8 if its linear engine takes it. */
function linearForV8(v8: string): RegExp | undefined {
  try {
    // The flag `l` makes V8 refuse whatever its linear engine does not take. What it takes runs faster without the flag:
    // the ordinary engine hands over to the linear one as soon as it backtracks much (see the --v8-flags in deno.json).
    new RegExp(v8, "l");
    return new RegExp(v8);
  } catch {
    return undefined;
  }
}

/** re2js is slow: it gets to see only what is long enough and what a looser expression is found in that V8 takes. */
function compileForRe2(pattern: string, { v8, re2, flags, needs }: ReadExpression): Expression | ExpressionError {
  const bits = (flags.i ? RE2JS.CASE_INSENSITIVE : 0) | (flags.m ? RE2JS.MULTILINE : 0) | (flags.s ? RE2JS.DOTALL : 0);
  try {
    const expression = RE2JS.compile(re2, bits);
    const looser = v8 === null ? undefined : linearForV8(withoutCounts(v8));
    const { lengthMin, literals } = needs;
    const test = (text: string) =>
      text.length >= lengthMin && (looser === undefined || looser.test(text)) && expression.test(text);
    const find = (text: string, from: number): Found | null => {
      const matcher = expression.matcher(text);
      if (from > text.length || !matcher.find(from)) return null;
      const group = (number: number) => (matcher.groupCount() >= number ? matcher.group(number) ?? "" : "");
      return { start: matcher.start(), end: matcher.end(), first: group(1), second: group(2) };
    };
    return { engine: "re2js", test, find, literals };
  } catch (error) {
    const message = messageOf(error).replace(/^error parsing regexp: /, "").replace(/: `[^]*`$/, "");
    return { error: `it must be one that runs in linear time: ${message}`, offset: offsetOf(error, pattern) };
  }
}

/**
 * An expression with each count (`{2,8}`) without its bounds, which takes all that it took and more. Counts are what V8's linear engine
 * most often refuses; without them it can say quickly of most texts that the slower engine need not look.
 */
function withoutCounts(v8: string): string {
  const escapeOrClassOrCount = /\\[^]|\[(?:\\[^]|[^\]\\])*\]|\{(\d+)(?:,\d*)?\}/g;
  return v8.replace(escapeOrClassOrCount, (found, least?: string) => {
    if (least === undefined) return found;
    return Number(least) === 0 ? "*" : "+";
  });
}

/** Where the part of the expression stands that re2js complains of. */
function offsetOf(error: unknown, pattern: string): number {
  const part = typeof error === "object" && error !== null && "input" in error ? error.input : undefined;
  return typeof part === "string" ? Math.max(0, pattern.indexOf(part)) : 0;
}
