/** Which ids are in the journal already. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isAscii } from "../core/ascii.ts";
import { keyOf, text } from "./record.ts";

/** Keys of one origin: what stands before the first colon. */
interface Origin {
  readonly name: string;
  lowest: string;
  highest: string;
  readonly ids: string[];
}

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
    for (const { lowest, highest, ids: ofOrigin } of byOrigin(ids)) {
      // In ASCII, unlike elsewhere, the order is the same for JavaScript (UTF-16 units) and for SQLite (bytes of UTF-8).
      if (isAscii(lowest) && isAscii(highest) && this.#anyBetween.get(lowest, highest) === undefined) continue;
      const byKey = new Map(ofOrigin.map((id) => [keyOf(id), id]));
      for (const row of this.#among.all(JSON.stringify([...byKey.keys()]))) {
        const id = byKey.get(text(row, "key"));
        if (id !== undefined) known.add(id);
      }
    }
    return known;
  }
}

function byOrigin(ids: readonly string[]): Iterable<Origin> {
  const origins = new Map<string, Origin>();
  let origin: Origin | undefined;
  for (const id of ids) {
    const key = keyOf(id);
    if (origin === undefined || !key.startsWith(origin.name)) {
      const name = key.slice(0, key.indexOf(":") + 1);
      origin = origins.get(name) ?? { name, lowest: key, highest: key, ids: [] };
      origins.set(name, origin);
    }
    if (key < origin.lowest) origin.lowest = key;
    if (key > origin.highest) origin.highest = key;
    origin.ids.push(id);
  }
  return origins.values();
}
