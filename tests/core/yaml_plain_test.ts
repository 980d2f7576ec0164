import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { parseYaml } from "../../src/core/yaml_document.ts";
import { readPlainYaml } from "../../src/core/yaml_plain.ts";

/** A comment that the plain reader does not take, and so all of the text goes to the parser of all of YAML. */
const NOT_PLAIN = "#\t\n";

/** Reads a text both ways; false where it is not plain. */
function agrees(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain === undefined) return false;
  const { documents, diagnostics } = parseYaml("rule.yaml", NOT_PLAIN + text, { multi: true });
  deepStrictEqual(diagnostics, [], JSON.stringify(text));
  strictEqual(documents.length, 1, JSON.stringify(text));
  deepStrictEqual(plain.value, documents[0]?.value, JSON.stringify(text));
  placesAgree(text);
  return true;
}

Deno.test("what is plain is read as all of YAML has it", () => {
  const texts = [
    "a: b\n",
    "a: b",
    "# first\n\n  # second\na: b # third\n# last",
    "a:\nb:\n  c:\n",
    "a:\n- b\n- c\nd: e",
    "a:\n    - b\n    - c: d\n      e: f\n    -   g:\n          - h\n",
    "a: 'it''s' # so\nb: \"x # y\"\nc: ''\nd: \"\"",
    "a: 12\nb: 0\nc: null\nd: ~\ne: True\nf: FALSE\ng: nUll\nh: 2026-01-02\ni: 1_0\nj: 1.2.3\nk: .",
    "a: |\n  one\n\n    two\n  # three\n\n\nb: |-\n  four\n",
    "a: |\n\n  one\n # two\nb: c\n",
    "a: -x\nb: :y\nc: ?z\nd: e:f\ng: h#i\nj: k, [l] {m}\nn: ---\no: '\\'\np: \\*",
    "Image|endswith: '\\cmd.exe'\nid.orig_h|cidr: 10.0.0.0/8\na b-c: d\n_e: f  \n",
    "  a: b\n  c: d\n",
    "a: 1.5\nb: -1\nc: -0.25\nd: 10.0\ne: 0.10\n",
    'a: "\\n\\t\\"\\\\ \\/"\nb: "x\\by" # c\n',
    "a: [b]\nc: []\nd: {}\ne: { }\nf: [ ] # g\nh: {i: j}\n",
    "a: [b,c , d e, 'f, g', \"h]\", 1, -2.5, null, true, x:y, /z#, -w]\n",
    "a: { b: c, d.e: [f, { g: h }], i|j: 'k', l: 5, __proto__: m }\n",
    "a:\n  - { b: c }\n  - [d, [e]]\n  - f: { g: h }\n    i: [j]\nk: l\n",
    "a: >\n  one\n  two # three\nb: >-\n  four\n\nc: >\n    five\n",
    "__proto__: a\nconstructor: b\nnull: c\ntrue: d\n",
    "a: \u00a0b\u00a0\nc: é \u3000\n".replace("\u00a0b", "b"),
  ];
  for (const text of texts) ok(agrees(text), `${JSON.stringify(text)} is plain`);
});

Deno.test("what is not certain to be plain is left", () => {
  const texts = [
    "",
    "# nothing",
    "a",
    "- a",
    "a: b\n---\nc: d",
    "---\na: b",
    "%YAML 1.2\n---\na: b",
    "a: b\n...\n",
    "a:\tb",
    "a: b\r\n",
    "\ufeffa: b",
    "a: \u{1f600}",
    "a: &b c",
    "a: *b",
    "a: !b c",
    "a: |+\n  b\n",
    "a: >+\n  b\n",
    "a: >2\n  b\n",
    "a: >\n  b\n\n  c\n",
    "a: >\n  b\n   c\n",
    "a: >\n  b \n  c\n",
    "a: [b\n  ]",
    "a: [b,]",
    "a: [,b]",
    "a: [b,,c]",
    "a: [b: c]",
    "a: [b:]",
    "a: [b #c]",
    "a: [- b]",
    "a: [-]",
    "a: ['b' c]",
    'a: ["b": c]',
    "a: [b] c",
    "a: [b]#c",
    "a: [b]\n  c",
    "a: [b",
    "a: [*b]",
    "a: [&b c]",
    "a: [!b c]",
    "a: {b}",
    "a: {b: }",
    "a: {b:c}",
    "a: {b : c}",
    "a: {b: c, b: d}",
    "a: {'b': c}",
    "a: {? b : c}",
    "a: {b: c}: d",
    "- [a]: b",
    `a: ${"[".repeat(40)}${"]".repeat(40)}`,
    'a: "\\x41"',
    'a: "\\u0041"',
    "a: -0",
    "a: 1e3",
    "a: 0.123456",
    "a: |2\n  b\n",
    "a: |\n  b",
    "a: |\n   \n  b\n",
    "a: |\nb: c",
    "a: b\n  c",
    "a: 'b\n  c'",
    "a: 'b' c",
    "a: 'b'#c",
    "a: 'b",
    "a: b: c",
    "a: b:",
    "a: - b",
    "a: ? b",
    "a: @b",
    "a: `b`",
    "a: %b",
    "a: -",
    "a: 007",
    "a: 0x1f",
    "a: .inf",
    "a: 1234567890123456",
    "a: b\na: c",
    "a: b\n c: d",
    "a:\n  b: c\n d: e",
    "a:\n  - b\n - c",
    "a:\n  - b\n  c: d",
    "a:\n  -\n    b: c",
    "a:\n  - - b",
    "a:\n  - |\n    b\n",
    "a:\n-b",
    "a :  b",
    "a  b: c",
    "'a': b",
    "? a\n: b",
    "1: b",
    "<<: b",
    `${"a".repeat(129)}: b`,
    Array.from({ length: 40 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"),
  ];
  for (const text of texts) strictEqual(readPlainYaml(text), undefined, JSON.stringify(text));
});

Deno.test("whatever is taken for plain means the same as YAML", () => {
  const piece = fc.constantFrom(
    "a:",
    "b:",
    "c|all:",
    "d e:",
    "- ",
    "-  ",
    "-",
    "x",
    "'y'",
    "'it''s'",
    '"z"',
    "|",
    "|-",
    ">",
    "#",
    " #c",
    "12",
    "1.",
    "-3",
    "0x1",
    "null",
    "true",
    "~",
    ":",
    "?",
    "&a",
    "*a",
    "[",
    "]",
    "{",
    ",",
    "%",
    "[a]",
    "{ a: b }",
    "[x, 'y', 1.5]",
    "{ a: [b, c], d: }",
    "}",
    '"\\n"',
    "---",
    "...",
    "\\",
    "\u00a0",
    "é",
    "",
  );
  const line = fc.tuple(fc.nat(5), fc.array(fc.tuple(piece, fc.constantFrom("", " ", " ", "  ")), { maxLength: 4 }))
    .map(([indent, pieces]) => " ".repeat(indent) + pieces.flat().join(""));
  /** Lines that are mostly plain. */
  const plainLine = fc.tuple(
    fc.constantFrom(0, 0, 2, 2, 4),
    fc.constantFrom("", "", "- "),
    fc.constantFrom("a:", "b:", "c:", "d:", "e:", ""),
    fc.constantFrom(
      " x",
      " 'y'",
      " 1",
      "",
      " |",
      " |-",
      " # z",
      " true",
      " x # z",
      " -v",
      " >",
      " >-",
      " [x, y]",
      " { a: b }",
    ),
  ).map(([indent, dash, key, value]) => " ".repeat(indent) + dash + key + (key === "" ? value.trimStart() : value));
  const text = fc.tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: plainLine }, { weight: 1, arbitrary: line }), { maxLength: 7 }),
    fc.constantFrom("", "\n", "\n\n", "\n  "),
  ).map(([lines, end]) => lines.join("\n") + end);
  let plain = 0;
  fc.assert(fc.property(text, (text) => void (plain += agrees(text) ? 1 : 0)), { numRuns: 20_000 });
  ok(plain > 500, `${plain} were plain`);
});

/** Every path of a value, and one past each. */
function* pathsOf(value: unknown, path: readonly (string | number)[] = []): Generator<readonly (string | number)[]> {
  yield path;
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    yield* pathsOf(item, [...path, Array.isArray(value) ? Number(key) : key]);
  }
  yield [...path, Array.isArray(value) ? value.length : "nowhere"];
}

/** Asks for all places in a text, read plainly and by the parser of all of YAML. */
function placesAgree(text: string): void {
  const [plain] = parseYaml("rule.yaml", text).documents;
  const [whole] = parseYaml("rule.yaml", NOT_PLAIN + text).documents;
  for (const path of pathsOf(plain?.value)) {
    for (const which of ["key", "value"] as const) {
      const { line = 0, column } = whole?.place(path, which) ?? {};
      const expected = { path: "rule.yaml", line: line - 1, column };
      deepStrictEqual(plain?.place(path, which), expected, `${JSON.stringify(text)} ${path.join()} ${which}`);
    }
  }
}

Deno.test("a place in a plain text is that of the whole parser", () => {
  placesAgree("title: x\nselect:\n  one: y\nlist:\n  - a: b\n    c: d\n");
  placesAgree("a: # x\n\n  # y\n  b: >\n    c\nd:\n-   e\n-  f:   'g'\n   h:\ni: [j, {k: l}]\nm: { n: [o] }\n");
});

Deno.test("many places in a long plain text are told without reading it for each", () => {
  const [document] = parseYaml("rule.yaml", Array.from({ length: 5_000 }, (_, i) => `k${i}: v\n`).join("")).documents;
  const started = performance.now();
  for (let i = 0; i < 5_000; i++) strictEqual(document?.place([`k${i}`], "key").line, i + 1);
  ok(performance.now() - started < 20_000);
});

Deno.test("a long text that is plain to its last line takes linear time", () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `k${i}: ${"v ".repeat(8)}`).join("\n") + "\n\t";
  const started = performance.now();
  strictEqual(readPlainYaml(text), undefined);
  ok(readPlainYaml(text.slice(0, -1)) !== undefined);
  strictEqual(readPlainYaml(`a: ${" ".repeat(500_000)}b: c`), undefined);
  ok(performance.now() - started < 20_000);
});
