/** The process collector, both ways of looking, put through the collectors' contract. */

import type { TelemetryEvent } from "../../../src/core/event.ts";
import { processCollector } from "../../../src/collectors/process/mod.ts";
import { collectorContract } from "../../contract/collector_contract.ts";
import { programSkip } from "./support.ts";

/** A process that is running is the same observation each time; looked at here for those that cannot end meanwhile. */
function observation(event: TelemetryEvent): string | undefined {
  return event.kind === "process.running" ? `running ${event.fields["process.pid"]}` : undefined;
}

const make = (config: Record<string, unknown>) => () =>
  processCollector.create(processCollector.schema.parse({ stats_interval: "1s", ...config }));

collectorContract("process collector over /proc", {
  definition: processCollector,
  make: make({ source: "proc" }),
  untilKinds: [
    "process.running",
    "process.start",
    "process.end",
    "process.stats",
    "host.processes",
    "network.listening",
    "network.connection",
  ],
  observation,
  skip: Deno.build.os === "linux" ? undefined : "needs Linux's /proc",
});

collectorContract("process collector over systeminformation", {
  definition: processCollector,
  make: make({ source: "systeminformation" }),
  untilKinds: ["process.running", "process.stats", "host.processes"],
  observation,
  skip: Deno.build.os === "linux" ? programSkip("ps") ?? programSkip("ss") : undefined,
});
