/** The whole configuration: the components' schemas under their keys, and the few keys that belong to no component. */

import { z } from "zod";
import { apiSchema } from "../api/schema.ts";
import { COLLECTORS } from "../collectors/registry.ts";
import { LOG_LEVELS } from "../core/log.ts";
import { maskingSchema } from "../core/masking.ts";
import { correlateSchema, scoreSchema } from "../correlate/schema.ts";
import { journalSchema } from "../journal/schema.ts";
import { rulesSchema } from "../rules/schema.ts";
import { listenSchema } from "./listen.ts";

const logSchema = z.strictObject({
  level: z.enum(LOG_LEVELS).default("info").describe("The least that is told."),
  format: z.enum(["text", "json"]).default("text").describe("text for people, json for programs: one object a line."),
});

/** Each collector's schema under its name. */
const collectorsSchema = z.strictObject(
  Object.fromEntries(COLLECTORS.map(({ name, description, schema }) => [name, section(schema, description)])),
);

/** Every key is optional: `configSchema.parse({})` is the default configuration. */
export const configSchema = z.strictObject({
  host: z.string().min(1).max(253).optional()
    .describe("Name of this host in events, detections and scores. By default the name the system has.")
    .meta({ examples: ["web-1"] }),
  data: z.string().min(1).default("./data").describe("Folder of the journal; made when it is not there."),
  listen: listenSchema("127.0.0.1:8470")
    .describe("Where the API and the dashboard are, as host:port. Anything but a loopback address needs api.token.")
    .meta({ examples: ["0.0.0.0:8470"] }),
  profile: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, "must be a name in small letters, digits and hyphens").optional()
    .describe("A partial configuration, profiles/<name>.yaml, that this one is laid over.")
    .meta({ examples: ["server"] }),
  recent_events: z.int().min(100).max(1_000_000).default(10_000)
    .describe("How many of the newest events are kept in memory for evidence and look-back."),
  log: section(logSchema, "What the program says while it runs, on standard error."),
  rules: section(rulesSchema, "Where rules come from, and how those of others are tuned."),
  collectors: section(collectorsSchema, "What is watched."),
  masking: section(maskingSchema, "Secrets in command lines and logs, masked before anything is stored."),
  correlate: section(correlateSchema, "How matches are put together in time."),
  score: section(scoreSchema, "How detections add up to scores."),
  journal: section(journalSchema, "What is kept, and for how long."),
  api: section(apiSchema, "The HTTP API."),
});

/** The configuration as the program uses it: durations in milliseconds, sizes in bytes, every default filled in. */
export type WeirConfig = z.output<typeof configSchema> & { readonly host: string };

/** A component's schema as an optional section: left out, each of its keys has its default. */
function section<Schema extends z.ZodObject>(schema: Schema, description: string) {
  return schema.prefault({} as z.input<Schema>).describe(description);
}
