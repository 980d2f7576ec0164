/** Errors as RFC 9457 problem documents. */

import type { Context } from "@hono/hono";

const TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  421: "Misdirected Request",
  500: "Internal Server Error",
  503: "Service Unavailable",
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** What is thrown where a request cannot be answered. `detail` is a sentence without a full stop, and holds no secret. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  constructor(
    readonly status: ProblemStatus,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
  }
}

/** The answer to a request that cannot be answered. */
export function problemResponse(c: Context, { status, detail, headers }: ProblemError): Response {
  const body = { type: "about:blank", title: TITLES[status], status, detail, instance: c.req.path };
  return c.body(JSON.stringify(body), status, { ...headers, "content-type": "application/problem+json" });
}
