/** Files, as they grow: looked for, read in turn, their events in the order of their times, with where to resume. */

import { type Clock, yieldToOthers } from "../../../core/clock.ts";
import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../../core/collector.ts";
import type { TelemetryEvent } from "../../../core/event.ts";
import { lineEvent, SOURCE_NAME, sourceEvent } from "../events.ts";
import type { LogHealth } from "../health.ts";
import type { Portion } from "../portion.ts";
import type { TailedFile } from "./file.ts";
import { Followed } from "./followed.ts";
import type { Notice, TailInput } from "./options.ts";
import { hashOf, type OpenFile, placeKey } from "./identity.ts";
import { Records } from "./record.ts";
import { FolderWatch } from "./watch.ts";

export interface TailOptions {
  readonly inputs: readonly TailInput[];
  readonly filesMax: number;
  readonly lineBytesMax: number;
  /** Between looks at all files, told of changes or not; and between looks for new ones: milliseconds. */
  readonly pollIntervalMs: number;
  readonly scanIntervalMs: number;
  readonly rotatedWaitMs: number;
  readonly health: LogHealth;
  /** Whether the system is asked to tell of changes. */
  readonly isWatching: boolean;
  readonly open?: ((path: string) => OpenFile) | undefined;
}

/** Keys of the state under which files and patterns are kept. */
const FILE_PREFIX = "file:";
const PATTERN_PREFIX = "watched:";

/** Bytes read of one file at a time: shared out when many have something, so that what is held in memory stays the same. */
const BLOCK_BYTES = 131_072;
const BLOCK_MIN_BYTES = 8_192;
const BLOCKS_BYTES = 1_048_576;

/** A look for new files comes this long after the last at the earliest, however much changes: milliseconds. */
const SCAN_PAUSE_MS = 50;

/** While lines are held back for more, or a file is not decided on, what is due is looked for this often: milliseconds. */
const HELD_LOOK_MS = 200;

/**
 * A system that tells of changes this often in a second is not asked any more: each of a busy file's is told by itself. Files that
 * gave something lately are then looked at this often, until none has given anything for so long: milliseconds.
 */
const TOLD_MAX = 200;
const BUSY_POLL_MS = 10;
const BUSY_UNTIL_MS = 2_000;

/** Between looks whether the paths of files that gave something lately lead elsewhere: milliseconds. */
const PATHS_LOOK_MS = 100;

type TailContext = Pick<CollectorContext, "host" | "clock" | "signal" | "state" | "dataDirectory">;

/** What files give, until `signal` is aborted. The state in each portion is to be set right before its events are yielded. */
export async function* tailFiles(options: TailOptions, context: TailContext): AsyncGenerator<Portion> {
  const tail = new Tail(options, context);
  try {
    while (!context.signal.aborted) {
      const portion = tail.next();
      if (portion !== undefined) yield portion;
      else if (tail.isBusy) await yieldToOthers();
      else await tail.wait();
    }
  } finally {
    tail.close();
  }
}

class Tail {
  readonly #options: TailOptions;
  readonly #context: TailContext;
  readonly #clock: Clock;
  readonly #records: Records;
  readonly #followed: Followed;
  readonly #watch: FolderWatch;
  readonly #buffer = new Uint8Array(BLOCK_BYTES);
  readonly #patterns = new Map<string, string>();
  #newPatterns: string[] = [];
  #notices: TelemetryEvent[] = [];
  readonly #prefixes = new WeakMap<TailedFile, string>();
  #wake: (() => void) | undefined;
  #hasNews = false;
  #scanAtMs = -Infinity;
  #scannedMs = -Infinity;
  #polledMs = -Infinity;
  #pathsLookedMs = -Infinity;
  /** How often the system told of changes since when. */
  #told = { count: 0, sinceMs: -Infinity };
  /** Whether so much changes that files are looked at often, and the system is not asked to tell. */
  #isBusyPolling = false;

  constructor(options: TailOptions, context: TailContext) {
    const { state, clock } = context;
    this.#options = options;
    this.#context = context;
    this.#clock = clock;
    this.#records = new Records(state.entries(FILE_PREFIX));
    for (const [key, value] of state.entries(PATTERN_PREFIX)) this.#patterns.set(key, value);
    this.#followed = new Followed({
      ...options,
      dataDirectory: context.dataDirectory,
      records: this.#records,
      isKnown: (pattern) => this.#patterns.has(PATTERN_PREFIX + pattern),
      notice: (notice) => this.#note(notice),
    });
    this.#watch = new FolderWatch(() => this.#noticeNews());
  }

  /** Whether there is more to read at once. */
  get isBusy(): boolean {
    for (const file of this.#followed.files) if (file.isReady || file.pendingCount > 0) return true;
    return this.#notices.length > 0;
  }

  /** What there is now; `undefined` when nothing is, or what was read gave no event yet. */
  next(): Portion | undefined {
    this.#look();
    const nowMs = this.#clock.now();
    this.#readReady(nowMs);
    this.#followed.introduce();
    const events = this.#notices.splice(0, CHUNK_EVENTS_MAX);
    if (events.length === 0) this.#takeInOrder(events, nowMs);
    this.#followed.drain(nowMs);
    return events.length === 0 ? undefined : { events, state: this.#state(nowMs) };
  }

  /** Waits for news, or until the next look is due. */
  async wait(): Promise<void> {
    const { clock, signal } = this.#context;
    if (this.#hasNews || signal.aborted) return;
    const woken = new AbortController();
    const stop = () => woken.abort();
    this.#wake = stop;
    signal.addEventListener("abort", stop, { once: true });
    await clock.sleepTogether(this.#untilNextMs(), woken.signal);
    signal.removeEventListener("abort", stop);
    this.#wake = undefined;
  }

  close(): void {
    this.#watch.close();
    this.#followed.close();
  }

  #noticeNews(): void {
    this.#hasNews = true;
    this.#wake?.();
  }

  #untilNextMs(): number {
    const nowMs = this.#clock.monotonic();
    const { pollIntervalMs } = this.#options;
    const dueMs = Math.min(this.#polledMs + pollIntervalMs, this.#scanAtMs) - nowMs;
    if (this.#isBusyPolling) return Math.min(BUSY_POLL_MS, Math.max(0, dueMs));
    const isHolding = [...this.#followed.files].some((file) => file.isHolding);
    return Math.min(Math.max(0, dueMs), isHolding ? HELD_LOOK_MS : Infinity);
  }

  /** Finds out which files are to be looked at, and looks for new ones when that is due. */
  #look(): void {
    const nowMs = this.#clock.monotonic();
    this.#hasNews = false;
    const { written, isNamesChanged, count } = this.#watch.take();
    this.#noteBusy(count, nowMs);
    if (isNamesChanged || this.#havePathsMoved(nowMs)) {
      this.#scanAtMs = Math.min(this.#scanAtMs, this.#scannedMs + SCAN_PAUSE_MS);
    }
    const isAllDue = isNamesChanged || nowMs >= this.#polledMs + this.#options.pollIntervalMs;
    if (isAllDue) this.#polledMs = nowMs;
    const activeMs = this.#clock.now() - BUSY_UNTIL_MS;
    for (const file of this.#followed.files) {
      const isDue = isAllDue || written.has(file.path) || file.goneMs !== null ||
        (this.#isBusyPolling && file.dataMs >= activeMs);
      if (isDue && !file.isDone) file.isReady = true;
    }
    if (nowMs >= this.#scanAtMs) this.#scan(nowMs);
  }

  /** Goes over to looking often when the system tells too often, and back when nothing has come for a while. */
  #noteBusy(count: number, nowMs: number): void {
    this.#told.count += count;
    if (this.#told.count > TOLD_MAX) {
      this.#isBusyPolling = true;
      this.#watch.close();
      this.#told = { count: 0, sinceMs: nowMs };
    } else if (nowMs - this.#told.sinceMs >= 1_000) this.#told = { count: 0, sinceMs: nowMs };
    if (!this.#isBusyPolling) return;
    const activeMs = this.#clock.now() - BUSY_UNTIL_MS;
    if ([...this.#followed.files].some((file) => file.dataMs >= activeMs)) return;
    this.#isBusyPolling = false;
    this.#scanAtMs = nowMs; // which watches again
  }

  #havePathsMoved(nowMs: number): boolean {
    if (nowMs - this.#pathsLookedMs < PATHS_LOOK_MS) return false;
    this.#pathsLookedMs = nowMs;
    const wallMs = this.#clock.now();
    return this.#followed.hasMoved(wallMs - BUSY_UNTIL_MS, wallMs);
  }

  #scan(nowMs: number): void {
    const { scanIntervalMs, isWatching, health } = this.#options;
    this.#scannedMs = nowMs;
    const folders = this.#followed.scan(this.#clock.now());
    this.#scanAtMs = nowMs + (this.#followed.isUndecided ? HELD_LOOK_MS : scanIntervalMs);
    if (!isWatching || this.#isBusyPolling) return;
    this.#watch.watch([...folders]);
    health.note("changes", this.#watch.trouble);
  }

  #readReady(nowMs: number): void {
    const ready = [...this.#followed.files].filter((file) => file.isReady && file.pendingCount === 0);
    const share = Math.floor(BLOCKS_BYTES / Math.max(1, ready.length));
    const block = this.#buffer.subarray(0, Math.min(BLOCK_BYTES, Math.max(BLOCK_MIN_BYTES, share)));
    for (const file of ready) {
      if (file.read(block, nowMs) !== "truncated" || !this.#followed.truncated(file, nowMs)) continue;
      this.#scanAtMs = Math.min(this.#scanAtMs, this.#scannedMs + SCAN_PAUSE_MS);
    }
    for (const file of this.#followed.files) if (file.isHolding && file.pendingCount === 0) file.flush(nowMs);
  }

  /**
   * Takes what waits, the event that happened first before the others, so that of several files that are caught up with none makes
   * the lines of another late. A time that is yet to come counts as now.
   */
  #takeInOrder(into: TelemetryEvent[], nowMs: number): void {
    const waiting = [...this.#followed.files].filter((file) => file.pendingCount > 0);
    while (into.length < CHUNK_EVENTS_MAX && waiting.length > 0) {
      const [file, untilMs] = earliest(waiting, nowMs);
      const prefix = this.#prefixOf(file);
      while (into.length < CHUNK_EVENTS_MAX && Math.min(file.first?.timeMs ?? Infinity, nowMs) <= untilMs) {
        const decoded = file.take();
        decoded.fields["log.file.path"] = file.path;
        into.push(lineEvent(prefix, decoded, this.#context.host, nowMs));
        if (file.pendingCount === 0) break;
      }
      if (file.pendingCount > 0) continue;
      if (file.isReady) return; // its next line may come before the others'
      waiting.splice(waiting.indexOf(file), 1);
    }
  }

  #prefixOf(file: TailedFile): string {
    let prefix = this.#prefixes.get(file);
    if (prefix === undefined) {
      const place = hashOf(`${this.#context.host}\0${placeKey(file.place)}`);
      prefix = `${SOURCE_NAME}:${place}${file.fingerprint}.${file.generation}:`;
      this.#prefixes.set(file, prefix);
    }
    return prefix;
  }

  #note({ kind, id, fields }: Notice): void {
    const { host } = this.#context;
    const key = hashOf(`${host}\0${id}`);
    this.#notices.push(
      sourceEvent(`${key}:${kind.slice(kind.indexOf(".") + 1)}`, kind, this.#clock.now(), host, fields),
    );
    if (kind === "log.watched") this.#newPatterns.push(id);
  }

  /** What is true once everything taken so far is committed. */
  #state(nowMs: number): [string, string | null][] {
    for (const file of this.#followed.files) {
      if (!file.isChanged) continue;
      file.isChanged = false;
      this.#records.put(file.record());
    }
    const changes = this.#records.take();
    for (const pattern of this.#newPatterns.splice(0)) {
      const key = PATTERN_PREFIX + pattern;
      this.#patterns.set(key, String(nowMs));
      changes.push([key, String(nowMs)]);
    }
    return changes;
  }
}

/** The file whose next event happened first, and up to what time its events come before any other's: milliseconds. */
function earliest(waiting: readonly TailedFile[], nowMs: number): [file: TailedFile, untilMs: number] {
  let first = waiting[0] as TailedFile;
  let firstMs = Infinity;
  let secondMs = Infinity;
  for (const file of waiting) {
    const timeMs = Math.min(file.first?.timeMs ?? Infinity, nowMs);
    if (timeMs < firstMs) [first, firstMs, secondMs] = [file, timeMs, firstMs];
    else if (timeMs < secondMs) secondMs = timeMs;
  }
  return [first, Math.max(firstMs, secondMs)];
}
