/**
 * Finds quickly which of some literals are in a text, whatever the case. Of each literal four characters are looked for, those
 * that are rarest in ordinary text, all of them at once by one expression that branches by character: that costs a tenth of
 * looking for one after the other (`tests/bench/masking.ts`), and most texts have none of them.
 */

/** Letters and the like, the most frequent in logs and command lines first. */
const FREQUENCY = " etaoinsrldcumpfh/.-0123456789gbyvw_:=kjxqz";

/** The shortest literal taken. */
export const LITERAL_LENGTH_MIN = 3;

/** How many characters of each literal are looked for, as far as it has them. */
const WINDOW_LENGTH = 4;

/**
 * Returns a search for the groups of which at least one literal is in a text: their numbers, in order; empty where there is none.
 *
 * @param groups of literals in lower case, ASCII, each at least {@linkcode LITERAL_LENGTH_MIN} characters long.
 */
export function literalSieve(groups: readonly (readonly string[])[]): (text: string) => readonly number[] {
  const owners = new Map<string, Set<number>>();
  for (const [number, literals] of groups.entries()) {
    for (const literal of literals) owners.set(literal, (owners.get(literal) ?? new Set()).add(number));
  }
  if (owners.size === 0) return () => NONE;
  const short = [...owners.keys()].filter((literal) => literal.length < WINDOW_LENGTH);
  const windowOf = (literal: string) => {
    const window = rarest(literal);
    return short.find((other) => window.startsWith(other)) ?? window; // the shorter one is found in its place
  };
  const byWindow = Map.groupBy(owners.keys(), windowOf);
  const any = branches([...byWindow.keys()]);
  const first = new RegExp(any);
  const each = new RegExp(`(?=(${any}))`, "g"); // windows may overlap
  return (text) => {
    if (!first.test(text)) return NONE;
    const lower = text.toLowerCase();
    const windows = new Set(Array.from(text.matchAll(each), ([, window = ""]) => window.toLowerCase()));
    const found = new Set<number>();
    for (const window of windows) {
      for (const literal of byWindow.get(window) ?? []) {
        if (lower.includes(literal)) { for (const number of owners.get(literal) ?? []) found.add(number); }
      }
    }
    return found.size === 0 ? NONE : [...found].sort((a, b) => a - b);
  };
}

const NONE: readonly number[] = [];

/** An expression for any of some texts, whatever their case, without flags. It never backtracks. */
function branches(texts: readonly string[]): string {
  if (texts.includes("")) return "";
  const byFirst = Map.groupBy(texts, (text) => text.charAt(0));
  const parts = [...byFirst].map(([char, group]) => either(char) + branches(group.map((text) => text.slice(1))));
  return parts.length > 1 ? `(?:${parts.join("|")})` : parts.join("");
}

function either(char: string): string {
  const upper = char.toUpperCase();
  return upper === char ? char.replace(/\W/, "\\$&") : `[${char}${upper}]`;
}

/** The characters in a row of a literal that are seldom met. */
function rarest(literal: string): string {
  let best = literal.slice(0, WINDOW_LENGTH);
  for (let at = 1; at + WINDOW_LENGTH <= literal.length; at++) {
    const window = literal.slice(at, at + WINDOW_LENGTH);
    if (rarity(window) > rarity(best)) best = window;
  }
  return best;
}

function rarity(window: string): number {
  let sum = 0;
  for (const char of window) sum += FREQUENCY.indexOf(char) + 1 || FREQUENCY.length;
  return sum;
}
