/**
 * The socket under a session: what does not come from the device is not looked at, and what comes from it is not trusted.
 * net-snmp reads datagrams in an event listener, so whatever it throws there would end the program.
 */

import { createSocket, type Socket } from "node:dgram";
import type { Buffer } from "node:buffer";
import { plainAddress } from "./address.ts";

/** What went through a session's socket. */
export interface SocketCounts {
  /** Datagrams sent, those that were sent again among them. */
  sent: number;
  received: number;
  /** Not from the device's address and port, or an answer to nothing that was asked. */
  stray: number;
  /** From the device, and no SNMP message, or one that is less secured than what was asked. */
  garbage: number;
}

export interface GuardOptions {
  readonly address: string;
  readonly port: number;
  readonly counts: SocketCounts;
  /** Whether a datagram from the device may be an answer, as far as its head tells. */
  isAcceptable(datagram: Uint8Array): boolean;
  /** How many requests wait for an answer: by that a datagram that answers none of them is known. */
  waiting(): number;
  /** Called when reading a datagram threw: whatever it belonged to will have no answer any more. */
  onBroken(): void;
  /** Called when the socket itself failed. */
  onError(error: Error): void;
}

type Listener = (...args: unknown[]) => void;

/** A socket as net-snmp uses one. */
interface GuardedSocket {
  on(event: string, listener: Listener): void;
  send(...args: Parameters<Socket["send"]>): void;
  bind(port?: number, address?: string): void;
  close(): void;
  ref(): void;
  unref(): void;
}

/** Stands in for `node:dgram` in one session. */
export function guardedDgram(options: GuardOptions): { createSocket(transport: "udp4" | "udp6"): GuardedSocket } {
  return { createSocket: (transport) => guard(createSocket(transport), options) };
}

function guard(socket: Socket, options: GuardOptions): GuardedSocket {
  const { counts } = options;
  const address = plainAddress(options.address);
  socket.on("error", options.onError);
  const read = (listener: Listener, datagram: Buffer, from: { address: string; port: number }) => {
    counts.received++;
    if (from.port !== options.port || plainAddress(from.address) !== address) {
      counts.stray++;
      return;
    }
    if (!options.isAcceptable(datagram)) {
      counts.garbage++;
      return;
    }
    const [waiting, sent, garbage] = [options.waiting(), counts.sent, counts.garbage];
    try {
      listener(datagram, from);
    } catch {
      counts.garbage++;
      options.onBroken();
      return;
    }
    // It answered nothing and led to nothing (discovery, by SNMPv3, is followed by the request itself).
    if (options.waiting() === waiting && counts.sent === sent && counts.garbage === garbage) counts.stray++;
  };
  return {
    on(event, listener) {
      if (event === "message") socket.on("message", (datagram, from) => read(listener, datagram as Buffer, from));
      else if (event === "close") socket.on("close", listener);
    },
    send(...args) {
      counts.sent++;
      socket.send(...args);
    },
    bind: (port, host) => void socket.bind(port, host),
    close: () => void socket.close(),
    ref: () => void socket.ref(),
    unref: () => void socket.unref(),
  };
}
