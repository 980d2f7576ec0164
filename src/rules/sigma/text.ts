/** Sigma's texts: what is written in a rule, read once into plain text, wildcards and placeholders. */

/** `*`: any number of characters. */
export const ANY = Symbol("*");

/** `?`: exactly one character. */
export const ONE = Symbol("?");

/** `%name%` in a value modified by `expand`: stands for the values of a list. */
export interface Placeholder {
  readonly placeholder: string;
}

export type Part = string | typeof ANY | typeof ONE | Placeholder;

/** A text in its parts; two plain parts never follow one another. */
export type SigmaText = readonly Part[];

/**
 * Reads a text. A backslash takes away the meaning of a following `*`, `?` or backslash, and is itself before anything else;
 * where placeholders are read, also of a following `%`.
 */
export function parseText(written: string, readPlaceholders: boolean): SigmaText {
  const parts: Part[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") parts.push(plain);
    plain = "";
  };
  for (let i = 0; i < written.length; i++) {
    const char = written.charAt(i);
    const next = written.charAt(i + 1);
    if (char === "\\" && (next === "*" || next === "?" || next === "\\" || (readPlaceholders && next === "%"))) {
      plain += next;
      i++;
    } else if (char === "*" || char === "?") {
      flush();
      parts.push(char === "*" ? ANY : ONE);
    } else {
      const name = readPlaceholders && char === "%" ? placeholderAt(written, i) : undefined;
      if (name === undefined) plain += char;
      else {
        flush();
        parts.push({ placeholder: name });
        i += name.length + 1;
      }
    }
  }
  flush();
  return parts;
}

/** The name between two per cent signs: not empty, and without a backslash. A lone `%` is itself. */
function placeholderAt(written: string, at: number): string | undefined {
  const end = written.indexOf("%", at + 1);
  const name = end === -1 ? "" : written.slice(at + 1, end);
  return name === "" || name.includes("\\") ? undefined : name;
}

/** Puts parts together, joining plain parts that meet and runs of `*`. */
export function joinParts(...texts: readonly SigmaText[]): SigmaText {
  const joined: Part[] = [];
  for (const part of texts.flat()) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== ANY || last !== ANY) joined.push(part);
  }
  return joined;
}

/** Whether it holds wildcards. */
export function hasWildcards(text: SigmaText): boolean {
  return text.some((part) => part === ANY || part === ONE);
}

/** The names of the placeholders in it, in order. */
export function placeholdersIn(text: SigmaText): string[] {
  return text.flatMap((part) => typeof part === "object" ? [part.placeholder] : []);
}

/** The text of its plain parts, for a text without wildcards and placeholders. */
export function plainText(text: SigmaText): string {
  return text.filter((part) => typeof part === "string").join("");
}

/** Changes its plain parts. */
export function mapPlain(text: SigmaText, change: (plain: string) => string): SigmaText {
  return text.map((part) => typeof part === "string" ? change(part) : part);
}

/** Every text in which each part that has choices is one of them; undefined when they are more than `max`. */
export function expandParts(
  text: SigmaText,
  choices: (part: Part) => readonly SigmaText[],
  max: number,
): SigmaText[] | undefined {
  let texts: SigmaText[] = [[]];
  for (const part of text) {
    const options = choices(part);
    if (texts.length * options.length > max) return undefined;
    texts = texts.flatMap((before) => options.map((option) => joinParts(before, option)));
  }
  return texts;
}
