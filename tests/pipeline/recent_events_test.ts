import { strictEqual } from "node:assert/strict";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { RecentEvents } from "../../src/pipeline/recent_events.ts";

const event = (id: string): TelemetryEvent => ({
  id,
  timeMs: 0,
  observedMs: 0,
  source: "logs",
  kind: "log.line",
  host: "h",
  fields: {},
});

Deno.test("recent events: found by id while they are among the newest", () => {
  const recent = new RecentEvents(2);
  for (const id of ["a", "b", "c"]) recent.push(event(id));
  strictEqual(recent.get("a"), undefined);
  strictEqual(recent.get("b")?.id, "b");
  strictEqual(recent.get("c")?.id, "c");
  strictEqual(recent.size, 2);
  strictEqual(recent.evicted, 1);
});
