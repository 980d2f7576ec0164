/** Syslog over UDP: what does not fit is dropped here and counted; what the kernel dropped is asked of it. */

import { createSocket, type Socket } from "node:dgram";
import type { Clock } from "../../../core/clock.ts";
import type { Inbox } from "./inbox.ts";
import { kernelDrops } from "./kernel_drops.ts";

export interface UdpOptions {
  readonly hostname: string;
  readonly port: number;
  readonly clock: Clock;
  readonly inbox: Inbox;
  dropped(reason: "udp_queue_full" | "udp_kernel", count: number): void;
}

/** What the kernel is asked to keep of datagrams that wait, where it allows that much: bytes. */
const RECEIVE_BUFFER_BYTES = 4_194_304;

/** Between two looks at what the kernel has dropped: milliseconds. */
const DROPS_LOOK_MS = 5_000;

export interface UdpListener {
  readonly port: number;
  /** Rejects when the socket breaks down. */
  readonly broken: Promise<never>;
  close(): void;
}

/**
 * Listens.
 *
 * @throws {Error} when the address cannot be listened on.
 */
export async function listenUdp(options: UdpOptions): Promise<UdpListener> {
  const { hostname, port, clock, inbox, dropped } = options;
  const socket = createSocket(hostname.includes(":") ? "udp6" : "udp4");
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, hostname, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  enlarge(socket);
  const broken = new Promise<never>((_, reject) => socket.on("error", reject));
  broken.catch(() => {}); // who waits for it hears of it; nobody may be waiting any more
  socket.on("message", (datagram, from) => {
    if (inbox.isFull) return dropped("udp_queue_full", 1);
    const bytes = new Uint8Array(datagram); // its buffer is used again
    const address = from.address.replace(/^::ffff:/, "");
    inbox.put({ bytes, isCut: false, transport: "udp", address, port: from.port, observedMs: clock.now() });
  });
  const bound = socket.address().port;
  const stop = new AbortController();
  watchDrops(bound, options, stop.signal);
  const close = () => {
    if (stop.signal.aborted) return;
    stop.abort();
    socket.close();
  };
  return { port: bound, broken, close };
}

function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch {
    // The system's own size is taken.
  }
}

async function watchDrops(port: number, { clock, dropped }: UdpOptions, signal: AbortSignal): Promise<void> {
  let before = kernelDrops(port);
  while (before !== undefined && !signal.aborted) {
    await clock.sleep(DROPS_LOOK_MS, signal);
    const now = kernelDrops(port);
    if (now !== undefined && now > before) dropped("udp_kernel", now - before);
    before = now ?? before;
  }
}
