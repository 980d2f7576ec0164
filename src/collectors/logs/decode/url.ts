/** What a request asked for, without the escapes behind which attacks hide. */

/** So often escapes are undone: what was escaped twice is plain after two rounds. */
export const URL_ROUNDS_MAX = 3;

/** `%2e`, and `\x2e` as nginx and Apache write what they would not print: escapes of ASCII characters. */
const ESCAPE = /(?:%|\\x)([0-7][0-9a-f])/gi;

/**
 * A URL with the escapes of ASCII characters undone, and `+` behind the question mark as a blank; `undefined` where it is the same.
 * White space of any kind becomes a blank; escapes of other control characters, and of what is not ASCII, stay as they are.
 */
export function plainUrl(url: string): string | undefined {
  let plain = withoutPlus(url);
  for (let round = 0; round < URL_ROUNDS_MAX && (plain.includes("%") || plain.includes("\\x")); round++) {
    const next = plain.replace(ESCAPE, undone);
    if (next === plain) break;
    plain = next;
  }
  return plain === url ? undefined : plain;
}

function withoutPlus(url: string): string {
  const plus = url.lastIndexOf("+");
  const question = plus === -1 ? -1 : url.indexOf("?");
  if (question === -1 || plus < question) return url;
  return url.slice(0, question) + url.slice(question).replaceAll("+", " ");
}

function undone(escape: string, digits: string): string {
  const code = Number.parseInt(digits, 16);
  if (code === 32 || (code >= 9 && code <= 13)) return " ";
  return code > 32 && code < 127 ? String.fromCharCode(code) : escape;
}
