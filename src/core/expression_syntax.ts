/** Reads an expression once, into what V8 and re2js each must be given so that both mean the same by it. */

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
  /** Longest text that whatever it is found in must hold, in lower case. */
  readonly literal: string | null;
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
  // V8's linear engine does not fold case, and its lines end at more than line feeds.
  const v8 = reader.forV8 && !flags.i && !flags.m ? reader.v8 : null;
  return { flags, v8, re2: reader.re2, literal: reader.literal() };
}

/** One pass over a pattern, writing both forms as it goes. */
class Reader {
  v8 = "";
  re2 = "";
  forV8 = true;
  #at: number;
  readonly #literals: LiteralRuns;

  constructor(readonly pattern: string, start: number, readonly flags: Required<ExpressionFlags>) {
    this.#at = start;
    this.#literals = new LiteralRuns(flags.i);
  }

  literal(): string | null {
    return this.#literals.longest();
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
        this.#literals.gap();
        return this.#write(1, this.flags.s ? "[^]" : "[^\\n]", ".");
      case "$":
        this.#literals.gap();
        return this.flags.m ? this.#write(1, "$", "$") : this.#write(1, "(?:$|\\n$)", "(?:\\n?\\z)");
      case "^":
        this.#literals.gap();
        return this.#write(1, "^", "^");
      default:
        return this.#plain(char);
    }
  }

  #plain(char: string): Refusal | null {
    const repeat = /[*+?]|\{(\d+)(?:,\d*)?\}/y;
    repeat.lastIndex = this.#at;
    const found = repeat.exec(this.pattern);
    if (found !== null) {
      this.#literals.repeated(found[0] === "+" || Number(found[1] ?? 0) > 0);
      return this.#write(found[0].length, found[0], found[0]);
    }
    if (char === "|") this.#literals.alternative();
    else if (char === ")") this.#literals.close();
    else this.#literals.char(char);
    return this.#write(1, char, char);
  }

  #group(): Refusal | null {
    for (const [start, name] of REFUSED_GROUPS) {
      start.lastIndex = this.#at;
      if (start.test(this.pattern)) return { error: `it may not hold ${name}`, offset: this.#at };
    }
    this.#literals.open();
    const named = /\(\?P?<([A-Za-z_]\w*)>/y;
    named.lastIndex = this.#at;
    const name = named.exec(this.pattern);
    if (name !== null) return this.#write(name[0].length, `(?<${name[1]}>`, `(?P<${name[1]}>`);
    if (this.pattern.startsWith("(?:", this.#at)) return this.#write(3, "(?:", "(?:");
    if (!this.pattern.startsWith("(?", this.#at)) return this.#write(1, "(", "(");
    // Flags within the expression: re2js knows them, and a literal may no longer be as it is written.
    this.forV8 = false;
    this.#literals.giveUp();
    return this.#write(2, "(?", "(?");
  }

  #escape(): Refusal | null {
    const char = this.pattern.charAt(this.#at + 1);
    if (/[1-9]/.test(char) || /^\\(?:k[<{']|g)/.test(this.pattern.slice(this.#at, this.#at + 3))) {
      return { error: "it may not hold a back-reference", offset: this.#at };
    }
    const rendered = RENDERED_ESCAPES[char];
    if (rendered !== undefined) {
      this.#literals.gap();
      if (this.flags.m) this.forV8 = false;
      return this.#write(2, rendered[0], rendered[1]);
    }
    if (char !== "" && !/[A-Za-z0-9]/.test(char)) {
      this.#literals.char(char);
      return this.#write(2, "\\" + char, /[!-~]/.test(char) ? "\\" + char : char);
    }
    this.#literals.gap();
    return this.#letterEscape(char);
  }

  /** An escape by a letter or 0: shared, by code point, or re2js's own business. */
  #letterEscape(char: string): null {
    if (SHARED_ESCAPES.has(char)) return this.#write(2, "\\" + char, "\\" + char);
    const code = /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))/y;
    code.lastIndex = this.#at;
    const hex = code.exec(this.pattern);
    if (hex !== null) return this.#write(hex[0].length, hex[0], `\\x{${hex[1] ?? hex[2]}}`);
    if (char === "Q") {
      this.#literals.giveUp();
    }
    this.forV8 = false;
    return this.#write(2, "", "\\" + char);
  }

  /** A whole class, `[…]`: PCRE takes a `]` that stands first for itself. */
  #characterClass(): Refusal | null {
    this.#literals.gap();
    const start = /\[\^?\]?/y;
    start.lastIndex = this.#at;
    const opening = start.exec(this.pattern)?.[0] ?? "[";
    this.#write(opening.length, opening.replace("]", "\\]"), opening.replace("]", "\\]"));
    while (this.#at < this.pattern.length) {
      const char = this.pattern.charAt(this.#at);
      if (char === "]") return this.#write(1, "]", "]");
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

  #write(length: number, v8: string, re2: string): null {
    this.#at += length;
    this.v8 += v8;
    this.re2 += re2;
    return null;
  }
}

/** Follows which characters must stand next to each other in whatever an expression is found in. */
class LiteralRuns {
  #run = "";
  #best = "";
  #depth = 0;
  #none = false;

  constructor(readonly foldsCase: boolean) {}

  /** A character that stands for itself. */
  char(char: string): void {
    if (this.#depth > 0) return;
    // What folds to something else in some place or language ends a run: beyond ASCII, and where case is folded `s` (ſ).
    if (char > "\x7f" || (this.foldsCase && (char === "s" || char === "S"))) this.gap();
    else this.#run += char;
  }

  /** Something that is not one certain character. */
  gap(): void {
    if (this.#run.length > this.#best.length) this.#best = this.#run;
    this.#run = "";
  }

  /** A quantifier on what came last. */
  repeated(atLeastOnce: boolean): void {
    if (this.#depth > 0) return;
    const last = this.#run.slice(-1);
    if (!atLeastOnce) this.#run = this.#run.slice(0, -1);
    this.gap();
    if (atLeastOnce) this.#run = last; // `ab+c`: "ab", then at least "bc"
  }

  open(): void {
    this.gap();
    this.#depth++;
  }

  close(): void {
    if (this.#depth > 0) this.#depth--;
  }

  alternative(): void {
    if (this.#depth === 0) this.giveUp();
  }

  giveUp(): void {
    this.#none = true;
  }

  longest(): string | null {
    this.gap();
    return this.#none || this.#best === "" ? null : this.#best.toLowerCase();
  }
}
