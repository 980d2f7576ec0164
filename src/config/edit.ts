/**
 * Sets single keys in somebody's YAML file and leaves the rest as it is, to the byte: comments, blank lines, order, and however the
 * lines are indented and aligned. Writing the whole document anew would keep the comments, but not where they stand.
 */

import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  stringify,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { UsageError } from "../core/errors.ts";

/** What a key can be set to. */
export type EditValue = string | number | boolean | readonly string[];

/**
 * The text with the value at `path` set; sections that are not there are made.
 *
 * @throws {UsageError} when the text is not YAML of one document, or the path leads through what is no mapping, or an alias.
 */
export function setInYaml(text: string, path: readonly string[], value: EditValue): string {
  const document = parse(text);
  const edited = withFinalBreak(edit(document, text, path, value));
  makeSections(document, path);
  document.setIn(path, value);
  const read = parseDocument(edited);
  const isRight = read.errors.length === 0 && isDeepStrictEqual(read.toJS(), document.toJS());
  return isRight ? edited : document.toString({ lineWidth: 0 }); // for a layout that has not been thought of
}

/** Makes mappings of keys on the way that have nothing behind them. */
function makeSections(document: Document.Parsed, path: readonly string[]): void {
  if (document.contents !== null && isScalar(document.contents) && document.contents.value === null) {
    document.set([], document.createNode({}));
  }
  for (let depth = 1; depth < path.length; depth++) {
    const at = path.slice(0, depth);
    if (document.hasIn(at) && document.getIn(at) === null) document.setIn(at, document.createNode({}));
  }
}

function parse(text: string): Document.Parsed {
  const document = parseDocument(text, { uniqueKeys: false });
  const [error] = document.errors;
  if (error !== undefined) throw new UsageError(`Cannot edit the configuration as it must be YAML: ${error.message}`);
  return document;
}

function edit(document: Document.Parsed, text: string, path: readonly string[], value: EditValue): string {
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    return withFinalBreak(text) + lines(path, value, "", breakOf(text));
  }
  let map: unknown = contents;
  for (const [depth, key] of path.entries()) {
    if (!isMap(map)) {
      const where = path.slice(0, depth).join(".") || "the top";
      throw new UsageError(`Cannot edit the configuration as ${where} must be keys and values, and not an alias`);
    }
    const pair = map.items.find((one) => isScalar(one.key) && String(one.key.value) === key);
    if (pair === undefined) return added(text, map, path.slice(depth), value);
    if (depth === path.length - 1) return replaced(text, pair, value);
    if (isEmpty(pair)) return filled(text, map, pair, path.slice(depth + 1), value);
    map = pair.value;
  }
  return text;
}

/** Whether nothing stands behind a key. */
function isEmpty({ value }: Pair): boolean {
  return value === null || (isScalar(value) && value.value === null && (value.source ?? "") === "");
}

/** The text with the value behind a key exchanged. */
function replaced(text: string, pair: Pair, value: EditValue): string {
  const range = rangeOf(pair.value);
  if (isEmpty(pair) || range === undefined) return afterColon(text, pair, ` ${flow(value)}`);
  if (isSeq(pair.value) && pair.value.flow !== true && Array.isArray(value)) {
    return withItems(text, pair, pair.value, value);
  }
  return text.slice(0, range[0]) + flow(value) + text.slice(range[1]);
}

/** The text with items of a list that has a line for each taken out and added; the lines of the others stay. */
function withItems(text: string, pair: Pair, list: YAMLSeq, wanted: readonly string[]): string {
  const items = list.items.map((item) => ({ range: rangeOf(item), value: isScalar(item) ? item.value : undefined }));
  const isThere = new Set(items.map((item) => item.value));
  const added = wanted.filter((item) => !isThere.has(item));
  const first = items[0]?.range?.[0] ?? 0;
  const dash = text.lastIndexOf("-", first - 1);
  const indent = text.slice(text.lastIndexOf("\n", dash) + 1, dash);
  let result = text;
  const last = items.at(-1)?.range?.[1] ?? 0;
  const at = endOfLine(text, last);
  result = result.slice(0, at) + added.map((item) => `${breakOf(text)}${indent}- ${flow(item)}`).join("") +
    result.slice(at);
  for (const { range, value } of items.toReversed()) {
    if (range === undefined || wanted.some((item) => item === value)) continue;
    const start = text.lastIndexOf("\n", range[0]) + 1;
    result = result.slice(0, start) + result.slice(text.indexOf("\n", range[1]) + 1 || result.length);
  }
  return wanted.length === 0 ? afterColon(result, pair, " []") : result;
}

function afterColon(text: string, pair: Pair, added: string): string {
  const at = text.indexOf(":", endOf(pair.key)) + 1;
  return text.slice(0, at) + added + text.slice(at);
}

/** The text with keys put behind one that had nothing behind it; comments that stand there come after them. */
function filled(text: string, map: YAMLMap, pair: Pair, path: readonly string[], value: EditValue): string {
  const colon = text.indexOf(":", endOf(pair.key));
  const at = endOfLine(text, colon);
  const indent = `${indentOf(text, map)}  `;
  const line = breakOf(text);
  return `${text.slice(0, at)}${line}${lines(path, value, indent, line).trimEnd()}${text.slice(at)}`;
}

/** The text with keys added at the end of a mapping. */
function added(text: string, map: YAMLMap, path: readonly string[], value: EditValue): string {
  const last = map.items.at(-1);
  if (map.flow === true || last === undefined) {
    const close = text.lastIndexOf("}", (rangeOf(map)?.[1] ?? 0) - 1);
    const [first, ...below] = path;
    const inner = below.reduceRight((nested, key) => `{ ${key}: ${nested} }`, flow(value));
    const before = text.slice(0, close).trimEnd();
    return `${before}${last === undefined ? " " : ", "}${first}: ${inner} ${text.slice(close)}`;
  }
  const lastValue = rangeOf(last.value);
  const end = isEmpty(last) || lastValue === undefined ? text.indexOf(":", endOf(last.key)) + 1 : lastValue[1];
  const trimmed = text.slice(0, end).trimEnd().length;
  const at = endOfLine(text, trimmed);
  const line = breakOf(text);
  return `${text.slice(0, at)}${line}${lines(path, value, indentOf(text, map), line).trimEnd()}${text.slice(at)}`;
}

/** Keys one under the other, the value behind the last. */
function lines(path: readonly string[], value: EditValue, indent: string, lineBreak: string): string {
  return path.map((key, depth) => {
    const isLast = depth === path.length - 1;
    return `${indent}${"  ".repeat(depth)}${key}:${isLast ? ` ${flow(value)}` : ""}${lineBreak}`;
  }).join("");
}

/** A value on one line. */
function flow(value: EditValue): string {
  if (typeof value !== "object") return stringify(value, { lineWidth: 0 }).trimEnd();
  return `[${value.map((item) => stringify(item, { lineWidth: 0 }).trimEnd()).join(", ")}]`;
}

function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (typeof node !== "object" || node === null || !("range" in node)) return undefined;
  return Array.isArray(node.range) ? node.range as [number, number, number] : undefined;
}

function endOf(key: unknown): number {
  return rangeOf(key)?.[1] ?? 0;
}

/** What stands before the first key of a mapping on its line. */
function indentOf(text: string, map: YAMLMap): string {
  const start = rangeOf(map.items[0]?.key)?.[0] ?? 0;
  return text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
}

function endOfLine(text: string, from: number): number {
  const found = text.indexOf("\n", from);
  const end = found < 0 ? text.length : found;
  return text[end - 1] === "\r" ? end - 1 : end;
}

/** How the text ends its lines. */
function breakOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function withFinalBreak(text: string): string {
  return text === "" || text.endsWith("\n") ? text : text + breakOf(text);
}
