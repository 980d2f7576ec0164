/** Reads a rule's own tests: what happens, and what must fire. */

import { nameHint, quoteValue } from "../../core/errors.ts";
import type { FieldValue } from "../../core/event.ts";
import type { ExpectedFiring, RuleTest, RuleTestEvent } from "../rule.ts";
import { checkField, type FactCheck } from "./facts.ts";
import type { Node } from "./node.ts";

/** How many tests a rule may have, and how many events and firings a test. */
export const TESTS_MAX = 100;
export const TEST_EVENTS_MAX = 10_000;

/** The host and the source of a test's event that names none. */
export const TEST_HOST = "test-host";
export const TEST_SOURCE = "test";

const TEST_KEYS = ["name", "events", "expect"] as const;
const EVENT_KEYS = ["at", "every", "times", "kind", "source", "host", "fields"] as const;
const FIRING_KEYS = ["at", "group", "count"] as const;
const TEXT_MAX = 256;

/** The tests that could be read; whatever is wrong with the others is said. `groupBy` are the fields a firing's group has. */
export function readTests(node: Node, groupBy: readonly string[], checkKind: FactCheck): readonly RuleTest[] {
  return (node.list(`"tests"`, TESTS_MAX, true) ?? []).flatMap((item) => readTest(item, groupBy, checkKind) ?? []);
}

function readTest(node: Node, groupBy: readonly string[], checkKind: FactCheck): RuleTest | undefined {
  const keys = node.mapping("test", TEST_KEYS);
  if (keys === undefined) return undefined;
  const name = keys.name.required("test").text("name", TEXT_MAX);
  const events = keys.events.required("test").list(`"events"`, TEST_EVENTS_MAX) ?? [];
  const expect = keys.expect.required("test").list(`"expect"`, TEST_EVENTS_MAX, true) ?? [];
  // They happen at their times, in whatever order repetitions make it easy to write them.
  const read = events.flatMap((event) => readEvents(event, checkKind)).sort((a, b) => a.atMs - b.atMs);
  if (read.length > TEST_EVENTS_MAX) keys.events.tell("error", tooMany(read.length));
  const firings = expect.flatMap((firing) => readFiring(firing, groupBy) ?? []);
  return name === undefined ? undefined : { name, place: node.place(), events: read, expect: firings };
}

function tooMany(count: number): string {
  return `Cannot read "events" as they must be at most ${TEST_EVENTS_MAX}, repetitions counted: current value is ${count}`;
}

/** The events of one entry: one, or, with `times`, that many `every` so often. */
function readEvents(node: Node, checkKind: FactCheck): RuleTestEvent[] {
  const keys = node.mapping("event", EVENT_KEYS);
  if (keys === undefined) return [];
  const atMs = keys.at.required("event").duration("at");
  const times = keys.times.whole("times", 1, TEST_EVENTS_MAX) ?? 1;
  const everyMs = keys.every.duration("every") ?? 0;
  if ((keys.times.value === undefined) !== (keys.every.value === undefined)) {
    node.refuse("event", `one with both "every" and "times", or neither`);
  }
  const kind = keys.kind.required("event").text("kind", TEXT_MAX);
  if (kind !== undefined) checkKind(kind, keys.kind);
  const source = keys.source.text("source", TEXT_MAX) ?? TEST_SOURCE;
  const host = keys.host.text("host", TEXT_MAX) ?? TEST_HOST;
  const fields = readFieldValues(keys.fields, `"fields"`, checkField);
  if (atMs === undefined || kind === undefined) return [];
  return Array.from({ length: times }, (_, i) => ({ atMs: atMs + i * everyMs, kind, source, host, fields }));
}

function readFiring(node: Node, groupBy: readonly string[]): ExpectedFiring | undefined {
  const keys = node.mapping("expected firing", FIRING_KEYS);
  if (keys === undefined) return undefined;
  const atMs = keys.at.duration("at");
  const count = keys.count.whole("count", 1, TEST_EVENTS_MAX);
  const group = readFieldValues(keys.group, `"group"`, (name, item) => {
    if (groupBy.includes(name)) return;
    const message = `Cannot read "group" as it must hold fields of the rule's group: current value is ${
      quoteValue(name)
    }`;
    item.tell("error", message, nameHint(name, groupBy), "key");
  });
  return {
    ...(atMs === undefined ? {} : { atMs }),
    ...(count === undefined ? {} : { count }),
    ...(keys.group.value === undefined ? {} : { group }),
  };
}

function readFieldValues(node: Node, what: string, checkName: FactCheck): Readonly<Record<string, FieldValue>> {
  const fields: Record<string, FieldValue> = Object.create(null);
  for (const name of node.keys(what) ?? []) {
    const item = node.at(name);
    checkName(name, item, "key");
    const value = item.fieldValue(`field "${name}"`);
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}
