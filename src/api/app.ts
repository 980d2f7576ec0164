/** The API as one Hono application, over whatever it is given. */

import { type Context, Hono } from "@hono/hono";
import { CursorError, messageOf } from "../core/errors.ts";
import type { Access, ApiDeps } from "./deps.ts";
import { requireHostName, requireToken, securityHeaders } from "./guard.ts";
import { healthOf } from "./health.ts";
import { metricsText } from "./metrics.ts";
import { readParameters } from "./parameters.ts";
import { ProblemError, problemResponse } from "./problem.ts";
import { type Route, routes } from "./routes.ts";

/** What `/metrics` is, in Prometheus' words. */
const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export function createApp(deps: ApiDeps, access: Access): Hono {
  const app = new Hono();
  app.onError((error, c) => problemResponse(c, asProblem(error, deps)));
  app.notFound((c) => problemResponse(c, new ProblemError(404, "There is nothing here; / lists what there is")));
  app.use(securityHeaders, requireHostName(access), requireToken(access));
  const api = routes(deps);
  const paths = ["/health", "/metrics", ...Object.keys(api).map(templateOf)];
  get(app, "/", () => ({ name: "weir", version: deps.version, routes: paths }));
  get(app, "/health", (c) => (readParameters(c, {}), healthOf(deps)));
  getAnswer(app, "/metrics", (c) => {
    readParameters(c, {});
    return c.body(metricsText(deps), 200, { "content-type": METRICS_TYPE });
  });
  for (const [path, route] of Object.entries(api)) get(app, path, route);
  return app;
}

function get(app: Hono, path: string, route: Route): void {
  getAnswer(app, path, async (c) => c.json(await route(c)));
}

/** `GET` (and with it `HEAD`), and a problem for any other method. */
function getAnswer(app: Hono, path: string, answer: (c: Context) => Response | Promise<Response>): void {
  app.get(path, answer);
  app.all(path, (c) => {
    const detail = `The method must be GET or HEAD: current value is ${c.req.method}`;
    return problemResponse(c, new ProblemError(405, detail, { allow: "GET, HEAD" }));
  });
}

/** `/api/v1/scores/{type}/{id}`, as the documentation writes a path. */
function templateOf(path: string): string {
  return path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
}

function asProblem(error: unknown, deps: ApiDeps): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof CursorError) return new ProblemError(400, error.message);
  const message = messageOf(error);
  deps.log("error", "api", message);
  // The journal's conditions pass, and say in words for outside what is amiss; anything else is a defect.
  const isCondition = error instanceof Error && error.name === "JournalError";
  return isCondition
    ? new ProblemError(503, message)
    : new ProblemError(500, "The answer could not be made; the log says why");
}
