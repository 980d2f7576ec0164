import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compilePattern } from "../../../src/rules/sigma/pattern.ts";
import { ANY, joinParts, ONE, parseText, type Part, type SigmaText } from "../../../src/rules/sigma/text.ts";

const read = (written: string) => parseText(written, false);

Deno.test("A backslash escapes only wildcards and itself", () => {
  deepStrictEqual(read("C:\\Windows\\a"), ["C:\\Windows\\a"]);
  deepStrictEqual(read("a\\*b\\?c"), ["a*b?c"]);
  deepStrictEqual(read("a\\\\b"), ["a\\b"]);
  deepStrictEqual(read("a\\\\*"), ["a\\", ANY]);
  deepStrictEqual(read("a\\\\\\*"), ["a\\*"]);
  deepStrictEqual(read("\\\\\\"), ["\\\\"], "three backslashes are two");
  deepStrictEqual(read("\\\\\\\\"), ["\\\\"], "and so are four");
  deepStrictEqual(read("*a?"), [ANY, "a", ONE]);
  deepStrictEqual(read("a\\"), ["a\\"]);
  deepStrictEqual(read("\\%x%"), ["\\%x%"], "a per cent sign is nothing special where no placeholder may be");
  deepStrictEqual(read(""), []);
});

Deno.test("Placeholders are read only where they may be", () => {
  deepStrictEqual(parseText("%a%", false), ["%a%"]);
  deepStrictEqual(parseText("x%a b%y", true), ["x", { placeholder: "a b" }, "y"]);
  deepStrictEqual(parseText("\\%plain%name%", true), ["%plain", { placeholder: "name" }]);
  deepStrictEqual(parseText("50%", true), ["50%"]);
  deepStrictEqual(parseText("%%", true), ["%%"]);
});

Deno.test("Parts are joined where they meet", () => {
  deepStrictEqual(joinParts([ANY], [ANY, "a"], ["b", ANY]), [ANY, "ab", ANY]);
  deepStrictEqual(joinParts([ONE], [ONE]), [ONE, ONE], "each ? is a character of its own");
});

function accepts(pattern: string, value: string): boolean {
  return compilePattern(read(pattern)).accepts(value);
}

Deno.test("Wildcards on whole values", () => {
  const rows: readonly [pattern: string, value: string, accepted: boolean][] = [
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["abc", "abc", true],
    ["abc", "abcd", false],
    ["a*", "a", true],
    ["*a", "ba", true],
    ["*a", "ab", false],
    ["*b*", "abc", true],
    ["ab*ba", "aba", false],
    ["ab*ba", "abba", true],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "acb", false],
    ["?", "a", true],
    ["?", "", false],
    ["?", "ab", false],
    ["a?c", "abc", true],
    ["*?", "", false],
    ["?*", "x", true],
    ["*a?", "xxab", true],
    ["a*?b", "ab", false],
    ["a*?b", "axb", true],
    ["*x?y*z?", "aax1yzz1", true],
    ["?", "😀", true],
    ["??", "😀", false],
    ["*?", "😀", true],
    ["a?b", "a😀b", true],
    ["*?b", "😀b", true],
  ];
  for (const [pattern, value, accepted] of rows) {
    strictEqual(accepts(pattern, value), accepted, `${pattern} on ${value}`);
  }
});

Deno.test("Many stars against a long value take no time", () => {
  const hostile = "a".repeat(5_000);
  const started = performance.now();
  strictEqual(accepts("*a*a*a*b", hostile), false);
  strictEqual(accepts("*a".repeat(1_000) + "*b", hostile), false);
  strictEqual(accepts("*?a?".repeat(200) + "*b", hostile), false);
  strictEqual(accepts("*aaaa?b*", "a".repeat(1_000_000)), false);
  strictEqual(accepts(`*${"?".repeat(50_000)}b`, "a".repeat(200_000)), false);
  // Trying each place would take minutes; this is only to tell the two apart.
  ok(performance.now() - started < 20_000);
});

/** What a pattern means, by trying everything. */
function reference(text: SigmaText, value: string): boolean {
  const characters = text.flatMap((part): Part[] => typeof part === "string" ? [...part] : [part]);
  const units = [...value];
  const from = (i: number, j: number): boolean => {
    const part = characters[i];
    if (part === undefined) return j === units.length;
    if (part === ANY) return from(i + 1, j) || (j < units.length && from(i, j + 1));
    return j < units.length && (part === ONE || part === units[j]) && from(i + 1, j + 1);
  };
  return from(0, 0);
}

const pattern = fc.array(fc.constantFrom(ANY, ONE, "a", "b", "ab", "😀"), { maxLength: 8 }).map((parts) =>
  joinParts(parts)
);
const value = fc.string({ unit: fc.constantFrom("a", "b", "😀"), maxLength: 10 });

Deno.test("A compiled pattern accepts what trying everything accepts, and then holds its literal", () => {
  fc.assert(
    fc.property(pattern, value, (text, value) => {
      const { accepts, literal } = compilePattern(text);
      const expected = reference(text, value);
      strictEqual(accepts(value), expected, `${text.map(String).join(" ")} on ${value}`);
      if (!expected || literal === null) return;
      const { how, text: part } = literal;
      const holds = how === "equals"
        ? value === part
        : how === "startsWith"
        ? value.startsWith(part)
        : how === "endsWith"
        ? value.endsWith(part)
        : value.includes(part);
      ok(holds, `${how} ${part} on ${value}`);
    }),
    { numRuns: 20_000 },
  );
});
