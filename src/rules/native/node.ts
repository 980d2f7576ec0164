/** Values of a YAML document being read into a rule: each knows where it stands, and says there what is wrong with it. */

import { DURATION_FORM, parseDuration } from "../../core/duration.ts";
import { type Diagnostic, nameHint, type Place, quoteValue, type Severity } from "../../core/errors.ts";
import type { FieldValue } from "../../core/event.ts";
import type { YamlDocument, YamlPath } from "../../core/yaml_document.ts";

/** A mapping whose keys have been checked. A key that is not there gives a node whose value is `undefined`. */
export type Mapping<Key extends string> = Readonly<Record<Key, Node>>;

/**
 * One value of a document. Its readers give the value in the type asked for, or `undefined` after saying what is wrong; an
 * absent value is `undefined` without a word, so that a caller who needs it says so through {@linkcode Node.required}.
 */
export class Node {
  constructor(
    readonly document: YamlDocument,
    readonly path: YamlPath,
    readonly value: unknown,
    readonly diagnostics: Diagnostic[],
  ) {}

  /** The value under a key or index. */
  at(key: string | number): Node {
    const { value } = this;
    const found = typeof value === "object" && value !== null && Object.hasOwn(value, key)
      ? (value as Record<string | number, unknown>)[key]
      : undefined;
    return new Node(this.document, [...this.path, key], found, this.diagnostics);
  }

  place(which: "key" | "value" = "value"): Place {
    return this.document.place(this.path, which);
  }

  tell(severity: Severity, message: string, hint?: string, which: "key" | "value" = "value"): void {
    this.diagnostics.push({ severity, place: this.place(which), message, ...(hint === undefined ? {} : { hint }) });
  }

  /** "Cannot read WHAT as it must be MUST: current value is ...". Gives `undefined`, for a caller to hand on. */
  refuse(what: string, must: string, hint?: string): undefined {
    this.tell("error", `Cannot read ${what} as it must be ${must}: current value is ${quoteValue(this.value)}`, hint);
    return undefined;
  }

  /** Says that the value is missing, where it is; `what` names that of which it is a key. */
  required(what: string): this {
    const key = String(this.path.at(-1));
    if (this.value === undefined) this.tell("error", `Cannot read ${what} as it must have the key "${key}"`);
    return this;
  }

  /** The nodes of a mapping with these keys; any other key is an error. */
  mapping<Key extends string>(what: string, keys: readonly Key[]): Mapping<Key> | undefined {
    const names = this.keys(what);
    if (names === undefined) return undefined;
    for (const name of names) {
      if (keys.some((key) => key === name)) continue;
      const message = `Cannot read ${what} as each key must be a known one: current value is ${quoteValue(name)}`;
      this.at(name).tell("error", message, nameHint(name, keys), "key");
    }
    return Object.fromEntries(keys.map((key) => [key, this.at(key)])) as Record<Key, Node>;
  }

  /** The keys of a mapping. */
  keys(what: string): readonly string[] | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return Object.keys(value);
    return this.refuse(what, "a mapping of keys to values");
  }

  /** The nodes of a list of 1 to `lengthMax` (from 0 where `empty` may be). */
  list(what: string, lengthMax: number, empty = false): readonly Node[] | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) return this.refuse(what, "a list");
    if (value.length === 0 && !empty) return this.refuse(what, "a list that is not empty");
    if (value.length > lengthMax) return this.refuse(what, `at most ${lengthMax} long`);
    return value.map((_, index) => this.at(index));
  }

  /** The nodes of a list, or the one node itself where a scalar stands in its stead. */
  oneOrMore(what: string, lengthMax: number): readonly Node[] | undefined {
    if (this.value === undefined) return undefined;
    return Array.isArray(this.value) ? this.list(what, lengthMax) : [this];
  }

  /** A text that is not empty and has at most `lengthMax` characters. */
  text(what: string, lengthMax: number): string | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value.trim() === "") return this.refuse(what, "a text that is not empty");
    if (value.length > lengthMax) return this.refuse(what, `at most ${lengthMax} characters long`);
    return value;
  }

  /** A text of a form: `form` says which, as "must be ...". */
  formed(what: string, pattern: RegExp, form: string): string | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    return typeof value === "string" && pattern.test(value) ? value : this.refuse(what, form);
  }

  /** One of the texts allowed. */
  oneOf<Allowed extends string>(what: string, allowed: readonly Allowed[]): Allowed | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    const found = allowed.find((one) => one === value);
    if (found !== undefined) return found;
    return this.refuse(what, "one of those known", nameHint(typeof value === "string" ? value : "", allowed));
  }

  number(what: string, min: number, max: number): number | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    if (typeof value === "number" && value >= min && value <= max) return value;
    return this.refuse(what, max === Infinity ? `a number of at least ${min}` : `a number from ${min} to ${max}`);
  }

  /** A whole number of at least `min`. */
  whole(what: string, min: number, max: number): number | undefined {
    const value = this.number(what, min, max);
    return value === undefined || Number.isInteger(value) ? value : this.refuse(what, "a whole number");
  }

  boolean(what: string): boolean | undefined {
    const { value } = this;
    return value === undefined || typeof value === "boolean" ? value : this.refuse(what, "true or false");
  }

  /** Milliseconds of a duration of at least `minMs`. */
  duration(what: string, minMs = 0): number | undefined {
    const { value } = this;
    if (value === undefined) return undefined;
    const ms = value === 0 ? 0 : typeof value === "string" ? parseDuration(value) : undefined;
    if (ms === undefined) return this.refuse(what, DURATION_FORM);
    return ms >= minMs ? ms : this.refuse(what, `at least ${minMs}ms`);
  }

  /** What an event's field may hold. */
  fieldValue(what: string): FieldValue | undefined {
    const { value } = this;
    if (isScalar(value)) return value;
    if (Array.isArray(value) && value.every(isScalar)) return value;
    return this.refuse(
      what,
      "a text, a number, true, false, null or a list of those",
      "a field's name is dotted, not nested",
    );
  }
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === "string" || typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value));
}
