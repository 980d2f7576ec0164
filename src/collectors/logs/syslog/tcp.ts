/** Syslog over TCP: many connections, each slowed by not being read while there is no room. */

import type { Clock } from "../../../core/clock.ts";
import { type Frame, FrameSplitter } from "./framing.ts";
import type { Inbox } from "./inbox.ts";

export interface TcpOptions {
  readonly hostname: string;
  readonly port: number;
  readonly connectionsMax: number;
  readonly messageBytesMax: number;
  readonly clock: Clock;
  readonly inbox: Inbox;
  /** Told when a connection had to be turned away, or another closed for it. */
  onCrowded(): void;
}

/** A connection that has been silent this long gives way to a new one when there are too many: milliseconds. */
const SILENT_MS = 60_000;

const BLOCK_BYTES = 16_384;

interface Peer {
  readonly connection: Deno.TcpConn;
  lastMs: number;
}

/** Listens at once. */
export class TcpListener {
  readonly #options: TcpOptions;
  readonly #listener: Deno.TcpListener;
  readonly #peers = new Set<Peer>();
  #isClosed = false;

  /** @throws {Error} when the address cannot be listened on. */
  constructor(options: TcpOptions) {
    this.#options = options;
    this.#listener = Deno.listen({ hostname: options.hostname, port: options.port });
    this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** How many connections there are. */
  get size(): number {
    return this.#peers.size;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    for (const { connection } of this.#peers) closeQuietly(connection);
    this.#peers.clear();
  }

  async #accept(): Promise<void> {
    while (!this.#isClosed) {
      try {
        this.#admit(await this.#listener.accept());
      } catch {
        if (this.#isClosed) return;
        await this.#options.clock.sleep(100); // no file descriptors left, say: those who wait are taken later
      }
    }
  }

  #admit(connection: Deno.TcpConn): void {
    const { connectionsMax, clock, onCrowded } = this.#options;
    const nowMs = clock.monotonic();
    if (this.#peers.size >= connectionsMax) {
      onCrowded();
      const silent = [...this.#peers].reduce((a, b) => (a.lastMs <= b.lastMs ? a : b));
      if (nowMs - silent.lastMs < SILENT_MS) return closeQuietly(connection);
      this.#peers.delete(silent);
      closeQuietly(silent.connection);
    }
    const peer = { connection, lastMs: nowMs };
    this.#peers.add(peer);
    this.#read(peer).finally(() => {
      if (this.#peers.delete(peer)) closeQuietly(connection);
    });
  }

  async #read(peer: Peer): Promise<void> {
    const { inbox, clock, messageBytesMax } = this.#options;
    const { hostname, port } = peer.connection.remoteAddr as Deno.NetAddr;
    const splitter = new FrameSplitter(messageBytesMax);
    const block = new Uint8Array(BLOCK_BYTES);
    const frames: Frame[] = [];
    const hand = () => {
      for (const frame of frames.splice(0)) {
        inbox.put({ ...frame, transport: "tcp", address: hostname, port, observedMs: clock.now() });
      }
    };
    try {
      for (;;) {
        await inbox.room();
        const count = await peer.connection.read(block);
        if (count === null || this.#isClosed) break;
        peer.lastMs = clock.monotonic();
        splitter.push(block.subarray(0, count), frames);
        hand();
      }
    } catch {
      // The sender broke off: what it had sent counts.
    }
    splitter.finish(frames);
    if (!this.#isClosed) hand();
  }
}

function closeQuietly(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It had been closed.
  }
}
