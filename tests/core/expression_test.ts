import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { compileExpression, type Expression, EXPRESSION_LENGTH_MAX } from "../../src/core/expression.ts";
import type { ExpressionFlags } from "../../src/core/expression_syntax.ts";

function compiled(pattern: string, flags?: ExpressionFlags): Expression {
  const result = compileExpression(pattern, flags);
  if ("error" in result) throw new Error(`${pattern}: ${result.error}`);
  return result;
}

function refusal(pattern: string): { error: string; offset: number } {
  const result = compileExpression(pattern);
  if (!("error" in result)) throw new Error(`${pattern} must be refused`);
  return result;
}

Deno.test("V8 takes what it runs in linear time, re2js the rest", () => {
  const v8 = [
    "abc",
    "a+b*",
    "(foo|bar)\\d{2,4}",
    "[^/]+$",
    "(?<name>a)",
    "(?P<name>a)",
    "\\bword\\b",
    "a.b",
    "\\x41\\u0042",
  ];
  for (const pattern of v8) strictEqual(compiled(pattern).engine, "v8", pattern);
  const re2 = ["(?i)abc", ".{1000}", "(a{1,50}){1,20}", "[[:alpha:]]+", "\\pL", "(?i:a)b", "\\Qa.b\\E"];
  for (const pattern of re2) strictEqual(compiled(pattern).engine, "re2js", pattern);
  strictEqual(compiled("abc", { i: true }).engine, "re2js");
});

Deno.test("Both engines mean the same by the same expression", () => {
  const rows: readonly [pattern: string, text: string, found: boolean][] = [
    ["a.b", "a\rb", true],
    ["a.b", "a\u2028b", true],
    ["a.b", "a\nb", false],
    ["a$", "a\n", true],
    ["a$", "a\n\n", false],
    ["a$", "a\r", false],
    ["a\\z", "a\n", false],
    ["a\\Z", "a\n", true],
    ["\\Aa", "ba", false],
    ["^a", "b\na", false],
    ["[]a]b", "]b", true],
    ["[^]a]b", "]b", false],
    ["[[]x", "[x", true],
    ["\\$\\.\\-\\/", "$.-/", true],
    ["a\\hb", "a\tb", true],
    ["[\\h]", " ", true],
    ["é", "É", false],
    ["(?P<n>a)b", "ab", true],
    ["\\x41\\u0042", "AB", true],
    ["a{,2}", "a{,2}", true],
    ["\\_x", "_x", true],
  ];
  for (const [pattern, text, found] of rows) {
    const name = `${pattern} in ${JSON.stringify(text)}`;
    strictEqual(compiled(pattern).test(text), found, name);
    // A class that re2js alone knows makes the whole expression go there.
    const there = compiled(`(?:[[:cntrl:]]{0}(?:${pattern}))`);
    strictEqual(there.engine, "re2js", name);
    strictEqual(there.test(text), found, `re2js: ${name}`);
  }
});

Deno.test("Flags, given or leading", () => {
  strictEqual(compiled("(?i)ABC").test("xabcx"), true);
  strictEqual(compiled("abc", { i: true }).test("ABC"), true);
  strictEqual(compiled("abc").test("ABC"), false);
  strictEqual(compiled("^b$", { m: true }).test("a\nb\nc"), true);
  strictEqual(compiled("^b$").test("a\nb\nc"), false);
  strictEqual(compiled("a.b", { s: true }).test("a\nb"), true);
  strictEqual(compiled("(?is)A.B").test("a\nb"), true);
  strictEqual(compiled("(?m)^b\\z").test("a\nb"), true);
});

Deno.test("What cannot run in linear time is refused, with its place", () => {
  const rows: readonly [pattern: string, error: RegExp, offset: number][] = [
    ["(a)x\\1", /back-reference/, 4],
    ["(?<n>a)\\k<n>", /back-reference/, 7],
    ["(?P<n>a)(?P=n)", /back-reference/, 8],
    ["ab(?=c)", /lookaround/, 2],
    ["ab(?!c)", /lookaround/, 2],
    ["(?<=a)b", /lookaround/, 0],
    ["(?<!a)b", /lookaround/, 0],
    ["x(?>a)", /atomic/, 1],
    ["(?R)", /recursion/, 0],
    ["a(?(1)b)", /conditional/, 1],
    ["xa++", /nested repetition/, 2],
    ["x(a", /missing closing/, 0],
    ["a[z-b]", /range/, 2],
    ["a\\", /trailing backslash/, 0],
    ["(a{1,1000}){1,1000}", /too large|repeat/, 0],
  ];
  for (const [pattern, error, offset] of rows) {
    const { error: told, offset: at } = refusal(pattern);
    ok(error.test(told), `${pattern}: ${told}`);
    strictEqual(at, offset, pattern);
  }
  ok(/at most/.test(refusal("a".repeat(EXPRESSION_LENGTH_MAX + 1)).error));
  ok("engine" in compileExpression("a".repeat(EXPRESSION_LENGTH_MAX)));
  const nested = compileExpression("(".repeat(4_999) + "a" + ")".repeat(4_999));
  ok("error" in nested || nested.test("xax"), "deep nesting is refused or runs");
});

Deno.test("No expression hangs, whatever its flags", () => {
  const hostile = "a".repeat(50_000) + "!";
  const patterns = [
    "^(a+)+$",
    "(a|aa)+$",
    "(a*)*b",
    "(?i)^(a+)+$",
    "(a{1,50}){1,20}b",
    "(.*)(.*)(.*)(.*)x",
    "([a-z]+)*\\d",
    "(?:a?){50}a{50}b",
  ];
  const started = performance.now();
  for (const pattern of patterns) {
    for (const flags of [{}, { i: true }, { m: true }, { s: true }]) {
      strictEqual(compiled(pattern, flags).test(hostile), false);
    }
  }
  // Backtracking would take longer than the universe has; this is only to tell the two apart.
  ok(performance.now() - started < 20_000);
});

Deno.test("A text of a megabyte is searched", () => {
  const text = "ab/ ".repeat(262_144);
  for (const pattern of ["[^/]{100,}$", "(?i)FOO.*BAR", "\\s[a-f]{64}\\s", "x$"]) {
    strictEqual(compiled(pattern).test(text), false);
  }
  strictEqual(compiled("(?i)B/ $").test(text), true);
});

Deno.test("The literal an expression must hold", () => {
  const rows: readonly [pattern: string, literal: string | null][] = [
    ["net\\s+user", "user"],
    ["ABC", "abc"],
    ["a|b", null],
    ["(abc)", null],
    ["x(abc)yz", "yz"],
    ["abc?", "ab"],
    ["abc*d", "ab"],
    ["abc+d", "abc"],
    ["ab{0,2}", "a"],
    ["ab{2}", "ab"],
    ["https://[0-9]", "https://"],
    ["\\\\temp\\\\x", "\\temp\\x"],
    ["\\d+", null],
    ["aé", "a"],
    ["(?i)mess", "me"],
    ["a(?i)bcd", null],
    ["\\Qa|b\\E", null],
    ["[abc]", null],
  ];
  for (const [pattern, literal] of rows) strictEqual(compiled(pattern).literal, literal, pattern);
});

Deno.test("Whatever is found in a text, its literal is in the text's lower case", () => {
  const piece = fc.constantFrom(
    "a",
    "B",
    "é",
    "ſ",
    "s",
    "K",
    "\\.",
    ".",
    "[ab]",
    "(ab)",
    "(a|b)",
    "a?",
    "B*",
    "s+",
    "k{2}",
    "$",
    "^",
    "|",
    "\\d",
    "x{0}",
  );
  const text = fc.string({
    unit: fc.constantFrom("a", "b", "A", "B", "é", "É", "s", "S", "ſ", "k", "K", ".", "1", "\n"),
    maxLength: 12,
  });
  const flags = fc.record({ i: fc.boolean(), m: fc.boolean(), s: fc.boolean() });
  let found = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), flags, text, (pieces, flags, text) => {
      const result = compileExpression(pieces.join(""), flags);
      if ("error" in result || result.literal === null || !result.test(text)) return;
      found++;
      ok(
        text.toLowerCase().includes(result.literal),
        `${pieces.join("")} ${JSON.stringify(flags)} ${JSON.stringify(text)}`,
      );
    }),
    { numRuns: 5_000 },
  );
  ok(found > 50, `${found} were found`);
});

Deno.test("counts that V8's linear engine does not take are still counted", () => {
  const cases: readonly [pattern: string, found: readonly string[], not: readonly string[]][] = [
    ["^(?:[a-f]{40}){2}$", ["a".repeat(80)], ["a".repeat(79), "a".repeat(81), "g".repeat(80)]],
    ["^x{0,50}y{40}$", ["y".repeat(40), "x".repeat(50) + "y".repeat(40)], [
      "y".repeat(41),
      "x".repeat(51) + "y".repeat(40),
    ]],
    ["^[{2}]a{64}$", ["{", "2", "}"].map((one) => one + "a".repeat(64)), ["{2}" + "a".repeat(64), "{a"]],
    ["^\\{2}b{64}$", ["{2}" + "b".repeat(64)], ["{{" + "b".repeat(64), "{2}b"]],
  ];
  for (const [pattern, found, not] of cases) {
    const expression = compileExpression(pattern);
    ok("engine" in expression && expression.engine === "re2js", pattern);
    for (const text of found) ok(expression.test(text), `${pattern} in ${text}`);
    for (const text of not) ok(!expression.test(text), `${pattern} not in ${text}`);
  }
});
