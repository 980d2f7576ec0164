/** Logs of this host: files as they grow. */

import type { CollectorDefinition } from "../definition.ts";
import { makeLogsCollector } from "./collect.ts";
import { DECODED_KINDS } from "./decode/decoder.ts";
import { SOURCE_NAME } from "./events.ts";
import { logsSchema } from "./schema.ts";

export const logsCollector: CollectorDefinition<typeof logsSchema> = {
  name: SOURCE_NAME,
  description: "Log files of this host, line by line, through rotation and restarts",
  kinds: [
    ...DECODED_KINDS,
    { kind: "log.watched", description: "A path or pattern that is watched from now on" },
    { kind: "log.started", description: "A file that is read from now on" },
    { kind: "log.rotated", description: "A file whose path leads to another now, or that was copied and truncated" },
    { kind: "log.truncated", description: "A file that was cut or written anew, of which no copy is found" },
    { kind: "log.removed", description: "A file whose path leads nowhere any more" },
  ],
  schema: logsSchema,
  create: (config) => makeLogsCollector(config),
};
