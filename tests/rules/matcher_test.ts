import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { createMatcher, selectionAccepts } from "../../src/rules/matcher.ts";
import type { Match, Rule } from "../../src/rules/rule.ts";
import { Subject } from "../../src/rules/subject.ts";
import { anyLeaf, conditionOf, factsRecord } from "./conditions.ts";
import { makeEvent, makeRule, makeSelection, makeTest } from "./fixtures.ts";

function matched(rules: readonly Rule[], event: TelemetryEvent): string[] {
  const into: Match[] = [];
  createMatcher(rules).match(event, into);
  return into.map(({ rule, selection }) => `${rule.id}.${selection.name}`);
}

const isSshd = makeTest("process.name", "equal", "sshd");

Deno.test("no rules match nothing", () => deepStrictEqual(matched([], makeEvent({})), []));

Deno.test("selections are found by kind, then by condition, in the order of the rules", () => {
  const rules = [
    makeRule("a", [
      makeSelection({ name: "start", kinds: ["process.start"] }),
      makeSelection({ name: "sshd", kinds: ["process.start", "process.end"], where: isSshd }),
      makeSelection({ name: "end", kinds: ["process.end"] }),
    ]),
    makeRule("b", [makeSelection({ name: "any", where: isSshd })]),
    makeRule("c", [makeSelection({ name: "start", kinds: ["process.start"] })]),
  ];
  const sshd = { "process.name": "sshd" };
  deepStrictEqual(matched(rules, makeEvent({})), ["a.start", "c.start"]);
  deepStrictEqual(matched(rules, makeEvent({ fields: sshd })), ["a.start", "a.sshd", "b.any", "c.start"]);
  deepStrictEqual(matched(rules, makeEvent({ kind: "process.end", fields: sshd })), ["a.sshd", "a.end", "b.any"]);
  deepStrictEqual(matched(rules, makeEvent({ kind: "file.change", fields: sshd })), ["b.any"]);
  deepStrictEqual(matched(rules, makeEvent({ kind: "file.change" })), []);
});

Deno.test("selections of another rule's matches are left to the correlator", () => {
  deepStrictEqual(matched([makeRule("a", [makeSelection({ rule: "b", where: isSshd })])], makeEvent({})), []);
});

Deno.test("a foreign event is offered to every condition, whatever its kind", () => {
  const rules = [
    makeRule("a", [makeSelection({ kinds: ["process.start"], where: isSshd })]),
    makeRule("b", [makeSelection({ kinds: ["process.start"] })]),
    makeRule("w", [makeSelection({ kinds: ["process.start"], os: "windows", where: isSshd })]),
  ];
  deepStrictEqual(matched(rules, makeEvent({ kind: "", fields: { "process.name": "sshd" } })), ["a.one", "w.one"]);
});

Deno.test("a selection for one system takes events of its hosts only", () => {
  const rules = [makeRule("w", [makeSelection({ kinds: ["process.start"], os: "windows" })])];
  deepStrictEqual(matched(rules, makeEvent({})), []);
  deepStrictEqual(matched(rules, makeEvent({ fields: { "host.os.type": "windows" } })), ["w.one"]);
});

Deno.test("matches are the same objects for every event", () => {
  const matcher = createMatcher([makeRule("a", [makeSelection({})])]);
  const into: Match[] = [];
  matcher.match(makeEvent({}), into);
  matcher.match(makeEvent({ id: "e2" }), into);
  strictEqual(into.length, 2);
  strictEqual(into[0], into[1]);
});

Deno.test("the matcher finds exactly the selections that accept the event", () => {
  const kind = fc.constantFrom("process.start", "process.end", "file.change");
  const kinds = fc.option(fc.uniqueArray(kind, { minLength: 1 }), { nil: null });
  const selection = fc.record({ kinds, where: fc.option(conditionOf(anyLeaf), { nil: null }) });
  const events = fc.record({ kind: fc.oneof(kind, fc.constant("")), fields: factsRecord });
  fc.assert(
    fc.property(fc.array(selection, { maxLength: 8 }), fc.array(events, { maxLength: 4 }), (selections, seen) => {
      const rules = selections.map((one, i) => makeRule(`r${i}`, [makeSelection(one)]));
      const matcher = createMatcher(rules);
      for (const parts of seen) {
        const event = makeEvent(parts);
        const into: Match[] = [];
        matcher.match(event, into);
        const subject = new Subject(event);
        const expected = rules.filter(({ selections: [one] }) =>
          one !== undefined && selectionAccepts(one, subject) && (event.kind !== "" || one.where !== null)
        );
        deepStrictEqual(into.map(({ rule }) => rule.id), expected.map(({ id }) => id));
      }
    }),
  );
});
