/** An entry of a table that is an object, by a name from outside: what objects inherit (`constructor`) is no entry. */
export function ownEntry<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
