/** Which processes are there, which began, which ended, and which run another program than before. */

import type { CollectorContext } from "../../core/collector.ts";
import type { FieldValue, TelemetryEvent } from "../../core/event.ts";
import type { Masking } from "../../core/masking.ts";
import { identityFields, measureFields, parentFields } from "./events.ts";
import { execId, lifeId, SOURCE_NAME } from "./ids.ts";
import type { Identity, Listing, Measures, ProcessSource, Reading } from "./source.ts";

/** How many new processes one look reads in full; more than that wait for the next. */
export const NEW_PER_LOOK_MAX = 1_000;

/** How long the start of a process that still runs its parent's image is held back, in case it is about to exec: ms. */
export const HOLD_MS = 100;

/** How long after it was first seen a process is looked at each time, for an exec: milliseconds. */
export const YOUNG_MS = 1_000;

/** How many young processes one look looks at again. The others are looked at when it is time for stats. */
export const YOUNG_PER_LOOK_MAX = 256;

/** Under this age, CPU time in steps of 10 ms says nothing about a share: milliseconds. */
const SHARE_AGE_MIN_MS = 20;

/** A process that is there, as far as it is known. */
export interface Tracked {
  identity: Identity;
  measures: Measures;
  /** The process that started it, as it was then; later that one may have ended. */
  readonly parent: Identity | undefined;
  readonly parentPid: number | undefined;
  /** When it was first seen, by the monotonic clock: milliseconds. */
  readonly seenMs: number;
  /** CPU time and uptime at which the next share of CPU begins. */
  shareFrom: { readonly cpuMs: number; readonly uptimeMs: number };
  /** `held`: its start is not told yet. `ended`: it is a zombie, its end has been told. */
  phase: "held" | "told" | "ended";
  /** Whether it was caught within an exec, and is to be read again. */
  isHalfRead: boolean;
  listedIn: number;
}

/** All processes of the host. Holds those that are there, and no more. */
export class Tracker {
  readonly #tracked = new Map<number, Tracked>();
  readonly #young = new Set<Tracked>();
  /** Listed and not yet read, for want of time; true for what was there at the first look. */
  #unread = new Map<number, boolean>();
  /** Listed and not to be read. Those that are hidden stay listed; the others have ended in between. */
  #unreadable = new Map<number, { readonly wasThere: boolean; readonly isHidden: boolean }>();
  #listings = 0;
  #events: TelemetryEvent[] = [];
  /** Of the look that is under way: by the wall clock, and by the monotonic one. */
  #nowMs = 0;
  #lookMs = 0;

  constructor(readonly source: ProcessSource, readonly context: CollectorContext) {}

  /** Whether it must look again soon, to decide about a start that is held back or to read what it had no time for. */
  get isUndecided(): boolean {
    if (this.#unread.size > 0) return true;
    for (const { phase } of this.#young) if (phase === "held") return true;
    return false;
  }

  identity(pid: number): Identity | undefined {
    return this.#tracked.get(pid)?.identity;
  }

  /** Every process in the host's list, zombies included. */
  all(): Iterable<Tracked> {
    return this.#tracked.values();
  }

  /** Every process that has not ended. */
  *living(): Iterable<Tracked> {
    for (const tracked of this.#tracked.values()) if (tracked.phase !== "ended") yield tracked;
  }

  /** Lets the next listing try again what could not be read. */
  retryUnreadable(): void {
    for (const [pid, { wasThere, isHidden }] of this.#unreadable) {
      if (!isHidden) continue;
      this.#unreadable.delete(pid);
      this.#unread.set(pid, wasThere);
    }
  }

  /** One look: what has begun, changed and ended since the last. */
  async look(): Promise<TelemetryEvent[]> {
    const listing = await this.source.list();
    this.#events = [];
    this.#nowMs = this.context.clock.now();
    this.#lookMs = this.context.clock.monotonic();
    if (listing !== undefined) this.#compare(listing);
    else this.#readUnread();
    this.#lookAtYoung();
    return this.#events;
  }

  /** Takes a new look at one process, as each does from time to time: an exec, an end or a pid used again shows. */
  lookAt(tracked: Tracked): TelemetryEvent[] {
    this.#events = [];
    this.#nowMs = this.context.clock.now();
    this.#update(tracked);
    return this.#events;
  }

  #compare(listing: Listing): void {
    const isFirst = this.#listings++ === 0;
    const unread = new Map<number, boolean>();
    const hidden = new Map<number, { wasThere: boolean; isHidden: true }>();
    for (const pid of listing.pids) {
      const tracked = this.#tracked.get(pid);
      const mayBeReused = listing.mayBeReused(pid);
      if (tracked !== undefined && !(mayBeReused && this.#isAnother(tracked))) {
        tracked.listedIn = this.#listings;
        continue;
      }
      if (tracked !== undefined) this.#end(tracked);
      const unreadable = this.#unreadable.get(pid);
      if (unreadable !== undefined && !mayBeReused) hidden.set(pid, { wasThere: unreadable.wasThere, isHidden: true });
      else unread.set(pid, this.#unread.get(pid) ?? isFirst);
    }
    this.#countVanished(unread, hidden);
    this.#unread = unread;
    this.#unreadable = hidden;
    // Beginnings before ends: a parent that has just ended is still known to its children.
    this.#readUnread();
    for (const tracked of this.#tracked.values()) if (tracked.listedIn !== this.#listings) this.#end(tracked);
  }

  /** Counts what was listed and ended before it could be read, and says so once when something is hidden. */
  #countVanished(unread: ReadonlyMap<number, boolean>, hidden: ReadonlyMap<number, unknown>): void {
    let vanished = 0;
    for (const pid of this.#unread.keys()) if (!unread.has(pid)) vanished++;
    for (const [pid, { isHidden }] of this.#unreadable) if (!isHidden && !hidden.has(pid)) vanished++;
    if (vanished > 0) this.context.dropped("ended_unread", vanished);
    if (hidden.size > 0) this.context.warn("Cannot read some processes as the system hides them from this user");
  }

  #isAnother(tracked: Tracked): boolean {
    const start = this.source.measure(tracked.identity.pid)?.start;
    return start !== undefined && start !== tracked.measures.start;
  }

  #readUnread(): void {
    let room = NEW_PER_LOOK_MAX;
    for (const [pid, wasThere] of this.#unread) {
      if (room-- === 0) break;
      this.#readOne(pid, wasThere);
    }
  }

  #readOne(pid: number, wasThere: boolean): void {
    this.#unread.delete(pid);
    const reading = this.#read(pid);
    if (reading === undefined) this.#unreadable.set(pid, { wasThere, isHidden: false });
    else this.#begin(reading, wasThere);
  }

  /** A process as it is read, the secrets in its arguments masked: nothing else of it is kept or told. */
  #read(pid: number): Reading | undefined {
    const reading = this.source.read(pid);
    const { masking } = this.context;
    if (reading === undefined || masking === undefined) return reading;
    return { ...reading, identity: withoutSecrets(reading.identity, masking) };
  }

  #begin({ identity, measures }: Reading, wasThere: boolean): void {
    const uptimeMs = this.source.uptimeMs();
    const parent = identity.parentPid === undefined ? undefined : this.#parent(identity.parentPid);
    const tracked: Tracked = {
      identity,
      measures,
      parent: parent?.identity,
      parentPid: identity.parentPid,
      seenMs: this.#lookMs,
      shareFrom: wasThere
        ? { cpuMs: measures.cpuMs ?? 0, uptimeMs }
        : { cpuMs: 0, uptimeMs: this.source.startUptimeMs(identity) },
      phase: "held",
      isHalfRead: !wasThere && isWithinExec({ identity, measures }),
      listedIn: this.#listings,
    };
    this.#tracked.set(identity.pid, tracked);
    if (wasThere) {
      this.#tell(tracked, "process.running", lifeId(this.source.key, identity, "running"), this.#nowMs);
      // What had ended before we came has no end that could be told.
      tracked.phase = isOver(measures) ? "ended" : "told";
    } else if (!tracked.isHalfRead && !this.#runsImageOf(measures, parent)) this.#start(tracked);
    const isYoung = uptimeMs - this.source.startUptimeMs(identity) < YOUNG_MS;
    if (isYoung && tracked.phase !== "ended" && measures.image !== undefined) this.#young.add(tracked);
  }

  /** A parent that is itself new is read before its child, whatever the order of their pids. */
  #parent(pid: number): Tracked | undefined {
    const wasThere = this.#unread.get(pid);
    if (wasThere !== undefined) this.#readOne(pid, wasThere);
    return this.#tracked.get(pid);
  }

  /** Whether a process runs the very image its parent runs: it was forked from it and has not called exec (yet). */
  #runsImageOf({ image }: Measures, parent: Tracked | undefined): boolean {
    if (image === undefined || parent === undefined) return false;
    return image === parent.measures.image || image === this.source.measure(parent.identity.pid)?.image;
  }

  #lookAtYoung(): void {
    let room = YOUNG_PER_LOOK_MAX;
    for (const tracked of [...this.#young]) {
      const ageMs = this.#lookMs - tracked.seenMs;
      if (ageMs === 0) break; // this one and those behind it have just been read
      if (room-- === 0) break;
      this.#young.delete(tracked);
      this.#update(tracked);
      if (tracked.phase === "held" && ageMs >= HOLD_MS) this.#start(tracked);
      if (tracked.phase !== "ended" && ageMs < YOUNG_MS) this.#young.add(tracked); // behind the others
    }
  }

  #update(tracked: Tracked): void {
    const { pid } = tracked.identity;
    const measures = this.source.measure(pid);
    if (measures === undefined) return; // the next listing will show it
    if (measures.start !== tracked.measures.start) {
      this.#unread.set(pid, false);
      return this.#end(tracked);
    }
    const before = tracked.measures.image;
    tracked.measures = measures;
    if (isOver(measures)) return this.#end(tracked, true);
    if (before === undefined || measures.image === undefined) return;
    if (measures.image === before && !tracked.isHalfRead) return;
    const reading = this.#read(pid);
    if (reading === undefined || reading.measures.start !== measures.start) return;
    this.#replace(tracked, reading);
  }

  /** Takes what a process has become by an exec; one that is caught within it is given another look. */
  #replace(tracked: Tracked, reading: Reading): void {
    tracked.isHalfRead = !tracked.isHalfRead && isWithinExec(reading);
    tracked.identity = reading.identity;
    tracked.measures = reading.measures;
    if (tracked.isHalfRead) return;
    if (tracked.phase === "held") return this.#start(tracked);
    const id = execId(this.source.key, reading.identity, reading.measures.image ?? "");
    this.#tell(tracked, "process.exec", id, this.#nowMs);
  }

  #start(tracked: Tracked): void {
    tracked.phase = "told";
    tracked.isHalfRead = false;
    const { identity } = tracked;
    const startedMs = Math.min(identity.startMs, this.#nowMs);
    this.#tell(tracked, "process.start", lifeId(this.source.key, identity, "start"), startedMs);
  }

  /** A zombie stays listed until its parent looks, and is kept so that it is not taken for new. */
  #end(tracked: Tracked, isZombie = false): void {
    if (!isZombie) this.#tracked.delete(tracked.identity.pid);
    this.#young.delete(tracked);
    if (tracked.phase === "ended") return;
    if (tracked.phase === "held") this.#start(tracked);
    tracked.phase = "ended";
    const { identity } = tracked;
    const ranMs = Math.max(0, this.#nowMs - identity.startMs);
    this.#push("process.end", lifeId(this.source.key, identity, "end"), this.#nowMs, {
      ...this.#whoFields(tracked),
      "event.duration": Math.round(ranMs * 1e6),
    });
  }

  #tell(tracked: Tracked, kind: string, id: string, timeMs: number): void {
    const { measures, identity } = tracked;
    const connections = this.source.connectionsOf(identity.pid);
    const cpuPercent = measures.cpuPercent ?? this.#lifetimeShare(tracked);
    this.#push(kind, id, timeMs, {
      ...this.#whoFields(tracked),
      ...measureFields(measures, cpuPercent, connections),
    });
  }

  #whoFields({ identity, parent, parentPid }: Tracked): Record<string, FieldValue> {
    const { key } = this.source;
    return { ...identityFields(key, identity), ...parentFields(key, parentPid, parent) };
  }

  #lifetimeShare({ identity, measures }: Tracked): number | undefined {
    const ageMs = this.source.uptimeMs() - this.source.startUptimeMs(identity);
    if (measures.cpuMs === undefined || ageMs < SHARE_AGE_MIN_MS) return undefined;
    return 100 * measures.cpuMs / ageMs;
  }

  #push(kind: string, id: string, timeMs: number, fields: Record<string, FieldValue>): void {
    const { host } = this.context;
    this.#events.push({ id, timeMs, observedMs: this.#nowMs, source: SOURCE_NAME, kind, host, fields });
  }
}

function withoutSecrets(identity: Identity, masking: Masking): Identity {
  const { args, commandLine } = identity;
  if (commandLine === undefined) return identity;
  if (args === undefined) return { ...identity, commandLine: masking.mask(commandLine) };
  const masked = masking.maskArgs(args);
  return masked === args ? identity : { ...identity, args: masked, commandLine: masked.join(" ") };
}

/** Within an exec a process has its new program, and not yet its arguments. Seldom, a program has cleared them itself. */
function isWithinExec({ identity, measures }: Reading): boolean {
  return measures.image !== undefined && identity.commandLine === undefined;
}

/** Whether a process has ended and only waits for its parent to look. One whose other threads run on has not. */
function isOver({ state, threads }: Measures): boolean {
  return (state === "zombie" || state === "dead") && (threads ?? 1) <= 1;
}
