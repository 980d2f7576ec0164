/** Lengths of time as people write them: `30s`, `5m`, `1h30m`, `250ms`. */

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w))+$/;
const PART = /(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g;

/** The longest duration taken: ten years, in milliseconds. */
export const DURATION_MAX_MS = 3_650 * 86_400_000;

/** What a duration looks like, for error messages. */
export const DURATION_FORM = 'a number and a unit (ms, s, m, h, d, w), such as "30s", "5m" or "1h30m"';

/** Milliseconds of a duration, or `undefined` when the text is not one or is over {@linkcode DURATION_MAX_MS}. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (text.length > 64 || !DURATION.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(PART)) totalMs += Number(amount) * (UNIT_MS[unit ?? ""] ?? NaN);
  return totalMs <= DURATION_MAX_MS ? totalMs : undefined;
}

/** The shortest exact writing of a duration in milliseconds, in at most two units: `90000` is `1m30s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`;
  const parts: string[] = [];
  let rest = Math.round(ms / 1000);
  for (const [unit, size] of [["d", 86_400], ["h", 3_600], ["m", 60], ["s", 1]] as const) {
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0 && parts.length < 2) parts.push(`${amount}${unit}`);
  }
  return parts.join("");
}
