/** Reads an expression once, into what V8 and re2js each must be given so that both mean the same by it. */

import { type Needs, needsOf } from "./expression_needs.ts";

/** `i`: fold case. `m`: `^` and `$` at every line. `s`: `.` takes line feeds too. */
export interface ExpressionFlags {
  readonly i?: boolean;
  readonly m?: boolean;
  readonly s?: boolean;
}

export interface ReadExpression {
  readonly flags: Required<ExpressionFlags>;
  /** For V8, without flags; null when it holds what V8 would read as something else. */
  readonly v8: string | null;
  /** For re2js, with `flags`. */
  readonly re2: string;
  readonly needs: Needs;
}

export interface Refusal {
  readonly error: string;
  readonly offset: number;
}

/** What a group may not begin with, and what that is called. */
const REFUSED_GROUPS: readonly (readonly [start: RegExp, name: string])[] = [
  [/\(\?<?[=!]/y, "lookaround"],
  [/\(\?>/y, "an atomic group"],
  [/\(\?(?:P=|P>|&|R|[+-]?\d)/y, "a back-reference or recursion"],
  [/\(\?\(/y, "a conditional group"],
  [/\(\?#/y, "a comment"],
];

/** The highest count that V8's linear engine takes, and the highest that it is given in parts of that. */
const COUNT_PART_MAX = 16;
const COUNT_MAX = 256;

/** Letters that both engines and PCRE read alike after a backslash. */
const SHARED_ESCAPES = new Set("bBdDsSwWfnrtv");

/** Escapes of PCRE's that one engine lacks, and what it is given instead: [V8, re2js]. */
const RENDERED_ESCAPES: Readonly<Record<string, readonly [v8: string, re2: string]>> = {
  A: ["^", "\\A"],
  z: ["$", "\\z"],
  Z: ["(?:$|\\n$)", "(?:\\n?\\z)"],
  h: ["[ \\t]", "[ \\t]"],
  a: ["\\x07", "\\x07"],
  e: ["\\x1b", "\\x1b"],
};

/**
 * Reads an expression. Syntax that is simply wrong is left for the engines to complain of; what would run but not in linear
 * time is refused here, with its name and place.
 */
export function readExpression(pattern: string, given: ExpressionFlags): ReadExpression | Refusal {
  const leading = /^\(\?([ims]+)\)/.exec(pattern);
  const inline = leading?.[1] ?? "";
  const flags = {
    i: given.i === true || inline.includes("i"),
    m: given.m === true || inline.includes("m"),
    s: given.s === true || inline.includes("s"),
  };
  const reader = new Reader(pattern, leading?.[0].length ?? 0, flags);
  const refusal = reader.read();
  if (refusal !== null) return refusal;
  // V8's linear engine does not fold case, its lines end at more than line feeds, and it halves characters beyond 16 bits.
  const v8 = reader.forV8 && !flags.i && !flags.m && !/[\ud800-\udfff]/.test(pattern) ? reader.v8 : null;
  return { flags, v8, re2: reader.re2, needs: needsOf(pattern.slice(leading?.[0].length ?? 0), flags) };
}

/** One pass over a pattern, writing both forms as it goes. */
class Reader {
  v8 = "";
  re2 = "";
  forV8 = true;
  #at: number;
  /** Where in `v8` the one character, class or escape starts that was last written; null after anything else. */
  #single: number | null = null;

  constructor(readonly pattern: string, start: number, readonly flags: Required<ExpressionFlags>) {
    this.#at = start;
  }

  read(): Refusal | null {
    while (this.#at < this.pattern.length) {
      const refusal = this.#readOne(this.pattern.charAt(this.#at));
      if (refusal !== null) return refusal;
    }
    return null;
  }

  #readOne(char: string): Refusal | null {
    switch (char) {
      case "\\":
        return this.#escape();
      case "[":
        return this.#characterClass();
      case "(":
        return this.#group();
      case ".":
        return this.#writeSingle(1, this.flags.s ? "[^]" : "[^\\n]", ".");
      case "$":
        return this.flags.m ? this.#write(1, "$", "$") : this.#write(1, "(?:$|\\n$)", "(?:\\n?\\z)");
      case "^":
        return this.#write(1, "^", "^");
      default:
        return this.#plain(char);
    }
  }

  #plain(char: string): Refusal | null {
    const repeat = /[*+?]|\{(\d+)(,(\d*))?\}/y;
    repeat.lastIndex = this.#at;
    const found = repeat.exec(this.pattern);
    if (found === null) {
      return char === "|" || char === ")" ? this.#write(1, char, char) : this.#writeSingle(1, char, char);
    }
    const [quantifier, least = "", comma, most] = found;
    const repeated = least === "" ? undefined : this.#inParts(Number(least), comma === undefined ? least : most);
    if (repeated === undefined) return this.#write(quantifier.length, quantifier, quantifier);
    this.v8 = this.v8.slice(0, this.#single ?? 0);
    return this.#write(quantifier.length, repeated, quantifier);
  }

  /** What was last written as often as a count says that is too high for V8's linear engine; undefined where it is not. */
  #inParts(least: number, most: string | undefined): string | undefined {
    const isOpen = most === "" || most === undefined;
    const highest = isOpen ? least : Number(most);
    if (this.#single === null || highest <= COUNT_PART_MAX || highest > COUNT_MAX || highest < least) return undefined;
    const single = this.v8.slice(this.#single);
    const certain = Array.from({ length: Math.floor(least / COUNT_PART_MAX) }, () => `${single}{${COUNT_PART_MAX}}`);
    if (isOpen) return [...certain, `${single}{${least % COUNT_PART_MAX},}`].join("");
    const rest = highest - least;
    const possible = Array.from({ length: Math.floor(rest / COUNT_PART_MAX) }, () => `${single}{0,${COUNT_PART_MAX}}`);
    const left = [`${single}{${least % COUNT_PART_MAX}}`, `${single}{0,${rest % COUNT_PART_MAX}}`];
    return [...certain, ...possible, ...left].join("");
  }

  #group(): Refusal | null {
    for (const [start, name] of REFUSED_GROUPS) {
      start.lastIndex = this.#at;
      if (start.test(this.pattern)) return { error: `it may not hold ${name}`, offset: this.#at };
    }
    const named = /\(\?P?<([A-Za-z_]\w*)>/y;
    named.lastIndex = this.#at;
    const name = named.exec(this.pattern);
    if (name !== null) return this.#write(name[0].length, `(?<${name[1]}>`, `(?P<${name[1]}>`);
    if (this.pattern.startsWith("(?:", this.#at)) return this.#write(3, "(?:", "(?:");
    if (!this.pattern.startsWith("(?", this.#at)) return this.#write(1, "(", "(");
    // Flags within the expression: re2js knows them.
    this.forV8 = false;
    return this.#write(2, "(?", "(?");
  }

  #escape(): Refusal | null {
    const char = this.pattern.charAt(this.#at + 1);
    if (/[1-9]/.test(char) || /^\\(?:k[<{']|g)/.test(this.pattern.slice(this.#at, this.#at + 3))) {
      return { error: "it may not hold a back-reference", offset: this.#at };
    }
    const rendered = RENDERED_ESCAPES[char];
    if (rendered !== undefined) {
      if (this.flags.m) this.forV8 = false;
      return this.#write(2, rendered[0], rendered[1]);
    }
    const start = this.v8.length;
    if (char !== "" && !/[A-Za-z0-9]/.test(char)) {
      this.#write(2, "\\" + char, /[!-~]/.test(char) ? "\\" + char : char);
    } else this.#letterEscape(char);
    this.#single = start;
    return null;
  }

  /** An escape by a letter or 0: shared, by code point, or re2js's own business. */
  #letterEscape(char: string): null {
    if (SHARED_ESCAPES.has(char)) return this.#write(2, "\\" + char, "\\" + char);
    const code = /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/y;
    code.lastIndex = this.#at;
    const hex = code.exec(this.pattern);
    if (hex !== null) return this.#write(hex[0].length, hex[0], `\\x{${hex[1] ?? hex[2]}}`);
    this.forV8 = false;
    return this.#write(2, "", "\\" + char);
  }

  /** A whole class, `[...]`: PCRE takes a `]` that stands first for itself. */
  #characterClass(): Refusal | null {
    const single = this.v8.length;
    const start = /\[\^?\]?/y;
    start.lastIndex = this.#at;
    const opening = start.exec(this.pattern)?.[0] ?? "[";
    this.#write(opening.length, opening.replace("]", "\\]"), opening.replace("]", "\\]"));
    while (this.#at < this.pattern.length) {
      const char = this.pattern.charAt(this.#at);
      if (char === "]") {
        this.#write(1, "]", "]");
        this.#single = single;
        return null;
      }
      if (char === "\\") this.#classEscape();
      else if (char === "[" && this.pattern.charAt(this.#at + 1) === ":") this.#posixClass();
      else this.#write(1, char, char === "[" ? "\\[" : char);
    }
    return null;
  }

  #classEscape(): null {
    const char = this.pattern.charAt(this.#at + 1);
    if (char === "h") return this.#write(2, " \\t", " \\t");
    if (char === "b") return this.#write(2, "\\x08", "\\x08");
    if (char !== "" && !/[A-Za-z0-9]/.test(char)) {
      return this.#write(2, "\\" + char, /[!-~]/.test(char) ? "\\" + char : char);
    }
    return this.#letterEscape(char);
  }

  /** `[:alpha:]`, which V8 would take for the characters. */
  #posixClass(): null {
    const named = /\[:\^?[a-z]+:\]/y;
    named.lastIndex = this.#at;
    const name = named.exec(this.pattern)?.[0];
    if (name === undefined) return this.#write(1, "[", "\\[");
    this.forV8 = false;
    return this.#write(name.length, name, name);
  }

  #writeSingle(length: number, v8: string, re2: string): null {
    const start = this.v8.length;
    this.#write(length, v8, re2);
    this.#single = start;
    return null;
  }

  #write(length: number, v8: string, re2: string): null {
    this.#at += length;
    this.v8 += v8;
    this.re2 += re2;
    this.#single = null;
    return null;
  }
}
