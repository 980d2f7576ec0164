/** Query parameters: each route names those it takes; anything else is refused, with what was probably meant. */

import type { Context } from "@hono/hono";
import { parseRfc3339 } from "../core/clock.ts";
import { nameHint } from "../core/errors.ts";
import { ProblemError } from "./problem.ts";

/** Items of a list, when nothing is asked for, and at most. */
export const LIMIT_DEFAULT = 50;
export const LIMIT_MAX = 1_000;

/** What a parameter is read as. Throws {@linkcode ProblemError} with status 400 when it is not of the form. */
type Reader<T> = (text: string, name: string) => T;

type Readers = Readonly<Record<string, Reader<unknown>>>;

/** What the readers give, each absent when its parameter is. */
export type Parameters<R extends Readers> = { readonly [Name in keyof R]?: ReturnType<R[Name]> };

/** Parameters that every list takes. */
export const PAGE_PARAMETERS = {
  limit: (text: string) => wholeNumber(text, "limit", 1, LIMIT_MAX),
  cursor: (text: string) => decodeCursor(text),
};

/** Reads the parameters of a request. */
export function readParameters<R extends Readers>(c: Context, readers: R): Parameters<R> {
  const values: Record<string, unknown> = {};
  for (const [name, texts] of Object.entries(c.req.queries())) {
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined) {
      const known = Object.keys(readers);
      const hint = known.length === 0 ? "it takes none" : nameHint(name, known);
      throw new ProblemError(400, `Unknown query parameter ${JSON.stringify(name)} (${hint})`);
    }
    const [text, ...more] = texts;
    if (text === undefined || more.length > 0) throw wrong(name, "be given once", texts.join(", "));
    values[name] = read(text, name);
  }
  return values as Parameters<R>;
}

/** A text that is not empty. */
export function textParameter(text: string, name: string): string {
  if (text === "") throw wrong(name, "not be empty", text);
  return text;
}

/** One of a few. */
export function oneOf<const T extends string>(allowed: readonly T[]): Reader<T> {
  return (text, name) => {
    const found = allowed.find((value) => value === text);
    if (found === undefined) throw wrong(name, `be one of ${allowed.join(", ")}`, text);
    return found;
  };
}

/** A time in RFC 3339, as milliseconds since the epoch. */
export function timeParameter(text: string, name: string): number {
  const timeMs = parseRfc3339(text);
  if (timeMs === undefined) throw wrong(name, "be an RFC 3339 time, such as 2026-01-31T12:00:00Z", text);
  return timeMs;
}

/** A number within a range. */
export function numberParameter(min: number, max: number): Reader<number> {
  return (text, name) => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw wrong(name, `be a number from ${min} to ${max}`, text);
    return value;
  };
}

/** The cursor of a page: opaque outside, the text of whoever reads the list inside. */
export function encodeCursor(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

function decodeCursor(text: string): string {
  try {
    const bytes = Uint8Array.fromBase64(text, { alphabet: "base64url" });
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw wrong("cursor", "be one that a page of this list gave", text);
  }
}

function wholeNumber(text: string, name: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw wrong(name, `be a whole number from ${min} to ${max}`, text);
  return value;
}

function wrong(name: string, must: string, value: string): ProblemError {
  const shown = value.length > 80 ? `${value.slice(0, 77)}...` : value;
  return new ProblemError(400, `Query parameter "${name}" must ${must}: current value is ${JSON.stringify(shown)}`);
}
