/** Where the API listens. */

import { isIP } from "node:net";
import { z } from "zod";

/** An address to listen on. */
export interface ListenAddress {
  /** A name or an address; an IPv6 address without its brackets. */
  readonly hostname: string;
  /** 0 for any that is free. */
  readonly port: number;
}

const LISTEN = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/;

/** What an address to listen on looks like, for error messages. */
const LISTEN_FORM = 'a host and a port, such as "127.0.0.1:8470" or "[::1]:8470"';

/** The parts of `host:port`, or `undefined` when the text is not one. */
export function parseListen(text: string): ListenAddress | undefined {
  const [, v6, name, digits] = LISTEN.exec(text) ?? [];
  const port = Number(digits);
  if (!(port <= 65_535) || (v6 !== undefined && isIP(v6) !== 6)) return undefined;
  const hostname = v6 ?? name ?? "";
  // All digits and dots, and yet no address: not a name either.
  return /^[\d.]+$/.test(hostname) && isIP(hostname) !== 4 ? undefined : { hostname, port };
}

/** `host:port` as written, the parts out. */
export function listenSchema(defaultText: string) {
  return z.string({ error: `must be ${LISTEN_FORM}` }).transform((text, context) => {
    const address = parseListen(text);
    if (address !== undefined) return address;
    context.issues.push({ code: "custom", message: `must be ${LISTEN_FORM}`, input: text });
    return z.NEVER;
  }).prefault(defaultText);
}

/** Whether only this machine can reach the address. */
export function isLoopback({ hostname }: ListenAddress): boolean {
  if (hostname === "localhost") return true;
  return isIP(hostname) === 4 ? hostname.startsWith("127.") : /^(?:0{0,4}:){2,7}0{0,3}1$/.test(hostname);
}
