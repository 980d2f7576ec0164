import { deepStrictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../../src/core/errors.ts";
import { testsOf } from "../../../src/rules/compile.ts";
import { parseRules } from "../parse.ts";

const LISTS = new Map<string, readonly (string | number)[]>([["names", ["a", 1]]]);

/** The value and the list of the condition's one test, or what is said of it. */
function read(value: string): unknown {
  const where = `{ fact: process.name, operator: in, value: ${value} }`;
  const text = `id: r\ntitle: R\nlevel: low\nselect: { s: { kind: process.start, where: ${where} } }\n`;
  const { rules, diagnostics } = parseRules("r.yaml", text, { valueLists: LISTS });
  const condition = rules[0]?.selections[0]?.where;
  if (condition === undefined || condition === null) return diagnostics.map(formatDiagnostic);
  return [...testsOf(condition)].map(({ value, list }) => [list, value]);
}

const error = (column: number, message: string) => [`r.yaml:4:${column}: error: ${message}`];

const ROWS: readonly [value: string, expected: unknown][] = [
  ["{ list: names }", [["names", ["a", 1]]]],
  ["{ list: names, default: [b, true, null] }", [["names", ["b", true, null]]]],
  ["{ list: other, default: [] }", [["other", []]]],
  ["[a]", [[undefined, ["a"]]]],
  [
    "{ list: nmaes }",
    error(
      95,
      'Cannot read value as the list must be configured under rules.lists: current value is "nmaes" (did you mean "names"?)',
    ),
  ],
  ["{ list: 3 }", error(95, "Cannot read list as it must be a text that is not empty: current value is 3")],
  [
    "{ list: names, defualt: [] }",
    error(
      102,
      'Cannot read value as each key must be a known one: current value is "defualt" (did you mean "default"?)',
    ),
  ],
  [
    "{ list: names, default: x }",
    error(111, 'Cannot read "default" as it must be a list: current value is "x"'),
  ],
  [
    "{ list: names, default: [[x]] }",
    error(111, 'Cannot read "default" as it must be a list of single values: current value is [["x"]]'),
  ],
];
for (const [value, expected] of ROWS) {
  Deno.test(`a value of ${value}`, () => deepStrictEqual(read(value), expected));
}

Deno.test("a window fact may be held against a list too", () => {
  const text = "id: r\ntitle: R\nlevel: low\nselect: { s: { kind: process.start } }\ncorrelate: { timespan: 1m }\n" +
    "when: { fact: s.last.process.name, operator: in, value: { list: names } }\n";
  const { rules, diagnostics } = parseRules("r.yaml", text, { valueLists: LISTS });
  deepStrictEqual(diagnostics, []);
  const when = rules[0]?.correlation?.when;
  deepStrictEqual(when === undefined ? [] : [...testsOf(when)].map(({ list }) => list), ["names"]);
});
