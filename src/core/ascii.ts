/** Text of ASCII alone: one byte a character, in the order of its bytes, either case of a letter told apart by one bit. */

/** Whether a text is all ASCII (RFC 20); the empty one is. */
export function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex -- ASCII as a whole is meant
  return /^[\x00-\x7f]*$/.test(text);
}

/** The runs of ASCII in a text, in order, what lies between left out; the first and last may be empty. */
export function asciiRuns(text: string): string[] {
  // deno-lint-ignore no-control-regex -- ASCII as a whole is meant
  return text.split(/[^\x00-\x7f]+/);
}
