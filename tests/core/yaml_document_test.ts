import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import {
  parseYaml,
  YAML_ALIASED_VALUES_MAX,
  YAML_DEPTH_MAX,
  YAML_ERRORS_MAX,
  type YamlOptions,
} from "../../src/core/yaml_document.ts";

/** The only document's value, as ordinary objects. */
function valueOf(text: string): unknown {
  const { documents, diagnostics } = parseYaml("x.yaml", text);
  deepStrictEqual(diagnostics, []);
  strictEqual(documents.length, 1);
  return JSON.parse(JSON.stringify(documents[0]?.value));
}

/** `line:column message` of each diagnostic. */
function problemsOf(text: string, options?: YamlOptions): string[] {
  const { diagnostics } = parseYaml("x.yaml", text, options);
  return diagnostics.map(({ place, message }) => `${place.line}:${place.column} ${message}`);
}

Deno.test("parseYaml: an empty text, or one of comments only, has no document", () => {
  for (const text of ["", "\n", "# nothing\n", "---\n", "---\n---\n"]) {
    deepStrictEqual(parseYaml("x.yaml", text), { documents: [], diagnostics: [] });
  }
});

Deno.test("parseYaml: scalars of YAML 1.2's core schema; what a number would lose stays text", () => {
  deepStrictEqual(valueOf("a: 12\nb: 1.50\nc: yes\nd: 2020-01-01\ne: ~\nf: true\ng: 0x1F\nh: 1e3\n"), {
    a: 12,
    b: 1.5,
    c: "yes",
    d: "2020-01-01",
    e: null,
    f: true,
    g: 31,
    h: 1000,
  });
  deepStrictEqual(valueOf("a: 0123\nb: 00\nc: -07\nd: 01.5\ne: 0\nf: 0.5\n"), {
    a: "0123",
    b: "00",
    c: "-07",
    d: "01.5",
    e: 0,
    f: 0.5,
  });
  deepStrictEqual(valueOf("a: 9007199254740991\nb: 9007199254740993\nc: 123456789012345678901234567890\n"), {
    a: 9007199254740991,
    b: "9007199254740993",
    c: "123456789012345678901234567890",
  });
});

Deno.test("parseYaml: keys are texts as written, and none of them is special", () => {
  deepStrictEqual(valueOf("0123: a\n1.0: b\nnull: c\ntrue: d\n<<: {e: 1}\n"), {
    "0123": "a",
    "1.0": "b",
    "null": "c",
    "true": "d",
    "<<": { e: 1 },
  });
  const value = parseYaml("x.yaml", "__proto__: {polluted: 1}\n").documents[0]?.value as Record<string, unknown>;
  deepStrictEqual(Object.keys(value), ["__proto__"]);
  strictEqual(Object.getPrototypeOf(value), null);
});

Deno.test("parseYaml: a directive for another version changes nothing", () => {
  deepStrictEqual(valueOf("%YAML 1.1\n---\na: yes\nb: 0123\n"), { a: "yes", b: "0123" });
});

Deno.test("parseYaml: duplicate keys, each with its place", () => {
  deepStrictEqual(problemsOf("a: 1\nb: 2\na: 3\n"), [
    '3:1 Cannot read YAML as each key must be there once: current value is a second "a"',
  ]);
  strictEqual(problemsOf("x: {a: 1, 'a': 2, \"a\": 3}\n").length, 2);
});

Deno.test("parseYaml: many keys take time linear in their number", () => {
  const text = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n");
  const value = parseYaml("x.yaml", text).documents[0]?.value as Record<string, number>;
  strictEqual(Object.keys(value).length, 20_000);
});

Deno.test("parseYaml: syntax errors have a place, and are not told without end", () => {
  ok(problemsOf("a: [1, 2\n")[0]?.startsWith("2:1 Cannot read YAML as "));
  ok(problemsOf("a: b: c\n")[0]?.startsWith("1:4 Cannot read YAML as "));
  strictEqual(problemsOf("a: !local x\n")[0], "1:4 Cannot read YAML as unresolved tag: !local");
  ok(problemsOf("a: !!binary aGk=\n")[0]?.includes("unresolved tag"));
  ok(problemsOf("a: b: c\n".repeat(100)).length <= YAML_ERRORS_MAX);
});

Deno.test("parseYaml: a key must be a text", () => {
  for (const text of ["? [a]\n: b\n", "{a: 1}: b\n", "k: &a x\n*a : 1\n"]) {
    ok(problemsOf(text)[0]?.includes("a key must be a text"), text);
  }
});

Deno.test("parseYaml: aliases stand for what was anchored before them, the last of a name", () => {
  deepStrictEqual(valueOf("a: &x [1, 2]\nb: *x\nc: &x 5\nd: *x\n"), { a: [1, 2], b: [1, 2], c: 5, d: 5 });
  ok(problemsOf("a: *x\n")[0]?.includes('no such "x"'));
  ok(problemsOf("a: &x [*x]\n")[0]?.includes("one that holds the alias"));
});

Deno.test("parseYaml: an alias bomb is refused with its place", () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 30; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  const problems = problemsOf(lines.join("\n"));
  strictEqual(problems.length, 1);
  ok(problems[0]?.startsWith("4:"), problems[0]);
  ok(problems[0]?.includes(`at most ${YAML_ALIASED_VALUES_MAX} values`));
});

Deno.test("parseYaml: as many aliased values as may be, and one more", () => {
  const aliases = (count: number) => `a: &a x\nb: [${Array(count).fill("*a").join(", ")}]\n`;
  deepStrictEqual(problemsOf(aliases(YAML_ALIASED_VALUES_MAX)), []);
  strictEqual(problemsOf(aliases(YAML_ALIASED_VALUES_MAX + 1)).length, 1);
});

Deno.test("parseYaml: nesting as deep as may be, one deeper, and past the parser's stack", () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  deepStrictEqual(problemsOf(nested(YAML_DEPTH_MAX)), []);
  ok(problemsOf(nested(YAML_DEPTH_MAX + 1))[0]?.includes(`at most ${YAML_DEPTH_MAX} deep`));
  deepStrictEqual(problemsOf("[".repeat(50_000)).length, 1);
  ok(problemsOf("[".repeat(50_000))[0]?.includes(`at most ${YAML_DEPTH_MAX} deep`));
});

Deno.test("parseYaml: the size limit is in bytes", () => {
  deepStrictEqual(problemsOf("a: ä\n", { bytesMax: 6 }), []);
  strictEqual(
    problemsOf("a: ä\n", { bytesMax: 5 })[0],
    "1:1 Cannot read YAML as the text must be at most 5 bytes: current value is more",
  );
});

Deno.test("parseYaml: several documents only where they may be, empty ones left out", () => {
  const text = "a: 1\n---\nb: 2\n---\n";
  deepStrictEqual(
    parseYaml("x.yaml", text, { multi: true }).documents.map(({ value }) => ({ ...value as object })),
    [{ a: 1 }, { b: 2 }],
  );
  deepStrictEqual(problemsOf(text), ["2:1 Cannot read YAML as there must be one document: current value is 2"]);
});

Deno.test("parseYaml: an error in one document leaves the others", () => {
  const { documents, diagnostics } = parseYaml("x.yaml", "a: 1\na: 2\n---\nb: 2\n", { multi: true });
  strictEqual(diagnostics.length, 1);
  deepStrictEqual({ ...documents[0]?.value as object }, { b: 2 });
});

Deno.test("place: keys, values, list items, through aliases, and of what is not there", () => {
  const text = "# first\na:\n  b:\n    - 1\n    - x: 5\n  c:\nz: &k {q: 1}\ny: *k\n";
  const [document] = parseYaml("x.yaml", text).documents;
  ok(document !== undefined);
  const at = (path: (string | number)[], which: "key" | "value" = "value") => {
    const { line, column } = document.place(path, which);
    return `${line}:${column}`;
  };
  strictEqual(at([]), "2:1");
  strictEqual(at(["a"], "key"), "2:1");
  strictEqual(at(["a", "b"]), "4:5");
  strictEqual(at(["a", "b", 1, "x"], "key"), "5:7");
  strictEqual(at(["a", "b", 1, "x"]), "5:10");
  strictEqual(at(["a", "c"]), "6:3"); // left empty: its key
  strictEqual(at(["a", "nope", "deeper"]), "2:1"); // not there: the key of what is
  strictEqual(at(["a", "b", 7]), "3:3");
  strictEqual(at(["y", "q"]), "7:11");
  strictEqual(document.place(["a"], "key").path, "x.yaml");
});

Deno.test("parseYaml: whatever is written comes back, and nothing makes it throw", () => {
  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }).filter((value) => value !== null);
  fc.assert(fc.property(json, (value) => {
    const expected = JSON.parse(JSON.stringify(value, (_, v) => typeof v === "number" ? Math.trunc(v) % 1e9 : v));
    deepStrictEqual(valueOf(stringify(expected)), expected);
  }));
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(..."{}[]:,&*!|>-?#'\"\n \tab01%") }), (text) => {
      parseYaml("x.yaml", text, { multi: true });
    }),
    { numRuns: 1_000 },
  );
});
