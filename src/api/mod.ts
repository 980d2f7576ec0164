/** The HTTP API. */

export { createApp } from "./app.ts";
export type { Access, ApiDeps, CollectorStatus, HistogramView, Measures, Problem } from "./deps.ts";
export { loopbackNames } from "./guard.ts";
export type { Health } from "./health.ts";
export { apiSchema } from "./schema.ts";
export { serve, type Serving } from "./serve.ts";
