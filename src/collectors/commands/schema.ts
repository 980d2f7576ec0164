/** How the collector of commands is configured. */

import { z } from "zod";
import { durationSchema } from "../../core/schema.ts";

/** Where the hook writes, unless it is told otherwise: below each user's home folder. */
export const SPOOL_FOLDER = "~/.local/state/weir";

export const commandsSchema = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether it runs"),
  folders: z.array(z.string().regex(/^(~\/|\/)/, 'must begin with "/" or "~/"').max(4_096)).max(100).default([
    SPOOL_FOLDER,
  ])
    .describe("Folders into which the hooks of shells write; `~` stands for each user's home folder"),
  interval: durationSchema("1s", { min: "50ms", max: "1h" }).describe("Time between looks for new commands"),
  remove: z.boolean().default(true)
    .describe("Whether files of shells that have ended are removed once all of them is kept"),
});

export type CommandsConfig = z.output<typeof commandsSchema>;
