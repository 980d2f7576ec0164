/** Lines out of bytes, in the chunks in which they came. */

/** The longest line taken, in UTF-16 units; of a longer one the rest is left out, and it is marked. */
export const LINE_LENGTH_MAX = 1_048_576;

/** One line without its end (`\n` or `\r\n`). */
export interface Line {
  /** From 1. */
  readonly number: number;
  readonly text: string;
  /** Whether it was longer than {@linkcode LINE_LENGTH_MAX}. */
  readonly cut: boolean;
}

/** Splits a stream of UTF-8 into lines; what is not UTF-8 becomes U+FFFD. A last line without an end counts. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder();
  let number = 0;
  let rest = "";
  let cut = false;
  const finish = (text: string): Line => {
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text;
    const line = {
      number: ++number,
      text: whole.slice(0, LINE_LENGTH_MAX),
      cut: cut || whole.length > LINE_LENGTH_MAX,
    };
    cut = false;
    return line;
  };
  for await (const chunk of bytes) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    if (rest.length > LINE_LENGTH_MAX) {
      rest = rest.slice(0, LINE_LENGTH_MAX);
      cut = true;
    }
    if (parts.length > 0) yield parts.map(finish);
  }
  rest += decoder.decode();
  if (rest !== "") yield [finish(rest)];
}
