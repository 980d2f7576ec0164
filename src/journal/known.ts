/** Which ids are in the journal already. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { keyOf, text } from "./record.ts";

/** Ids of one origin: what stands before the first colon. */
interface Origin {
  lowest: string;
  highest: string;
  readonly keys: Map<string, string>;
}

/** Text whose order is the same for JavaScript (UTF-16 units) and for SQLite (bytes of UTF-8). */
// deno-lint-ignore no-control-regex -- ASCII as a whole is meant
const ASCII = /^[\x01-\x7f]*$/;

/**
 * Keys of one source grow, so most batches lie beyond every key there is: then one look for any key between the batch's lowest
 * and highest answers for all. Where there is one, each key is looked for.
 */
export class KnownIds {
  readonly #anyBetween: StatementSync;
  readonly #among: StatementSync;

  constructor(db: DatabaseSync) {
    this.#anyBetween = db.prepare("SELECT 1 FROM journal WHERE idem >= ? AND idem <= ? LIMIT 1");
    this.#among = db.prepare(
      "SELECT value AS key FROM json_each(?) WHERE EXISTS (SELECT 1 FROM journal WHERE idem = value)",
    );
  }

  among(ids: readonly string[]): Set<string> {
    const known = new Set<string>();
    for (const { lowest, highest, keys } of byOrigin(ids).values()) {
      if (ASCII.test(lowest) && ASCII.test(highest) && this.#anyBetween.get(lowest, highest) === undefined) continue;
      for (const row of this.#among.all(JSON.stringify([...keys.keys()]))) {
        const id = keys.get(text(row, "key"));
        if (id !== undefined) known.add(id);
      }
    }
    return known;
  }
}

function byOrigin(ids: readonly string[]): Map<string, Origin> {
  const origins = new Map<string, Origin>();
  for (const id of ids) {
    const key = keyOf(id);
    const name = ASCII.test(key) ? key.slice(0, key.indexOf(":") + 1) : "\uffff";
    const origin = origins.get(name);
    if (origin === undefined) {
      origins.set(name, { lowest: key, highest: key, keys: new Map([[key, id]]) });
      continue;
    }
    if (key < origin.lowest) origin.lowest = key;
    if (key > origin.highest) origin.highest = key;
    origin.keys.set(key, id);
  }
  return origins;
}
