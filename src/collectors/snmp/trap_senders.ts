/** Who sends a trap: devices by their addresses, so that traps and polls of one device name the same host. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Clock } from "../../core/clock.ts";
import { plainAddress } from "./address.ts";

/** How long the address of a device that is configured by name is taken to stay the same: milliseconds. */
const ADDRESS_KEPT_MS = 300_000;

/** A device as it is configured. */
export interface Sender {
  readonly name?: string | undefined;
  /** A name or an address. */
  readonly host: string;
}

/** Addresses of the system's resolver; a test gives its own. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const systemResolve: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

export class TrapSenders {
  /** What the devices at a host are called by configuration, and as they said of themselves when they were last polled. */
  readonly #configured = new Map<string, string>();
  readonly #learnt = new Map<string, string>();
  /** Hosts by their addresses. */
  readonly #hosts = new Map<string, string>();
  #resolvedMs = -Infinity;

  constructor(
    devices: readonly Sender[],
    readonly ownHost: string,
    readonly clock: Pick<Clock, "monotonic">,
    readonly resolve: Resolve = systemResolve,
  ) {
    for (const { host, name } of devices) {
      this.#hosts.set(plainAddress(host), host);
      if (name !== undefined && !this.#configured.has(host)) this.#configured.set(host, name);
    }
    this.#refresh();
  }

  /** A poll has told what the device at `host` is called; a configured name stands. */
  learn(host: string, name: string): void {
    if (this.#hosts.get(plainAddress(host)) === host) this.#learnt.set(host, name);
  }

  /** What the device at an address, in its plain form, is called; of this machine itself its own name; `undefined` where it is none of these. */
  nameOf(address: string): string | undefined {
    if (this.clock.monotonic() - this.#resolvedMs >= ADDRESS_KEPT_MS) this.#refresh();
    const host = this.#hosts.get(address);
    if (host !== undefined) return this.#configured.get(host) ?? this.#learnt.get(host) ?? host;
    return /^127\.|^::1$/.test(address) ? this.ownHost : undefined;
  }

  /** Looks up hosts that are names. Nobody waits for it: until it is through, what was known counts. */
  #refresh(): void {
    this.#resolvedMs = this.clock.monotonic();
    for (const host of new Set(this.#hosts.values())) {
      if (isIP(host) !== 0) continue;
      this.resolve(host).then((addresses) => {
        for (const [address, of] of this.#hosts) if (of === host && address !== host) this.#hosts.delete(address);
        for (const address of addresses.map(plainAddress)) {
          if (!this.#hosts.has(address)) this.#hosts.set(address, host);
        }
      }, () => {}); // a name without an address now is tried again like the others
    }
  }
}
