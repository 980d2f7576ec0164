/**
 * What was there when it was last looked, a folder a key: kept in the collector's state, and nowhere else in memory. A folder
 * with many names is spread over several keys by the names' hashes, so that one change writes little.
 *
 * Keys: `d:<folder>` holds the entries, or the number of shards; `s:<shard>:<folder>` the entries of a shard; `p:<pattern>` that
 * what a configured path stands for has been taken stock of.
 */

import type { StateStore } from "../../core/state_store.ts";
import { decodeEntries, encodeEntries, type Entry } from "./entry.ts";

/** Names in one key, about. A folder with more has a power of two of shards. */
const SHARD_ENTRIES = 128;

export class Baseline {
  constructor(readonly state: StateStore) {}

  /** What a folder held; `undefined` when it was never looked into. */
  read(folder: string): Map<string, Entry> | undefined {
    const text = this.state.get(folderKey(folder));
    if (text === undefined) return undefined;
    const entries = new Map<string, Entry>();
    const shards = shardsIn(text);
    const texts = shards === 0
      ? [text]
      : Array.from({ length: shards }, (_, i) => this.state.get(shardKey(folder, i)) ?? "[]");
    for (const part of texts) for (const entry of decodeEntries(part)) entries.set(entry.name, entry);
    return entries;
  }

  has(folder: string): boolean {
    return this.state.get(folderKey(folder)) !== undefined;
  }

  /** Replaces what is kept of a folder. Keys whose entries are as they were are not written again. */
  write(folder: string, entries: readonly Entry[]): void {
    const before = this.#shards(folder);
    const shards = shardCount(entries.length);
    if (shards === 0) this.state.set(folderKey(folder), encodeEntries(entries));
    else {
      const parts: Entry[][] = Array.from({ length: shards }, () => []);
      for (const entry of entries) parts[hashOf(entry.name) & (shards - 1)]?.push(entry);
      for (const [i, part] of parts.entries()) this.state.set(shardKey(folder, i), encodeEntries(part));
      this.state.set(folderKey(folder), String(shards));
    }
    for (let i = shards; i < before; i++) this.state.delete(shardKey(folder, i));
  }

  remove(folder: string): void {
    for (let i = this.#shards(folder) - 1; i >= 0; i--) this.state.delete(shardKey(folder, i));
    this.state.delete(folderKey(folder));
  }

  /** Every folder that something is kept of. */
  folders(): string[] {
    return [...this.state.entries("d:")].map(([key]) => key.slice(2));
  }

  /**
   * Whether what a configured path stands for was taken stock of, under the same excludes: what is new in it since is news.
   * `other`: under others.
   */
  isKnown(pattern: string, excludes: string): "yes" | "no" | "other" {
    const known = this.state.get(`p:${pattern}`);
    return known === undefined ? "no" : known === excludes ? "yes" : "other";
  }

  /** Notes that the configured paths have been taken stock of, and forgets others. Says whether that is another set. */
  setKnown(patterns: readonly string[], excludes: string): boolean {
    let isOther = false;
    for (const [key] of this.state.entries("p:")) {
      if (patterns.includes(key.slice(2))) continue;
      this.state.delete(key);
      isOther = true;
    }
    for (const pattern of patterns) {
      if (this.isKnown(pattern, excludes) === "yes") continue;
      this.state.set(`p:${pattern}`, excludes);
      isOther = true;
    }
    return isOther;
  }

  /** The number of the next look at everything. */
  nextScan(): number {
    const number = Number(this.state.get("scan") ?? 0) + 1;
    this.state.set("scan", String(number));
    return number;
  }

  /** When every file was last read: milliseconds since the epoch; 0 for never. */
  get rehashedMs(): number {
    return Number(this.state.get("rehashed") ?? 0);
  }

  setRehashed(nowMs: number): void {
    this.state.set("rehashed", String(nowMs));
  }

  #shards(folder: string): number {
    return shardsIn(this.state.get(folderKey(folder)) ?? "[]");
  }
}

const folderKey = (folder: string) => `d:${folder}`;
const shardKey = (folder: string, shard: number) => `s:${shard}:${folder}`;

function shardsIn(text: string): number {
  return text.startsWith("[") ? 0 : Number(text);
}

function shardCount(entries: number): number {
  return entries <= 2 * SHARD_ENTRIES ? 0 : 2 ** Math.ceil(Math.log2(entries / SHARD_ENTRIES));
}

/** FNV-1a over UTF-16 units. */
function hashOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
