/** Who may ask, and what browsers may do with the answer. */

import type { Context, MiddlewareHandler } from "@hono/hono";
import { createHash, timingSafeEqual } from "node:crypto";
import type { Access } from "./deps.ts";
import { ProblemError } from "./problem.ts";

/** Answered to anyone, so that a load balancer needs no secret. */
const OPEN_PATHS: readonly string[] = ["/health"];

/** Names under which a listener on loopback is asked, without port. */
export function loopbackNames(hostname: string): readonly string[] {
  return [...new Set(["localhost", "127.0.0.1", "[::1]", hostname.includes(":") ? `[${hostname}]` : hostname])];
}

/** Headers of every answer: never cached, framed, sniffed or run. There is no CORS: pages of other origins read nothing. */
const HEADERS: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(HEADERS)) if (!c.res.headers.has(name)) c.res.headers.set(name, value);
};

/**
 * Refuses a request made under another name than this machine's own. A page whose name was made to resolve to 127.0.0.1
 * (DNS rebinding) is of the same origin for the browser: only the name it asks for gives it away.
 */
export function requireHostName({ hostNames }: Access): MiddlewareHandler {
  return async (c, next) => {
    const asked = (c.req.header("host") ?? new URL(c.req.url).host).toLowerCase();
    const name = asked.replace(/:\d*$/, "");
    if (hostNames !== null && !hostNames.includes(name)) {
      const names = hostNames.join(", ");
      throw new ProblemError(
        421,
        `The request must be made under one of the names ${names}: ` +
          `current value is ${JSON.stringify(asked)}`,
      );
    }
    await next();
  };
}

/** Asks for the token on all but the open paths. */
export function requireToken({ token }: Access): MiddlewareHandler {
  const expected = token === undefined ? undefined : digest(token.reveal());
  return async (c, next) => {
    if (expected !== undefined && !OPEN_PATHS.includes(c.req.path) && !timingSafeEqual(expected, digest(bearerOf(c)))) {
      throw new ProblemError(401, 'The request must carry the token, as the header "Authorization: Bearer <token>"', {
        "www-authenticate": 'Bearer realm="weir"',
      });
    }
    await next();
  };
}

function bearerOf(c: Context): string {
  return /^bearer +(\S+) *$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
}

/** Of one length whatever the text, so that comparing takes the same time for any. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
