import { deepStrictEqual } from "node:assert/strict";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { explainRule } from "../../src/rules/explain.ts";
import type { Selection } from "../../src/rules/rule.ts";
import { makeEvent, makeRule, makeSelection, makeTest } from "./fixtures.ts";

const isSshd = makeTest("process.name", "equal", "sshd");
const SSHD = { type: "test", result: true, fact: "process.name", operator: "equal", value: "sshd", saw: "sshd" };

async function explain(selection: Partial<Selection>, event: Partial<TelemetryEvent>) {
  const { selections } = await explainRule(makeRule("r", [makeSelection(selection)]), makeEvent(event));
  const [{ accepts, reason, where } = { accepts: null, reason: null, where: null }] = selections;
  return { accepts, reason, where };
}

Deno.test("an event that meets a selection", async () => {
  const fields = { "process.name": "sshd" };
  deepStrictEqual(await explain({ kinds: ["process.start"], where: isSshd }, { fields }), {
    accepts: true,
    reason: null,
    where: SSHD,
  });
  deepStrictEqual(await explain({ kinds: ["process.start"] }, {}), { accepts: true, reason: null, where: null });
});

Deno.test("an event of another kind is told so, its condition evaluated all the same", async () => {
  const fields = { "process.name": "sshd" };
  deepStrictEqual(await explain({ kinds: ["process.end", "file.change"], where: isSshd }, { fields }), {
    accepts: false,
    reason: "its kind is process.start, not process.end or file.change",
    where: SSHD,
  });
});

Deno.test("a condition that does not hold shows what it saw", async () => {
  deepStrictEqual(await explain({ where: isSshd }, { fields: { "process.name": "cron" } }), {
    accepts: false,
    reason: null,
    where: { ...SSHD, result: false, saw: "cron" },
  });
});

Deno.test("a selection of another rule's matches says that it waits for them", async () => {
  deepStrictEqual(await explain({ rule: "base" }, {}), {
    accepts: true,
    reason: "where the event is a match of base",
    where: null,
  });
});

Deno.test("an event of another system, and an event without a kind", async () => {
  deepStrictEqual((await explain({ os: "windows" }, {})).reason, "its host runs linux, not windows");
  const foreign = await explain({ kinds: ["process.end"] }, { kind: "" });
  deepStrictEqual(foreign, {
    accepts: false,
    reason: "an event without a kind is offered to conditions only",
    where: null,
  });
});

Deno.test("a selection that Weir adds by itself is not explained", async () => {
  const rule = makeRule("r", [makeSelection({ name: "busy" }), makeSelection({ name: "busy:others", hidden: true })]);
  const { selections } = await explainRule(rule, makeEvent({}));
  deepStrictEqual(selections.map(({ selection }) => selection), ["busy"]);
});
