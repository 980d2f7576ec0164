/** Of a long text that is looked for, the few characters that are least likely to be found elsewhere. */

/** How common a gram of the text is, by the place where it starts. */
export type Commonness = (at: number) => number;

/**
 * The part of a text, `width` long at most, that is likely to stand least often elsewhere. A part is no more common than the rarest
 * of its grams, so that one counts for as much as all together.
 */
export function rarestWindow(text: string, gramWidth: number, width: number, commonnessAt: Commonness): string {
  if (text.length <= width) return text;
  const grams = Math.max(0, text.length - gramWidth + 1);
  const commonness = Array.from({ length: grams }, (_, at) => Math.log2(1 + commonnessAt(at)));
  const inWindow = Math.max(1, width - gramWidth + 1);
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

/** The part of a text, `width` long at most, around its rarest gram, and where in it that stands. */
export function rarestGram(
  text: string,
  gramWidth: number,
  width: number,
  commonnessAt: Commonness,
): readonly [window: string, at: number] {
  let best = 0;
  for (let at = 1; at + gramWidth <= text.length; at++) if (commonnessAt(at) < commonnessAt(best)) best = at;
  const from = Math.max(0, Math.min(best - (width >> 1), text.length - width));
  return [text.slice(from, from + width), best - from];
}
