/**
 * Building blocks of the components' configuration schemas: durations, amounts of bytes, secrets.
 *
 * A component's schema is a `z.strictObject` whose keys are in snake_case and each have a description (`.describe(...)`) and a
 * default. The message of a check of one's own is the end of a sentence, "must be ...": whoever reads the configuration puts
 * the key before it and the value behind it.
 */

import { z } from "zod";
import { BYTE_SIZE_FORM, formatByteSize, parseByteSize } from "./byte_size.ts";
import { DURATION_FORM, DURATION_MAX_MS, parseDuration } from "./duration.ts";

// Of a configuration that is read once, zod would make code that checks faster, and keep it.
z.config({ jitless: true });

/** What a text in the configuration stands for, for reference pages and for reading it. */
export interface TextForm {
  readonly form: "duration" | "size" | "secret";
  /** Smallest and largest, as written. */
  readonly min?: string;
  readonly max?: string;
}

/** The form of each text schema made in this file. */
export const textForms = z.registry<TextForm>();

/** Inclusive, as written: `{ min: "10ms", max: "1h" }`. */
export interface Limits {
  readonly min?: string;
  readonly max?: string;
}

/**
 * A duration: text such as `30s` in, milliseconds out.
 *
 * @throws {TypeError} at once when the default or a limit is not a duration.
 */
export function durationSchema(defaultText: string, limits: Limits = {}) {
  return measure("duration", DURATION_FORM, parseDuration, { max: `${DURATION_MAX_MS / 86_400_000}d`, ...limits })
    .prefault(proper(parseDuration, defaultText));
}

/** A duration that may be left out, without a default: text in, milliseconds or `undefined` out. */
export function optionalDurationSchema(limits: Limits = {}) {
  return measure("duration", DURATION_FORM, parseDuration, { max: `${DURATION_MAX_MS / 86_400_000}d`, ...limits })
    .optional();
}

/**
 * An amount of bytes: text such as `512MB` or `2GiB` in, bytes out.
 *
 * @throws {TypeError} at once when the default or a limit is not an amount of bytes.
 */
export function byteSizeSchema(defaultText: string, limits: Limits = {}) {
  return measure("size", BYTE_SIZE_FORM, parseByteSize, { max: formatByteSize(2 ** 50), ...limits })
    .prefault(proper(parseByteSize, defaultText));
}

/**
 * A secret: text in, {@linkcode Secret} out. In a configuration file it is the text itself, `env:NAME` or `file:PATH`; reading
 * the configuration replaces the latter two by what they stand for before this schema sees them.
 */
export function secretSchema() {
  const text = z.string().register(textForms, { form: "secret" });
  return text.transform((value, context) => {
    if (value.length > 0) return new Secret(value);
    context.issues.push({ code: "custom", message: "must not be empty", input: value });
    return z.NEVER;
  });
}

/** A text that is never printed: every way of showing it gives `***`. Only {@linkcode Secret.reveal} gives it away. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The text itself, for the one place that needs it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SECRET_SHOWN;
  }

  toJSON(): string {
    return SECRET_SHOWN;
  }

  [Symbol.for("Deno.customInspect")](): string {
    return SECRET_SHOWN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return SECRET_SHOWN;
  }
}

/** What stands for a secret wherever one would be shown. */
export const SECRET_SHOWN = "***";

type Parse = (text: string) => number | undefined;

function measure(form: TextForm["form"], looks: string, parse: Parse, limits: Limits) {
  const least = limits.min === undefined ? 0 : amount(parse, limits.min);
  const most = limits.max === undefined ? Infinity : amount(parse, limits.max);
  const text = z.string({ error: `must be ${looks}` }).register(textForms, { form, ...limits });
  return text.transform((value, context) => {
    const parsed = parse(value);
    if (parsed !== undefined && parsed >= least && parsed <= most) return parsed;
    const message = parsed === undefined
      ? `must be ${looks}`
      : parsed < least
      ? `must be at least ${limits.min}`
      : `must be at most ${limits.max}`;
    context.issues.push({ code: "custom", message, input: value });
    return z.NEVER;
  });
}

function proper(parse: Parse, text: string): string {
  amount(parse, text);
  return text;
}

function amount(parse: Parse, text: string): number {
  const parsed = parse(text);
  if (parsed === undefined) throw new TypeError(`Cannot make a schema as a default or limit is malformed: "${text}"`);
  return parsed;
}
