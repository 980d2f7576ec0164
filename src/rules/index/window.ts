/** Of a long text that is looked for, the few characters that are least likely to be found elsewhere. */

/** Width of a window where nothing speaks against it: UTF-16 units. */
export const WINDOW_WIDTH = 8;

/** Places in the table of grams; gram and place need not be one to one. */
const GRAM_PLACES = 1 << 14;

/** What a gram seen in an event counts for. */
const SEEN_WEIGHT = 64;

/** How often each run of three characters stands in some texts. */
export type Grams = Uint32Array;

/** Counts the grams of the texts that are looked for, and, as what really counts, of those that were seen in events. */
export function countGrams(wanted: readonly string[], seen: readonly string[]): Grams {
  const grams = new Uint32Array(GRAM_PLACES);
  for (const text of wanted) count(grams, text, 1);
  for (const text of seen) count(grams, text, SEEN_WEIGHT);
  return grams;
}

function count(grams: Grams, text: string, weight: number): void {
  for (let at = 0; at + 3 <= text.length; at++) (grams[gramAt(text, at)] as number) += weight;
}

/**
 * The part of a text, `width` long at most, that is likely to stand least often elsewhere: what rules have in common is what
 * events have in common. A part is no more common than the rarest of its grams, so that one counts for as much as all together.
 */
export function rarestWindow(text: string, width: number, grams: Grams): string {
  if (text.length <= width) return text;
  const commonness: number[] = [];
  for (let at = 0; at + 3 <= text.length; at++) commonness.push(Math.log2(1 + (grams[gramAt(text, at)] as number)));
  const inWindow = Math.max(1, width - 2);
  let best = 0;
  let least = Infinity;
  for (let from = 0; from + width <= text.length; from++) {
    let sum = 0;
    let rarest = Infinity;
    for (let at = from; at < from + inWindow; at++) {
      sum += commonness[at] ?? 0;
      rarest = Math.min(rarest, commonness[at] ?? 0);
    }
    const score = sum + inWindow * rarest;
    if (score < least) {
      least = score;
      best = from;
    }
  }
  return text.slice(best, best + width);
}

function gramAt(text: string, at: number): number {
  const gram = text.charCodeAt(at) << 16 ^ text.charCodeAt(at + 1) << 8 ^ text.charCodeAt(at + 2);
  return Math.imul(gram, 0x9e3779b1) >>> 18;
}
