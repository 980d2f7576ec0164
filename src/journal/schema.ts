/** The journal's configuration. */

import { z } from "zod";
import { byteSizeSchema, durationSchema } from "../core/schema.ts";

/** Keys under `journal:`. */
export const journalSchema = z.strictObject({
  retention: durationSchema("7d", { min: "1m" })
    .describe("How long events, matches, detections and scores are kept, by their own time.")
    .meta({ examples: ["30d"] }),
  size_max: byteSizeSchema("2GiB", { min: "64MiB" })
    .describe("Room for the database and its write-ahead log on disk: a hard cap. The oldest rows go for newer ones.")
    .meta({ examples: ["20GiB"] }),
});

/** How long and how much is kept: `retention` in milliseconds, `size_max` in bytes. */
export type JournalConfig = z.output<typeof journalSchema>;
