/** Traps and informs: what devices tell of by themselves, over SNMP v1, v2c and v3. */

import { createHash } from "node:crypto";
import { CHUNK_EVENTS_MAX, type CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import { messageOf } from "../../core/errors.ts";
import type { Fields, TelemetryEvent } from "../../core/event.ts";
import { plainAddress } from "./address.ts";
import { type NetSnmp, netSnmp, type RawUser } from "./library.ts";
import { versionOf } from "./message.ts";
import { type DeviceAccess, rawUser } from "./session.ts";
import { INFORM, trapFields, type TrapPdu } from "./trap_fields.ts";
import { listenText } from "./trap_schema.ts";
import { type DatagramModule, watchedDatagrams } from "./trap_socket.ts";

/** Traps that wait to be taken. Past this a datagram is not decoded: an inform is then not acknowledged, and comes again. */
export const TRAPS_QUEUED_MAX = 10_000;

/**
 * SNMPv3 messages a second that may fail their check where a user has AES-256-cisco. Each then costs a key made anew for the engine
 * that it names, a megabyte of hashing: past this, SNMPv3 waits for the next second. Other keys cost next to nothing.
 */
export const V3_FAILURES_MAX = 20;

/** Informs of which is remembered that they came, so that one sent again is the same event; for how long, in milliseconds. */
const INFORMS_REMEMBERED_MAX = 10_000;
const INFORM_REMEMBERED_MS = 300_000;

/** From one try to listen to the next, where the address cannot be had; from one warning of a kind to the next: milliseconds. */
const LISTEN_AGAIN_MS = 30_000;
const WARN_AGAIN_MS = 60_000;

/** What of net-snmp is used here beside sessions. */
interface ReceiverLibrary extends NetSnmp {
  createReceiver(
    options: {
      readonly address: string;
      readonly port: number;
      readonly transport: "udp4" | "udp6";
      readonly disableAuthorization: boolean;
      readonly includeAuthentication: boolean;
      readonly dgramModule: DatagramModule;
    },
    callback: (error: unknown, received?: { readonly pdu: TrapPdu; readonly rinfo: Sender }) => void,
  ): Receiver;
}

interface Receiver {
  getAuthorizer(): { addCommunity(community: string): void; addUser(user: RawUser): void };
  close(): void;
}

interface Sender {
  readonly address: string;
  readonly port: number;
}

/** Who may send traps over v3, and with what keys. */
export type TrapUser = Pick<DeviceAccess, "user" | "level" | "auth" | "priv">;

/** What the listener goes by. */
export interface TrapOptions {
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Communities that are taken, v1 and v2c. */
  readonly communities: readonly string[];
  /** Users that are taken, v3. */
  readonly users: readonly TrapUser[];
  /** Datagrams decoded a second. */
  readonly rateMax: number;
  /** The device at an address, as it is called; `undefined` when it is none that is known. */
  nameOf(address: string): string | undefined;
}

/** What is of a collector's context is needed here. */
type TrapContext = Pick<CollectorContext, "clock" | "signal" | "dropped" | "warn">;

/**
 * The traps that come, until `signal` is aborted. Where the address cannot be listened on, that is told as a warning and tried
 * again: polling goes on meanwhile. What is turned away is counted by `trap_unauthorized`, `trap_malformed`,
 * `trap_over_rate` and `trap_queue_full`.
 */
export async function* receiveTraps(
  options: TrapOptions,
  context: TrapContext,
): AsyncGenerator<readonly TelemetryEvent[]> {
  const { clock, signal } = context;
  const snmp = await netSnmp() as ReceiverLibrary;
  const intake = new Intake(options, context, snmp);
  while (!signal.aborted) {
    const receiver = openReceiver(snmp, options, intake);
    try {
      for (let events = await intake.take(); events !== undefined; events = await intake.take()) yield events;
    } finally {
      receiver.close();
    }
    await clock.sleep(LISTEN_AGAIN_MS, signal);
  }
}

function openReceiver(snmp: ReceiverLibrary, { listen, communities, users }: TrapOptions, intake: Intake): Receiver {
  const receiver = snmp.createReceiver({
    address: listen.hostname,
    port: listen.port,
    transport: listen.hostname.includes(":") ? "udp6" : "udp4",
    disableAuthorization: false,
    includeAuthentication: true,
    dgramModule: intake.datagrams,
  }, (error, received) => {
    if (received === undefined || received === null) intake.refuse(error);
    else intake.accept(received.pdu, received.rinfo);
  });
  const authorizer = receiver.getAuthorizer();
  for (const community of communities) authorizer.addCommunity(community);
  for (const user of users) authorizer.addUser(rawUser(snmp, user));
  return receiver;
}

/** A trap that net-snmp could not give us, as it says so. */
interface ReceiverError {
  readonly name?: string;
  readonly rinfo?: { readonly address: string };
}

/** What came in and has not been taken, and the counts of what did not come in. */
class Intake {
  readonly datagrams: DatagramModule;
  #queue: TelemetryEvent[] = [];
  #broken: string | undefined;
  #wake: (() => void) | undefined;
  #sequence = 0;
  #second = { startMs: -Infinity, datagrams: 0, v3Failures: 0 };
  readonly #v3FailuresMax: number;
  /** Informs seen lately, and the ids of their events. */
  readonly #informs = new Map<string, { readonly id: string; readonly atMs: number }>();
  readonly #warnedMs = new Map<string, number>();

  constructor(readonly options: TrapOptions, readonly context: TrapContext, readonly snmp: ReceiverLibrary) {
    const isKeyDear = options.users.some(({ priv }) => priv?.protocol === "AES-256-cisco");
    this.#v3FailuresMax = isKeyDear ? V3_FAILURES_MAX : Infinity;
    this.datagrams = watchedDatagrams({
      admits: (datagram) => this.#admits(datagram),
      onUndecodable: (from) => this.#turnAway("trap_malformed", from),
      onRefused: (from) => this.#turnAway("trap_unauthorized", from),
    });
  }

  /** What has arrived since the last time, waiting for it; `undefined` when listening is over, or has broken down. */
  async take(): Promise<readonly TelemetryEvent[] | undefined> {
    const { signal } = this.context;
    while (this.#queue.length === 0) {
      if (signal.aborted) return undefined;
      if (this.#broken !== undefined) {
        const where = listenText(this.options.listen);
        const again = formatDuration(LISTEN_AGAIN_MS);
        this.context.warn(`Cannot listen for traps on ${where}, trying again every ${again}: ${this.#broken}`);
        this.#broken = undefined;
        return undefined;
      }
      await this.#arrival();
    }
    if (this.#queue.length <= CHUNK_EVENTS_MAX) {
      const all = this.#queue;
      this.#queue = [];
      return all;
    }
    return this.#queue.splice(0, CHUNK_EVENTS_MAX);
  }

  accept(pdu: TrapPdu, from: Sender): void {
    // Net-snmp takes a v3 message of the user without a name for one that needs no key.
    if (pdu.user === "") return this.#turnAway("trap_unauthorized", from.address);
    const timeMs = this.context.clock.now();
    const address = plainAddress(from.address);
    const said = trapFields(pdu);
    const fields = { ...said, "source.ip": address, "source.port": from.port };
    const id = this.#idOf(pdu, address, said, timeMs);
    const host = this.options.nameOf(address) ?? address;
    this.#queue.push({ id, timeMs, observedMs: timeMs, source: "snmp", kind: "snmp.trap", host, fields });
    this.#wake?.();
  }

  refuse(error: unknown): void {
    const { name, rinfo } = (typeof error === "object" && error !== null ? error : {}) as ReceiverError;
    switch (name) {
      case "ResponseInvalidError":
        this.#second.v3Failures++;
        return this.#turnAway("trap_unauthorized", rinfo?.address);
      case "RequestFailedError":
        return this.#turnAway("trap_unauthorized", rinfo?.address);
      case "RequestInvalidError":
      case "ProcessingError":
        return this.#turnAway("trap_malformed", rinfo?.address);
      default:
        // Of a datagram or of the socket: only the one that no datagram came with is the end of listening.
        if (rinfo !== undefined) return this.#turnAway("trap_malformed", rinfo.address);
        this.#broken = messageOf(error);
        this.#wake?.();
    }
  }

  #admits(datagram: Uint8Array): boolean {
    const nowMs = this.context.clock.monotonic();
    if (nowMs - this.#second.startMs >= 1_000) this.#second = { startMs: nowMs, datagrams: 0, v3Failures: 0 };
    const isTooMuch = this.#second.datagrams >= this.options.rateMax ||
      (this.#second.v3Failures >= this.#v3FailuresMax && versionOf(datagram) === 3);
    if (isTooMuch) return this.#refused("trap_over_rate");
    if (this.#queue.length >= TRAPS_QUEUED_MAX) return this.#refused("trap_queue_full");
    this.#second.datagrams++;
    return true;
  }

  #refused(reason: string): false {
    this.context.dropped(reason, 1);
    return false;
  }

  /** Counts it, and says so now and then. The community or user that was tried is not told: it may be nearly the right one. */
  #turnAway(reason: "trap_unauthorized" | "trap_malformed", address = "an unknown address"): void {
    this.context.dropped(reason, 1);
    const nowMs = this.context.clock.monotonic();
    if (nowMs - (this.#warnedMs.get(reason) ?? -Infinity) < WARN_AGAIN_MS) return;
    this.#warnedMs.set(reason, nowMs);
    const why = reason === "trap_malformed"
      ? "it must be a trap or inform that can be read"
      : "its community, or its user, key and level, must be configured under traps or of a device";
    this.context.warn(`Cannot take a trap from ${address} as ${why}`);
  }

  /** An inform is sent again when its acknowledgement was lost: it is the same event then. A trap is not. */
  #idOf(pdu: TrapPdu, address: string, said: Fields, timeMs: number): string {
    if (pdu.type !== INFORM) return this.#newId(address, timeMs);
    const content = JSON.stringify([address, pdu.id, pdu.user, said]);
    const key = createHash("sha256").update(content).digest("base64"); // of thousands of them the content would be much
    const known = this.#informs.get(key);
    if (known !== undefined && timeMs - known.atMs < INFORM_REMEMBERED_MS) return known.id;
    this.#informs.delete(key);
    const id = this.#newId(address, timeMs);
    this.#informs.set(key, { id, atMs: timeMs });
    for (const oldest of this.#informs.keys()) {
      if (this.#informs.size <= INFORMS_REMEMBERED_MAX) break;
      this.#informs.delete(oldest);
    }
    return id;
  }

  #newId(address: string, timeMs: number): string {
    return `snmp:${String(Math.floor(timeMs)).padStart(13, "0")}:${address}:trap:${++this.#sequence}`;
  }

  #arrival(): Promise<void> {
    const { signal } = this.context;
    return new Promise((resolve) => {
      const finish = () => {
        this.#wake = undefined;
        signal.removeEventListener("abort", finish);
        resolve();
      };
      this.#wake = finish;
      if (signal.aborted) finish();
      else signal.addEventListener("abort", finish, { once: true });
    });
  }
}
