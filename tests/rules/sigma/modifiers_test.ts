/** Every modifier: what it accepts and what it does not. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { MODIFIER_NAMES } from "../../../src/rules/sigma/modifiers.ts";
import { foreign, holdsWitness, rulesOf, ruleText, testsIn, values } from "./fixtures.ts";

/** A modifier or a chain, a value, and values of the field with their verdicts; `undefined` leaves the field out. */
type Row = readonly [key: string, value: unknown, fields: readonly unknown[], verdicts: readonly boolean[]];

const T = true;
const F = false;

const ROWS: readonly Row[] = [
  ["f|contains", "b c", ["a b cd", "B C", "bc", "", undefined], [T, T, F, F, F]],
  ["f|contains", "a*c", ["xaZZcx", "ca"], [T, F]],
  ["f|contains", "", ["", "x", undefined], [T, T, F]],
  ["f|startswith", "/tmp/", ["/TMP/x", "/tmp/", "x/tmp/"], [T, T, F]],
  ["f|endswith", "\\cmd.exe", ["C:\\CMD.EXE", "cmd.exe", "\\cmd.exe "], [T, F, F]],
  ["f|contains|all", ["a", "b"], ["xbxa", "a", "b", ["a", "b"]], [T, F, F, T]],
  ["f|all", ["a*", "*b"], ["a-b", "a", "b"], [T, F, F]],
  ["f|cased", "aB", ["aB", "ab", "AB"], [T, F, F]],
  ["f|cased|contains", "É", ["xÉx", "é"], [T, F]],
  ["f|contains|cased", "a?B", ["1axB2", "axb"], [T, F]],
  ["f|neq", "a", ["A", "b", undefined, null], [F, T, T, T]],
  ["f|neq", ["a", "b"], ["a", "b", "c"], [F, F, T]],
  ["f|contains|neq", "a", ["xax", "b", undefined], [F, T, T]],
  ["f|exists", true, ["", "x", 0, false, null, undefined], [T, T, T, T, F, F]],
  ["f|exists", false, ["", null, undefined], [F, T, T]],
  ["f|re", "^a.c$", ["abc", "ABC", "xabc", undefined], [T, F, F, F]],
  ["f|re", "b", ["abc"], [T]],
  ["f|re|i", "^A.C$", ["abc", "ab"], [T, F]],
  ["f|re|ignorecase", "X", ["x"], [T]],
  ["f|re|m", "^b$", ["a\nb\nc", "ab"], [T, F]],
  ["f|re|multiline", "^b$", ["a\nb"], [T]],
  ["f|re|s", "a.c", ["a\nc"], [T]],
  ["f|re|dotall", "a.c", ["a\nc"], [T]],
  ["f|re", "a.c", ["a\nc"], [F]],
  ["f|re|i|s", "A.C", ["a\nc"], [T]],
  ["f|re", "(?i)ABC", ["xabcx"], [T]],
  ["f|re|startswith", "b|c", ["bx", "xb", "cx", "xc"], [T, F, T, F]],
  ["f|re|endswith", "b|c", ["xb", "bx", "xc", "cx"], [T, F, T, F]],
  ["f|re|startswith", "(?i)B", ["bx", "xb"], [T, F]],
  ["f|re|contains", "b", ["abc"], [T]],
  ["f|re|all", ["a", "b"], ["ba", "a"], [T, F]],
  ["f|cidr", "10.0.0.0/8", ["10.9.9.9", "11.0.0.0", "10.0.0.x", "", undefined], [T, F, F, F, F]],
  ["f|cidr", "2001:db8::/32", ["2001:DB8::1", "2001:db9::1"], [T, F]],
  ["f|cidr", ["10.0.0.0/8", "fe80::/10"], ["fe80::1", "10.1.1.1", "::1"], [T, T, F]],
  ["f|cidr", "192.168.0.0/16", ["::ffff:192.168.3.4"], [T]],
  ["f|base64", "foobar", ["Zm9vYmFy", "xZm9vYmFyx"], [T, F]],
  ["f|base64|contains", "foobar", ["xZm9vYmFyx"], [T]],
  ["f|base64offset|contains", "/bin/sh", [
    "L2Jpbi9zaA",
    "xvYmluL3No",
    "AvYmluL3Noxx",
    "vYmluL3No",
    "9iaW4vc2",
    "L2Jpbi",
  ], [T, T, T, T, T, F]],
  ["f|wide|base64", "a", ["YQA="], [T]],
  ["f|utf16le|base64", "a", ["YQA="], [T]],
  ["f|utf16be|base64", "a", ["AGE="], [T]],
  ["f|utf16|base64", "a", ["//5hAA=="], [T]],
  ["f|wide|base64offset|contains", "ping", ["xxcABpAG4AZwA", "nope"], [T, F]],
  ["f|wide", "ab", ["a\0b\0", "ab"], [T, F]],
  ["f|utf16le|contains", "ab", ["xa\0b\0x"], [T]],
  ["f|utf16be", "ab", ["\0a\0b"], [T]],
  ["f|utf16", "ab", ["\ufeffa\0b\0"], [T]],
  ["f|wide|base64", "é", ["6QA="], [T]],
  ["f|windash|contains", " -s ", ["x /S y", "x –s y", "x —s y", "x ―s y", "x -s y", "x s y"], [T, T, T, T, T, F]],
  ["f|contains|windash", "/x-y", ["a-x-y", "a/x/y"], [T, F]],
  ["f|windash", "-a-b", ["/a-b", "/a/b"], [T, F]],
  ["f|windash", "-a -b -c", ["/a –b ―c"], [T]],
  ["f|fieldref", "f", ["x", undefined], [T, F]],
  ["f|gt", 5, [6, 5, "7", "x", "", undefined, "1e3"], [T, F, T, F, F, F, T]],
  ["f|gte", 5, [5, "5", 4.9], [T, T, F]],
  ["f|lt", -1.5, [-2, -1.5], [T, F]],
  ["f|lte", 5, [5, 6, [9, 1]], [T, F, T]],
  ["f|neq", 5, [5, "5", 6], [F, F, T]],
  ["f|minute", 30, ["2024-03-04T10:30:59Z", "2024-03-04T10:31:00Z", "10:30"], [T, F, F]],
  ["f|hour", 8, ["2024-03-04T10:30:00+02:00", "2024-03-04 08:00:00", 1709539200], [T, T, T]],
  ["f|hour|gte", 20, ["2024-03-04T20:00:00Z", "2024-03-04T19:59:59Z", "2024-03-04T23:00:00.123456Z"], [T, F, T]],
  ["f|day", 29, ["2024-02-29T00:00:00Z", 1709164800000], [T, T]],
  ["f|week", 1, ["2024-01-01T00:00:00Z", "2023-01-01T00:00:00Z", "2024-12-30T00:00:00Z"], [T, F, T]],
  ["f|week", 53, ["2021-01-01T00:00:00Z"], [T]],
  ["f|month", [2, 3], ["2024-03-01T00:00:00Z", "2024-04-01T00:00:00Z"], [T, F]],
  ["f|year|lt", 2020, ["2019-12-31T23:59:59Z", "2020-01-01T00:00:00Z", undefined], [T, F, F]],
];

for (const [key, value, fields, expected] of ROWS) {
  Deno.test(`${key}: ${JSON.stringify(value)}`, () => deepStrictEqual(values(key, value, fields), expected));
}

const LISTS = new Map<string, readonly (string | number)[]>([["servers", ["srv*", "db1", 7]], ["none", []], ["re", [
  "a.b",
]]]);

Deno.test("expand: any value of the list, wildcards and all", () => {
  deepStrictEqual(values("f|expand", "%servers%", ["SRV-1", "db1", "7", "x"], LISTS), [T, T, T, F]);
  deepStrictEqual(values("f|contains|expand", "a %servers% b", ["1 a db1 b 2", "a b"], LISTS), [T, F]);
  deepStrictEqual(values("f|expand|endswith", "\\%servers%", ["x%servers%", "x-srv1"], LISTS), [T, F]);
  deepStrictEqual(values("f|expand|contains", "\\%plain%servers%", ["x%plaindb1x", "db1"], LISTS), [T, F]);
  deepStrictEqual(values("f|expand", "%none%", ["", "x", undefined], LISTS), [F, F, F]);
  deepStrictEqual(values("f|re|expand", "^%re%$", ["a.b", "axb"], LISTS), [T, F]);
  deepStrictEqual(values("f|expand|all", ["%servers%", "*1"], ["srv1", "db1", "7"], LISTS), [T, T, F]);
  deepStrictEqual(values("f|expand", "50%", ["50%"], LISTS), [T]);
  deepStrictEqual(values("f", "%servers%", ["%servers%", "db1"], LISTS), [T, F]);
});

Deno.test("Expansions stay any-of under all", () => {
  deepStrictEqual(values("f|windash|contains|all", ["-a", "-b"], ["/a –b", "/a", "-a -b"]), [T, F, T]);
  deepStrictEqual(
    values("f|base64offset|contains|all", ["abc", "xyz"], [btoa("abc") + " " + btoa("1xyz"), btoa("abc")]),
    [T, F],
  );
});

Deno.test("A table row for every modifier", () => {
  const tested = new Set([...ROWS.flatMap(([key]) => key.split("|").slice(1)), "expand"]);
  const missing = MODIFIER_NAMES.filter((name) => !tested.has(name));
  deepStrictEqual(missing, []);
  ok(tested.size > 30);
});

Deno.test("Whatever is accepted holds a witness, where there are any", () => {
  let held = 0;
  for (const [key, value, fields] of ROWS) {
    const [rule] = rulesOf(ruleText(`s: {${JSON.stringify(key)}: ${JSON.stringify(value)}}\ncondition: s`));
    for (const field of fields) {
      const facts = foreign(field === undefined ? {} : { f: field });
      for (const test of testsIn(rule)) {
        if (test.witnesses === null || !test.accepts(facts)) continue;
        held++;
        ok(holdsWitness(test, facts), `${key}: ${JSON.stringify(value)} on ${JSON.stringify(field)}`);
      }
    }
  }
  ok(held > 50, `${held} were accepted`);
});
