/** What the encoding modifiers make of a text: base64 in its three offsets, UTF-16, and the dashes of Windows commands. */

import { isAscii } from "../../core/ascii.ts";
import { expandParts, hasWildcards, joinParts, mapPlain, plainText, type SigmaText } from "./text.ts";

/** How the bytes of a text are formed before base64, where one of the UTF-16 modifiers came first. */
export type TextEncoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-16";

/** How many dashes of one value `windash` takes as each kind of dash: each multiplies the texts by five. */
export const WINDASH_MAX = 3;

/** Characters that Windows programs take for the dash before an option: hyphen, slash, en dash, em dash, horizontal bar. */
const DASHES = ["-", "/", "\u2013", "\u2014", "\u2015"] as const;

/** A hyphen or slash before a word and after none. */
const OPTION_DASH = /(?<![\p{L}\p{N}_])[-/](?=[\p{L}\p{N}_])/gu;

/** Every writing of a text with its option dashes as each kind of dash, or undefined when it has more than {@linkcode WINDASH_MAX}. */
export function windashVariants(text: SigmaText): SigmaText[] | undefined {
  // A placeholder object marks each dash; real placeholders have been resolved before.
  const DASH = { placeholder: "" };
  let dashes = 0;
  const marked = text.flatMap((part): SigmaText => {
    if (typeof part !== "string") return [part];
    const plain = part.split(OPTION_DASH);
    dashes += plain.length - 1;
    return plain.flatMap((piece, i) => i === 0 ? [piece] : [DASH, piece]).filter((piece) => piece !== "");
  });
  if (dashes > WINDASH_MAX) return undefined;
  const choices = DASHES.map((dash) => [dash]);
  return expandParts(marked, (part) => part === DASH ? choices : [[part]], DASHES.length ** WINDASH_MAX);
}

/** Bytes of a text as base64. */
export function base64Of(text: SigmaText, encoding: TextEncoding): string {
  return toBase64(bytesOf(plainText(text), encoding));
}

/**
 * What base64 shows of a text that stands at an offset of 0, 1 or 2 bytes (mod 3) in what was encoded, without the characters
 * at either end that its neighbours take part in: nothing, at some offset, of a single byte.
 */
export function base64OffsetsOf(text: SigmaText, encoding: TextEncoding): string[] {
  const bytes = bytesOf(plainText(text), encoding);
  return [0, 1, 2].map((offset) => {
    const padded = new Uint8Array(offset + bytes.length);
    padded.set(bytes, offset);
    const start = [0, 2, 3][offset] ?? 0;
    const encoded = toBase64(padded);
    const rest = padded.length % 3;
    // One byte over leaves one whole character (and "=="), two leave two (and "=").
    const end = rest === 0 ? encoded.length : encoded.length - (rest === 1 ? 3 : 2);
    return encoded.slice(start, end);
  });
}

/** Whether every plain character is ASCII: what UTF-16 makes of any other is no text without a further encoding. */
export function hasOnlyAscii(text: SigmaText): boolean {
  return text.every((part) => typeof part !== "string" || isAscii(part));
}

/** An ASCII text as UTF-16 shows in a field read byte by byte: a NUL beside each character. Wildcards stay. */
export function wideText(text: SigmaText, encoding: TextEncoding): SigmaText {
  const widen = (char: string) => encoding === "utf-16be" ? "\0" + char : char + "\0";
  const wide = mapPlain(text, (plain) => [...plain].map(widen).join(""));
  return encoding === "utf-16" ? joinParts(["\ufeff"], wide) : wide;
}

/** Whether a text can be encoded: one with wildcards has no bytes of its own. */
export function canEncode(text: SigmaText): boolean {
  return !hasWildcards(text);
}

function bytesOf(text: string, encoding: TextEncoding): Uint8Array {
  if (encoding === "utf-8") return new TextEncoder().encode(text);
  const marked = encoding === "utf-16" ? "\ufeff" + text : text;
  const bytes = new Uint8Array(marked.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < marked.length; i++) view.setUint16(i * 2, marked.charCodeAt(i), encoding !== "utf-16be");
  return bytes;
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
