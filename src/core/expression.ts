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
  /** A text, in lower case, that must be in the lower case of whatever it is found in; null when none can be named. */
  readonly literal: string | null;
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
  return compileForV8(read.v8, read.literal) ?? compileForRe2(pattern, read);
}

/** Whether V8 was started with its linear engine. Without it every expression runs on re2js: as safe, and slower. */
export function hasLinearEngine(): boolean {
  try {
    return new RegExp("", "l").test("");
  } catch {
    return false;
  }
}

function compileForV8(v8: string | null, literal: string | null): Expression | undefined {
  if (v8 === null) return undefined;
  try {
    // The flag `l` makes V8 refuse whatever its linear engine does not take. What it takes runs faster without the flag:
    // the ordinary engine hands over to the linear one as soon as it backtracks much (see the --v8-flags in deno.json).
    new RegExp(v8, "l");
    const expression = new RegExp(v8);
    return { engine: "v8", test: (text) => expression.test(text), literal };
  } catch {
    return undefined;
  }
}

function compileForRe2(pattern: string, { v8, re2, flags, literal }: ReadExpression): Expression | ExpressionError {
  const bits = (flags.i ? RE2JS.CASE_INSENSITIVE : 0) | (flags.m ? RE2JS.MULTILINE : 0) | (flags.s ? RE2JS.DOTALL : 0);
  try {
    const expression = RE2JS.compile(re2, bits);
    const looser = v8 === null ? undefined : compileForV8(withoutCounts(v8), null);
    const test = (text: string) => (looser === undefined || looser.test(text)) && expression.test(text);
    return { engine: "re2js", test, literal };
  } catch (error) {
    const message = messageOf(error).replace(/^error parsing regexp: /, "").replace(/: `[^]*`$/, "");
    return { error: `it must be one that runs in linear time: ${message}`, offset: offsetOf(error, pattern) };
  }
}

/**
 * An expression with each count (`{2,8}`) as any number, which takes all that it took and more. Counts are what V8's linear engine
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
