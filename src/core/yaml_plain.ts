/**
 * The plain part of YAML, in which nearly all rule files are written whole: maps and lists by indentation, texts on one line, plain
 * or in quotes, and literal blocks. It is read several times faster than the whole language, and never read otherwise: whatever is
 * not certain to be plain is left to the parser of all of YAML, mistakes included.
 */

/** How deep maps and lists may lie within one another here. */
const DEPTH_MAX = 32;

/** The longest key taken here: UTF-16 units. */
const KEY_LENGTH_MAX = 128;

/** A text of nothing but printable characters, spaces and line feeds. */
// deno-lint-ignore no-control-regex -- control characters are what it must be free of
const PRINTABLE = /^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*$/;

/** A key as it may stand before a value: it starts like no indicator, and holds nothing that could be one. */
const KEY = /^([A-Za-z_](?:[\w.|/$-]| (?=[\w.|/$-]))*):(?: +|$)/;

const LIST_ITEM = /^- +/;
const COMMENT_AFTER = /^ *(?: #.*)?$/;
const SINGLE_QUOTED = /^'((?:[^']|'')*)'/;
const DOUBLE_QUOTED = /^"([^"\\]*)"/;

/** What a plain text may start with, besides `-`, `?` and `:` before something else than a space. */
const PLAIN_START = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=[^\s]))/;

/** YAML's core schema: what is no text, though it stands there like one. */
const NULL = /^(?:~|null|Null|NULL)$/;
const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/;
const WHOLE_NUMBER = /^(?:0|[1-9]\d{0,14})$/;
const OTHER_NUMBER =
  /^[-+]?(?:\d+|0o[0-7]+|0x[\da-fA-F]+|(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** A document of one map, with the line and column at which it starts, from 1. */
export interface PlainDocument {
  readonly value: Record<string, unknown>;
  readonly line: number;
  readonly column: number;
}

/** Reads a text if all of it is plain and one map; `undefined` for any other. */
export function readPlainYaml(text: string): PlainDocument | undefined {
  if (!PRINTABLE.test(text)) return undefined;
  try {
    return new PlainReader(text.split("\n")).document();
  } catch (error) {
    if (error instanceof NotPlain) return undefined;
    throw error;
  }
}

/** Thrown at whatever is not certain to be plain. */
class NotPlain extends Error {}

function notPlain(): never {
  throw new NotPlain();
}

class PlainReader {
  /** The line it is at: one with something on it, or one past the last. */
  #line = 0;
  /** How far that is indented; -1 past the last. */
  #indent = -1;
  /** What stands there, from the indentation on, without spaces at its end. */
  #content = "";

  constructor(readonly lines: readonly string[]) {
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
      map[key] = this.#value(this.#content.slice(whole.length), indent, depth);
    }
    if (this.#indent > indent) notPlain();
    return map;
  }

  /** The value of a key, of which `rest` stands after it. */
  #value(rest: string, indent: number, depth: number): unknown {
    if (rest.startsWith("|")) return this.#literal(rest, indent);
    if (rest !== "" && !rest.startsWith("#")) return this.#scalar(rest, indent);
    this.#next();
    if (this.#indent >= indent && LIST_ITEM.test(this.#content)) return this.#list(this.#indent, depth + 1);
    return this.#indent > indent ? this.#map(this.#indent, depth + 1) : null;
  }

  #list(indent: number, depth: number): unknown[] {
    if (depth > DEPTH_MAX) notPlain();
    const list: unknown[] = [];
    while (this.#indent === indent && this.#content.startsWith("-")) {
      const [dash = ""] = LIST_ITEM.exec(this.#content) ?? notPlain();
      const rest = this.#content.slice(dash.length);
      if (KEY.test(rest)) {
        // The item is a map that starts on the line of its dash.
        this.#indent += dash.length;
        this.#content = rest;
        list.push(this.#map(this.#indent, depth + 1));
      } else list.push(this.#scalar(rest, indent));
    }
    if (this.#indent > indent) notPlain();
    return list;
  }

  /** A text, number, boolean or null that is all on its line. */
  #scalar(rest: string, indent: number): unknown {
    const value = rest.startsWith("'")
      ? quoted(rest, SINGLE_QUOTED).replaceAll("''", "'")
      : rest.startsWith('"')
      ? quoted(rest, DOUBLE_QUOTED)
      : plain(rest);
    this.#next();
    if (this.#indent > indent) notPlain(); // it may go on there
    return value;
  }

  /** `|` or `|-`, and the lines that are deeper than its key. */
  #literal(header: string, indent: number): string {
    if (header !== "|" && header !== "|-") notPlain();
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
    return texts.join("\n") + (header === "|" ? "\n" : "");
  }
}

/** How many spaces a line starts with. */
function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 0x20) indent++;
  return indent;
}

/** A text without the spaces at its end: by hand, as an expression would look again from each of a million. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(0, end);
}

function quoted(rest: string, form: RegExp): string {
  const [whole, text = ""] = form.exec(rest) ?? notPlain();
  return COMMENT_AFTER.test(rest.slice(whole.length)) ? text : notPlain();
}

function plain(rest: string): unknown {
  const comment = rest.indexOf(" #");
  const text = comment === -1 ? rest : withoutEnd(rest.slice(0, comment));
  if (!PLAIN_START.test(text) || text.includes(": ") || text.endsWith(":")) notPlain();
  if (NULL.test(text)) return null;
  if (BOOLEAN.test(text)) return text.toLowerCase() === "true";
  if (WHOLE_NUMBER.test(text)) return Number(text);
  return OTHER_NUMBER.test(text) ? notPlain() : text;
}
