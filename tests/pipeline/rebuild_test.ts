/** A restart through the journal: what was learnt, what is waited for, and a detection without an event. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { FieldValue, TelemetryEvent } from "../../src/core/event.ts";
import { correlateSchema, scoreSchema } from "../../src/correlate/schema.ts";
import { Journal, JournalReader } from "../../src/journal/mod.ts";
import { journalSchema } from "../../src/journal/schema.ts";
import { createEngine } from "../../src/pipeline/assemble.ts";
import { rebuild } from "../../src/pipeline/rebuild.ts";
import { parseRules } from "../rules/parse.ts";

const CONFIG = { correlate: correlateSchema.parse({}), score: scoreSchema.parse({}) };

const { rules: RULES, diagnostics } = parseRules(
  "rules.yaml",
  `
id: new-user
title: A new user
level: low
select: { a: { kind: process.start } }
correlate: { timespan: 1m, new: user.name, learning: 1h }
---
id: no-backup
title: No backup
level: low
select: { backup: { kind: backup.done } }
correlate: { timespan: 10m, absent: backup, groups: [db-1] }
---
id: busy
title: Busy
level: low
select: { hot: { kind: host.cpu, where: { fact: system.cpu.percent, operator: greaterThan, value: 80 } } }
correlate: { timespan: 5m, sustained: hot }
---
id: far-out
title: Far out
level: low
select: { load: { kind: host.load } }
correlate: { timespan: 1m, baseline: { field: system.load.1, deviations: 8, minimum: 10 } }
`,
);

type Row = readonly [second: number, kind: string, fields?: Readonly<Record<string, FieldValue>>];

/** Runs a part of a history on what an earlier run left in the folder; what fired, `rule@second`. */
async function run(folder: string, rows: readonly Row[], atSecond: number): Promise<string[]> {
  const journal = Journal.open(folder, journalSchema.parse({}));
  try {
    const { engine } = createEngine(RULES, CONFIG);
    rebuild(journal, engine, RULES, CONFIG, atSecond * 1000);
    const fired: string[] = [];
    let lastMs = 0;
    for (const row of rows) {
      const event = toEvent(row);
      lastMs = event.timeMs;
      engine.observe([event], event.source);
      engine.advance(lastMs, () => 0);
      const decisions = await engine.decide(lastMs);
      journal.commit({ ...decisions, events: [event] });
      fired.push(...decisions.detections.map(({ rule, timeMs }) => `${rule}@${timeMs / 1000}`));
    }
    strictEqual(engine.stats().disagreements, 0);
    return fired;
  } finally {
    journal.close();
  }
}

function toEvent([second, kind, fields = {}]: Row): TelemetryEvent {
  const id = `e:${String(second).padStart(6, "0")}:${kind}`;
  return { id, timeMs: second * 1000, observedMs: second * 1000, source: "test", kind, host: "web-1", fields };
}

const HISTORY: readonly Row[] = [
  [0, "process.start", { "user.name": "ann" }],
  ...Array.from({ length: 60 }, (_, i): Row => [60 * i + 10, "host.load", { "system.load.1": 1 + (i % 3) / 10 }]),
  ...Array.from({ length: 9 }, (_, i): Row => [60 * i + 20, "host.cpu", { "system.cpu.percent": i === 2 ? 5 : 95 }]),
  [3_700, "process.start", { "user.name": "ann" }],
  [3_710, "process.start", { "user.name": "eve" }],
  [3_730, "host.load", { "system.load.1": 9 }],
  [3_800, "process.start", { "user.name": "eve" }],
].toSorted((a, b) => Number(a[0]) - Number(b[0])) as Row[];

/** After how many events it is stopped, and when the backup is missed: a configured group is waited for from each start on. */
const STOPS: readonly (readonly [cuts: readonly number[], missedAt: number])[] = [
  [[], 600],
  [[5], 680],
  [[12, 13], 920],
  [[22, 66], 600],
  [[70], 600],
  [[72, 73, 74], 600],
];

Deno.test("the rules of these tests load", () => {
  deepStrictEqual(diagnostics.filter(({ severity }) => severity === "error"), []);
  strictEqual(RULES.length, 4);
});

for (const [cuts, missedAt] of STOPS) {
  Deno.test(`stopped ${cuts.length === 0 ? "never" : `after ${cuts.join(", ")} events`}: the same fires, once`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const fired: string[] = [];
      const bounds = [0, ...cuts, HISTORY.length];
      for (let i = 0; i + 1 < bounds.length; i++) {
        const part = HISTORY.slice(bounds[i], bounds[i + 1]);
        const before = HISTORY[(bounds[i] ?? 0) - 1]?.[0] ?? 0;
        fired.push(...await run(folder, part, before));
      }
      deepStrictEqual(fired, ["busy@500", `no-backup@${missedAt}`, "new-user@3710", "far-out@3730"]);
      const reader = JournalReader.open(folder);
      const { items } = reader.detections({ rule: "no-backup" }, { limit: 10 });
      reader.close();
      const told = items.map(({ group, eventIds, count, sources, host, state }) => ({
        group,
        eventIds,
        count,
        sources,
        host,
        state,
      }));
      deepStrictEqual(told, [
        { group: { "host.name": "db-1" }, eventIds: [], count: 0, sources: [], host: "db-1", state: "open" },
      ]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
