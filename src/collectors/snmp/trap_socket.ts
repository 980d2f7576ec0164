/**
 * The socket that traps come to, as net-snmp's receiver is given it. It decides, before anything is decoded, whether there is
 * room and time for a datagram; and nothing that a datagram does to the decoder can reach further than here.
 */

import { createSocket, type RemoteInfo, type SocketType } from "node:dgram";
import type { Buffer } from "node:buffer";

type Listener = (datagram: Buffer, from: RemoteInfo) => void;

/** What net-snmp asks of the `dgram` module. */
export interface DatagramModule {
  createSocket(type: SocketType): ReceiverSocket;
}

/** What net-snmp asks of a socket. */
export interface ReceiverSocket {
  on(event: "message" | "error", listener: (...args: never[]) => void): void;
  bind(port: number, address: string): void;
  address(): { readonly address: string; readonly port: number };
  send(
    datagram: Buffer,
    offset: number,
    length: number,
    port: number,
    address: string,
    done: (error: Error | null) => void,
  ): void;
  close(done?: () => void): void;
}

/** What is told of, and asked of, whoever listens. */
export interface SocketWatch {
  /** Whether a datagram is to be decoded at all. */
  admits(datagram: Uint8Array): boolean;
  /** The decoder has thrown. */
  onUndecodable(from: string): void;
  /** A sender is being told that it was turned away. */
  onRefused(from: string): void;
}

/** How the reports of SNMPv3 begin: 1.3.6.1.6.3.15.1.1, in BER; the number of the report follows (RFC 3414, section 5). */
const USM_STATS = new Uint8Array([0x2b, 6, 1, 6, 3, 15, 1, 1]);
const UNKNOWN_USER = 3;
const WRONG_DIGEST = 5;

/** The `dgram` module as the receiver is to see it. */
export function watchedDatagrams(watch: SocketWatch): DatagramModule {
  return {
    createSocket(type) {
      const socket = createSocket(type);
      return {
        on: (event, listener) => {
          if (event === "error") socket.on("error", listener as (error: Error) => void);
          else socket.on("message", guarded(listener as Listener, watch));
        },
        bind: (port, address) => void socket.bind(port, address),
        address: () => socket.address(),
        close: (done) => void (done === undefined ? socket.close() : socket.close(done)),
        send: (datagram, offset, length, port, address, done) => {
          if (isRefusal(datagram)) watch.onRefused(address);
          // A sender that has gone is no news: an inform that was not acknowledged is sent again.
          socket.send(datagram, offset, length, port, address, () => done(null));
        },
      };
    },
  };
}

function guarded(listener: Listener, watch: SocketWatch): Listener {
  return (datagram, from) => {
    if (!watch.admits(datagram)) return;
    try {
      listener(datagram, from);
    } catch {
      watch.onUndecodable(from.address);
    }
  };
}

/** Whether an answer tells its reader that the user or the key is wrong, and not only which engine this is. */
function isRefusal(datagram: Uint8Array): boolean {
  const at = indexOf(datagram, USM_STATS);
  const number = at < 0 ? undefined : datagram[at + USM_STATS.length];
  return number === UNKNOWN_USER || number === WRONG_DIGEST;
}

function indexOf(bytes: Uint8Array, wanted: Uint8Array): number {
  for (let i = 0; i + wanted.length <= bytes.length; i++) {
    if (wanted.every((byte, j) => bytes[i + j] === byte)) return i;
  }
  return -1;
}
