/** Names that come again and again, each kept once. */

/** A text that shares no memory with the line it was cut from. */
export function ownText(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

/** So many names are kept; then they are forgotten, and kept anew. */
const NAMES_MAX = 4_096;

/**
 * Reads names at a place of a text. The one that was read last is found by comparing, any other by its text, so that no line needs room
 * for a name that is known, and none keeps the line alive that it stood in.
 */
export class Names {
  #last = "";
  readonly #known = new Map<string, string>();

  /** The name from `start` to `end`. */
  read(text: string, start: number, end: number): string {
    const last = this.#last;
    if (end - start === last.length && text.startsWith(last, start)) return last;
    const name = text.slice(start, end);
    let known = this.#known.get(name);
    if (known === undefined) {
      if (this.#known.size >= NAMES_MAX) this.#known.clear();
      known = ownText(name);
      this.#known.set(known, known);
    }
    return this.#last = known;
  }
}
