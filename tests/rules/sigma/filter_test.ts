import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { complaints, foreign, load, predicateOf, rulesOf } from "./fixtures.ts";

const RULE = `title: R
id: r1
name: rule_one
logsource: {category: process_creation, product: windows}
detection: {s: {Image: cmd.exe}, condition: s}
level: low
`;

function withFilter(filter: string, logsource = "category: process_creation, product: windows"): string {
  const indented = filter.trim().split("\n").map((line) => "  " + line).join("\n");
  return `${RULE}---\ntitle: F\nlogsource: {${logsource}}\nfilter:\n${indented}\n`;
}

function verdicts(text: string, users: readonly string[]): boolean[] {
  const accepts = predicateOf(load(text).rules[0]);
  return users.map((User) => accepts(foreign({ Image: "cmd.exe", User })));
}

Deno.test("A filter's condition is added to the rules it names, as written", () => {
  const not = withFilter("rules: [r1]\nselection: {User|startswith: adm_}\ncondition: not selection");
  deepStrictEqual(verdicts(not, ["adm_x", "bob"]), [false, true]);
  strictEqual(rulesOf(not).length, 1, "a filter is no rule");
  const asWritten = withFilter("rules: rule_one\nselection: {User|startswith: adm_}\ncondition: selection");
  deepStrictEqual(verdicts(asWritten, ["adm_x", "bob"]), [true, false]);
});

Deno.test("A filter that does not start with not is warned about", () => {
  const told = complaints(withFilter("rules: [r1]\nselection: {User: a}\ncondition: selection"));
  strictEqual(told.length, 1);
  ok(/^rule\.yml:\d+:\d+: warning: .*must start with "not".*current value is "selection"/.test(told[0] ?? ""), told[0]);
  for (const condition of ["not selection", "(not selection)", "not 1 of sel*"]) {
    deepStrictEqual(complaints(withFilter(`rules: [r1]\nselection: {User: a}\ncondition: ${condition}`)), []);
  }
  strictEqual(complaints(withFilter("rules: [r1]\nnotes: {User: a}\ncondition: notes")).length, 1);
});

Deno.test("A filter for any rule applies by log source", () => {
  const filter = "rules: any\ns: {User: a}\ncondition: not s";
  deepStrictEqual(verdicts(withFilter(filter), ["a", "b"]), [false, true]);
  deepStrictEqual(
    verdicts(withFilter(filter, "product: windows"), ["a", "b"]),
    [false, true],
    "less is said, more is covered",
  );
  deepStrictEqual(verdicts(withFilter(filter, "product: linux"), ["a", "b"]), [true, true]);
  deepStrictEqual(verdicts(withFilter(filter, "product: windows, service: sysmon"), ["a", "b"]), [true, true]);
  deepStrictEqual(verdicts(withFilter("rules: []\ns: {User: a}\ncondition: not s"), ["a", "b"]), [false, true]);
});

Deno.test("A filter's detections are its own, whatever the rule calls its own", () => {
  deepStrictEqual(
    verdicts(withFilter("rules: [r1]\ns: {User: a}\nt: {User: b}\ncondition: not 1 of them"), ["a", "b", "c"]),
    [false, false, true],
  );
});

Deno.test("A filter sees our field names as its rule does", () => {
  const accepts = predicateOf(
    load(withFilter("rules: any\ns: {User: a}\ncondition: not s", "product: windows")).rules[0],
  );
  strictEqual(accepts(foreign({ "process.executable": "cmd.exe", "user.name": "a" })), false);
  strictEqual(accepts(foreign({ "process.executable": "cmd.exe", "user.name": "b" })), true);
});

Deno.test("A filter that names no rule there is, or one of another log source, is warned about", () => {
  const unknown = complaints(withFilter("rules: [rule_on]\ns: {User: a}\ncondition: not s"));
  ok(
    /warning: Cannot filter rule as it must be one that is loaded: current value is "rule_on" \(did you mean "rule_one"\?\)/
      .test(unknown[0] ?? ""),
    unknown[0],
  );
  const other = complaints(withFilter("rules: [r1]\ns: {User: a}\ncondition: not s", "product: linux"));
  ok(/warning: Cannot filter rule as it must be of the filter's log source/.test(other[0] ?? ""), other[0]);
});

Deno.test("A filter with an error is left out, and said; the rule stays as it was", () => {
  const text = withFilter("rules: [r1]\ns: {User|contians: a}\ncondition: not t");
  const told = complaints(text);
  ok(told.some((line) => /did you mean "contains"/.test(line)));
  ok(told.some((line) => /"t" must be the name of a detection/.test(line)));
  deepStrictEqual(verdicts(text, ["a"]), [true]);
  ok(complaints(withFilter("s: {User: a}\ncondition: not s")).some((line) => /must have the key "rules"/.test(line)));
  ok(complaints(withFilter("rules: [r1]\ns: {User: a}")).some((line) => /must have the key "condition"/.test(line)));
});
