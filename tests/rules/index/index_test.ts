import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { FieldValue, TelemetryEvent } from "../../../src/core/event.ts";
import { compileCondition } from "../../../src/rules/compile.ts";
import type { Condition, Test } from "../../../src/rules/condition.ts";
import { createIndex, type Entry, isCostly } from "../../../src/rules/index/mod.ts";
import type { Match, Selection } from "../../../src/rules/rule.ts";
import { makeTest as makeSigmaTest } from "../../../src/rules/sigma/leaf.ts";
import { parseText } from "../../../src/rules/sigma/text.ts";
import { Subject } from "../../../src/rules/subject.ts";
import { anyLeaf, conditionOf, factsRecord } from "../conditions.ts";
import { makeEvent, makeRule, makeSelection, makeTest } from "../fixtures.ts";
import { literalText, valueText } from "./texts.ts";

function entriesOf(selections: readonly Partial<Selection>[]): Entry[] {
  return selections.map((parts, i) => {
    const selection = makeSelection(parts);
    const { where } = selection;
    const match = { rule: makeRule(`r${i}`, [selection]), selection };
    return { match, where, accepts: where === null ? null : compileCondition(where) };
  });
}

/** What trying every selection finds. */
function bruteForce(entries: readonly Entry[], event: TelemetryEvent): string[] {
  const subject = new Subject(event);
  const met = entries.filter(({ match: { selection }, accepts }) => {
    if (event.kind === "") return accepts?.(subject) ?? false;
    if (selection.kinds !== null && !selection.kinds.includes(event.kind)) return false;
    if (selection.os !== undefined && selection.os !== (event.fields["host.os.type"] ?? "linux")) return false;
    return accepts === null || accepts(subject);
  });
  return met.map(({ match }) => match.rule.id);
}

function matched(index: ReturnType<typeof createIndex>, event: TelemetryEvent): string[] {
  const into: Match[] = [];
  index.match(event, into);
  return into.map(({ rule }) => rule.id);
}

const scalar = fc.oneof(
  { weight: 6, arbitrary: valueText as fc.Arbitrary<string | number | boolean | null> },
  { weight: 1, arbitrary: fc.constantFrom<string | number | boolean | null>(1, 10, 1.5, true, false, null) },
);
const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof({ weight: 4, arbitrary: scalar }, {
  weight: 1,
  arbitrary: fc.array(scalar, { maxLength: 3 }),
});

/** Names that stand for one another, facts beside the fields, and a name that every object inherits. */
const NAMES = ["Image", "process.executable", "CommandLine", "host.name", "event.source", "constructor"] as const;
const fields = fc.dictionary(fc.constantFrom(...NAMES, "other"), fieldValue, { maxKeys: 5 });

/** Sigma's leaves: on one field or several, or keywords, with wildcards. */
const sigmaLeaf: fc.Arbitrary<Test> = fc.record({
  fields: fc.oneof(
    { weight: 1, arbitrary: fc.constant<readonly string[] | null>(null) },
    { weight: 4, arbitrary: fc.shuffledSubarray<string>([...NAMES], { minLength: 1, maxLength: 2 }) },
  ),
  texts: fc.array(
    fc.tuple(fc.constantFrom("", "*"), literalText, fc.constantFrom("", "*")).map((parts) => parts.join("")),
    { minLength: 1, maxLength: 4 },
  ),
  cased: fc.boolean(),
}).map(({ fields, texts, cased }) =>
  makeSigmaTest({
    field: "field",
    fields,
    modifiers: [],
    written: texts,
    values: texts.map((text) => ({ type: "text", text: parseText(text, false), cased, encoding: "utf-8" })),
    fieldsOf: (field) => [field],
  })
);

/** Leaves and fields of texts so long that not all of a value is read for them. */
const longText = fc.array(fc.constantFrom("a", "b", "k", "\\"), { minLength: 6, maxLength: 8 }).map((some) =>
  some.join("")
);
const longLeaf: fc.Arbitrary<Test> = fc.record({
  fields: fc.oneof(fc.constant<readonly string[] | null>(null), fc.constantFrom(["Image"], ["CommandLine", "Image"])),
  texts: fc.array(longText, { minLength: 1, maxLength: 3 }),
}).map(({ fields, texts }) =>
  makeSigmaTest({
    field: "field",
    fields,
    modifiers: [],
    written: texts,
    values: texts.map((text) => ({
      type: "text",
      text: parseText(`*${text.replaceAll("\\", "\\\\")}*`, false),
      cased: false,
      encoding: "utf-8",
    })),
    fieldsOf: (field) => [field],
  })
);
const longValue = fc.array(fc.oneof(longText, fc.constantFrom("AB", "K", "\u212a", "é")), {
  minLength: 2,
  maxLength: 8,
})
  .map((some) => some.join(""));
const longFields = fc.dictionary(fc.constantFrom("Image", "CommandLine", "host.name", "other"), longValue, {
  maxKeys: 4,
});

const kind = fc.constantFrom("process.start", "process.end", "file.change");
const selectionOf = (condition: fc.Arbitrary<Condition>) =>
  fc.record({
    kinds: fc.option(fc.uniqueArray(kind, { minLength: 1 }), { nil: null }),
    where: fc.option(condition, { nil: null, freq: 10 }),
    os: fc.constantFrom("linux" as const, "windows" as const, undefined),
  }).map(({ os, ...rest }): Partial<Selection> => (os === undefined ? rest : { ...rest, os }));

function holdsToBruteForce(
  leaf: fc.Arbitrary<Test>,
  record: fc.Arbitrary<Record<string, FieldValue>>,
  numRuns: number,
) {
  let met = 0;
  const system = fc.constantFrom("linux", "windows", "solaris", undefined);
  const event = fc.record({ kind: fc.oneof(kind, fc.constant("")), record, system });
  fc.assert(
    fc.property(
      fc.array(selectionOf(conditionOf(leaf)), { maxLength: 10 }),
      fc.array(event, { maxLength: 6 }),
      (selections, events) => {
        const entries = entriesOf(selections);
        const index = createIndex(entries);
        for (const { kind, record, system } of events) {
          const fields = system === undefined ? record : { ...record, "host.os.type": system };
          const event = makeEvent({ kind, fields });
          const expected = bruteForce(entries, event);
          deepStrictEqual(matched(index, event), expected);
          met += expected.length;
        }
      },
    ),
    { numRuns },
  );
  strictEqual(met > numRuns, true, `met ${met} times`);
}

Deno.test("the index finds what trying every native condition finds", () => {
  holdsToBruteForce(anyLeaf, factsRecord, 3_000);
});

Deno.test("the index finds what trying every Sigma condition finds", () => {
  holdsToBruteForce(sigmaLeaf, fields, 5_000);
});

Deno.test("the index finds what trying every condition on long texts finds", () => {
  holdsToBruteForce(longLeaf, longFields, 2_000);
});

Deno.test("an index that has been mended by what it saw finds the same", () => {
  const events = fc.sample(fc.record({ kind: fc.constantFrom("process.start", ""), fields }), {
    numRuns: 3_000,
    seed: 7,
  });
  const conditions = fc.sample(conditionOf(sigmaLeaf), { numRuns: 60, seed: 7 });
  const entries = entriesOf(conditions.map((where) => ({ where })));
  const index = createIndex(entries);
  for (let round = 0; round < 5; round++) {
    for (const parts of events) {
      const event = makeEvent(parts);
      deepStrictEqual(matched(index, event), bruteForce(entries, event));
    }
  }
});

Deno.test("a mended index tries less", () => {
  // The guess is that the longer text is the rarer; here every event holds it.
  const where: Condition = {
    type: "all",
    of: [makeTest("a", "includes", "there in every event"), makeTest("b", "includes", "rare")],
  };
  const index = createIndex(entriesOf([{ where }]));
  const event = makeEvent({ fields: { a: "it is there in every event", b: "x" } });
  for (let i = 0; i < 2_000; i++) index.match(event, []);
  const { events, tried } = index.counts();
  strictEqual(events, 2_000);
  strictEqual(tried > 0 && tried < 1_100, true, `tried ${tried}`);
});

Deno.test("where what is asked for is common, it is asked for with something else", () => {
  const where: Condition = { type: "all", of: [makeTest("a", "includes", "left"), makeTest("b", "includes", "right")] };
  const index = createIndex(entriesOf([{ where }]));
  const events = [["left", "x"], ["x", "right"], ["left", "y"], ["y", "right"], ["left", "right"], ["x", "x"]].map((
    [a = "", b = ""],
  ) => makeEvent({ fields: { a, b } }));
  for (let round = 0; round < 1_000; round++) for (const event of events) index.match(event, []);
  const before = index.counts().tried;
  deepStrictEqual(events.map((event) => matched(index, event)), [[], [], [], [], ["r0"], []]);
  strictEqual(index.counts().tried - before, 1);
});

Deno.test("hashes and keywords are looked for beside one another", () => {
  const hashes = Array.from(
    { length: 80 },
    (_, i) => `sha256=${(i * 2_654_435_761 % 2 ** 32).toString(16)}${"f".repeat(20)}`,
  );
  const leaves = hashes.map((hash) => ({ where: makeTest("Hashes", "nocase:includes", hash) }));
  const keyword = makeSigmaTest({
    field: "",
    fields: null,
    modifiers: [],
    written: "mimikatz",
    values: [{ type: "text", text: parseText("mimikatz", false), cased: false, encoding: "utf-8" }],
    fieldsOf: (field) => [field],
  });
  const index = createIndex(entriesOf([...leaves, { where: keyword }]));
  const fieldsOf = (text: string) => makeEvent({ fields: { Hashes: text } });
  for (const i of [0, 41, 79]) {
    deepStrictEqual(matched(index, fieldsOf(`MD5=0,${hashes[i]?.toUpperCase()},x`)), [`r${i}`]);
  }
  deepStrictEqual(matched(index, fieldsOf(`${hashes[7]} by Mimikatz`)), ["r7", "r80"]);
  deepStrictEqual(matched(index, fieldsOf("sha256=0")), []);
  deepStrictEqual(index.counts().tried, 5);
});

Deno.test("only what an event holds a witness of is tried", () => {
  const names = Array.from({ length: 1_000 }, (_, i) => `program-${i}`);
  const index = createIndex(entriesOf(names.map((name) => ({ where: makeTest("process.name", "equal", name) }))));
  deepStrictEqual(matched(index, makeEvent({ fields: { "process.name": "program-500" } })), ["r500"]);
  deepStrictEqual(matched(index, makeEvent({ fields: { "process.name": "other" } })), []);
  deepStrictEqual(index.counts(), { events: 2, tried: 1 });
});

Deno.test("what asks for nothing in particular is costly", () => {
  strictEqual(isCostly(makeSelection({ where: makeTest("a", "notEqual", "x") })), true);
  strictEqual(isCostly(makeSelection({ where: makeTest("a", "equal", "x") })), false);
  strictEqual(isCostly(makeSelection({})), false);
});

Deno.test("events whose fields come and go one after another are each seen as they are", () => {
  const index = createIndex(entriesOf([
    { where: { type: "not", of: [makeTest("b", "exists", true)] } },
    { where: makeTest("b", "equal", "x") },
    { where: { type: "not", of: [makeTest("c", "equal", "x")] } },
  ]));
  const wide = Object.fromEntries(Array.from({ length: 70 }, (_, i) => [`f${i}`, "v"]));
  for (
    const [fields, expected] of [
      [{ a: "1" }, ["r0", "r2"]],
      [{ a: "2" }, ["r0", "r2"]],
      [{ a: "1", b: "x" }, ["r1", "r2"]],
      [{ a: "1" }, ["r0", "r2"]],
      [{ b: "x" }, ["r1", "r2"]],
      [{ b: "x", c: "x" }, ["r1"]],
      [{}, ["r0", "r2"]],
      [wide, ["r0", "r2"]],
      [{ ...wide, b: "x" }, ["r1", "r2"]],
      [{ ...wide, c: "x" }, ["r0"]],
    ] as const
  ) {
    deepStrictEqual(matched(index, makeEvent({ fields })), expected, JSON.stringify(fields));
  }
});

Deno.test("a thousand texts of nothing but two characters", () => {
  const texts = Array.from({ length: 1_024 }, (_, i) => i.toString(2).padStart(10, "0"));
  const index = createIndex(entriesOf(texts.map((text) => ({ where: makeTest("message", "includes", text) }))));
  const value = `x${texts[5]}${texts[700]}`;
  deepStrictEqual(
    matched(index, makeEvent({ fields: { message: value } })),
    [...texts.keys()].filter((i) => value.includes(texts[i] as string)).map((i) => `r${i}`),
  );
});

Deno.test("ten thousand texts in one list, and a value of a megabyte", () => {
  const words = Array.from({ length: 10_000 }, (_, i) => `word${(i * 7_919).toString(36)}-`);
  const leaf = makeTest("message", "someValue:includes", words);
  const index = createIndex(entriesOf([{ where: leaf }, { where: makeTest("message", "nocase:includes", "NEEDLE") }]));
  deepStrictEqual(matched(index, makeEvent({ fields: { message: `x ${words[9_999]} y` } })), ["r0"]);
  deepStrictEqual(matched(index, makeEvent({ fields: { message: "a".repeat(1_000_000) + "needle" } })), ["r1"]);
  deepStrictEqual(matched(index, makeEvent({ fields: { message: "word" } })), []);
});
