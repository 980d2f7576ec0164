/** Sigma's value modifiers: the table of them, and what each makes of a value (Sigma specification 2.1, modifiers appendix). */

import { parseCidr } from "../../core/cidr.ts";
import {
  base64Of,
  base64OffsetsOf,
  canEncode,
  hasOnlyAscii,
  wideText,
  WINDASH_MAX,
  windashVariants,
} from "./encoding.ts";
import { ANY, hasWildcards, joinParts, plainText } from "./text.ts";
import { type Comparison, type SigmaValue, TIME_PARTS, type TimePart, type ValueProblem } from "./value.ts";

/** What a modifier makes of one value. `before` are the modifiers already applied. */
type Apply = (value: SigmaValue, before: readonly string[]) => SigmaValue | ValueProblem;

type Text = Extract<SigmaValue, { type: "text" }>;

/** Modifiers of a whole list: they say how its values are linked and change none of them. `expand` has been done before. */
export const LIST_MODIFIERS: ReadonlySet<string> = new Set(["all", "neq", "expand"]);

/** What else a value may be asked to be when it is a text. */
const QUOTE_HINT = "write a number in quotes to mean its text";

const contains: Apply = (value) => {
  if (value.type === "text") return { ...value, text: joinParts([ANY], value.text, [ANY]) };
  if (value.type === "field") return { ...value, how: "contains" };
  return value.type === "pattern" ? value : notText(value, "a text, an expression or a field");
};

const startswith: Apply = (value) => {
  if (value.type === "text") return { ...value, text: joinParts(value.text, [ANY]) };
  if (value.type === "field") return { ...value, how: value.how === "endsWith" ? "contains" : "startsWith" };
  return value.type === "pattern" ? { ...value, anchor: "start" } : notText(value, "a text, an expression or a field");
};

const endswith: Apply = (value) => {
  if (value.type === "text") return { ...value, text: joinParts([ANY], value.text) };
  if (value.type === "field") return { ...value, how: value.how === "startsWith" ? "contains" : "endsWith" };
  return value.type === "pattern" ? { ...value, anchor: "end" } : notText(value, "a text, an expression or a field");
};

const cased: Apply = (value) => value.type === "text" ? { ...value, cased: true } : notText(value, "a text");

const flag = (letter: string): Apply => (value) =>
  value.type === "pattern"
    ? { ...value, flags: value.flags + letter }
    : { problem: `it must follow the modifier "re"`, hint: `as in field|re|${letter}` };

const re: Apply = (value, before) => {
  if (before.length > 0) return mustComeFirst(before);
  return value.type === "text"
    ? { type: "pattern", pattern: plainText(value.text), flags: "", anchor: "none" }
    : notText(value, "a text");
};

const cidr: Apply = (value, before) => {
  if (before.length > 0) return mustComeFirst(before);
  if (value.type !== "text") return notText(value, "a network");
  const network = parseCidr(plainText(value.text));
  return network === undefined || hasWildcards(value.text)
    ? { problem: "the value must be an IPv4 or IPv6 network", hint: "as in 10.0.0.0/8 or 2001:db8::/32" }
    : { type: "network", network };
};

const exists: Apply = (value, before) => {
  if (before.length > 0) return mustComeFirst(before);
  return value.type === "boolean"
    ? { type: "exists", exists: value.boolean }
    : { problem: "the value must be true or false" };
};

const fieldref: Apply = (value, before) => {
  if (before.length > 0) return mustComeFirst(before);
  if (value.type !== "text" || hasWildcards(value.text)) {
    return notText(value, "the name of a field, without wildcards");
  }
  return { type: "field", field: plainText(value.text), how: "equals" };
};

const compare = (comparison: Comparison): Apply => (value) => {
  if (value.type === "number") return { type: "compare", comparison, number: value.number, part: null };
  if (value.type === "compare" && value.comparison === "eq") return { ...value, comparison };
  return { problem: "the value must be a number", hint: "without quotes" };
};

/** Least and greatest number of each part of a time; a year is any. */
const PART_RANGES: Readonly<Record<TimePart, readonly [min: number, max: number]>> = {
  minute: [0, 59],
  hour: [0, 23],
  day: [1, 31],
  week: [1, 53],
  month: [1, 12],
  year: [0, 9_999],
};

const timePart = (part: TimePart): Apply => (value, before) => {
  if (before.length > 0) return mustComeFirst(before);
  const [min, max] = PART_RANGES[part];
  const fits = value.type === "number" && Number.isInteger(value.number) && value.number >= min && value.number <= max;
  return fits
    ? { type: "compare", comparison: "eq", number: value.number, part }
    : { problem: `the value must be a whole number of ${min} to ${max}` };
};

const base64: Apply = (value) => {
  const problem = encodingProblem(value);
  if (problem !== undefined) return problem;
  const { text, encoding, cased } = value as Text;
  return { type: "text", text: [base64Of(text, encoding)], cased, encoding: "utf-8" };
};

const base64offset: Apply = (value) => {
  const problem = encodingProblem(value);
  if (problem !== undefined) return problem;
  const { text, encoding, cased } = value as Text;
  const offsets = base64OffsetsOf(text, encoding);
  if (offsets.includes("")) {
    return { problem: "the value must be at least two bytes long: base64 shows nothing of one" };
  }
  const of = offsets.map((encoded): SigmaValue => (
    { type: "text", text: [encoded], cased, encoding: "utf-8" }
  ));
  return { type: "anyOf", of };
};

const utf16 = (encoding: Text["encoding"]): Apply => (value) => {
  if (value.type !== "text") return notText(value, "a text");
  return value.encoding === "utf-8"
    ? { ...value, encoding }
    : { problem: "a text must be encoded as UTF-16 once: it is already" };
};

const windash: Apply = (value) => {
  if (value.type !== "text") return notText(value, "a text");
  const variants = windashVariants(value.text);
  if (variants === undefined) {
    return {
      problem: `the value must hold at most ${WINDASH_MAX} dashes before a word`,
      hint: "put each part into a value of its own",
    };
  }
  return { type: "anyOf", of: variants.map((text) => ({ ...value, text })) };
};

const unchanged: Apply = (value) => value;

const MODIFIERS: ReadonlyMap<string, Apply> = new Map<string, Apply>([
  ["contains", contains],
  ["startswith", startswith],
  ["endswith", endswith],
  ["all", unchanged],
  ["neq", unchanged],
  ["cased", cased],
  ["exists", exists],
  ["re", re],
  ["i", flag("i")],
  ["ignorecase", flag("i")],
  ["m", flag("m")],
  ["multiline", flag("m")],
  ["s", flag("s")],
  ["dotall", flag("s")],
  ["cidr", cidr],
  ["fieldref", fieldref],
  ["gt", compare("gt")],
  ["gte", compare("gte")],
  ["lt", compare("lt")],
  ["lte", compare("lte")],
  ["base64", base64],
  ["base64offset", base64offset],
  ["wide", utf16("utf-16le")],
  ["utf16le", utf16("utf-16le")],
  ["utf16be", utf16("utf-16be")],
  ["utf16", utf16("utf-16")],
  ["windash", windash],
  ["expand", unchanged],
  ...TIME_PARTS.map((part): [string, Apply] => [part, timePart(part)]),
]);

/** Every modifier's name. */
export const MODIFIER_NAMES: readonly string[] = [...MODIFIERS.keys()];

/** Whether there is a modifier of this name. */
export function isModifier(name: string): boolean {
  return MODIFIERS.has(name);
}

/** Applies modifiers to one value, in the order written; the problem names the modifier it is about. */
export function applyModifiers(
  value: SigmaValue,
  modifiers: readonly string[],
): SigmaValue | (ValueProblem & { readonly modifier: string }) {
  let current = value;
  const before: string[] = [];
  for (const name of modifiers) {
    const apply = MODIFIERS.get(name) ?? unchanged;
    const result = applyToEach(current, apply, before);
    if ("problem" in result) return { ...result, modifier: name };
    current = result;
    if (!LIST_MODIFIERS.has(name)) before.push(name);
  }
  return spellOut(current);
}

/** A value that expands stays an expansion: each of its values is modified. */
function applyToEach(value: SigmaValue, apply: Apply, before: readonly string[]): SigmaValue | ValueProblem {
  if (value.type !== "anyOf") return apply(value, before);
  const of: SigmaValue[] = [];
  for (const one of value.of) {
    const result = applyToEach(one, apply, before);
    if ("problem" in result) return result;
    of.push(result);
  }
  return { type: "anyOf", of };
}

/** A text left in UTF-16, with no base64 after it, as it shows in a field. */
function spellOut(value: SigmaValue): SigmaValue | (ValueProblem & { readonly modifier: string }) {
  if (value.type === "anyOf") {
    const of: SigmaValue[] = [];
    for (const one of value.of) {
      const result = spellOut(one);
      if ("problem" in result) return result;
      of.push(result);
    }
    return { type: "anyOf", of };
  }
  if (value.type !== "text" || value.encoding === "utf-8") return value;
  if (!hasOnlyAscii(value.text)) {
    const problem = "a text that is not base64-encoded afterwards must be ASCII";
    return { problem, modifier: value.encoding === "utf-16le" ? "wide" : value.encoding.replace("-", "") };
  }
  return { ...value, text: wideText(value.text, value.encoding), encoding: "utf-8" };
}

function encodingProblem(value: SigmaValue): ValueProblem | undefined {
  if (value.type !== "text") return notText(value, "a text");
  if (!canEncode(value.text)) {
    return {
      problem: "a value that is encoded must hold no wildcards",
      hint: `escape them as \\* and \\?, and put contains, startswith or endswith after the encoding`,
    };
  }
  return value.text.length === 0 ? { problem: "a value that is encoded must not be empty" } : undefined;
}

function notText(value: SigmaValue, wanted: string): ValueProblem {
  const problem = `the value must be ${wanted}`;
  return value.type === "number" || value.type === "boolean" ? { problem, hint: QUOTE_HINT } : { problem };
}

function mustComeFirst(before: readonly string[]): ValueProblem {
  return { problem: `it must be the first modifier`, hint: `without "${before.join("|")}" before it` };
}
