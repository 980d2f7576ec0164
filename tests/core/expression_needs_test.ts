import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compileExpression } from "../../src/core/expression.ts";
import { type Needs, needsOf } from "../../src/core/expression_needs.ts";

function needs(pattern: string, lengthMin: number, ...literals: readonly string[]): [string, Needs] {
  return [pattern, { lengthMin, literals: literals.length === 0 ? null : literals }];
}

Deno.test("one of the texts that an expression needs", () => {
  const rows = [
    needs("net\\s+user", 8, "user"),
    needs("ABC", 3, "abc"),
    needs("a|b", 1, "a", "b"),
    needs("(abc)", 3, "abc"),
    needs("x(abc)yz", 6, "xabcyz"),
    needs("x(?:ab|cd)y", 4, "xaby", "xcdy"),
    needs("(?<n>a)(?P<m>b)", 2, "ab"),
    needs("abc?", 2, "ab"),
    needs("abc*d", 3, "ab"),
    needs("abc+d", 4, "abc"),
    needs("a(bc)+d", 4, "abc"),
    needs("(ab)*cd", 2, "cd"),
    needs("ab{0,2}", 1, "a"),
    needs("ab{2}c", 4, "abbc"),
    needs("ab{9}c", 11, "abbbb"),
    needs("a{2,}b", 3, "aab"),
    needs("ab??c", 2, "abc", "ac"),
    needs("https?://[0-9]", 8, "https://", "http://"),
    needs("\\\\temp\\\\x", 7, "\\temp\\x"),
    needs("\\.[ \"']x", 3, ". x", '."x', ".'x"),
    needs("[Rr][Uu][Nn]", 3, "run"),
    needs("[]a]b", 2, "]b", "ab"),
    needs("[a\\]]b", 2, "ab", "]b"),
    needs("\\\\[a-zA-Z0-9]{1,32}\\.[a-zA-Z0-9]{1,6}\\.[ \"']{1}", 6, ". ", '."', ".'"),
    needs("a\\bb^c", 3, "abc"),
    needs("abc$", 3, "abc"),
    needs("(foo|fool|x)", 1, "foo", "x"),
    needs("(a|b|)cd", 2, "cd"),
  ];
  for (const [pattern, expected] of rows) deepStrictEqual(needsOf(pattern, {}), expected, pattern);
});

Deno.test("only a length, where no text is certain", () => {
  const rows = [
    needs("\\d+", 1),
    needs("\\s[a-fA-F0-9]{64}\\s[a-fA-F0-9]{16}", 82),
    needs(".{1000,}", 1_000),
    needs("[^a]", 1),
    needs("[a-z]", 1),
    needs("[abcde]", 1),
    needs("[\\\\-a]", 1),
    needs("[[:alpha:]]", 1),
    needs("\u{1f600}*\u{1f600}", 1),
    needs("(a|.)", 1),
    needs("", 0),
  ];
  for (const [pattern, expected] of rows) deepStrictEqual(needsOf(pattern, {}), expected, pattern);
});

Deno.test("beyond ASCII, and with case folded in s, no character is certain", () => {
  deepStrictEqual(needsOf("aéb", {}), { lengthMin: 3, literals: ["a"] });
  deepStrictEqual(needsOf("mess", { i: true }), { lengthMin: 4, literals: ["me"] });
  deepStrictEqual(needsOf("[ks]x", { i: true }), { lengthMin: 2, literals: ["x"] });
});

Deno.test("what it does not know says nothing", () => {
  const nothing = { lengthMin: 0, literals: null };
  const deep = "(".repeat(200) + "abc" + ")".repeat(200);
  for (const pattern of ["a(?i)bcd", "(?i:a)b", "\\Qa|b\\E", "\\pLx", "\\p{Greek}", "\\0ab", "abc\\Cd", "ab)c", deep]) {
    deepStrictEqual(needsOf(pattern, {}), nothing, pattern);
  }
});

Deno.test("many or long texts are given up for fewer and shorter ones", () => {
  const many = Array.from({ length: 40 }, (_, i) => `w${i}x`).join("|");
  strictEqual(needsOf(many, {}).literals, null);
  deepStrictEqual(needsOf(`(${many})tail`, {}), { lengthMin: 7, literals: ["tail"] });
  deepStrictEqual(needsOf("[ab][cd][ef][gh][ij][kl]", {}).literals?.length, 32);
  const { lengthMin, literals } = needsOf("z".repeat(10_000), {});
  strictEqual(lengthMin, 10_000);
  strictEqual(literals?.[0], "z".repeat(64));
});

/** Expressions out of parts, and texts in which they are often found. */
const part = fc.constantFrom("a", "b", "B", "[ab]", "[^a]", ".", "\\d", "1", "\\.", "é", "\u{1f600}", "s", "[Ks]");
const quantifier = fc.constantFrom("", "", "", "?", "*", "+", "+?", "{2}", "{0,1}", "{1,3}", "{5}", "{2,}");
const { expression } = fc.letrec<{ expression: string; one: string }>((tie) => ({
  expression: fc.array(fc.tuple(tie("one"), quantifier).map((parts) => parts.join("")), { maxLength: 4 }).map((parts) =>
    parts.join("")
  ),
  one: fc.oneof(
    { maxDepth: 2 },
    part,
    tie("expression").map((inner) => `(?:${inner})`),
    fc.tuple(tie("expression"), tie("expression")).map(([one, other]) => `(${one}|${other})`),
  ),
}));
const text = fc.array(fc.constantFrom("a", "b", "A", "B", "1", ".", "é", "s", "ſ", "\u212a", "k"), {
  maxLength: 14,
}).map((characters) => characters.join(""));

Deno.test("whatever an expression is found in is long enough and holds one of its texts", () => {
  let found = 0;
  const flags = fc.record({ i: fc.boolean(), m: fc.boolean(), s: fc.boolean() });
  fc.assert(
    fc.property(expression, flags, text, (expression, flags, text) => {
      const compiled = compileExpression(expression, flags);
      if ("error" in compiled) return;
      // What is needed is also what decides whether re2js is asked at all: so it is asked here by an expression nothing is known of.
      const whole = compileExpression(`(?:\\Q\\E${expression})`, flags);
      ok("test" in whole && whole.literals === null);
      const isFound = whole.test(text);
      strictEqual(compiled.test(text), isFound, `${expression} in ${JSON.stringify(text)}`);
      if (!isFound) return;
      found++;
      const { lengthMin, literals } = needsOf(expression, flags);
      ok(text.length >= lengthMin, `${expression} needs ${lengthMin}`);
      const folded = text.toLowerCase();
      ok(literals === null || literals.some((one) => folded.includes(one)), `${expression} needs ${literals?.join()}`);
    }),
    { numRuns: 4_000 },
  );
  ok(found > 800, `${found} were found`);
});
