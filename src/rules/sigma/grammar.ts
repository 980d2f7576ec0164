/** The grammar of Sigma's conditions: `selection and not 1 of filter_*`. Also that of extended correlation conditions. */

import { nameHint } from "../../core/errors.ts";
import type { ValueProblem } from "./value.ts";

/** A condition as written, with where each part starts: characters from its start. */
export type ConditionTree =
  | { readonly type: "name"; readonly name: string; readonly at: number }
  | { readonly type: "of"; readonly quantifier: "1" | "all"; readonly pattern: string; readonly at: number }
  | { readonly type: "not"; readonly of: ConditionTree }
  | { readonly type: "and" | "or"; readonly of: readonly ConditionTree[] };

/** What is wrong with a condition, and where in it. */
export interface ConditionProblem extends ValueProblem {
  readonly at: number;
}

/** How deep parentheses and `not` may nest. */
export const CONDITION_DEPTH_MAX = 64;

interface Token {
  readonly text: string;
  readonly at: number;
}

const OPERATORS = ["and", "or", "not", "of"] as const;

/** Reads a condition, binding `not` over `and` over `or`. */
export function parseCondition(text: string): ConditionTree | ConditionProblem {
  const tokens = tokenize(text);
  if ("problem" in tokens) return tokens;
  try {
    return new Parser(tokens, text.length).whole();
  } catch (error) {
    if (error instanceof Stop) return error.problem;
    throw error;
  }
}

function tokenize(text: string): Token[] | ConditionProblem {
  const tokens: Token[] = [];
  const next = /\s*(?:([()])|([A-Za-z0-9_*-]+)|(\S))/y;
  while (next.lastIndex < text.length) {
    const found = next.exec(text);
    if (found === null) break; // nothing but space is left
    const [whole, bracket, word, other] = found;
    const token = bracket ?? word ?? other ?? "";
    const at = next.lastIndex - token.length;
    if (other === undefined) tokens.push({ text: token, at });
    else return strangeCharacter(whole.trim(), at);
  }
  return tokens;
}

function strangeCharacter(char: string, at: number): ConditionProblem {
  if (char === "|") {
    const problem = "it must hold no aggregation: what follows the pipe is no longer part of Sigma";
    return { problem, hint: "write a correlation document with event_count, value_count or temporal", at };
  }
  return {
    problem: `it must be made of names, and, or, not, of and parentheses: ${JSON.stringify(char)} is none`,
    at,
  };
}

/** Ends parsing at the first problem, which is all that can be told of a text out of step. */
class Stop extends Error {
  constructor(readonly problem: ConditionProblem) {
    super(problem.problem);
  }
}

class Parser {
  #next = 0;
  #depth = 0;

  constructor(readonly tokens: readonly Token[], readonly end: number) {}

  whole(): ConditionTree {
    const tree = this.#or();
    const left = this.tokens[this.#next];
    if (left === undefined) return tree;
    if (left.text === ")") throw this.#stop("it must close only parentheses it has opened");
    const lower = left.text.toLowerCase();
    if (lower === "and" || lower === "or") throw this.#stop(`"${left.text}" must be in lower case`, `"${lower}"`);
    throw this.#stop(`"and" or "or" must stand before "${left.text}"`);
  }

  #or(): ConditionTree {
    return this.#chain("or", () => this.#chain("and", () => this.#not()));
  }

  #chain(operator: "and" | "or", operand: () => ConditionTree): ConditionTree {
    const of = [operand()];
    while (this.tokens[this.#next]?.text === operator) {
      this.#next++;
      of.push(operand());
    }
    return of.length === 1 ? of[0] as ConditionTree : { type: operator, of };
  }

  #not(): ConditionTree {
    if (this.tokens[this.#next]?.text !== "not") return this.#operand();
    this.#next++;
    return this.#nested(() => ({ type: "not", of: this.#not() }));
  }

  #nested(read: () => ConditionTree): ConditionTree {
    if (++this.#depth > CONDITION_DEPTH_MAX) throw this.#stop(`it must nest at most ${CONDITION_DEPTH_MAX} deep`);
    const tree = read();
    this.#depth--;
    return tree;
  }

  #operand(): ConditionTree {
    const token = this.tokens[this.#next];
    if (token === undefined) throw this.#stop("a name, or a part in parentheses, must stand at its end");
    if (token.text === "(") {
      this.#next++;
      const inner = this.#nested(() => this.#or());
      if (this.tokens[this.#next]?.text !== ")") throw this.#stop('it must close its parentheses with ")"');
      this.#next++;
      return inner;
    }
    if (token.text === ")" || OPERATORS.some((operator) => operator === token.text)) {
      throw this.#stop(`a name must stand where "${token.text}" does`);
    }
    if (this.tokens[this.#next + 1]?.text === "of") return this.#quantified(token);
    if (token.text.includes("*")) {
      throw this.#stop(`a name with "*" must follow "1 of" or "all of"`, `"1 of ${token.text}"`);
    }
    this.#next++;
    return { type: "name", name: token.text, at: token.at };
  }

  #quantified(token: Token): ConditionTree {
    const quantifier = token.text === "any" ? "1" : token.text;
    if (quantifier !== "1" && quantifier !== "all") throw this.#stop(`"${token.text} of" must be "1 of" or "all of"`);
    this.#next += 2;
    const pattern = this.tokens[this.#next];
    if (pattern === undefined || /^[()]$/.test(pattern.text)) {
      throw this.#stop(`a name, a pattern or "them" must follow "${token.text} of"`);
    }
    this.#next++;
    return { type: "of", quantifier, pattern: pattern.text, at: token.at };
  }

  #stop(problem: string, hint?: string): Stop {
    const at = this.tokens[this.#next]?.at ?? this.end;
    return new Stop(hint === undefined ? { problem, at } : { problem, hint, at });
  }
}

/** The names that a `1 of` or `all of` stands for, in their order. Names that start with `_` only where the pattern does. */
export function namesOf(pattern: string, names: Iterable<string>): string[] {
  const all = [...names].filter((name) => pattern.startsWith("_") || !name.startsWith("_"));
  return pattern === "them" ? all : all.filter((name) => matchesPattern(pattern, name));
}

function matchesPattern(pattern: string, name: string): boolean {
  const pieces = pattern.split("*");
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}

/** Every problem of the names in a condition: each must be one of `names`, each pattern must match some. */
export function nameProblems(tree: ConditionTree, names: readonly string[], what: string): ConditionProblem[] {
  switch (tree.type) {
    case "name":
      return names.includes(tree.name)
        ? []
        : [{ problem: `"${tree.name}" must be the name of ${what}`, hint: nameHint(tree.name, names), at: tree.at }];
    case "of":
      return namesOf(tree.pattern, names).length > 0 ? [] : [{
        problem: `"${tree.pattern}" must match the name of ${what}`,
        hint: nameHint(tree.pattern, names),
        at: tree.at,
      }];
    case "not":
      return nameProblems(tree.of, names, what);
    default:
      return tree.of.flatMap((part) => nameProblems(part, names, what));
  }
}

/** Names that a condition uses, patterns resolved among `names`, each once in the order used. */
export function usedNames(tree: ConditionTree, names: readonly string[]): string[] {
  switch (tree.type) {
    case "name":
      return [tree.name];
    case "of":
      return namesOf(tree.pattern, names);
    case "not":
      return usedNames(tree.of, names);
    default:
      return [...new Set(tree.of.flatMap((part) => usedNames(part, names)))];
  }
}
