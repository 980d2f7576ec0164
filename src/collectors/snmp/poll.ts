/** One poll of one device: all that was chosen, read within its deadline. */

import type { Clock } from "../../core/clock.ts";
import { type AskedAs, failure } from "./failure.ts";
import type { SnmpSession } from "./session.ts";
import type { Selection, TableSelection } from "./selection.ts";
import type { Varbind } from "./varbind.ts";
import { greet, type Pace, readScalars, type Table, type WalkCounts, type WalkOptions, walkTable } from "./walk.ts";

/** What a poll found. */
export interface Reading {
  /** By the clock that never goes back, when the scalars were read: milliseconds. */
  readonly atMs: number;
  readonly scalars: ReadonlyMap<string, Varbind>;
  readonly tables: readonly (TableSelection & Table)[];
  readonly counts: Readonly<WalkCounts>;
  /** From the first request to its answer: milliseconds. */
  readonly roundTripMs: number;
}

export interface PollOptions {
  readonly session: SnmpSession;
  readonly asked: AskedAs;
  readonly selection: Selection;
  readonly pace: Pace;
  readonly repetitionsMax: number;
  /** Tables walked at once. */
  readonly walksMax: number;
  readonly clock: Clock;
  /** When the poll has to be over, by the clock that never goes back: milliseconds. The session is closed then. */
  readonly untilMs: number;
  /** Whether to ask for one small thing first: of a device of which nobody knows that it answers. */
  readonly isGreeted?: boolean;
  /** Called when the device has answered, perhaps several times; it is asked on when that resolves. */
  readonly onAnswered?: () => Promise<void>;
}

/**
 * Reads what is selected. Past its deadline it gives what it has; the caller closes the session then, so that nothing waits on.
 *
 * @throws {SnmpError} when the device cannot be asked at all.
 */
export async function poll(options: PollOptions): Promise<Reading> {
  const { clock, selection, untilMs } = options;
  const counts: WalkCounts = { valuesRead: 0, objectsAbsent: 0, objectsFailed: 0, walksDisordered: 0, walksCut: 0 };
  const startMs = clock.monotonic();
  let roundTripMs: number | undefined;
  const walk: WalkOptions = {
    session: options.session,
    version: options.asked.version,
    pace: options.pace,
    repetitionsMax: options.repetitionsMax,
    counts,
    now: () => clock.monotonic(),
    isOver: () => clock.monotonic() >= untilMs,
    async onAnswered() {
      roundTripMs ??= clock.monotonic() - startMs;
      await options.onAnswered?.();
    },
  };
  if (options.isGreeted === true) await greet(walk);
  const scalars = await readScalars(selection.scalars, walk);
  const atMs = clock.monotonic();
  const tables = await walkAll(selection.tables, walk, options.walksMax);
  // A device that answers and gives nothing: its agent lets us see none of it.
  if (counts.valuesRead === 0) throw failure("authorization", options.asked);
  return { atMs, scalars, tables, counts, roundTripMs: roundTripMs ?? atMs - startMs };
}

async function walkAll(
  tables: readonly TableSelection[],
  walk: WalkOptions,
  walksMax: number,
): Promise<(TableSelection & Table)[]> {
  const found: (TableSelection & Table)[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < tables.length; i = next++) {
      const table = tables[i];
      if (table === undefined) return;
      const key = `${table.kind}:${table.columns[0]?.oid ?? ""}`;
      found[i] = { ...table, ...await walkTable(key, table.columns, walk) };
    }
  };
  await Promise.all(Array.from({ length: Math.min(walksMax, tables.length) }, worker));
  return found;
}
