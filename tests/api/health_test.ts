import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { NOTHING, sampleEvents, START_MS } from "../journal/samples.ts";
import { sampleRule, withApi } from "./asked_app.ts";

Deno.test("all is well", async () => {
  await withApi(async ({ journal, get }) => {
    journal.commit({ ...NOTHING, events: sampleEvents(3) });
    const { status, json } = await get("/health");
    strictEqual(status, 200);
    deepStrictEqual(json, {
      status: "ok",
      version: "0.1.0",
      host: "web-1",
      uptime_seconds: 60,
      problems: [],
      journal: { state: "ok", rows: 3, last_seq: 3 },
      rules: { loaded: 1, refused: 0 },
      collectors: { running: 0, degraded: 0, off: 0 },
    });
  }, { rules: () => ({ rules: [sampleRule("a")], diagnostics: [] }) });
});

Deno.test("a failing collector, a refused rule and a commit that does not go make it degraded, each said", async () => {
  const collector = { summary: "", restarts: 1, lastEventMs: null, sinceMs: START_MS };
  const place = { path: "rules/a.yaml", line: 2, column: 3 };
  await withApi(async ({ get }) => {
    const { status, json } = await get("/health");
    strictEqual(status, 200);
    strictEqual(json.status, "degraded");
    const since = "2026-01-01T00:00:00.000Z";
    deepStrictEqual(json.problems, [
      { component: "journal", message: "The disk is full", since },
      { component: "process", message: "it broke", since },
      { component: "rules", message: "rules/a.yaml:2:3: Cannot load", since },
    ]);
    deepStrictEqual(json.collectors, { running: 0, degraded: 1, off: 1 });
    strictEqual(json.rules.refused, 1);
  }, {
    problems: () => [{ component: "journal", message: "The disk is full", sinceMs: START_MS }],
    collectors: () => [
      { ...collector, name: "process", state: "degraded", reason: "it broke" },
      { ...collector, name: "snmp", state: "off", reason: "not configured" },
    ],
    rules: () => ({
      rules: [],
      diagnostics: [
        { severity: "error", place, message: "Cannot load" },
        { severity: "warning", place, message: "Never fires" },
      ],
    }),
  });
});

Deno.test("many refused rules are told in part and counted whole", async () => {
  const diagnostics = Array.from({ length: 3000 }, (_, i) => ({
    severity: "error" as const,
    place: { path: "r.yaml", line: i + 1, column: 1 },
    message: "Cannot load",
  }));
  await withApi(async ({ get }) => {
    const { json } = await get("/health");
    strictEqual(json.problems.length, 21);
    strictEqual(json.problems[20].message, "2980 more errors in rules");
    strictEqual(json.rules.refused, 3000);
  }, { rules: () => ({ rules: [], diagnostics }) });
});
