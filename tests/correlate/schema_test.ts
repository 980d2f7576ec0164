import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { correlateLimits, correlateSchema, scoreSchema } from "../../src/correlate/mod.ts";

Deno.test("the defaults are what the documentation says", () => {
  deepStrictEqual(correlateLimits(correlateSchema.parse({})), {
    latenessMs: 10_000,
    groupsMax: 1_000_000,
    windowEventsMax: 100_000,
    pendingMax: 1_000_000,
    heldEventsMax: 20_000,
    learntValuesMax: 500_000,
    baselinesMax: 10_000,
  });
  deepStrictEqual(scoreSchema.parse({}), { half_life: 1_800_000, entities_max: 100_000 });
});

Deno.test("an unknown key, a bad duration and a maximum of none are refused", () => {
  for (const input of [{ latenes: "1s" }, { lateness: "10" }, { groups_max: 0 }, { pending_max: 1.5 }]) {
    strictEqual(correlateSchema.safeParse(input).success, false);
  }
  strictEqual(scoreSchema.safeParse({ half_life: "0s" }).success, false);
});
