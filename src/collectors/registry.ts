/** Every collector there is. A new one is its folder and one line here. */

import type { CollectorDefinition } from "./definition.ts";
import { commandsCollector } from "./commands/mod.ts";
import { filesCollector } from "./files/mod.ts";
import { logsCollector } from "./logs/mod.ts";
import { metricsCollector } from "./metrics/mod.ts";
import { processCollector } from "./process/mod.ts";
import { snmpCollector } from "./snmp/mod.ts";

export const COLLECTORS: readonly CollectorDefinition[] = [
  processCollector,
  metricsCollector,
  logsCollector,
  filesCollector,
  commandsCollector,
  snmpCollector,
];
