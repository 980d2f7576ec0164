/** Detections and conditions as a whole: what is easily got wrong. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { foreign, predicateOf, rulesOf, ruleText, testsIn, values, verdicts } from "./fixtures.ts";

const T = true;
const F = false;

Deno.test("A whole value, case aside, is compared unless modified", () => {
  deepStrictEqual(values("f", "Cmd.exe", ["cmd.EXE", "cmd.exe ", "xcmd.exe", "cmdxexe"]), [T, F, F, F]);
  deepStrictEqual(values("f", "É", ["é"]), [T]);
});

Deno.test("A number, a boolean and their texts are the same", () => {
  deepStrictEqual(values("f", 4688, [4688, "4688", "04688", 4688.5]), [T, T, F, F]);
  deepStrictEqual(values("f", "4688", [4688]), [T]);
  deepStrictEqual(values("f", true, [true, "TRUE", 1, "1", false, "yes"]), [T, T, T, T, F, F]);
  deepStrictEqual(values("f", false, [false, "False", 0, true]), [T, T, T, F]);
  deepStrictEqual(values("f", "true", [true]), [T]);
  deepStrictEqual(values("f|endswith", "88", [4688]), [T]);
  deepStrictEqual(values("f|re", "^46", [4688]), [T]);
});

Deno.test("null is a missing field, '' only a present empty one", () => {
  deepStrictEqual(values("f", null, [undefined, null, "", "x"]), [T, T, F, F]);
  deepStrictEqual(values("f", "", [undefined, null, "", "x"]), [F, F, T, F]);
  deepStrictEqual(values("f", [null, "x"], [undefined, "x", "y"]), [T, T, F]);
  deepStrictEqual(values("f", [], [undefined, "x"]), [T, F], "an empty list is no value");
  deepStrictEqual(values("f", "*", ["", "x", undefined]), [T, T, F]);
});

Deno.test("not is two-valued: a missing field makes it true", () => {
  const detection = "s: {a: 1}\nn: {f|contains: x}\ncondition: s and not n";
  deepStrictEqual(verdicts(detection, [{ a: 1 }, { a: 1, f: "x" }, { a: 1, f: "y" }, { f: "y" }]), [T, F, T, F]);
});

Deno.test("A leading-zero scalar keeps its text", () => {
  deepStrictEqual(verdicts("s: {f: 0123}\ncondition: s", [{ f: "0123" }, { f: 123 }, { f: "123" }]), [T, F, F]);
});

Deno.test("Any element of a list is the field's value", () => {
  deepStrictEqual(values("f", "b", [["a", "B"], ["a"], [], [null, "b"]]), [T, F, F, T]);
  deepStrictEqual(values("f", 2, [[1, 2]]), [T]);
});

Deno.test("Wildcards are read before modifiers and stay live", () => {
  deepStrictEqual(values("f|contains", "a*b?c", ["1aXXbYc2", "abc"]), [T, F]);
  deepStrictEqual(values("f|startswith", "a\\*", ["a*b", "axb"]), [T, F]);
});

Deno.test("Field names may hold spaces, dots and anything but a pipe", () => {
  deepStrictEqual(
    verdicts('s: {"New Value": a, a.b.c: 1}\ncondition: s', [{ "New Value": "A", "a.b.c": 1 }, { "a.b.c": 1 }]),
    [T, F],
  );
  deepStrictEqual(verdicts("s: {constructor: a}\ncondition: s", [{}, { constructor: "a" }]), [F, T]);
});

Deno.test("Maps are all of, lists of maps any of, and either may lie in the other's list", () => {
  const detection = "s:\n- a: 1\n  b: 2\n- c: 3\n- - kw1\n  - kw2\ncondition: s";
  const events = [{ a: 1 }, { a: 1, b: 2 }, { c: 3 }, { x: "has KW2 in it" }];
  deepStrictEqual(verdicts(detection, events), [F, T, T, T]);
});

Deno.test("Keywords are looked for in any text of the event", () => {
  deepStrictEqual(
    verdicts("k: [evil, 'a*z', 4711]\ncondition: k", [
      { x: "so Evil!" },
      { y: "1-a-z-9" },
      { l: ["x", "EVIL"] },
      { m: "no 4711." },
      { x: "good" },
      {},
    ]),
    [T, T, T, T, F, F],
  );
  deepStrictEqual(
    verdicts("k: evil\ncondition: k", [{ x: "devil" }, { evil: "x" }]),
    [T, F],
    "in values, not in names",
  );
  deepStrictEqual(verdicts("k: {'|all': [aa, bb]}\ncondition: k", [{ x: "aa", y: "bb" }, { x: "aa" }]), [T, F]);
  deepStrictEqual(verdicts("k: {'|re': 'e.il$'}\ncondition: k", [{ x: "evil" }, { x: "evil!" }]), [T, F]);
  deepStrictEqual(verdicts("k: {'|cased': Evil}\ncondition: k", [{ x: "an Evil" }, { x: "evil" }]), [T, F]);
});

Deno.test("The condition's grammar", () => {
  const base = "a1: {a: 1}\na2: {b: 1}\nb_x: {c: 1}\n_h: {d: 1}\ncondition: ";
  const event = (fields: string) => Object.fromEntries([...fields].map((name) => [name, 1]));
  const rows: readonly [condition: string, events: readonly [string, boolean][]][] = [
    ["a1 or a2 and b_x", [["a", T], ["b", F], ["bc", T]]],
    ["(a1 or a2) and b_x", [["a", F], ["ac", T]]],
    ["not a1 and a2", [["b", T], ["ab", F]]],
    ["not (a1 and a2)", [["a", T], ["ab", F]]],
    ["not not a1", [["a", T], ["", F]]],
    ["1 of a*", [["a", T], ["b", T], ["c", F]]],
    ["any of a*", [["b", T]]],
    ["all of a*", [["a", F], ["ab", T]]],
    ["1 of *_x", [["c", T], ["a", F]]],
    ["1 of them", [["c", T], ["d", F]]],
    ["all of them", [["abc", T], ["ab", F]]],
    ["1 of _*", [["d", T], ["a", F]]],
    ["_h", [["d", T]]],
    ["1 of a1", [["a", T], ["b", F]]],
    ["all of a* and not 1 of b_*", [["ab", T], ["abc", F]]],
    ["[a1, a2 and b_x]", [["a", T], ["b", F], ["bc", T]]],
    ["'  ( a1 )  '", [["a", T]]],
  ];
  for (const [condition, events] of rows) {
    const names = events.map(([fields]) => event(fields));
    deepStrictEqual(verdicts(base + condition, names), events.map(([, verdict]) => verdict), condition);
  }
});

Deno.test("Names that begin like operators are names", () => {
  deepStrictEqual(
    verdicts("notepad: {a: 1}\nandroid: {b: 1}\norigin: {c: 1}\ncondition: notepad and android or origin", [
      { a: 1, b: 1 },
      { c: 1 },
      { a: 1 },
    ]),
    [T, T, F],
  );
});

Deno.test("A field may be compared with another", () => {
  const events = [{ f: "Ab", g: "aB" }, { f: "xaby", g: "ab" }, { f: "x" }, { g: "x" }, {}, { f: 5, g: "5" }];
  deepStrictEqual(verdicts("s: {f|fieldref: g}\ncondition: s", events), [T, F, F, F, F, T]);
  // The lower case of U+0130 is two characters.
  const odd = [{ f: "\u0130", g: "i\u0307" }, { f: "i\u0307", g: "\u0130" }, { f: "abc", g: "abcd" }, {
    f: "K",
    g: "\u212a",
  }];
  deepStrictEqual(verdicts("s: {f|fieldref: g}\ncondition: s", odd), [T, T, F, T]);
  deepStrictEqual(verdicts("s: {f|fieldref|contains: g}\ncondition: s", events), [T, T, F, F, F, T]);
  deepStrictEqual(
    verdicts("s: {f|fieldref|startswith: g}\ncondition: s", [{ f: "abc", g: "AB" }, { f: "cab", g: "ab" }]),
    [T, F],
  );
  deepStrictEqual(verdicts("s: {f|fieldref|endswith: g}\ncondition: s", [{ f: "cab", g: "AB" }]), [T]);
  deepStrictEqual(verdicts("s: {f|fieldref|neq: g}\ncondition: s", events), [F, T, T, T, T, F]);
});

Deno.test("A leaf says what was written and what must be there", () => {
  const [rule] = rulesOf(
    ruleText("s:\n  Image|endswith: ['\\Cmd.exe', '*x']\n  n: 5\n  c|cidr: 10.0.0.0/8\n  k|cased: A\ncondition: s"),
  );
  const tests = testsIn(rule).map(({ fact, operator, value, witnesses }) => ({ fact, operator, value, witnesses }));
  deepStrictEqual(tests, [
    {
      fact: "Image",
      operator: "endswith",
      value: ["\\Cmd.exe", "*x"],
      witnesses: [{ how: "endsWith", text: "\\cmd.exe" }, { how: "endsWith", text: "x" }],
    },
    { fact: "n", operator: "equals", value: 5, witnesses: [{ how: "equals", text: "5" }] },
    { fact: "c", operator: "cidr", value: "10.0.0.0/8", witnesses: null },
    { fact: "k", operator: "cased", value: "A", witnesses: [{ how: "equals", text: "a" }] },
  ]);
});

Deno.test("A list of ten thousand values and a value of a megabyte are handled", () => {
  const list = Array.from({ length: 10_000 }, (_, i) => `value${i}*`);
  const accepts = predicateOf(
    rulesOf(ruleText(`s: {f|contains: ${JSON.stringify(list)}, g|contains: needle}\ncondition: s`))[0],
  );
  strictEqual(accepts(foreign({ f: "a value9999", g: "x".repeat(1_000_000) + "needle" })), true);
  strictEqual(accepts(foreign({ f: "a value", g: "x".repeat(1_000_000) })), false);
});

Deno.test("What a rule says of itself", () => {
  const [rule] = rulesOf(
    "title: A title\nid: 7a1c7a9e-0000-4000-8000-000000000000\nname: my_rule\nstatus: test\ndescription: About it\n" +
      "author: X\ndate: 2024-01-01\nreferences: [http://x]\nfalsepositives: [None]\ntags: [attack.t1059, cve.2021-44228]\n" +
      "logsource: {product: windows, category: process_creation}\ndetection: {s: {a: 1}, condition: s}\nlevel: critical\ncustom: 1\n",
  );
  strictEqual(rule?.id, "7a1c7a9e-0000-4000-8000-000000000000");
  strictEqual(rule?.title, "A title");
  strictEqual(rule?.description, "About it");
  deepStrictEqual([rule?.level, rule?.weight, rule?.format], ["critical", 0.9, "sigma"]);
  deepStrictEqual(rule?.tags, ["attack.t1059", "cve.2021-44228"]);
  deepStrictEqual(rule?.place, { path: "rule.yml", line: 1, column: 1 });
  deepStrictEqual(rule?.selections[0]?.logSource, { category: "process_creation", product: "windows", service: null });
});

Deno.test("A rule without an id has its name, else one that stays the same", () => {
  const text = (head: string) => `${head}\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}\n`;
  strictEqual(rulesOf(text("title: T\nname: my_rule"))[0]?.id, "my_rule");
  const [first] = rulesOf(text("title: T"));
  strictEqual(first?.id, rulesOf(text("title: T"))[0]?.id);
  strictEqual(first?.id.length, "sigma-".length + 16);
  strictEqual(first?.id === rulesOf(text("title: U"))[0]?.id, false);
  strictEqual(first?.level, "medium");
});
