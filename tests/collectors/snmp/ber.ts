/** Messages made byte by byte, for what no library would make. */

/** A value in BER: its tag, its length, and what is in it. */
export function ber(tag: number, ...content: readonly (number | Uint8Array)[]): Uint8Array {
  const bytes = content.flatMap((part) => typeof part === "number" ? [part] : [...part]);
  return new Uint8Array([tag, ...(bytes.length < 128 ? [bytes.length] : [0x81, bytes.length]), ...bytes]);
}

export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** What a message of version 3 says. Its contents are in the clear, whatever the flags, or what is given for them as encrypted. */
export interface Version3 {
  readonly id?: readonly number[];
  readonly flags: number;
  readonly engine: readonly number[];
  readonly user?: string;
  readonly signature?: readonly number[];
  readonly salt?: readonly number[];
  readonly pdu?: Uint8Array;
  readonly encrypted?: Uint8Array;
}

/** A message of version 3, with the user-based security model. */
export function version3Message(says: Version3): Uint8Array {
  const { id = [1], flags, engine, user = "", signature = [], salt = [], pdu = ber(5), encrypted } = says;
  const head = ber(0x30, ber(2, ...id), ber(2, 5, 0xdc), ber(4, flags), ber(2, 3));
  const from = [ber(4, ...engine), ber(2, 1), ber(2, 1), ber(4, bytesOf(user))];
  const security = ber(4, ber(0x30, ...from, ber(4, ...signature), ber(4, ...salt)));
  const contents = encrypted === undefined ? ber(0x30, ber(4, ...engine), ber(4), pdu) : ber(4, encrypted);
  return ber(0x30, ber(2, 3), head, security, contents);
}
