/**
 * What a text must hold for an expression to be found in it, read off the expression without running it: a length, and texts of
 * which one must be there. Most texts can so be told apart from those worth running it on.
 */

import type { ExpressionFlags } from "./expression_syntax.ts";

export interface Needs {
  /** Length of the shortest text it can be found in: UTF-16 units. */
  readonly lengthMin: number;
  /** In lower case: one of them is in the lower case of whatever it is found in. Null when none can be named. */
  readonly literals: readonly string[] | null;
}

/** Most texts named at a time, and the length past which one is told no further: UTF-16 units. */
const TEXTS_MAX = 32;
const TEXT_LENGTH_MAX = 64;

/** Copies of what is repeated that are looked at, and how deep groups are followed. */
const COPIES_MAX = 4;
const DEPTH_MAX = 100;

/** Most characters of a class that are told apart. */
const CLASS_MAX = 4;

/** Any of these texts, in lower case. */
type Texts = readonly string[];

/** What is known of whatever a part of an expression takes. */
interface Taken {
  readonly lengthMin: number;
  /** All it can be; null when that is too much to name. */
  readonly whole: Texts | null;
  /** How it starts and how it ends: `[""]` where nothing is known. */
  readonly start: Texts;
  readonly end: Texts;
  /** What stands somewhere in it; null where nothing is known. */
  readonly inside: Texts | null;
}

const NOTHING: Taken = certain([""]);

/** Whatever it be, at least so long. */
function anything(lengthMin: number): Taken {
  return { lengthMin, whole: null, start: [""], end: [""], inside: null };
}

function certain(whole: Texts): Taken {
  const lengthMin = Math.min(...whole.map(({ length }) => length));
  return { lengthMin, whole, start: whole, end: whole, inside: telling(whole) };
}

/** The texts if they say anything, without those that hold another. */
function telling(texts: Texts): Texts | null {
  if (texts.includes("")) return null;
  return texts.length === 1
    ? texts
    : texts.filter((text) => !texts.some((other) => other !== text && text.includes(other)));
}

/** What an expression needs. It must be one that `readExpression` takes, without its leading flags. */
export function needsOf(expression: string, flags: ExpressionFlags): Needs {
  const taken = new Reader(expression, flags.i === true).read();
  if (taken === null) return { lengthMin: 0, literals: null };
  return { lengthMin: taken.lengthMin, literals: taken.inside };
}

/** Every text of one followed by every text of the other; undefined where that is too much. */
function joined(before: Texts, after: Texts): Texts | undefined {
  if (before.length * after.length > TEXTS_MAX) return undefined;
  const texts = [...new Set(before.flatMap((one) => after.map((other) => one + other)))];
  return texts.some(({ length }) => length > TEXT_LENGTH_MAX) ? undefined : texts;
}

function either(some: Texts, others: Texts): Texts | undefined {
  const texts = [...new Set([...some, ...others])];
  return texts.length > TEXTS_MAX ? undefined : texts;
}

/** That of two which is likely to be in fewer texts. */
function rarer(a: Texts | null, b: Texts | null): Texts | null {
  if (a === null || b === null) return a ?? b;
  return worth(b) > worth(a) ? b : a;
}

/** The longer the better: four times as many are worth a character more. */
function worth(texts: Texts): number {
  return 2 * Math.min(...texts.map(({ length }) => length)) - Math.log2(texts.length);
}

/** One thing and then another. */
function then(first: Taken, second: Taken): Taken {
  const whole = first.whole === null || second.whole === null ? undefined : joined(first.whole, second.whole);
  if (whole !== undefined) return certain(whole);
  const meeting = joined(first.end, second.start);
  const across = meeting === undefined ? null : telling(meeting);
  return {
    lengthMin: first.lengthMin + second.lengthMin,
    whole: null,
    start: first.whole === null ? first.start : joined(first.whole, second.start) ?? first.start,
    end: second.whole === null ? second.end : joined(first.end, second.whole) ?? second.end,
    inside: rarer(rarer(first.inside, second.inside), across),
  };
}

/** One thing or another. */
function or(one: Taken, other: Taken): Taken {
  const whole = one.whole === null || other.whole === null ? undefined : either(one.whole, other.whole);
  if (whole !== undefined) return certain(whole);
  return {
    lengthMin: Math.min(one.lengthMin, other.lengthMin),
    whole: null,
    start: eitherEdge(one.start, other.start),
    end: eitherEdge(one.end, other.end),
    inside: one.inside === null || other.inside === null ? null : telling(either(one.inside, other.inside) ?? [""]),
  };
}

function eitherEdge(some: Texts, others: Texts): Texts {
  const texts = either(some, others);
  return texts === undefined || texts.includes("") ? [""] : texts;
}

/** `least` times, or up to `most`. */
function times(one: Taken, least: number, most: number): Taken {
  if (least === 0) return most === 1 ? or(one, NOTHING) : anything(0);
  let copies = one;
  for (let i = 1; i < Math.min(least, COPIES_MAX); i++) copies = then(copies, one);
  if (least === most && least <= COPIES_MAX) return copies;
  return { ...copies, lengthMin: one.lengthMin * least, whole: null };
}

/** Reads what each part takes. */
class Reader {
  #at = 0;
  #isLost = false;

  constructor(readonly expression: string, readonly foldsCase: boolean) {}

  /** Null where there is something in it that this does not know. */
  read(): Taken | null {
    const taken = this.#alternatives(0);
    return this.#isLost || this.#at < this.expression.length ? null : taken;
  }

  #alternatives(depth: number): Taken {
    let taken = this.#sequence(depth);
    while (!this.#isLost && this.expression.charAt(this.#at) === "|") {
      this.#at++;
      taken = or(taken, this.#sequence(depth));
    }
    return taken;
  }

  #sequence(depth: number): Taken {
    let taken = NOTHING;
    while (!this.#isLost && this.#at < this.expression.length && !/[|)]/.test(this.expression.charAt(this.#at))) {
      taken = then(taken, this.#repeated(this.#one(depth)));
    }
    return taken;
  }

  /** Reads the quantifiers after a part. */
  #repeated(one: Taken): Taken {
    let taken = one;
    for (let found = this.#next(QUANTIFIER); found !== null; found = this.#next(QUANTIFIER)) {
      const [sign, least, comma, most] = found;
      if (sign === "*") taken = times(taken, 0, Infinity);
      else if (sign === "+") taken = times(taken, 1, Infinity);
      else if (sign === "?") taken = times(taken, 0, 1);
      else taken = times(taken, Number(least), comma === undefined ? Number(least) : most ? Number(most) : Infinity);
      // What follows only says which way is tried first.
      if (this.expression.charAt(this.#at) === "?") this.#at++;
    }
    return taken;
  }

  #one(depth: number): Taken {
    switch (this.expression.charAt(this.#at)) {
      case "\\":
        return this.#escape();
      case "[":
        return this.#characterClass();
      case "(":
        return this.#group(depth);
      case ".":
        return this.#pass(1, anything(1));
      case "$":
        return this.#pass(1, anything(0));
      case "^":
        return this.#pass(1, NOTHING);
      default: {
        const character = String.fromCodePoint(this.expression.codePointAt(this.#at) ?? 0);
        return this.#pass(character.length, this.#character(character));
      }
    }
  }

  /** A character for itself. Beyond ASCII a lower case may depend on what stands beside it, and with case folded `s` is U+017F too. */
  #character(character: string): Taken {
    const isCertain = character <= "\x7f" && !(this.foldsCase && /s/i.test(character));
    return isCertain ? certain([character.toLowerCase()]) : anything(1);
  }

  #group(depth: number): Taken {
    if (depth === DEPTH_MAX || this.#next(GROUP_START) === null) return this.#giveUp();
    const taken = this.#alternatives(depth + 1);
    return this.expression.charAt(this.#at) === ")" ? this.#pass(1, taken) : this.#giveUp();
  }

  #escape(): Taken {
    if (this.#next(/\\[bBAzZ]/y) !== null) return this.expression.charAt(this.#at - 1) === "Z" ? anything(0) : NOTHING;
    if (this.#next(/\\(?:[dDsSwWfnrtvhae]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4})/y) !== null) return anything(1);
    const itself = this.#next(/\\([!-/:-@[-`{-~ ])/y)?.[1];
    return itself === undefined ? this.#giveUp() : this.#character(itself);
  }

  /** A class of few characters is any of them. */
  #characterClass(): Taken {
    const [, negated, members = ""] = this.#next(CLASS) ?? [];
    if (members === "") return this.#giveUp();
    const hasRange = /[^]-[^]/.test(members.replace(/\\[^]/g, "x"));
    const isPlain = negated === "" && !hasRange && !/\\[A-Za-z0-9]|\[:/.test(members);
    const characters = members.replace(/\\([^])/g, "$1");
    if (!isPlain || characters.length > 2 * CLASS_MAX) return anything(1);
    const taken = [...characters].map((character) => this.#character(character));
    const texts = new Set(taken.flatMap(({ whole }) => whole ?? []));
    return texts.size > CLASS_MAX || taken.some(({ whole }) => whole === null) ? anything(1) : certain([...texts]);
  }

  #next(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.expression);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #pass(length: number, taken: Taken): Taken {
    this.#at += length;
    return taken;
  }

  #giveUp(): Taken {
    this.#isLost = true;
    return anything(0);
  }
}

const QUANTIFIER = /[*+?]|\{(\d+)(,(\d*))?\}/y;
const GROUP_START = /\((?:\?:|\?P?<[A-Za-z_]\w*>|(?!\?))/y;

/** A `]` that stands first is one of the characters. */
const CLASS = /\[(\^?)(\]?(?:\\[^]|\[:\^?[a-z]+:\]|[^\]\\])*)\]/y;
