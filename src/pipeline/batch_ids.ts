/**
 * Which events of a batch have come for the first time. The ids of one source mostly ascend, as they are made of a place in a file or of
 * a time: then it is enough that they do, and that they lie beside all those that may be there, and no table is made of them.
 */

import { type TelemetryEvent, withPlausibleTime } from "../core/event.ts";

/** What became of the events of one source. */
export interface Admitted {
  /** Never seen before, with plausible times. */
  readonly fresh: readonly TelemetryEvent[];
  /** Known by their ids. */
  readonly duplicates: number;
  /** Turned away, as their time is no number: nothing could be said of when they were. */
  readonly timeless: number;
}

/** Ids, all of them from `lowest` to `highest`. */
interface Ids {
  readonly lowest: string;
  readonly highest: string;
  has(id: string): boolean;
}

/** The ids of a batch: those that the journal has, and those that were admitted. */
export class BatchIds {
  readonly #parts: Ids[] = [];

  /** `known` are those that the journal has. */
  constructor(known: Iterable<string>) {
    const ids = new IdSet();
    for (const id of known) ids.add(id);
    this.#parts.push(ids);
  }

  /** Takes the events of one source in. Those of the batches that are `underWay` into the journal are known as well. */
  admit(events: readonly TelemetryEvent[], underWay: readonly BatchIds[]): Admitted {
    const parts = [...underWay, this].flatMap((batch) => batch.#parts);
    const run = Run.of(events);
    if (run !== undefined && !parts.some((part) => run.lowest <= part.highest && part.lowest <= run.highest)) {
      this.#parts.push(run);
      return { fresh: events.map(withPlausibleTime), duplicates: 0, timeless: 0 };
    }
    const added = new IdSet();
    parts.push(added);
    this.#parts.push(added);
    const fresh: TelemetryEvent[] = [];
    let timeless = 0;
    for (const event of events) {
      if (!Number.isFinite(event.timeMs)) timeless++;
      else if (!isAmong(parts, event.id)) {
        added.add(event.id);
        fresh.push(withPlausibleTime(event));
      }
    }
    return { fresh, timeless, duplicates: events.length - fresh.length - timeless };
  }
}

function isAmong(parts: readonly Ids[], id: string): boolean {
  for (let i = 0; i < parts.length; i++) {
    const { lowest, highest } = parts[i] as Ids;
    if (lowest <= id && id <= highest && parts[i]?.has(id) === true) return true;
  }
  return false;
}

/** Ids in any order. */
class IdSet implements Ids {
  /** Of none, what lies between no two. */
  lowest = "\uffff";
  highest = "";
  readonly #ids = new Set<string>();

  add(id: string): void {
    if (id < this.lowest) this.lowest = id;
    if (id > this.highest) this.highest = id;
    this.#ids.add(id);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}

/** Ids that ascend. */
class Run implements Ids {
  private constructor(
    readonly lowest: string,
    readonly highest: string,
    readonly events: readonly TelemetryEvent[],
  ) {}

  /** Of events that can all be admitted; `undefined` where the ids do not ascend, or there are none. */
  static of(events: readonly TelemetryEvent[]): Run | undefined {
    const [first, last] = [events[0], events.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    for (let i = 0; i < events.length; i++) {
      const { id, timeMs } = events[i] as TelemetryEvent;
      if (!Number.isFinite(timeMs) || (i > 0 && id <= (events[i - 1] as TelemetryEvent).id)) return undefined;
    }
    return new Run(first.id, last.id, events);
  }

  has(id: string): boolean {
    let [from, to] = [0, this.events.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const { id: found } = this.events[middle] as TelemetryEvent;
      if (found === id) return true;
      if (found < id) from = middle + 1;
      else to = middle;
    }
    return false;
  }
}
