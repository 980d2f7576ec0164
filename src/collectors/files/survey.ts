/** Looks at everything, or at what has been touched, and tells what is not as it was. */

import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../core/collector.ts";
import type { FieldValue, TelemetryEvent } from "../../core/event.ts";
import { Baseline } from "./baseline.ts";
import { Dirty } from "./dirty.ts";
import { Hasher } from "./hasher.ts";
import type { OpenNotifier } from "./inotify.ts";
import { type Counts, type Inspected, type Inspection, Inspector } from "./inspect.ts";
import { foreignMounts } from "./mounts.ts";
import { type OwnerFiles, Owners } from "./owners.ts";
import { Round } from "./round.ts";
import type { FilesConfig } from "./schema.ts";
import { findScope, folderOf, type Scope } from "./scope.ts";
import { scanId, SOURCE_NAME, tellDifference } from "./tell.ts";
import { Watch } from "./watch.ts";
import { folderTrees, type Size } from "./walk.ts";

/** What the collector takes from the system; others in tests. */
export interface FilesSystem {
  readonly openNotifier: OpenNotifier;
  readonly owners: OwnerFiles;
  /** Text of the table of mounts; empty where there is none. */
  mounts(): string;
}

/** Why everything is looked at. */
export type ScanReason = "baseline" | "start" | "schedule" | "lost";

/** How far the first look is. */
export interface Taken {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

/** A file that changed while it was read, and its folder, are looked at again after: milliseconds. */
const UNSTEADY_MS = 5_000;

/** While stock is taken for the first time, what was found is kept at least this often: milliseconds. */
const KEPT_EACH_MS = 5_000;

type Chunks = AsyncGenerator<readonly TelemetryEvent[]>;

export class Survey {
  readonly dirty = new Dirty();
  readonly #config: FilesConfig;
  readonly #context: CollectorContext;
  readonly #system: FilesSystem;
  readonly #baseline: Baseline;
  readonly #hasher: Hasher;
  readonly #owners: Owners;
  readonly #watch: Watch;
  readonly #inspector: Inspector;
  readonly #counts: Counts = { files: 0, folders: 0, unreadable: 0, unhashed: 0 };
  readonly #excludes: string;
  #scope: Scope;
  #total: Size | null = null;
  #bytesBefore = 0;
  #told = 0;

  constructor(config: FilesConfig, context: CollectorContext, system: FilesSystem) {
    const { clock, signal } = context;
    this.#config = config;
    this.#context = context;
    this.#system = system;
    this.#baseline = new Baseline(context.state);
    this.#owners = new Owners(system.owners);
    this.#hasher = new Hasher({ clock, signal, bytesPerSecond: config.hash_rate, sizeMax: config.hash_size_max });
    this.#excludes = JSON.stringify(config.exclude);
    this.#scope = this.#findScope();
    this.#watch = new Watch({
      open: system.openNotifier,
      max: config.watches_max,
      touched: (path) => this.dirty.add(folderOf(path), clock.monotonic() + config.settle),
      lost: (reason) => this.dirty.lose(reason),
    });
    this.#inspector = new Inspector({
      clock,
      signal,
      hasher: this.#hasher,
      scope: () => this.#scope,
      counts: this.#counts,
    });
  }

  /** How far the first look is; null when none is under way. */
  get taken(): Taken | null {
    if (this.#total === null) return null;
    const { files, bytes } = this.#total;
    return {
      files: Math.min(this.#counts.files, files),
      filesTotal: files,
      bytes: Math.min(this.#hasher.bytes - this.#bytesBefore, bytes),
      bytesTotal: bytes,
    };
  }

  /** Whether some folders are not watched, so that only looking finds what happens in them. */
  get isPartlyBlind(): boolean {
    return this.#watch.unwatched > 0;
  }

  /** Takes note of what has happened since the last call. */
  poll(): void {
    this.#watch.poll();
  }

  close(): void {
    this.#watch.close();
  }

  /** Looks at everything. What is touched meanwhile is looked at in between. */
  async *scan(asked: Exclude<ScanReason, "baseline">): Chunks {
    const { clock, signal } = this.#context;
    const startMs = clock.monotonic();
    const scan = this.#baseline.nextScan();
    this.dirty.clear();
    this.#begin();
    const isFirst = this.#config.paths.some((path) => this.#known(path) === "no");
    const rehash = isFirst || clock.now() - this.#baseline.rehashedMs >= this.#config.rehash_interval;
    const reason = isFirst ? "baseline" : asked;
    await this.#watchAll(isFirst);
    const round = new Round(this.#baseline);
    const visited = new Set<string>();
    const stack: Inspection[] = this.#rootInspections(rehash);
    let [part, keptMs, leftOut] = [0, startMs, 0];
    const report = (isComplete: boolean) =>
      this.#scanEvent(scanId(this.#context.host, scan, part++), reason, startMs, leftOut, isComplete);
    for (let next = stack.pop(); next !== undefined && !signal.aborted; next = stack.pop()) {
      const found = await this.#inspector.inspect(next, round);
      visited.add(next.folder);
      if (found !== undefined) this.#goOn(next, found, stack);
      if (this.#counts.files > this.#config.files_max) leftOut += stack.splice(0).length;
      const isLate = clock.monotonic() - keptMs > KEPT_EACH_MS;
      if (round.isFull || isLate) {
        yield* this.#tell(round, isFirst && !round.isEmpty ? () => report(false) : undefined);
        keptMs = clock.monotonic();
      }
      this.#watch.poll();
      if (this.dirty.nextMs > clock.monotonic()) continue;
      yield* this.#tell(round);
      yield* this.lookAtTouched();
    }
    if (signal.aborted) return;
    if (leftOut === 0) this.#settleScope(visited);
    if (rehash) this.#baseline.setRehashed(clock.now());
    this.#total = null;
    yield* this.#tell(round, () => report(true));
    this.#warn(leftOut);
  }

  /** Looks at the folders in which something has happened. */
  async *lookAtTouched(): Chunks {
    const { clock, signal } = this.#context;
    await clock.sleep(TOGETHER_MS, signal);
    this.#watch.poll();
    const round = new Round(this.#baseline);
    const gone: string[] = [];
    let folders = this.dirty.take(clock.monotonic() + this.#config.settle);
    if (folders.some((folder) => this.#scope.anchors.has(folder))) folders = [...folders, ...this.#rescope()];
    while (folders.length > 0 && !signal.aborted) {
      const renewed: string[] = [];
      for (const folder of new Set(folders)) {
        const inspection = this.#inspectionOf(folder, round);
        if (inspection === undefined) continue;
        const found = await this.#inspector.inspect(inspection, round);
        if (found === undefined) continue;
        if (found.isUnsteady) this.dirty.add(folder, clock.monotonic() + UNSTEADY_MS);
        renewed.push(...found.renewed);
        gone.push(...found.gone);
      }
      this.#watchAnew(renewed);
      folders = renewed;
    }
    for (const folder of gone) this.#watch.forget(folder);
    if (!signal.aborted) yield* this.#tell(round);
  }

  #begin(): void {
    const counts = this.#counts;
    [counts.files, counts.folders, counts.unreadable, counts.unhashed] = [0, 0, 0, 0];
    this.#told = 0;
    this.#bytesBefore = this.#hasher.bytes;
    this.#scope = this.#findScope();
  }

  #findScope(): Scope {
    const { paths, exclude } = this.#config;
    const { dataDirectory } = this.#context;
    const foreign = foreignMounts(this.#system.mounts());
    if (dataDirectory !== undefined) foreign.add(dataDirectory);
    return findScope({ paths, exclude, homes: this.#owners.homes(), foreign });
  }

  #known(pattern: string): "yes" | "no" | "other" {
    return this.#baseline.isKnown(pattern, this.#excludes);
  }

  /** Watches before it is looked: what happens in a folder after the look is then told. */
  async #watchAll(isFirst: boolean): Promise<void> {
    const tops = [...this.#scope.roots.keys(), ...this.#scope.anchors];
    if (isFirst) {
      const { folders, size } = await folderTrees(this.#scope, this.#context);
      this.#total = size;
      this.#watch.add(existing([...tops, ...folders]));
    } else this.#watch.add(existing([...tops, ...this.#baseline.folders()]));
  }

  #watchAnew(folders: readonly string[]): void {
    for (const folder of folders) this.#watch.forget(folder);
    this.#watch.add(folders);
  }

  #rootInspections(rehash: boolean): Inspection[] {
    return [...this.#scope.roots].map(([folder, names]) => ({
      folder,
      names,
      rehash,
      isNews: (name) => this.#known(names.get(name) ?? "") === "yes",
    }));
  }

  #goOn(from: Inspection, { folders, renewed, gone, isUnsteady }: Inspected, stack: Inspection[]): void {
    this.#watchAnew(renewed.filter((folder) => this.#baseline.has(folder)));
    this.#watch.add(folders);
    for (const folder of gone) this.#watch.forget(folder);
    if (isUnsteady) this.dirty.add(from.folder, this.#context.clock.monotonic() + UNSTEADY_MS);
    for (const folder of folders) stack.push(this.#below(folder, from.rehash));
  }

  /** Everything in a folder: news where the folder was looked into before, or it came after all was. */
  #below(folder: string, rehash: boolean): Inspection {
    const known = this.#known(this.#scope.patternOf(folder) ?? "");
    return { folder, rehash, isNews: (_, wasKnown) => known === "yes" || known === "no" && wasKnown };
  }

  /** How a touched folder is looked at; `undefined` when it is not watched, or its turn in the first look is still to come. */
  #inspectionOf(folder: string, round: Round): Inspection | undefined {
    const names = this.#scope.roots.get(folder);
    if (names !== undefined) {
      return { folder, names, rehash: false, isNews: (name) => this.#known(names.get(name) ?? "") === "yes" };
    }
    const pattern = this.#scope.patternOf(folder);
    if (pattern === undefined) return undefined;
    if (this.#known(pattern) !== "yes" && round.read(folder) === undefined) return undefined;
    return this.#below(folder, false);
  }

  /** Finds out anew what the configured paths stand for; returns the folders to look at for what has come or gone by that. */
  #rescope(): string[] {
    const before = this.#scope;
    this.#scope = this.#findScope();
    const changed: string[] = [];
    for (const [folder, names] of this.#scope.roots) {
      const known = before.roots.get(folder);
      const isOther = known === undefined || [...names.keys()].some((name) => !known.has(name));
      if (isOther || !this.#watch.has(folder)) changed.push(folder);
    }
    this.#watch.add(existing([...changed, ...this.#scope.anchors]));
    return changed;
  }

  /** Notes that stock was taken, and forgets what is no longer watched. */
  #settleScope(visited: ReadonlySet<string>): void {
    if (!this.#baseline.setKnown(this.#config.paths, this.#excludes)) return;
    for (const folder of this.#baseline.folders()) {
      if (!visited.has(folder) && this.#scope.patternOf(folder) === undefined) this.#baseline.remove(folder);
    }
  }

  /** Hands on what a round has found; what is kept of it goes with the last of its events, or with what `else` gives. */
  async *#tell(round: Round, andThen?: () => TelemetryEvent): Chunks {
    const { host, clock } = this.#context;
    const telling = { host, owners: this.#owners, nowMs: clock.now() };
    const events = round.takeDifferences().map((difference) => tellDifference(difference, telling));
    this.#told += events.length;
    if (andThen !== undefined) events.push(andThen());
    let at = 0;
    for (; events.length - at > CHUNK_EVENTS_MAX; at += CHUNK_EVENTS_MAX) yield events.slice(at, at + CHUNK_EVENTS_MAX);
    round.keep();
    if (events.length > at) yield at === 0 ? events : events.slice(at);
  }

  #scanEvent(id: string, reason: ScanReason, startMs: number, leftOut: number, isComplete: boolean): TelemetryEvent {
    const { host, clock } = this.#context;
    const nowMs = clock.now();
    const fields: Record<string, FieldValue> = {
      "file.scan.reason": reason,
      "file.scan.complete": isComplete,
      "file.scan.files": this.#counts.files,
      "file.scan.folders": this.#counts.folders,
      "file.scan.bytes": this.#hasher.bytes - this.#bytesBefore,
      "file.scan.changes": this.#told,
      "file.scan.unreadable": this.#counts.unreadable,
      "file.scan.unhashed": this.#counts.unhashed,
      "file.scan.unwatched": this.#watch.unwatched,
      "file.scan.left_out": leftOut + this.#scope.leftOut,
      "event.duration": Math.round((clock.monotonic() - startMs) * 1e6),
    };
    return { id, timeMs: nowMs, observedMs: nowMs, source: SOURCE_NAME, kind: "file.scan", host, fields };
  }

  #warn(leftOut: number): void {
    const problems: string[] = [];
    const { unreadable } = this.#counts;
    const { unwatched, trouble } = this.#watch;
    if (leftOut > 0) problems.push(`folders not looked at: ${leftOut} (files_max is ${this.#config.files_max})`);
    if (unwatched > 0) problems.push(`folders not watched, only looked at again: ${unwatched} (${trouble})`);
    if (unreadable > 0) problems.push(`files and folders that cannot be read: ${unreadable}`);
    if (problems.length > 0) this.#context.warn(`Not all files are seen: ${problems.join("; ")}`);
  }
}

/** How long what belongs to a change already told of may take to be told of as well: milliseconds. */
const TOGETHER_MS = 10;

function existing(folders: readonly string[]): string[] {
  return [...new Set(folders)].filter((folder) => {
    try {
      return Deno.lstatSync(folder).isDirectory;
    } catch {
      return false;
    }
  });
}
