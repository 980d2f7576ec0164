/** The API on a socket. */

import type { Hono } from "@hono/hono";
import { messageOf, UsageError } from "../core/errors.ts";

/** A listener that serves. */
export interface Serving {
  /** `http://127.0.0.1:8470`. */
  readonly url: string;
  readonly port: number;
  /** Takes no more requests, lets those that are being answered end, and resolves then. */
  close(): Promise<void>;
}

/** How long a close waits for answers that are under way: milliseconds. */
const CLOSE_WAIT_MS = 500;

/**
 * Serves until closed. Port 0 takes any that is free.
 *
 * @throws {UsageError} when the address cannot be listened on.
 */
export function serve(app: Hono, address: { readonly hostname: string; readonly port: number }): Serving {
  const { hostname, port } = address;
  const shown = `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
  const abort = new AbortController();
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({ hostname, port, signal: abort.signal, onListen: () => {} }, app.fetch);
  } catch (error) {
    throw new UsageError(`Cannot serve the API as ${shown} must be ${reasonOf(error)}`);
  }
  return {
    url: `http://${shown.replace(/:\d+$/, "")}:${server.addr.port}`,
    port: server.addr.port,
    async close() {
      AbortSignal.timeout(CLOSE_WAIT_MS).addEventListener("abort", () => abort.abort());
      await server.shutdown();
    },
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "free: current value is in use by another program";
  if (error instanceof Deno.errors.PermissionDenied) {
    return "allowed to this user: current value is not (ports under 1024)";
  }
  return `an address of this machine: current value is ${JSON.stringify(messageOf(error))}`;
}
