/** Configuration of correlation and of scores. */

import { z } from "zod";
import { durationSchema } from "../core/schema.ts";

/** Keys under `correlate:`. */
export const correlateSchema = z.strictObject({
  lateness: durationSchema("10s", { max: "1h" })
    .describe(
      "How late an event may come, against the newest of its source, and still be put where it belongs. Conditions that a later " +
        "event could undo are decided this long after the event.",
    )
    .meta({ examples: ["30s"] }),
  groups_max: z.int().min(1).max(100_000_000).default(1_000_000)
    .describe("Groups with a window, of all rules together. The least recently touched goes for a new one."),
  window_events_max: z.int().min(1).max(10_000_000).default(100_000)
    .describe("Events in one window. The oldest goes for a new one."),
  pending_max: z.int().min(1).max(100_000_000).default(1_000_000)
    .describe("Events waiting to be decided, of all rules together. Past it the oldest are decided early."),
  held_events_max: z.int().min(1).max(10_000_000).default(20_000)
    .describe("Whole events kept for the evidence of a firing. Past it a window keeps only what its rule measures."),
  learnt_values_max: z.int().min(1).max(100_000_000).default(500_000)
    .describe(
      "Values learnt by rules that look for new ones, of all rules together. For a new one the group left alone for longest " +
        "forgets the value it has not had for longest, which is new when it comes again.",
    ),
  baselines_max: z.int().min(1).max(10_000_000).default(10_000)
    .describe(
      "Groups with a history that values are held against, of all rules together. The one not touched for longest goes for a new " +
        "one, and starts anew when it comes again.",
    ),
});

/** What {@linkcode correlateSchema} yields. */
export type CorrelateConfig = z.output<typeof correlateSchema>;

/** Keys under `score:`. */
export const scoreSchema = z.strictObject({
  half_life: durationSchema("30m", { min: "1s" })
    .describe("How long a detection takes to count for half, from the last event counted on it.")
    .meta({ examples: ["2h"] }),
  entities_max: z.int().min(1).max(100_000_000).default(100_000)
    .describe("Entities with a score. The one that has been left alone for longest goes for a new one."),
});

/** What {@linkcode scoreSchema} yields. */
export type ScoreConfig = z.output<typeof scoreSchema>;
