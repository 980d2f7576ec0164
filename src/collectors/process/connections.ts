/** What is new among the host's internet sockets. */

import type { CollectorContext } from "../../core/collector.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { type Direction, socketFields } from "./events.ts";
import { socketId, SOURCE_NAME } from "./ids.ts";
import type { Identity, ProcessSource, Socket, SocketDescription } from "./source.ts";

/** How many new sockets one look reports. The rest are counted as dropped, and not reported later. */
export const NEW_SOCKETS_MAX = 1_000;

interface Found {
  readonly socket: Socket;
  readonly description: SocketDescription;
}

/** Which sockets were there at the last look; says which are new at the next. */
export class Connections {
  /** Key and number of each. */
  #known = new Set<string>();
  #keys = new Set<string>();
  /** Connections that nobody had accepted, and whether they have been reported for it. */
  #pending = new Map<string, boolean>();
  #isFirst = true;

  /** `identityOf` knows the processes that are there. */
  constructor(
    readonly source: ProcessSource,
    readonly context: CollectorContext,
    readonly identityOf: (pid: number) => Identity | undefined,
  ) {}

  /** Number of sockets at the last look. */
  get count(): number {
    return this.#known.size;
  }

  /** Looks at all sockets: an event for each that was not there before; at the first look, for each that is there. */
  async look(): Promise<TelemetryEvent[]> {
    const sockets = await this.source.sockets(this.#pending.size > 0);
    if (sockets === undefined) return [];
    const fresh = this.#fresh(sockets);
    if (fresh.length === 0) return [];
    const found: Found[] = [];
    for (const socket of fresh.slice(0, NEW_SOCKETS_MAX)) {
      const description = socket.describe();
      if (description !== undefined) found.push({ socket, description });
      else this.context.warn(`Cannot read the socket ${JSON.stringify(socket.key)} as its addresses are malformed`);
    }
    const over = fresh.length - NEW_SOCKETS_MAX;
    if (over > 0) this.context.dropped("sockets_over_limit", over);
    return this.#events(found, listeningPorts(sockets));
  }

  #fresh(sockets: readonly Socket[]): Socket[] {
    const known = new Set<string>();
    const keys = new Set<string>();
    const pending = new Map<string, boolean>();
    const fresh: Socket[] = [];
    for (const socket of sockets) {
      const { key, inode } = socket;
      if (socket.isPending) {
        // Given one more look to be accepted, for its owner's sake.
        const reported = this.#pending.get(key);
        pending.set(key, reported !== undefined);
        if (reported === false) fresh.push(socket);
        continue;
      }
      const whole = `${key} ${inode}`;
      if (!known.has(whole) && this.#isNew(socket, whole)) fresh.push(socket);
      known.add(whole);
      keys.add(key);
    }
    [this.#known, this.#keys, this.#pending, this.#isFirst] = [known, keys, pending, false];
    return fresh;
  }

  /** One that is closing is new only if it was never seen open; those closing at the first look were before our time. */
  #isNew({ key, inode }: Socket, whole: string): boolean {
    if (this.#known.has(whole) || this.#pending.get(key) === true) return false;
    return inode !== 0 || (!this.#isFirst && !this.#keys.has(key));
  }

  #events(found: readonly Found[], listening: ReadonlySet<string>): TelemetryEvent[] {
    const { source, context } = this;
    const unowned = found.filter(({ socket, description }) => socket.inode !== 0 && description.pid === undefined);
    const owners = source.owners(new Set(unowned.map(({ socket }) => socket.inode)));
    const nowMs = context.clock.now();
    const uptimeMs = source.uptimeMs();
    return found.map(({ socket, description }) => {
      const pid = description.pid ?? owners.get(socket.inode);
      const owner = pid === undefined ? undefined : this.identityOf(pid);
      const direction: Direction = listening.has(portKey(description)) ? "ingress" : "egress";
      return {
        id: socketId(source.key, socket, uptimeMs),
        timeMs: nowMs,
        observedMs: nowMs,
        source: SOURCE_NAME,
        kind: socket.isListening ? "network.listening" : "network.connection",
        host: context.host,
        fields: socketFields(
          source.key,
          pid === undefined ? description : { ...description, pid },
          socket.isListening ? undefined : direction,
          owner,
        ),
      };
    });
  }
}

/** Transport and port of every socket that waits for whoever comes: a connection at one of them came from outside. */
function listeningPorts(sockets: readonly Socket[]): Set<string> {
  const ports = new Set<string>();
  for (const socket of sockets) {
    if (!socket.isListening) continue;
    const description = socket.describe();
    if (description !== undefined) ports.add(portKey(description));
  }
  return ports;
}

function portKey({ transport, localPort }: SocketDescription): string {
  return `${transport}:${localPort}`;
}
