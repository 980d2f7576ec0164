/** Lines longer than are kept. */

/** What is kept of a line by default: bytes. */
export const LOG_LINE_BYTES = 65_536;

/** A line of so many characters, in bytes, with its end. */
export function longLine(length: number): Uint8Array {
  const bytes = new Uint8Array(length + 1).fill(120);
  bytes[length] = 10;
  return bytes;
}
