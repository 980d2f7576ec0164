/** The processes of this host and their internet sockets. */

import type { CollectorDefinition } from "../definition.ts";
import { makeProcessCollector } from "./collect.ts";
import { SOURCE_NAME } from "./ids.ts";
import { processSchema } from "./schema.ts";

export const processCollector: CollectorDefinition<typeof processSchema> = {
  name: SOURCE_NAME,
  description: "Processes of this host as they begin, run and end, and its internet sockets as they open",
  kinds: [
    { kind: "process.running", description: "A process that was there when Weir started" },
    { kind: "process.start", description: "A process that began" },
    { kind: "process.exec", description: "A process that runs another program than before, under the same id" },
    { kind: "process.end", description: "A process that ended, with how long it ran" },
    { kind: "process.stats", description: "What one of the busiest, largest or most connected processes uses" },
    { kind: "host.processes", description: "How many processes there are, by state" },
    { kind: "network.listening", description: "A socket that waits for whoever comes" },
    { kind: "network.connection", description: "A connection, incoming or outgoing" },
  ],
  schema: processSchema,
  create: (config) => makeProcessCollector(config),
};
