/** Texts with wildcards, matched by hand in linear time: never by a regular expression. */

import type { Literal } from "../condition.ts";
import { ANY, ONE, type SigmaText } from "./text.ts";

/** A text ready to be held against a whole value. */
export interface Pattern {
  readonly accepts: (value: string) => boolean;
  /** What a value must hold to be accepted; null when nothing can be named. */
  readonly literal: Literal | null;
  /** Rough cost of `accepts`; an exact comparison is 1. */
  readonly cost: number;
}

/** Between two `*`: characters that must stand together, `null` for `?`. */
interface Segment {
  /** Plain text, with one placeholder character for each `?`. */
  readonly text: string;
  /** Offsets in `text` that stand for `?`; empty for plain text. */
  readonly holes: ReadonlySet<number>;
}

const COST = { equals: 1, edge: 2, contains: 6, general: 12 } as const;

/**
 * A pattern of a text without placeholders. For a comparison that folds case, both the text and the values must be in lower
 * case already.
 */
export function compilePattern(text: SigmaText): Pattern {
  const segments = segmentsOf(text);
  const first = segments[0] as Segment;
  const last = segments.at(-1) as Segment;
  if (segments.some((segment) => segment.holes.size > 0)) return generalPattern(segments);
  const [a, b] = [first.text, last.text];
  if (segments.length === 1) {
    return { accepts: (value) => value === a, literal: { how: "equals", text: a }, cost: COST.equals };
  }
  const middle = segments.slice(1, -1).map((segment) => segment.text).filter((plain) => plain !== "");
  const only = middle[0];
  if (only === undefined) return edgePattern(a, b);
  if (middle.length === 1 && a === "" && b === "") {
    return { accepts: (value) => value.includes(only), literal: { how: "contains", text: only }, cost: COST.contains };
  }
  return generalPattern(segments);
}

/** `start*end`, either of which may be empty. */
function edgePattern(start: string, end: string): Pattern {
  if (start === "" && end === "") return { accepts: () => true, literal: null, cost: COST.equals };
  if (end === "") {
    const literal: Literal = { how: "startsWith", text: start };
    return { accepts: (value) => value.startsWith(start), literal, cost: COST.edge };
  }
  if (start === "") {
    return { accepts: (value) => value.endsWith(end), literal: { how: "endsWith", text: end }, cost: COST.edge };
  }
  const length = start.length + end.length;
  return {
    accepts: (value) => value.length >= length && value.startsWith(start) && value.endsWith(end),
    literal: start.length >= end.length ? { how: "startsWith", text: start } : { how: "endsWith", text: end },
    cost: COST.edge * 2,
  };
}

/** Any pattern: the first segment at the start, the last at the end, each between them as early as it comes. */
function generalPattern(segments: readonly Segment[]): Pattern {
  const first = segments[0] as Segment;
  const last = segments.at(-1) as Segment;
  const middle = segments.slice(1, -1).filter((segment) => segment.text !== "");
  const accepts = (value: string): boolean => {
    let at = matchAt(first, value, 0);
    if (at === -1) return false;
    if (segments.length === 1) return at === value.length;
    for (const segment of middle) {
      at = findFrom(segment, value, at);
      if (at === -1) return false;
    }
    return endsWith(last, value, at);
  };
  return { accepts, literal: longestLiteral(segments), cost: COST.general };
}

function segmentsOf(text: SigmaText): Segment[] {
  const segments: { text: string; holes: Set<number> }[] = [{ text: "", holes: new Set() }];
  for (const part of text) {
    if (part === ANY) {
      segments.push({ text: "", holes: new Set() });
      continue;
    }
    const segment = segments[segments.length - 1] as { text: string; holes: Set<number> };
    if (part === ONE) segment.holes.add(segment.text.length);
    segment.text += typeof part === "string" ? part : "?";
  }
  return segments;
}

/** Where a segment that starts at `at` ends, or -1 when it does not stand there. A `?` is one character, of one unit or two. */
function matchAt({ text, holes }: Segment, value: string, at: number): number {
  if (holes.size === 0) return value.startsWith(text, at) ? at + text.length : -1;
  for (let i = 0; i < text.length; i++) {
    if (at >= value.length) return -1;
    if (holes.has(i)) at += isPair(value, at) ? 2 : 1;
    else if (text.charCodeAt(i) === value.charCodeAt(at)) at++;
    else return -1;
  }
  return at;
}

/** Where the first occurrence of a segment from `from` on ends, or -1. */
function findFrom(segment: Segment, value: string, from: number): number {
  if (segment.holes.size === 0) {
    const found = value.indexOf(segment.text, from);
    return found === -1 ? -1 : found + segment.text.length;
  }
  const last = value.length - segment.text.length;
  for (let at = from; at <= last; at++) {
    const end = matchAt(segment, value, at);
    if (end !== -1) return end;
  }
  return -1;
}

/** Whether a segment stands at the end of a value, starting at `from` or later. */
function endsWith(segment: Segment, value: string, from: number): boolean {
  const latest = value.length - segment.text.length;
  // Each `?` may have taken a character of two units, where the value has such.
  const spare = segment.holes.size > 0 && PAIR.test(value) ? segment.holes.size : 0;
  const earliest = Math.max(from, latest - spare);
  for (let at = latest; at >= earliest; at--) if (matchAt(segment, value, at) === value.length) return true;
  return false;
}

const PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

function isPair(value: string, at: number): boolean {
  return (value.charCodeAt(at) & 0xfc00) === 0xd800 && (value.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
}

/** The longest run of plain characters in any segment, as something a value must contain. */
function longestLiteral(segments: readonly Segment[]): Literal | null {
  let best: Literal | null = null;
  for (const [i, { text, holes }] of segments.entries()) {
    let start = 0;
    for (let end = 0; end <= text.length; end++) {
      if (end < text.length && !holes.has(end)) continue;
      const run = text.slice(start, end);
      if (run.length > (best?.text.length ?? 0)) best = { how: howAt(segments, i, start, end), text: run };
      start = end + 1;
    }
  }
  return best;
}

function howAt(segments: readonly Segment[], index: number, start: number, end: number): Literal["how"] {
  if (index === 0 && start === 0) return "startsWith";
  return index === segments.length - 1 && end === segments[index]?.text.length ? "endsWith" : "contains";
}
