/** How the process collector is configured. */

import { z } from "zod";
import { durationSchema } from "../../core/schema.ts";

/** Where processes are read from. */
export const SOURCES = ["auto", "proc", "systeminformation"] as const;

export const processSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether it runs"),
  source: z.enum(SOURCES).default("auto")
    .describe(
      "Where it looks: /proc (Linux), systeminformation (anywhere, slower, less), or whichever fits this system",
    ),
  interval: durationSchema("50ms", { min: "10ms", max: "1h" })
    .describe("Time between looks for new and ended processes; with systeminformation at least 2s"),
  stats_interval: durationSchema("5s", { min: "1s", max: "1h" })
    .describe("Time between process.stats events, and host.processes"),
  connections_interval: durationSchema("1s", { min: "100ms", max: "1h" })
    .describe("Time between looks for new sockets; with systeminformation at least 2s"),
  top_cpu: z.int().min(0).max(1_000).default(10)
    .describe("How many processes have process.stats for their share of CPU"),
  top_memory: z.int().min(0).max(1_000).default(10)
    .describe("How many processes have process.stats for their resident memory"),
  cpu_percent_over: z.number().min(0).default(50)
    .describe("Every process over this share of a core has process.stats: percent"),
  connections_over: z.int().min(0).default(50)
    .describe("Every process with more internet sockets than this has process.stats"),
});

export type ProcessConfig = z.output<typeof processSchema>;
