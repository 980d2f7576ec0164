/** Amounts of bytes as people write them: `512MB`, `2GiB`, `64KiB`. */

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
};

const BYTE_SIZE = /^(\d{1,16}(?:\.\d{1,6})?) ?(B|[KMGT]i?B)$/i;

/** What an amount of bytes looks like, for error messages. */
export const BYTE_SIZE_FORM = 'a number and a unit (B, KB, MB, GB, TB, KiB, MiB, GiB, TiB), such as "512MB" or "2GiB"';

/** Whole bytes of an amount, or `undefined` when the text is not one or is past what a number holds exactly. */
export function parseByteSize(text: string): number | undefined {
  const found = BYTE_SIZE.exec(text);
  if (found === null) return undefined;
  const bytes = Math.round(Number(found[1]) * (UNIT_BYTES[(found[2] ?? "").toUpperCase()] ?? NaN));
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact writing of a number of bytes: `2147483648` is `2GiB`, `512000000` is `512MB`. */
export function formatByteSize(bytes: number): string {
  let best = `${bytes}B`;
  if (bytes === 0) return best;
  for (const unit of ["KB", "KiB", "MB", "MiB", "GB", "GiB", "TB", "TiB"]) {
    const amount = bytes / (UNIT_BYTES[unit.toUpperCase()] ?? NaN);
    if (Number.isInteger(amount) && `${amount}${unit}`.length <= best.length) best = `${amount}${unit}`;
  }
  return best;
}
