/** What plain YAML is made of, by indentation and in brackets alike: its keys, its single values in YAML's core schema, its limits. */

/** Thrown at whatever is not certain to be plain. */
export class NotPlain extends Error {}

export function notPlain(): never {
  throw new NotPlain();
}

/** How deep maps and lists may lie within one another here. */
export const DEPTH_MAX = 32;

/** The longest key taken here: UTF-16 units. */
export const KEY_LENGTH_MAX = 128;

/** What a key is made of: it starts like no indicator, and holds nothing that could be one. */
export const KEY_TEXT = "[A-Za-z_](?:[\\w.|/$-]| (?=[\\w.|/$-]))*";

/** Quoted texts; in double quotes with those escapes that JSON has as well. */
const SINGLE_QUOTED = /'((?:[^']|'')*)'/y;
const DOUBLE_QUOTED = /"(?:[^"\\]|\\["\\/bfnrt])*"/y;

/** What a plain text may start with, besides `-`, `?` and `:` before something else than a space. */
const PLAIN_START = /^(?:[^\s\-?:,[\]{}#&*!|>'"%@`]|[-?:](?=[^\s]))/;

/** YAML's core schema: what is no text, though it stands there like one. */
const NULL = /^(?:~|null|Null|NULL)$/;
const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/;
const NUMBER = /^(?:0|-?[1-9]\d{0,14}|-?(?:0|[1-9]\d{0,9})\.\d{1,5})$/;
const OTHER_NUMBER =
  /^[-+]?(?:\d+|0o[0-7]+|0x[\da-fA-F]+|(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** The value of a plain text without spaces around it. */
export function plainValue(text: string): unknown {
  if (!PLAIN_START.test(text) || text.includes(": ") || text.endsWith(":")) notPlain();
  if (NULL.test(text)) return null;
  if (BOOLEAN.test(text)) return text.toLowerCase() === "true";
  if (NUMBER.test(text)) return Number(text);
  return OTHER_NUMBER.test(text) ? notPlain() : text;
}

/** The text that is quoted from `at` on, and where that ends. */
export function quotedValue(text: string, at: number): { value: string; end: number } {
  const isSingle = text.charAt(at) === "'";
  const form = isSingle ? SINGLE_QUOTED : DOUBLE_QUOTED;
  form.lastIndex = at;
  const [whole, single = ""] = form.exec(text) ?? notPlain();
  return { value: isSingle ? single.replaceAll("''", "'") : JSON.parse(whole), end: at + whole.length };
}

/** A text without the spaces at its end: by hand, as an expression would look again from each of a million. */
export function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(0, end);
}
