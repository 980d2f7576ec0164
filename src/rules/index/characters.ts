/**
 * How the index sees characters. A value that is all ASCII is read as it stands, either case of a letter being the same; one
 * that is not is read in lower case, whatever is not ASCII being one and the same character. So more may be found than is
 * there, never less: the condition itself decides.
 */

/** The last ASCII character. */
export const ASCII_MAX = 0x7f;

/** Stands for every character beyond ASCII. */
export const BEYOND_ASCII = ASCII_MAX + 1;

/** Number of characters told apart: ASCII, and one for the rest. */
export const CHARACTERS = BEYOND_ASCII + 1;

/** For each character the one that stands for it: a capital's small letter, else itself. */
export const FOLDED: Uint8Array = Uint8Array.from({ length: CHARACTERS }, (_, code) => {
  const capital = code >= 0x41 && code <= 0x5a;
  return capital ? code + 0x20 : code;
});

/** A text in lower case with the one character for all that are beyond ASCII. */
export function plainText(text: string): string {
  let plain = "";
  for (let i = 0; i < text.length; i++) plain += String.fromCharCode(Math.min(text.charCodeAt(i), BEYOND_ASCII));
  return plain;
}

/** How many characters two texts have in common at their start. */
export function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
