/** Tables and scalars read from a device, whatever it does: what can be read is, and the rest is counted. */

import { SnmpError } from "./failure.ts";
import type { ObjectDefinition } from "./objects.ts";
import { compareOids, rowOf } from "./oid.ts";
import type { SnmpSession } from "./session.ts";
import { isPresent, type Varbind } from "./varbind.ts";

/** Rows of one table kept at most; a walk ends there, and is counted as cut. */
export const ROWS_MAX = 20_000;

/** Columns asked for in one request, and scalars: what fits into one packet with the values. */
const COLUMNS_MAX = 16;
const SCALARS_MAX = 24;

/** Values asked for in one request at most: repetitions are fewer where columns are many. */
const VALUES_MAX = 400;

/** Rows asked for at first of a table that was never seen. */
const REPETITIONS_FIRST = 10;

/** A row of a table: what is known of it, by the names of the objects. */
export interface Row {
  readonly values: Map<string, Varbind>;
  /** When it was read, by the clock that never goes back: milliseconds. */
  readonly atMs: number;
}

export interface Table {
  /** By what stands behind the column in the object identifier, in the order of the agent. */
  readonly rows: ReadonlyMap<string, Row>;
  /** Whether it was not read to its end. */
  readonly isPartial: boolean;
}

/** What happened on the way, summed up over a poll. */
export interface WalkCounts {
  valuesRead: number;
  objectsAbsent: number;
  objectsFailed: number;
  walksDisordered: number;
  walksCut: number;
}

/** What is remembered of a table from one poll to the next, so that the device is asked for it as suits it. */
interface TablePace {
  /** Rows that a request asks for at most: doubled while answers come, taken back when one does not. */
  repetitions: number;
  /** How far that may grow: as far as answers came, when one did not, and a little further with each walk to the end. */
  ceiling: number;
  /** The most rows that were asked for and answered. */
  answered: number;
  /** How many there were: by that a small table is read in one request. */
  rows: number | undefined;
}

/** Of each table. */
export type Pace = Map<string, TablePace>;

/** A device of which nothing is known. */
export function newPace(): Pace {
  return new Map();
}

export interface WalkOptions {
  readonly session: Pick<SnmpSession, "get" | "getNext" | "getBulk">;
  readonly version: "1" | "2c" | "3";
  readonly pace: Pace;
  readonly repetitionsMax: number;
  readonly counts: WalkCounts;
  /** By the clock that never goes back: milliseconds. */
  now(): number;
  /** Whether the poll's time is over. */
  isOver(): boolean;
  /** Called when the device has answered, perhaps several times; it is asked on when that resolves. */
  onAnswered?(): Promise<void>;
}

/** What every agent has: how long it has been up. */
const SYS_UP_TIME = "1.3.6.1.2.1.1.3.0";

/**
 * Asks for one small thing, to know whether the device is there. Whatever it says to that, it is.
 *
 * @throws {SnmpError} when the device does not answer, or turns the request away as a whole.
 */
export async function greet({ session, onAnswered }: Pick<WalkOptions, "session" | "onAnswered">): Promise<void> {
  await session.get([SYS_UP_TIME]).catch(ofOneObject);
  await onAnswered?.();
}

/**
 * Reads scalars, by name. What is not there is left out, and one that the agent stumbles over costs the others nothing.
 *
 * @throws {SnmpError} when the device does not answer, or turns the request away as a whole.
 */
export async function readScalars(
  objects: readonly ObjectDefinition[],
  options: WalkOptions,
): Promise<Map<string, Varbind>> {
  const found = new Map<string, Varbind>();
  for (let i = 0; i < objects.length; i += SCALARS_MAX) {
    await readTogether(objects.slice(i, i + SCALARS_MAX), found, options);
  }
  return found;
}

async function readTogether(
  objects: readonly ObjectDefinition[],
  found: Map<string, Varbind>,
  options: WalkOptions,
): Promise<void> {
  const { session, counts } = options;
  const answer = await session.get(objects.map(({ oid }) => oid)).catch(ofOneObject);
  await options.onAnswered?.();
  if (answer instanceof SnmpError) {
    if (objects.length > 1) return await readApart(objects, found, options);
    if (answer.code === "no_such_name") counts.objectsAbsent++;
    else counts.objectsFailed++;
    return;
  }
  objects.forEach((object, i) => {
    const varbind = answer[i];
    // An answer in another order, or with other objects, is told by its own identifiers.
    const own = varbind?.oid === object.oid ? varbind : answer.find(({ oid }) => oid === object.oid);
    if (own === undefined || !isPresent(own)) {
      counts.objectsAbsent++;
      return;
    }
    counts.valuesRead++;
    found.set(object.name, own);
  });
}

/** In two halves, so that the one that the agent stumbles over is found in few requests. */
async function readApart(
  objects: readonly ObjectDefinition[],
  found: Map<string, Varbind>,
  options: WalkOptions,
): Promise<void> {
  const half = Math.ceil(objects.length / 2);
  await readTogether(objects.slice(0, half), found, options);
  await readTogether(objects.slice(half), found, options);
}

/** A failure that can be that of a single object in the request; any other is thrown on. */
function ofOneObject(error: unknown): SnmpError {
  if (isOfOneObject(error)) return error;
  throw error;
}

function isOfOneObject(error: unknown): error is SnmpError {
  return error instanceof SnmpError &&
    ["no_such_name", "refused", "too_big", "malformed"].includes(error.code);
}

/** A column on its way through a table. */
interface Cursor {
  readonly object: ObjectDefinition;
  /** The last identifier seen; asked for is what comes after. */
  at: string;
  isDone: boolean;
}

/**
 * Walks the columns of one table side by side, and joins them by row. Ends with what there is when the time is over, the device
 * falls silent, or its identifiers do not increase. Never throws but for a defect.
 */
export async function walkTable(
  key: string,
  columns: readonly ObjectDefinition[],
  options: WalkOptions,
): Promise<Table> {
  const walk = new Walk(key, columns, options);
  return await walk.run();
}

class Walk {
  readonly #rows = new Map<string, Row>();
  readonly #cursors: readonly Cursor[];
  readonly #pace: TablePace;
  /** Objects of which there was a value. */
  readonly #seen = new Set<string>();
  /** Objects that the agent stumbled over. */
  readonly #failed = new Set<string>();
  #isPartial = false;

  constructor(key: string, columns: readonly ObjectDefinition[], readonly options: WalkOptions) {
    this.#cursors = columns.map((object) => ({ object, at: object.oid, isDone: false }));
    const known = options.pace.get(key);
    this.#pace = known ?? {
      repetitions: REPETITIONS_FIRST,
      ceiling: options.repetitionsMax,
      answered: 0,
      rows: undefined,
    };
    if (known === undefined) options.pace.set(key, this.#pace);
  }

  async run(): Promise<Table> {
    for (;;) {
      const active = this.#cursors.filter(({ isDone }) => !isDone);
      if (active.length === 0) break;
      if (this.options.isOver() || this.#rows.size >= ROWS_MAX) {
        this.#isPartial = true;
        break;
      }
      if (!await this.#step(active.slice(0, COLUMNS_MAX))) break;
    }
    this.#conclude();
    return { rows: this.#rows, isPartial: this.#isPartial };
  }

  #conclude(): void {
    const { counts, repetitionsMax } = this.options;
    if (this.#isPartial) counts.walksCut++;
    else {
      this.#pace.rows = this.#rows.size;
      this.#pace.ceiling = Math.min(repetitionsMax, this.#pace.ceiling + 1);
    }
    counts.objectsFailed += this.#failed.size;
    for (const { object: { name } } of this.#cursors) {
      if (!this.#seen.has(name) && !this.#failed.has(name)) counts.objectsAbsent++;
    }
  }

  /** One request and its answer; false when the walk cannot go on. */
  async #step(group: readonly Cursor[]): Promise<boolean> {
    const repetitions = this.#repetitions(group.length);
    let lists: Varbind[][];
    try {
      lists = await this.#ask(group.map(({ at }) => at), repetitions);
    } catch (error) {
      if (!(error instanceof SnmpError)) throw error;
      return await this.#recover(error, group, repetitions);
    }
    const atMs = this.options.now();
    const hasProgress = this.#take(group, lists, atMs);
    if (!hasProgress && group.every(({ isDone }) => !isDone)) {
      // An empty answer to a request for values: asked again it would be the same.
      for (const cursor of group) this.#giveUp(cursor);
      return true;
    }
    this.#grow(repetitions);
    return true;
  }

  /** The device has kept up. */
  #grow(repetitions: number): void {
    const pace = this.#pace;
    pace.answered = Math.max(pace.answered, repetitions);
    if (repetitions >= pace.repetitions) pace.repetitions = Math.min(pace.ceiling, pace.repetitions * 2);
  }

  /** The device has not kept up: back to what it has answered before, or to a quarter, since each try can cost a whole wait. */
  #shrink(repetitions: number): void {
    const pace = this.#pace;
    const hasAnswered = pace.answered > 0 && pace.answered < repetitions;
    pace.ceiling = Math.max(1, hasAnswered ? pace.answered : Math.floor(repetitions / 4));
    pace.answered = Math.min(pace.answered, pace.ceiling);
    pace.repetitions = pace.ceiling;
  }

  #giveUp(cursor: Cursor): void {
    cursor.isDone = true;
    this.#failed.add(cursor.object.name);
  }

  /** A table of known size is asked for in one request and a row more, which tells that it has ended. */
  #repetitions(columns: number): number {
    if (this.options.version === "1") return 1;
    const { repetitions, rows } = this.#pace;
    const wanted = rows === undefined || this.#rows.size > rows ? repetitions : rows + 1 - this.#rows.size;
    const most = Math.floor(VALUES_MAX / columns);
    return Math.max(1, Math.min(wanted, repetitions, this.options.repetitionsMax, most));
  }

  async #ask(oids: readonly string[], repetitions: number): Promise<Varbind[][]> {
    const { session, version } = this.options;
    if (version === "1") return (await session.getNext(oids)).map((varbind) => [varbind]);
    return await session.getBulk(oids, repetitions);
  }

  /** Goes on with less after a failure: fewer rows, then each column by itself, then without the column. */
  async #recover(error: SnmpError, group: readonly Cursor[], repetitions: number): Promise<boolean> {
    if (["silent", "too_big", "malformed"].includes(error.code) && repetitions > 1) {
      this.#shrink(repetitions);
      return true;
    }
    if (!isOfOneObject(error)) {
      this.#isPartial = true;
      return false;
    }
    if (group.length > 1) {
      for (const cursor of group) if (!await this.#step([cursor])) return false;
      return true;
    }
    for (const cursor of group) {
      // SNMPv1 says so at the end of what the agent has.
      if (error.code === "no_such_name") cursor.isDone = true;
      else this.#giveUp(cursor);
    }
    return true;
  }

  /** Takes an answer in; whether any column moved on or came to its end. */
  #take(group: readonly Cursor[], lists: readonly Varbind[][], atMs: number): boolean {
    let hasProgress = false;
    group.forEach((cursor, i) => {
      for (const varbind of lists[i] ?? []) {
        hasProgress = true;
        if (!this.#takeOne(cursor, varbind, atMs)) break;
      }
    });
    return hasProgress;
  }

  /** Takes one value; false when the column has ended. */
  #takeOne(cursor: Cursor, varbind: Varbind, atMs: number): boolean {
    const { counts } = this.options;
    const index = rowOf(cursor.object.oid, varbind.oid);
    if (index === undefined || varbind.type === "end_of_mib_view") {
      cursor.isDone = true;
      return false;
    }
    if (compareOids(varbind.oid, cursor.at) <= 0) {
      cursor.isDone = true;
      this.#isPartial = true;
      counts.walksDisordered++;
      return false;
    }
    cursor.at = varbind.oid;
    if (!isPresent(varbind)) return true;
    let row = this.#rows.get(index);
    if (row === undefined) {
      if (this.#rows.size >= ROWS_MAX) return false;
      this.#rows.set(index, row = { values: new Map(), atMs });
    }
    row.values.set(cursor.object.name, varbind);
    this.#seen.add(cursor.object.name);
    counts.valuesRead++;
    return true;
  }
}
