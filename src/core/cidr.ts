/** IP addresses and networks: RFC 791, RFC 4291 and RFC 4632 in their text forms. */

/** An address as numbers. An IPv4 address, mapped into IPv6 or not, is one word; an IPv6 address is four. */
export interface Address {
  readonly version: 4 | 6;
  /** 32-bit words, the most significant first: one for IPv4, four for IPv6. */
  readonly words: readonly number[];
}

/** A network: every address whose first `length` bits are its own. */
export interface Network extends Address {
  /** Bits of the prefix: 0 to 32, or 0 to 128. */
  readonly length: number;
}

/** The longest text of an address that is looked at: an IPv6 address with an embedded IPv4 one and a zone. */
const ADDRESS_TEXT_MAX = 128;

/**
 * Reads an address. A zone (`fe80::1%eth0`) and brackets (`[::1]`) are left out of account; an IPv4-mapped IPv6 address
 * (`::ffff:192.0.2.1`) is the IPv4 address it holds. `undefined` when the text is no address: leading zeros in IPv4 are
 * none, since some read them as octal.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > ADDRESS_TEXT_MAX) return undefined;
  if (!text.includes(":")) {
    const word = parseV4(text);
    return word === undefined ? undefined : { version: 4, words: [word] };
  }
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const zone = bare.indexOf("%");
  const words = parseV6(zone === -1 ? bare : bare.slice(0, zone));
  return words === undefined ? undefined : unmapped(words);
}

/**
 * Reads a network: `10.0.0.0/8`, `2001:db8::/32`, or an address, which is the network of itself alone. Bits of the address
 * past the prefix are ignored, as routers do. `undefined` when the text is none.
 */
export function parseCidr(text: string): Network | undefined {
  const slash = text.indexOf("/");
  const address = parseAddress(slash === -1 ? text : text.slice(0, slash));
  if (address === undefined) return undefined;
  const bits = address.words.length * 32;
  if (slash === -1) return { ...address, length: bits };
  const digits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) return undefined;
  // A mapped network (::ffff:10.0.0.0/104) counts its prefix from the start of the IPv6 address.
  const mapped = address.version === 4 && text.includes(":");
  const length = Number(digits) - (mapped ? 96 : 0);
  return length < 0 || length > bits ? undefined : { ...address, length };
}

/** Whether an address is in a network. An address of the other version never is. */
export function networkContains(network: Network, address: Address): boolean {
  if (network.version !== address.version) return false;
  let left = network.length;
  for (let i = 0; left > 0; i++, left -= 32) {
    const mask = left >= 32 ? -1 : -1 << (32 - left);
    if ((((network.words[i] ?? 0) ^ (address.words[i] ?? 0)) & mask) !== 0) return false;
  }
  return true;
}

function parseV4(text: string): number | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (found === null) return undefined;
  let word = 0;
  for (let i = 1; i <= 4; i++) {
    const part = found[i] ?? "";
    const byte = Number(part);
    if (byte > 255 || (part.length > 1 && part.startsWith("0"))) return undefined;
    word = word * 256 + byte;
  }
  return word;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] ?? "", true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return [0, 2, 4, 6].map((i) => (groups[i] ?? 0) * 65_536 + (groups[i + 1] ?? 0));
}

/** 16-bit groups; the last two may be written as an IPv4 address when they end the text. */
function parseGroups(text: string, endsAddress: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(parseInt(part, 16));
    else {
      const word = endsAddress && i === parts.length - 1 ? parseV4(part) : undefined;
      if (word === undefined) return undefined;
      groups.push(Math.floor(word / 65_536), word % 65_536);
    }
  }
  return groups.length > 8 ? undefined : groups;
}

/** ::ffff:0:0/96 holds the IPv4 addresses (RFC 4291, 2.5.5.2). */
function unmapped(words: readonly number[]): Address {
  const [first, second, third, fourth = 0] = words;
  return first === 0 && second === 0 && third === 0xffff ? { version: 4, words: [fourth] } : { version: 6, words };
}
