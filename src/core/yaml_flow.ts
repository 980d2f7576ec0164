/** Maps in braces and lists in brackets, each all on one line. */

import { DEPTH_MAX, KEY_LENGTH_MAX, KEY_TEXT, notPlain, plainValue, quotedValue, withoutEnd } from "./yaml_scalars.ts";

/** A key and what leads on to its value, which has to be there. */
const ENTRY_KEY = new RegExp(`(${KEY_TEXT}): +(?=[^\\s,\\]}#])`, "y");

/** A plain text among others: as far as the next of them could begin. */
const ENTRY_TEXT = /[^,[\]{}]+/y;

/**
 * Reads what starts with a brace or a bracket at the start of `text`, `depth` deep in others.
 *
 * @returns its value, and where it ends.
 * @throws {NotPlain} where it is not plain.
 */
export function readFlow(text: string, depth: number): { value: unknown; end: number } {
  const reader = new FlowReader(text);
  return { value: reader.value(depth), end: reader.at };
}

class FlowReader {
  at = 0;

  constructor(readonly text: string) {}

  value(depth: number): unknown {
    if (depth > DEPTH_MAX) notPlain();
    switch (this.text[this.at]) {
      case "{":
        return this.#map(depth);
      case "[":
        return this.#list(depth);
      case "'":
      case '"':
        return this.#quoted();
      default:
        return this.#plain();
    }
  }

  #map(depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = Object.create(null);
    this.#entries("}", () => {
      const key = this.#key();
      if (key.length > KEY_LENGTH_MAX || key in map) notPlain();
      map[key] = this.value(depth + 1);
    });
    return map;
  }

  #list(depth: number): unknown[] {
    const list: unknown[] = [];
    this.#entries("]", () => list.push(this.value(depth + 1)));
    return list;
  }

  /** What is parted by commas, up to what closes it. */
  #entries(close: string, read: () => void): void {
    this.at++;
    this.#skipSpaces();
    for (let isFirst = true; isFirst || this.text[this.at] !== close; isFirst = false) {
      if (isFirst && this.text[this.at] === close) break;
      read();
      this.#skipSpaces();
      if (this.text[this.at] === close) break;
      if (this.text[this.at] !== ",") notPlain();
      this.at++;
      this.#skipSpaces();
      if (this.text[this.at] === close) notPlain();
    }
    this.at++;
  }

  #plain(): unknown {
    ENTRY_TEXT.lastIndex = this.at;
    const [found = ""] = ENTRY_TEXT.exec(this.text) ?? notPlain();
    if (found.includes(" #")) notPlain();
    this.at += found.length;
    return plainValue(withoutEnd(found));
  }

  #quoted(): string {
    const { value, end } = quotedValue(this.text, this.at);
    this.at = end;
    return value;
  }

  #key(): string {
    ENTRY_KEY.lastIndex = this.at;
    const [whole, key = ""] = ENTRY_KEY.exec(this.text) ?? notPlain();
    this.at += whole.length;
    return key;
  }

  #skipSpaces(): void {
    while (this.text.charCodeAt(this.at) === 0x20) this.at++;
  }
}
