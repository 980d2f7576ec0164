/**
 * The plain part of YAML, in which nearly all rule files are written whole: maps and lists by indentation or, on one line, in
 * brackets, texts on one line, plain or in quotes, and blocks of lines. It is read several times faster than the whole language, and
 * never read otherwise: whatever is not certain to be plain is left to the parser of all of YAML, mistakes included.
 */

import { readFlow } from "./yaml_flow.ts";
import {
  DEPTH_MAX,
  KEY_LENGTH_MAX,
  KEY_TEXT,
  NotPlain,
  notPlain,
  plainValue,
  quotedValue,
  withoutEnd,
} from "./yaml_scalars.ts";

/** A text of nothing but printable characters, spaces and line feeds. */
// deno-lint-ignore no-control-regex -- control characters are what it must be free of
const PRINTABLE = /^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*$/;

/** A key as it may stand before a value. */
const KEY = new RegExp(`^(${KEY_TEXT}):(?: +|$)`);

const LIST_ITEM = /^- +/;
const COMMENT_AFTER = /^ *(?: #.*)?$/;

/** A document of one map, with the line and column at which it starts, from 1. */
export interface PlainDocument extends PlainPlace {
  readonly value: Record<string, unknown>;
}

/** A line and a column, from 1. */
interface PlainPlace {
  readonly line: number;
  readonly column: number;
}

/** Where a key and its value start. What has no value of its own starts at its key, and an item of a list is its own key. */
export interface PlainPlaces {
  readonly key: PlainPlace;
  readonly value: PlainPlace;
}

/** Places by paths, of which {@linkcode pathText} makes texts. */
type PlacesByPath = Map<string, PlainPlaces>;

/** A path of keys and indices as one text: no key that is read here has a NUL in it. */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map(String).join("\0");
}

/** Where all keys and items of a plain text stand but those within brackets. */
export function plainPlaces(text: string): ReadonlyMap<string, PlainPlaces> {
  const places: PlacesByPath = new Map();
  new PlainReader(text.split("\n"), places).document();
  return places;
}

/** Reads a text if all of it is plain and one map; `undefined` for any other. */
export function readPlainYaml(text: string): PlainDocument | undefined {
  if (!PRINTABLE.test(text)) return undefined;
  try {
    return new PlainReader(text.split("\n"), undefined).document();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

class PlainReader {
  /** The line it is at: one with something on it, or one past the last. */
  #line = 0;
  /** How far that is indented; -1 past the last. */
  #indent = -1;
  /** What stands there, from the indentation on, without spaces at its end. */
  #content = "";
  /** Keys and indices that lead there. */
  readonly #path: (string | number)[] = [];

  /** Notes places where it is given something to note them in. */
  constructor(readonly lines: readonly string[], readonly places: PlacesByPath | undefined) {
    this.#settle();
  }

  document(): PlainDocument {
    const line = this.#line + 1;
    const column = this.#indent + 1;
    const value = this.#map(this.#indent, 0);
    if (this.#indent !== -1) notPlain();
    return { value, line, column };
  }

  /** Passes by empty lines and comments. */
  #settle(): void {
    for (; this.#line < this.lines.length; this.#line++) {
      const line = this.lines[this.#line] ?? "";
      this.#indent = indentOf(line);
      this.#content = withoutEnd(line.slice(this.#indent));
      if (this.#content === "" || this.#content.startsWith("#")) continue;
      if (this.#indent === 0 && /^(?:---|\.\.\.|%)/.test(line)) notPlain();
      return;
    }
    this.#indent = -1;
    this.#content = "";
  }

  #next(): void {
    this.#line++;
    this.#settle();
  }

  /** Keys that stand `indent` deep. */
  #map(indent: number, depth: number): Record<string, unknown> {
    if (depth > DEPTH_MAX) notPlain();
    const map: Record<string, unknown> = Object.create(null);
    while (this.#indent === indent) {
      const [whole, key = ""] = KEY.exec(this.#content) ?? notPlain();
      if (key.length > KEY_LENGTH_MAX || key in map) notPlain();
      this.#path.push(key);
      map[key] = this.#value(this.#content.slice(whole.length), indent, depth);
      this.#path.pop();
    }
    if (this.#indent > indent) notPlain();
    return map;
  }

  /** The value of a key, of which `rest` stands after it. */
  #value(rest: string, indent: number, depth: number): unknown {
    const [line, column] = [this.#line + 1, indent + 1];
    if (rest !== "" && !rest.startsWith("#")) {
      this.#note(line, column, line, column + this.#content.length - rest.length);
      const isBlock = rest.startsWith("|") || rest.startsWith(">");
      return isBlock ? this.#block(rest, indent) : this.#onLine(rest, indent, depth);
    }
    this.#next();
    const isList = this.#indent >= indent && LIST_ITEM.test(this.#content);
    if (!isList && this.#indent <= indent) {
      this.#note(line, column, line, column);
      return null;
    }
    this.#note(line, column, this.#line + 1, this.#indent + 1);
    return isList ? this.#list(this.#indent, depth + 1) : this.#map(this.#indent, depth + 1);
  }

  #list(indent: number, depth: number): unknown[] {
    if (depth > DEPTH_MAX) notPlain();
    const list: unknown[] = [];
    while (this.#indent === indent && this.#content.startsWith("-")) {
      const [dash = ""] = LIST_ITEM.exec(this.#content) ?? notPlain();
      const rest = this.#content.slice(dash.length);
      const [line, column] = [this.#line + 1, indent + dash.length + 1];
      this.#path.push(list.length);
      this.#note(line, column, line, column);
      if (KEY.test(rest)) {
        // The item is a map that starts on the line of its dash.
        this.#indent += dash.length;
        this.#content = rest;
        list.push(this.#map(this.#indent, depth + 1));
      } else list.push(this.#onLine(rest, indent, depth));
      this.#path.pop();
    }
    if (this.#indent > indent) notPlain();
    return list;
  }

  #note(keyLine: number, keyColumn: number, line: number, column: number): void {
    this.places?.set(pathText(this.#path), { key: { line: keyLine, column: keyColumn }, value: { line, column } });
  }

  /** What is all on its line: a text, number, boolean or null, or a map or list in brackets. */
  #onLine(rest: string, indent: number, depth: number): unknown {
    const value = onLine(rest, depth);
    this.#next();
    if (this.#indent > indent) notPlain(); // it may go on there
    return value;
  }

  /** `|`, `|-`, `>` or `>-`, and the lines that are deeper than its key. */
  #block(header: string, indent: number): string {
    if (!/^[|>]-?$/.test(header)) notPlain();
    const texts: string[] = [];
    let deep = 0;
    for (this.#line++; this.#line < this.lines.length; this.#line++) {
      const line = this.lines[this.#line] ?? "";
      const at = indentOf(line);
      if (at === line.length) {
        if (at > deep) notPlain();
        texts.push("");
        continue;
      }
      if (deep === 0) deep = at;
      if (deep <= indent) notPlain();
      if (at < deep) break;
      texts.push(line.slice(deep));
    }
    if (this.#line === this.lines.length && this.lines.at(-1) !== "") notPlain(); // the last line is not ended
    while (texts.at(-1) === "") texts.pop();
    if (texts.length === 0) notPlain();
    this.#settle();
    if (this.#indent > indent) notPlain();
    const text = header.startsWith("|") ? texts.join("\n") : folded(texts);
    return header.endsWith("-") ? text : `${text}\n`;
  }
}

/** How many spaces a line starts with. */
function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 0x20) indent++;
  return indent;
}

/** Lines as one: where none is empty, deeper than the others or ends in a space, which would all keep their line feeds. */
function folded(texts: readonly string[]): string {
  for (const text of texts) if (text === "" || text.startsWith(" ") || text.endsWith(" ")) notPlain();
  return texts.join(" ");
}

function onLine(rest: string, depth: number): unknown {
  if (rest.startsWith("{") || rest.startsWith("[")) {
    const { value, end } = readFlow(rest, depth + 1);
    return COMMENT_AFTER.test(rest.slice(end)) ? value : notPlain();
  }
  if (rest.startsWith("'") || rest.startsWith('"')) {
    const { value, end } = quotedValue(rest, 0);
    return COMMENT_AFTER.test(rest.slice(end)) ? value : notPlain();
  }
  const comment = rest.indexOf(" #");
  return plainValue(comment === -1 ? rest : withoutEnd(rest.slice(0, comment)));
}
