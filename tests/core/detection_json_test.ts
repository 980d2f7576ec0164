import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Detection } from "../../src/core/detection.ts";
import { detectionFromJson, detectionToJson } from "../../src/core/detection_json.ts";

const DETECTION: Detection = {
  id: "d1",
  rule: "r",
  title: "Title",
  level: "low",
  weight: 0.3,
  strength: 1.5,
  tags: ["attack.t1496"],
  timeMs: Date.UTC(2026, 0, 1) + 0.25,
  lastMs: Date.UTC(2026, 0, 2),
  host: "web-1",
  group: { "source.ip": "203.0.113.9" },
  entities: ["ip:203.0.113.9"],
  message: "It fired",
  count: 3,
  eventIds: ["a", "b", "c"],
  sources: ["logs", "process"],
  consumes: ["base"],
  state: "open",
  evidence: { selections: [{ selection: "s", event_id: "c" }] },
};

Deno.test("a detection outside has wire names and times in RFC 3339", () => {
  const json = detectionToJson(DETECTION);
  strictEqual(json.time, "2026-01-01T00:00:00.000250Z");
  strictEqual(json.last_time, "2026-01-02T00:00:00.000Z");
  deepStrictEqual(Object.keys(json).filter((key) => key !== key.toLowerCase()), []);
});

Deno.test("a detection is read back from what it was written as", () => {
  deepStrictEqual(detectionFromJson(JSON.parse(JSON.stringify(detectionToJson(DETECTION)))), DETECTION);
});
