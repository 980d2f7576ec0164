/** One key set, and every other byte where it was. */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { parse, stringify } from "yaml";
import { setInYaml } from "../../src/config/edit.ts";

const SNMP = ["collectors", "snmp"];

const CASES: readonly { name: string; before: string; path: string[]; value: string | string[]; after: string }[] = [
  {
    name: "a value, its aligned comment kept",
    before: "a: 1\ncollectors:\n    snmp:\n        profile: minimal     # for now\n        interval:   5m\n",
    path: [...SNMP, "profile"],
    value: "standard",
    after: "a: 1\ncollectors:\n    snmp:\n        profile: standard     # for now\n        interval:   5m\n",
  },
  {
    name: "a key added after the last, before what comes next, in the file's own indentation",
    before:
      "collectors:\n    snmp:\n        interval: 5m # slow\n    # about processes\n    process:\n        enabled: true\n",
    path: [...SNMP, "profile"],
    value: "full",
    after:
      "collectors:\n    snmp:\n        interval: 5m # slow\n        profile: full\n    # about processes\n    process:\n        enabled: true\n",
  },
  {
    name: "a key added after a list of mappings",
    before:
      "collectors:\n  snmp:\n    devices:\n      - host: a\n        version: 3\n\n# the end\nlog: { level: info }\n",
    path: [...SNMP, "profile"],
    value: "full",
    after:
      "collectors:\n  snmp:\n    devices:\n      - host: a\n        version: 3\n    profile: full\n\n# the end\nlog: { level: info }\n",
  },
  {
    name: "sections that are not there",
    before: "# mine\nlog:\n  level: warn\n",
    path: [...SNMP, "profile"],
    value: "full",
    after: "# mine\nlog:\n  level: warn\ncollectors:\n  snmp:\n    profile: full\n",
  },
  {
    name: "a section with nothing but comments in it",
    before: "collectors: # all of them\n  # snmp:\n  #   profile: full\nlog:\n  level: warn\n",
    path: [...SNMP, "profile"],
    value: "full",
    after:
      "collectors: # all of them\n  snmp:\n    profile: full\n  # snmp:\n  #   profile: full\nlog:\n  level: warn\n",
  },
  { name: "an empty file", before: "", path: ["profile"], value: "light", after: "profile: light\n" },
  {
    name: "a file of comments, without a last line break",
    before: "# nothing yet",
    path: ["profile"],
    value: "light",
    after: "# nothing yet\nprofile: light\n",
  },
  {
    name: "a mapping in braces",
    before: "collectors: { process: { enabled: true } } # short\n",
    path: [...SNMP, "profile"],
    value: "full",
    after: "collectors: { process: { enabled: true }, snmp: { profile: full } } # short\n",
  },
  {
    name: "a list with a line for each item: one out, one in, the others' comments kept",
    before: "enable:\n  - cpu # why\n  - memory\n  # the last\n  - disk # and this\nlog: {}\n",
    path: ["enable"],
    value: ["cpu", "disk", "processes"],
    after: "enable:\n  - cpu # why\n  # the last\n  - disk # and this\n  - processes\nlog: {}\n",
  },
  {
    name: "a list emptied",
    before: "enable:\n  - cpu\n# after\nlog: {}\n",
    path: ["enable"],
    value: [],
    after: "enable: []\n# after\nlog: {}\n",
  },
  {
    name: "a list on one line",
    before: "enable: [cpu,   disk] # both\n",
    path: ["enable"],
    value: ["disk"],
    after: "enable: [disk] # both\n",
  },
  {
    name: "line ends of another system",
    before: "log:\r\n  level: warn\r\n",
    path: ["profile"],
    value: "light",
    after: "log:\r\n  level: warn\r\nprofile: light\r\n",
  },
  {
    name: "a text that would be read as something else is quoted",
    before: "profile: a\n",
    path: ["profile"],
    value: "1e3",
    after: 'profile: "1e3"\n',
  },
];

for (const { name, before, path, value, after } of CASES) {
  Deno.test(`edit: ${name}`, () => {
    strictEqual(setInYaml(before, path, value), after);
    strictEqual(setInYaml(after, path, value), after); // doing it again changes nothing
  });
}

Deno.test("edit: what is no mapping, or stands for another place, is not written over", () => {
  throws(
    () => setInYaml("collectors: 3\n", [...SNMP, "profile"], "full"),
    /Cannot edit the configuration as collectors/,
  );
  throws(() => setInYaml("- a\n", ["profile"], "full"), /as the top must be keys and values/);
  throws(() => setInYaml("x: &x {a: 1}\ncollectors: *x\n", [...SNMP, "profile"], "full"), /and not an alias/);
  throws(() => setInYaml("a: [\n", ["profile"], "full"), /must be YAML/);
});

const key = fc.constantFrom("a", "b", "snmp", "profile", "enable");
const leaf = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.constantFrom("x", "a b", "- no", "yes: no", ""),
  fc.array(fc.string()),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ depthSize: "small" }, leaf, fc.dictionary(key, tie("tree"), { maxKeys: 4 })),
}));

Deno.test("edit: whatever the document, the value is set, and nothing else is", () => {
  fc.assert(fc.property(
    fc.dictionary(key, tree, { maxKeys: 4 }),
    fc.array(key, { minLength: 1, maxLength: 3 }),
    fc.oneof(fc.string(), fc.array(fc.string(), { maxLength: 3 })),
    fc.constantFrom(2, 4),
    (value, path, to, indent) => {
      const text = stringify(value, { indent });
      let expected: Record<string, unknown> = structuredClone(value);
      const root = expected;
      for (const part of path.slice(0, -1)) {
        const under = expected[part] ?? {};
        if (typeof under !== "object" || Array.isArray(under)) {
          throws(() => setInYaml(text, path, to));
          return;
        }
        expected = (expected[part] = under) as Record<string, unknown>;
      }
      expected[path.at(-1) ?? ""] = to;
      deepStrictEqual(parse(setInYaml(text, path, to)), root);
    },
  ));
});
