/** Object identifiers as text: numbers and dots. */

/** Longest text of an identifier: SNMP allows 128 numbers of up to ten digits (RFC 3416, section 2.5), and none has that many. */
const OID_TEXT_MAX = 512;

/** Whether a text is an identifier that can be asked for: of numbers up to 2^32 - 1, the first two within their bounds (X.660). */
export function isOid(text: string): boolean {
  if (text.length > OID_TEXT_MAX || !/^[012](?:\.(?:0|[1-9]\d{0,9}))+$/.test(text)) return false;
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  return (first === 2 || second < 40) && [second, ...rest].every((number) => number < 2 ** 32);
}

/** The row of a column that an identifier is of: `1.2` of the column `1.3.6.1.2` and `1.3.6.1.2.1.2`; else `undefined`. */
export function rowOf(column: string, oid: string): string | undefined {
  return oid.length > column.length + 1 && oid.startsWith(column) && oid[column.length] === "."
    ? oid.slice(column.length + 1)
    : undefined;
}

/** Below 0, 0 or above 0 as `a` comes before, with or after `b` in the order of walks: number by number. */
export function compareOids(a: string, b: string): number {
  if (a === b) return 0;
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [endA, endB] = [endOf(a, i), endOf(b, j)];
    const difference = Number(a.slice(i, endA)) - Number(b.slice(j, endB));
    if (difference !== 0) return difference;
    [i, j] = [endA + 1, endB + 1];
  }
  // One is the beginning of the other: the shorter comes first.
  return (a.length - i) - (b.length - j);
}

function endOf(oid: string, from: number): number {
  const end = oid.indexOf(".", from);
  return end === -1 ? oid.length : end;
}
