/** What is wrong with a rule, at its place, all of it at once. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { complaints, load, ruleText } from "./fixtures.ts";

/** The one complaint about a detection section. */
function complaint(detection: string): string {
  const told = complaints(ruleText(detection));
  strictEqual(told.length, 1, told.join("\n"));
  return told[0] ?? "";
}

const ROWS: readonly [detection: string, complaint: RegExp][] = [
  [
    "s: {a: 1}\ncondition: selection",
    /^rule\.yml:6:14: error: Cannot read condition as "selection" must be the name of a detection, at character 1 of "selection" \(one of s\)$/,
  ],
  ["selection: {a: 1}\ncondition: not selecton", /at character 5 .*did you mean "selection"\?/],
  ["s: {a: 1}\ncondition: 1 of filter_*", /"filter_\*" must match the name of a detection/],
  ["s: {a: 1}\ncondition: s and", /a name, or a part in parentheses, must stand at its end, at character 6/],
  ["s: {a: 1}\ncondition: (s", /must close its parentheses/],
  ["s: {a: 1}\ncondition: s)", /must close only parentheses it has opened, at character 2/],
  ["s: {a: 1}\ncondition: s s", /"and" or "or" must stand before "s", at character 3/],
  ["s: {a: 1}\ncondition: s AND s", /"AND" must be in lower case/],
  ["s: {a: 1}\ncondition: 2 of s*", /"2 of" must be "1 of" or "all of"/],
  ["s: {a: 1}\ncondition: s*", /a name with "\*" must follow "1 of" or "all of"/],
  ["s: {a: 1}\ncondition: 1 of", /must follow "1 of"/],
  ["s: {a: 1}\ncondition: or s", /a name must stand where "or" does, at character 1/],
  ["s: {a: 1}\ncondition: s & s", /"&" is none, at character 3/],
  ["s: {a: 1}\ncondition: s | count() > 5", /must hold no aggregation.*at character 3.*correlation document/],
  ["s: {a: 1}\ncondition: ''", /Cannot read condition as it must be a text/],
  ["s: {a: 1}", /must have the key "condition"/],
  ["s: {a: 1}\ntimeframe: 5m\ncondition: s", /^rule\.yml:6:3: error: .*"timeframe" must not be there.*timespan/],
  [
    "s: {a|contians: 1}\ncondition: s",
    /^rule\.yml:5:7: error: Cannot read detection as "contians" must be a modifier of Sigma's.*did you mean "contains"\?/,
  ],
  [
    "s: {a|contains: 1}\ncondition: s",
    /^rule\.yml:5:19: error: Cannot read "contains" as the value must be a text.*current value is 1 .*in quotes/,
  ],
  ["s: {a|startswith: null}\ncondition: s", /"startswith" as the value must be a text/],
  ["s: {a|endswith: true}\ncondition: s", /"endswith" as the value must be a text/],
  ["s: {a|i: x}\ncondition: s", /"i" as it must follow the modifier "re"/],
  ["s: {a|contains|re: x}\ncondition: s", /"re" as it must be the first modifier/],
  ["s: {a|re: '(a)\\1'}\ncondition: s", /"re" as it may not hold a back-reference, at character 4/],
  ["s: {a|re: 'a(?=b)'}\ncondition: s", /"re" as it may not hold lookaround, at character 2/],
  ["s: {a|re: '(a'}\ncondition: s", /"re" as it must be one that runs in linear time: missing closing/],
  ["s: {a|re: 5}\ncondition: s", /"re" as the value must be a text/],
  ["s: {a|re|cased: x}\ncondition: s", /"cased" as the value must be a text/],
  ["s: {a|cidr: 10.0.0.0/33}\ncondition: s", /"cidr" as the value must be an IPv4 or IPv6 network.*as in/],
  ["s: {a|cidr: 10.0.*}\ncondition: s", /"cidr"/],
  ["s: {a|contains|cidr: 10.0.0.0/8}\ncondition: s", /"cidr" as it must be the first modifier/],
  ["s: {a|exists: x}\ncondition: s", /"exists" as the value must be true or false/],
  ["s: {a|contains|exists: true}\ncondition: s", /"contains" as the value must be/],
  ["s: {a|gt: '5'}\ncondition: s", /"gt" as the value must be a number: current value is "5" \(without quotes\)/],
  ["s: {a|gt|lt: 5}\ncondition: s", /"lt" as the value must be a number/],
  ["s: {a|hour: 24}\ncondition: s", /"hour" as the value must be a whole number of 0 to 23/],
  ["s: {a|gt|hour: 4}\ncondition: s", /"hour" as it must be the first modifier/],
  ["s: {a|base64: 'a*'}\ncondition: s", /"base64" as a value that is encoded must hold no wildcards/],
  [
    "s: {a|contains|base64: ab}\ncondition: s",
    /"base64" as a value that is encoded must hold no wildcards.*after the encoding/,
  ],
  ["s: {a|base64offset: a}\ncondition: s", /"base64offset" as the value must be at least two bytes/],
  ["s: {a|base64: ''}\ncondition: s", /"base64" as a value that is encoded must not be empty/],
  ["s: {a|wide: é}\ncondition: s", /"wide" as a text that is not base64-encoded afterwards must be ASCII/],
  ["s: {a|wide|utf16: a}\ncondition: s", /"utf16" as a text must be encoded as UTF-16 once/],
  ["s: {a|windash: '-a -b -c -d'}\ncondition: s", /"windash" as the value must hold at most 3 dashes/],
  ["s: {a|fieldref: 'b*'}\ncondition: s", /"fieldref" as the value must be the name of a field/],
  [
    "s: {a|expand: '%list%'}\ncondition: s",
    /"expand" as the placeholder %list% must have a list of values.*no value lists are configured/,
  ],
  ["s: {a|expand: 5}\ncondition: s", /"expand" as the value must be a text/],
  ["s: {a: {b: 1}}\ncondition: s", /^rule\.yml:5:10: error: Cannot read value as it must be a text, a number/],
  ["s: {a: [[1]]}\ncondition: s", /^rule\.yml:5:11: error: Cannot read value/],
  ["s: {a: .inf}\ncondition: s", /Cannot read value/],
  ["s: []\ncondition: s", /Cannot read detection as it must be a list that is not empty/],
  ["s: {}\ncondition: s", /Cannot read detection as it must be a map of fields to values that is not empty/],
  ["s:\ncondition: s", /Cannot read keyword as it must be a text or a number/],
  ["s: [null, a]\ncondition: s", /Cannot read keyword as it must be a text or a number/],
  ["s: {'|startswith': a}\ncondition: s", /"startswith" must be after the name of a field/],
  ["s: {'|cidr': 10.0.0.0/8}\ncondition: s", /"cidr" must be after the name of a field/],
  ["condition: s", /must name what to look for/],
];

for (const [detection, expected] of ROWS) {
  Deno.test(`Refused: ${detection.replaceAll("\n", " / ")}`, () => {
    if (detection === "condition: s") {
      ok(complaints(ruleText(detection)).some((line) => expected.test(line)));
      return;
    }
    const told = complaint(detection);
    ok(expected.test(told), told);
  });
}

Deno.test("All that is wrong is told at once, in every document, and what is right loads", () => {
  const text = ruleText("s: {a|contians: x, b|re: '(', c|gt: y}\nt: {}\ncondition: s and u") + "---\n" +
    ruleText("s: {a: 1}\ncondition: s").replace("id: test", "id: right") + "---\n" +
    "title: Third\nid: third\ndetection: {s: {a: 1}, condition: s}\nlevel: hihg\n";
  const { rules, diagnostics } = load(text);
  deepStrictEqual(rules.map(({ id }) => id), ["right"]);
  deepStrictEqual(diagnostics.map(({ place }) => place.line), [5, 5, 5, 6, 7, 21, 18]);
  strictEqual(diagnostics.every(({ severity }) => severity === "error"), true);
});

Deno.test("What a document must have, and may not", () => {
  const rows: readonly [text: string, complaint: RegExp][] = [
    ["logsource: {product: x}\ndetection: {s: {a: 1}, condition: s}", /must have the key "title"/],
    ["title: T\ndetection: {s: {a: 1}, condition: s}", /must have the key "logsource"/],
    [
      "title: T\nlogsource: {}\ndetection: {s: {a: 1}, condition: s}",
      /Cannot read logsource .*"category", a "product" or a "service"/,
    ],
    ["title: T\nlogsource: {product: [x]}\ndetection: {s: {a: 1}, condition: s}", /Cannot read product/],
    [
      "title: T\nid: not an id\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}",
      /^rule\.yml:2:5: error: Cannot read id/,
    ],
    [
      "title: T\nlevel: hgih\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}",
      /Cannot read level .*did you mean "high"/,
    ],
    [
      "title: T\ntaxonomy: ecs\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}",
      /Cannot read taxonomy as it must be "sigma"/,
    ],
    [
      "title: T\ntags: attack.t1\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}",
      /Cannot read tags as it must be a list/,
    ],
    [
      "title: T\naction: global\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}",
      /^rule\.yml:2:1: error: .*"action" must not be there/,
    ],
    [
      "title: T\nlogsource: {product: x}\ndetection: {s: {a: 1}, condition: s}\ncorrelation: {}",
      /must have one of "detection", "correlation" and "filter".*---/,
    ],
    ["title: T\nlogsource: {product: x}\ndetection: [a]", /Cannot read detection as it must be a mapping/],
    [
      "title: T\nlogsorce: {product: x}\nlogsource: {product: x}\nlevle: low\ndetection: {s: {a: 1}, condition: s}",
      /^rule\.yml:4:1: warning: .*"levle".*did you mean "level"/,
    ],
  ];
  for (const [text, expected] of rows) {
    const told = complaints(text + "\n");
    ok(told.some((line) => expected.test(line)), `${text}\n${told.join("\n")}`);
  }
});

Deno.test("An unset placeholder leaves out its rule alone", () => {
  const text = ruleText("s: {a|expand: '%x%'}\ncondition: s") + "---\n" +
    ruleText("s: {a: 1}\ncondition: s").replace("id: test", "id: other");
  deepStrictEqual(load(text).rules.map(({ id }) => id), ["other"]);
  const near = complaints(ruleText("s: {a|expand: '%serverss%'}\ncondition: s"), new Map([["servers", ["a"]]]));
  ok(/did you mean "servers"/.test(near[0] ?? ""), near[0]);
});

Deno.test("A condition nested without end is refused", () => {
  const deep = "(".repeat(1_000) + "s" + ")".repeat(1_000);
  ok(/must nest at most 64 deep/.test(complaint(`s: {a: 1}\ncondition: ${deep}`)));
  ok(/must nest at most 64 deep/.test(complaint(`s: {a: 1}\ncondition: ${"not ".repeat(1_000)}s`)));
  deepStrictEqual(complaints(ruleText(`s: {a: 1}\ncondition: ${"s or ".repeat(10_000)}s`)), []);
});
