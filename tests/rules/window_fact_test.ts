import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { needsNumbers, parseWindowFact, percentileOf, windowFactProblem } from "../../src/rules/window_fact.ts";

const SELECTIONS = ["failure", "cpu"];

Deno.test("a window fact is a selection, a measure and a field", () => {
  const parse = (name: string) => parseWindowFact(name, SELECTIONS);
  deepStrictEqual(parse("failure.count"), { selection: "failure", measure: "count", field: null });
  deepStrictEqual(parse("cpu.age"), { selection: "cpu", measure: "age", field: null });
  deepStrictEqual(parse("failure.distinct.source.ip"), {
    selection: "failure",
    measure: "distinct",
    field: "source.ip",
  });
  deepStrictEqual(parse("cpu.p95.a.b.c"), { selection: "cpu", measure: "p95", field: "a.b.c" });
  deepStrictEqual(parse("cpu.rise.x"), { selection: "cpu", measure: "rise", field: "x" });
});

Deno.test("what is no window fact is refused with a reason", () => {
  const cases: [string, RegExp, RegExp][] = [
    ["count", /a selection and a measure/, /<selection>/],
    [".count", /a selection and a measure/, /<selection>/],
    ["failures.count", /name of a selection/, /did you mean "failure"/],
    ["failure.cuont", /must be a measure/, /did you mean "count"/],
    ["failure.count.source.ip", /without a field/, /failure\.count/],
    ["cpu.avg", /must name a field/, /cpu\.avg\./],
    ["cpu.avg.", /must name a field/, /cpu\.avg\./],
    ["cpu.count.", /without a field/, /cpu\.count/],
    ["cpu.p0.x", /must be a measure/, /./],
    ["cpu.p100.x", /must be a measure/, /./],
    ["cpu.p9x.x", /must be a measure/, /./],
  ];
  for (const [name, problem, hint] of cases) {
    strictEqual(parseWindowFact(name, SELECTIONS), undefined, name);
    const told = windowFactProblem(name, SELECTIONS);
    strictEqual(problem.test(told.problem), true, `${name}: ${told.problem}`);
    strictEqual(hint.test(told.hint), true, `${name}: ${told.hint}`);
  }
});

Deno.test("percentiles are told from other measures", () => {
  strictEqual(percentileOf("p1"), 1);
  strictEqual(percentileOf("p99"), 99);
  strictEqual(percentileOf("count"), undefined);
  strictEqual(needsNumbers("p50"), true);
  strictEqual(needsNumbers("slope"), true);
  strictEqual(needsNumbers("distinct"), false);
  strictEqual(needsNumbers("last"), false);
});
