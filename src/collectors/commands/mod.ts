/** Commands as people type them into shells. */

import type { CollectorDefinition } from "../definition.ts";
import { makeCommandsCollector, SOURCE_NAME } from "./collect.ts";
import { commandsSchema } from "./schema.ts";

export const commandsCollector: CollectorDefinition<typeof commandsSchema> = {
  name: SOURCE_NAME,
  description: "Commands typed into bash, zsh and fish, as their hooks write them down (`weir hook install`)",
  kinds: [
    {
      kind: "shell.command",
      description: "A command that was typed and has ended: who, where, how it ended, how long it took",
    },
  ],
  schema: commandsSchema,
  offReason({ folders }) {
    if (Deno.build.os === "windows") return "there is no hook for Windows' shells";
    return folders.length === 0 ? "no folders are configured" : undefined;
  },
  create: (config) => makeCommandsCollector(config),
};
