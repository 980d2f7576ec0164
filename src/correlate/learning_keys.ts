/** Under what the state of correlation is written. */

import type { GroupKey } from "./group.ts";

/** Whose state it is, among all that the journal keeps. */
export const CORRELATE_SCOPE = "correlate";

/** Keys of one kind of what is learnt: JSON lists of the kind, the owner, the group and what more there is. */
export class LearningKeys {
  readonly #start: string;

  constructor(kind: string) {
    this.#start = `[${JSON.stringify(kind)},`;
  }

  key(owner: string, ...parts: readonly GroupKey[]): string {
    return `${this.#start}${JSON.stringify([owner, ...parts]).slice(1)}`;
  }

  isMine(key: string): boolean {
    return key.startsWith(this.#start);
  }

  /** The parts of a key after the owner; `undefined` when it is none of ours. */
  partsOf(key: string): readonly GroupKey[] | undefined {
    try {
      const parts: unknown = JSON.parse(key);
      return Array.isArray(parts) && parts.slice(1).every(isKeyPart) ? parts.slice(2) : undefined;
    } catch {
      return undefined;
    }
  }

  ownerOf(key: string): string {
    const parts: unknown = JSON.parse(key);
    return Array.isArray(parts) ? String(parts[1]) : "";
  }
}

function isKeyPart(part: unknown): part is GroupKey {
  return typeof part === "string" || typeof part === "number" || typeof part === "boolean";
}
