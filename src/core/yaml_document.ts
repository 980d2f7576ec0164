/**
 * YAML from outside, read within stated limits, each value with the place it stands at. YAML 1.2 core schema: `yes` and dates
 * are texts, merge keys are ordinary keys. What a number would lose (leading zeros, digits past what one holds) stays text.
 */

import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseAllDocuments,
  type Scalar,
  type ScalarTag,
  type Tags,
  type YAMLMap,
} from "yaml";
import { type Diagnostic, messageOf, type Place } from "./errors.ts";
import { pathText, type PlainDocument, plainPlaces, readPlainYaml } from "./yaml_plain.ts";

/** Size of the largest YAML text taken where the caller states none: UTF-8 bytes. */
export const YAML_BYTES_MAX = 1_048_576;

/** How many values all the aliases of one document may stand for together: more is an alias bomb. */
export const YAML_ALIASED_VALUES_MAX = 10_000;

/** How deep maps and lists may lie within one another. */
export const YAML_DEPTH_MAX = 64;

/** How many of the parser's complaints about one document are told: past the first few they follow from one another. */
export const YAML_ERRORS_MAX = 20;

/** Keys from the top of a document down to a value; a number is an index in a list. */
export type YamlPath = readonly PropertyKey[];

/** One document of a YAML text. */
export interface YamlDocument {
  /** Plain objects (without a prototype), arrays and scalars. What an alias stands for is shared, not copied: do not change it. */
  readonly value: unknown;
  /**
   * Where a value, or the key before it, stands. Of a path that leads past what is there, the key of the last part that is;
   * of the empty path, the start of the document.
   */
  place(path: YamlPath, which: "key" | "value"): Place;
}

export interface YamlText {
  /** Those that could be read, empty ones left out. One with an error in it is not among them. */
  readonly documents: readonly YamlDocument[];
  /** Every syntax error, duplicate key and limit passed. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface YamlOptions {
  /** Default {@linkcode YAML_BYTES_MAX}. */
  readonly bytesMax?: number;
  /** Whether several documents may follow one another; otherwise a second one is an error. */
  readonly multi?: boolean;
}

/** Reads a YAML text; `path` is what diagnostics and places name it. Never throws. */
export function parseYaml(path: string, text: string, options: YamlOptions = {}): YamlText {
  const bytesMax = options.bytesMax ?? YAML_BYTES_MAX;
  if (isOver(text, bytesMax)) {
    return refused(path, `Cannot read YAML as the text must be at most ${bytesMax} bytes: current value is more`);
  }
  const plain = readPlainYaml(text);
  return plain === undefined
    ? parseWhole(path, text, options)
    : { documents: [plainDocument(path, text, plain)], diagnostics: [] };
}

/**
 * A document whose places are only looked for when one is asked for, since that takes reading it again: plainly, or, for what lies
 * within brackets or is not there, by the parser of all of YAML. What that gives is not held on to, but there as long as others are
 * asked for in the same turn.
 */
function plainDocument(path: string, text: string, { value, line, column }: PlainDocument): YamlDocument {
  const start = { path, line, column };
  const places = forThisTurn(() => plainPlaces(text));
  const whole = forThisTurn(() => parseWhole(path, text, {}));
  return {
    value,
    place: (at, which) => {
      if (at.length === 0) return start;
      const found = places().get(pathText(at));
      if (found !== undefined) return { path, ...found[which] };
      return whole().documents[0]?.place(at, which) ?? start;
    },
  };
}

/** What `make` makes when it is asked for, and again when nothing else has held on to it. */
function forThisTurn<T extends object>(make: () => T): () => T {
  let held: WeakRef<T> | undefined;
  return () => {
    const known = held?.deref();
    if (known !== undefined) return known;
    const made = make();
    held = new WeakRef(made);
    return made;
  };
}

function parseWhole(path: string, text: string, options: YamlOptions): YamlText {
  const lines = new LineCounter();
  let parsed: Document.Parsed[];
  try {
    parsed = [...parseAllDocuments(text, { ...PARSE_OPTIONS, lineCounter: lines })];
  } catch (error) {
    return refused(path, `Cannot read YAML as ${messageOf(error)}`);
  }
  if (parsed.some((document) => document.errors.some(isStackExhausted))) return refused(path, TOO_DEEP);
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { path, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const filled = parsed.filter((document) => document.errors.length > 0 || !isEmpty(document.contents));
  const diagnostics: Diagnostic[] = [];
  const documents: YamlDocument[] = [];
  filled.forEach((document, index) => {
    const before = diagnostics.length;
    for (const { pos, message } of [...document.errors, ...document.warnings].slice(0, YAML_ERRORS_MAX)) {
      diagnostics.push({
        severity: "error",
        place: placeAt(pos[0]),
        message: `Cannot read YAML as ${sentence(message)}`,
      });
    }
    if (index === 1 && options.multi !== true) {
      const message = `Cannot read YAML as there must be one document: current value is ${filled.length}`;
      diagnostics.push({ severity: "error", place: placeAt(document.range[0]), message });
    }
    if (diagnostics.length > before) return;
    const reader = new Reader(placeAt, diagnostics);
    const value = reader.value(document.contents, 0);
    if (diagnostics.length > before) return;
    documents.push({
      value,
      place: (at, which) => placeAt(offsetOf(document, reader.aliased, at, which)),
    });
  });
  return { documents, diagnostics };
}

const PARSE_OPTIONS = {
  version: "1.2",
  schema: "core",
  merge: false,
  prettyErrors: false,
  resolveKnownTags: false, // `!!binary`, `!!set` and the like are refused, not interpreted
  uniqueKeys: false, // checked in `Reader`: the parser's own check is quadratic in the number of keys
  customTags: (tags: Tags): Tags => tags.map((tag) => isNumberTag(tag) ? exactNumber(tag) : tag),
} as const;

const TOO_DEEP = `Cannot read YAML as it must nest at most ${YAML_DEPTH_MAX} deep: current value is more`;

/** The parser recurses, and tells as a syntax error that a text made of brackets alone exhausted the stack. */
function isStackExhausted(error: Error): boolean {
  return error.message.startsWith("Maximum call stack size exceeded");
}

/** Whether there is nothing in a document, as after a closing `---`. */
function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && startOf(contents) === undefined);
}

function isNumberTag(tag: Tags[number]): tag is ScalarTag {
  return typeof tag === "object" && tag.collection === undefined &&
    (tag.tag === "tag:yaml.org,2002:int" || tag.tag === "tag:yaml.org,2002:float");
}

const LEADING_ZERO = /^[-+]?0\d/;

/** A number tag that leaves as text what would not come out as it went in. */
function exactNumber(tag: ScalarTag): ScalarTag {
  return {
    ...tag,
    resolve(text, onError, options) {
      if (LEADING_ZERO.test(text)) return text;
      const value: unknown = tag.resolve(text, onError, options);
      return typeof value === "number" && Number.isInteger(value) && !Number.isSafeInteger(value) ? text : value;
    },
  };
}

/** Turns one document's nodes into plain values, within the limits. */
class Reader {
  /** What each alias node stands for: needed to find places through them. */
  readonly aliased = new Map<unknown, unknown>();
  readonly #anchors = new Map<string, { node: unknown; value: unknown; size: number } | "open">();
  #aliasedValues = 0;
  /** Values made so far, those behind aliases included. */
  #size = 0;
  /** A limit was passed: one diagnostic says so, and the rest is not read. */
  #stopped = false;

  constructor(readonly placeAt: (offset: number) => Place, readonly diagnostics: Diagnostic[]) {}

  value(node: unknown, depth: number): unknown {
    if (this.#stopped || node === null || node === undefined) return null;
    this.#size++;
    if (isScalar(node) && node.anchor === undefined) return node.value;
    if (isAlias(node)) return this.#alias(node);
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    const before = this.#size;
    const value = this.#collection(node, depth);
    if (anchor !== undefined) this.#anchors.set(anchor, { node, value, size: this.#size - before + 1 });
    return value;
  }

  #collection(node: unknown, depth: number): unknown {
    if (isScalar(node)) return node.value;
    if (depth >= YAML_DEPTH_MAX) {
      this.#stop(node, TOO_DEEP);
      return null;
    }
    if (isSeq(node)) return node.items.map((item) => this.value(isPair(item) ? item.value : item, depth + 1));
    return isMap(node) ? this.#map(node, depth) : null;
  }

  #map(node: YAMLMap, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = Object.create(null);
    for (const pair of node.items) {
      if (!isScalar(pair.key)) {
        this.#tell(pair.key ?? node, "Cannot read YAML as a key must be a text: current value is a list, map or alias");
        continue;
      }
      const key = keyText(pair.key);
      if (key in result) {
        this.#tell(pair.key, `Cannot read YAML as each key must be there once: current value is a second "${key}"`);
        continue;
      }
      result[key] = this.value(pair.value, depth + 1);
    }
    return result;
  }

  #alias(node: { readonly source: string }): unknown {
    const target = this.#anchors.get(node.source);
    if (target === undefined || target === "open") {
      const what = target === "open" ? "one that holds the alias" : "no such";
      this.#tell(
        node,
        `Cannot read YAML as an alias must name an earlier anchor: current value is ${what} "${node.source}"`,
      );
      return null;
    }
    this.#size += target.size;
    this.#aliasedValues += target.size;
    if (this.#aliasedValues > YAML_ALIASED_VALUES_MAX) {
      this.#stop(
        node,
        `Cannot read YAML as its aliases must stand for at most ${YAML_ALIASED_VALUES_MAX} values: current value is more`,
      );
      return null;
    }
    this.aliased.set(node, target.node);
    return target.value;
  }

  #tell(node: unknown, message: string): void {
    if (this.#stopped) return;
    this.diagnostics.push({ severity: "error", place: this.placeAt(startOf(node) ?? 0), message });
  }

  #stop(node: unknown, message: string): void {
    this.#tell(node, message);
    this.#stopped = true;
  }
}

/** A key as it was written, where it was written plainly: `0123`, `1.0` and `null` are texts here. */
function keyText(key: Scalar): string {
  return key.type === "PLAIN" && key.source !== undefined ? key.source : String(key.value);
}

function offsetOf(
  document: Document.Parsed,
  aliased: ReadonlyMap<unknown, unknown>,
  path: YamlPath,
  which: "key" | "value",
): number {
  let node: unknown = document.contents;
  let key = startOf(node) ?? document.range[0];
  for (const part of path) {
    const target = isAlias(node) ? aliased.get(node) : node;
    const next = isMap(target) ? pairOf(target, String(part)) : isSeq(target) ? target.items[Number(part)] : undefined;
    if (next === undefined) return key;
    node = isPair(next) ? next.value : next;
    key = (isPair(next) ? startOf(next.key) : startOf(next)) ?? key;
  }
  return which === "key" ? key : startOf(node) ?? key;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && keyText(pair.key) === key);
}

/** Where a node starts; a value left empty starts nowhere of its own. */
function startOf(node: unknown): number | undefined {
  if (isScalar(node) && node.source === "" && node.type === "PLAIN") return undefined;
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

/** The parser's message as the end of a sentence, without a full stop and with nothing past its first line. */
function sentence(message: string): string {
  const line = message.split("\n", 1)[0] ?? "";
  return (line.slice(0, 1).toLowerCase() + line.slice(1, 200)).replace(/[.:]$/, "");
}

function isOver(text: string, bytesMax: number): boolean {
  if (text.length > bytesMax) return true; // each UTF-16 unit is at least one byte of UTF-8
  return text.length * 3 > bytesMax && new TextEncoder().encode(text).length > bytesMax;
}

function refused(path: string, message: string): YamlText {
  return { documents: [], diagnostics: [{ severity: "error", place: { path, line: 1, column: 1 }, message }] };
}
