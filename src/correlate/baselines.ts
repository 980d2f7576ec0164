/** Histories of groups, of all rules that hold values against them. */

import type { StateWrite } from "../core/state_store.ts";
import type { Baseline } from "../rules/rule.ts";
import type { GroupKey } from "./group.ts";
import { History, type HistoryJson, type Judgement, OUTLIERS_MAX } from "./history.ts";
import { CORRELATE_SCOPE, LearningKeys } from "./learning_keys.ts";

/** A history that has changed is written this long after it first did, by the events' time: milliseconds. */
export const STATE_INTERVAL_MS = 60_000;

/**
 * How long a change may go unwritten: milliseconds. After a kill it is made again from the journal's matches, which therefore are
 * read this much further back.
 */
export const STATE_LAG_MS = 2 * STATE_INTERVAL_MS;

/** Histories written at a time: some 5 KB each. */
const WRITES_MAX = 200;

interface Kept {
  readonly key: string;
  readonly history: History;
  /** Since when it is not as it is written; Infinity when it is. */
  changedMs: number;
}

export class Baselines {
  readonly #baselinesMax: number;
  /** By the key they are written under, the one left alone for longest first. */
  readonly #kept = new Map<string, Kept>();
  /** In the order in which they changed. */
  readonly #changed = new Set<Kept>();
  readonly #gone = new Set<string>();
  readonly #keys = new LearningKeys("baseline");
  /** Histories that had to go for others. */
  forgotten = 0;

  constructor(baselinesMax: number) {
    this.#baselinesMax = baselinesMax;
  }

  get size(): number {
    return this.#kept.size;
  }

  /**
   * Takes an event's value into its group's history and says how it stood to what was there before; `undefined` when it does not
   * stand out. An event that was in the history before a restart is what it was then.
   */
  look(owner: string, group: GroupKey, event: { id: string; timeMs: number }, value: number, asked: Baseline) {
    const kept = this.#of(this.#keys.key(owner, group));
    const { history } = kept;
    const { id, timeMs } = event;
    if (timeMs <= history.restoredMs) return history.outliers.find((one) => one.id === id);
    const judgement = history.size < asked.minimum ? undefined : history.judge(value);
    history.add(timeMs, value, asked.historyMs);
    this.#note(kept, timeMs);
    if (judgement === undefined || !standsOut(judgement, value, asked)) return undefined;
    history.outliers.push({ id, timeMs, ...judgement });
    if (history.outliers.length > OUTLIERS_MAX) history.outliers.shift();
    return judgement;
  }

  /** What an owner that is no more, or asks for something else now, has gathered goes. */
  drop(isGone: (owner: string) => boolean): void {
    for (const kept of this.#kept.values()) if (isGone(this.#keys.ownerOf(kept.key))) this.#remove(kept);
  }

  /** Takes what was written; false when it is none of this. */
  restore(key: string, value: string): boolean {
    if (!this.#keys.isMine(key)) return false;
    const json = historyJson(value);
    if (json === undefined) this.#gone.add(key);
    else {
      this.#makeRoom();
      this.#kept.set(key, { key, history: History.fromJson(json), changedMs: Infinity });
    }
    return true;
  }

  /** What has been different from what is written for long enough, by the time of the newest event of all. */
  writes(newestMs: number): StateWrite[] {
    const writes: StateWrite[] = [...this.#gone].map((key) => ({ scope: CORRELATE_SCOPE, key, value: null }));
    this.#gone.clear();
    for (const kept of this.#changed) {
      if (kept.changedMs > newestMs - STATE_INTERVAL_MS || writes.length >= WRITES_MAX) break;
      this.#changed.delete(kept);
      kept.changedMs = Infinity;
      writes.push({ scope: CORRELATE_SCOPE, key: kept.key, value: JSON.stringify(kept.history.toJson()) });
    }
    return writes;
  }

  #of(key: string): Kept {
    let kept = this.#kept.get(key);
    if (kept !== undefined) this.#kept.delete(key);
    else {
      this.#makeRoom();
      kept = { key, history: new History(), changedMs: Infinity };
      this.#gone.delete(key);
    }
    this.#kept.set(key, kept);
    return kept;
  }

  #note(kept: Kept, timeMs: number): void {
    if (kept.changedMs < Infinity) return;
    kept.changedMs = timeMs;
    this.#changed.add(kept);
  }

  #makeRoom(): void {
    for (const kept of this.#kept.values()) {
      if (this.#kept.size < this.#baselinesMax) return;
      this.#remove(kept);
      this.forgotten++;
    }
  }

  #remove(kept: Kept): void {
    this.#kept.delete(kept.key);
    this.#changed.delete(kept);
    this.#gone.add(kept.key);
  }
}

function standsOut({ median, deviations }: Judgement, value: number, { direction, ...asked }: Baseline): boolean {
  if (deviations < asked.deviations) return false;
  return direction === "either" || (direction === "above" ? value > median : value < median);
}

/** A history as written, unless it is not one: then it starts anew. */
function historyJson(text: string): HistoryJson | undefined {
  try {
    const json = JSON.parse(text) as HistoryJson;
    const lists = [json.times, json.values, json.outliers];
    return lists.every(Array.isArray) && json.times.length === json.values.length ? json : undefined;
  } catch {
    return undefined;
  }
}
