/** Logs: files as they grow, systemd's journal, syslog over the network, the Windows event log. */

import type { CollectorDefinition } from "../definition.ts";
import { makeLogsCollector, nothingToRead } from "./collect.ts";
import { DECODED_KINDS } from "./decode/decoder.ts";
import { SOURCE_NAME } from "./events.ts";
import { logsSchema } from "./schema.ts";
import { WINDOWS_KINDS } from "./windows/kinds.ts";

const SOURCE_KINDS = [
  { kind: "log.watched", description: "A path, a pattern or a channel that is watched from now on" },
  { kind: "log.started", description: "A file that is read from now on" },
  { kind: "log.rotated", description: "A file whose path leads to another now, or that was copied and truncated" },
  { kind: "log.truncated", description: "A file that was cut or written anew, of which no copy is found" },
  { kind: "log.removed", description: "A file whose path leads nowhere any more" },
] as const;

const decoded = new Set(DECODED_KINDS.map(({ kind }) => kind));

export const logsCollector: CollectorDefinition<typeof logsSchema> = {
  name: SOURCE_NAME,
  description: "Log files line by line, systemd's journal, syslog over the network and the Windows event log",
  kinds: [
    ...DECODED_KINDS,
    ...SOURCE_KINDS,
    ...WINDOWS_KINDS.filter((kind) => !decoded.has(kind)).map((kind) => ({
      kind,
      description: "A record of the Windows event log",
    })),
  ],
  schema: logsSchema,
  offReason: nothingToRead,
  create: (config) => makeLogsCollector(config),
};
