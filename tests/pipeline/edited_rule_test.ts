/** A changed rule as it would be in force: in the place of its old version, among the others, tuned as they are. */

import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { UsageError } from "../../src/core/errors.ts";
import { loadEditedRule } from "../../src/pipeline/edited_rule.ts";
import { ruleTuningSchema } from "../../src/rules/schema.ts";
import { NO_TUNING, type Tuning } from "../../src/rules/tuning.ts";

const rule = (id: string, select: string, more = "") =>
  `id: ${id}\ntitle: ${id}\nlevel: low\nselect: { one: ${select} }\n${more}`;

const BASE = rule("base", "{ kind: process.start }");
const CORRELATE = "correlate: { timespan: 1m }\nwhen: { fact: one.count, operator: greaterThan, value: 5 }\n";
const BUILT = rule("built", "{ rule: base }", CORRELATE);

/** Loads `text` as the edited file, beside these files in the folder of rules. */
async function edit(text: string | undefined, files: Readonly<Record<string, string>>, tuning: Tuning = NO_TUNING) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/rules`);
    for (const [name, content] of Object.entries(files)) await Deno.writeTextFile(`${folder}/rules/${name}`, content);
    if (text !== undefined) await Deno.writeTextFile(`${folder}/new.yaml`, text);
    const { version, diagnostics } = await loadEditedRule(`${folder}/new.yaml`, [`${folder}/rules`], tuning);
    return {
      id: version?.rule.id,
      rule: version?.rule,
      all: version?.all.map(({ id, place }) => `${place.path.slice(folder.length + 1)} ${id}`),
      diagnostics: diagnostics.map(({ severity, place, message }) => `${severity} ${place.line} ${message}`),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("edited rule: stands in the place of the one with its id, and builds on the others", async () => {
  const { id, all, diagnostics } = await edit(BUILT, { "a.yaml": BASE, "b.yaml": BUILT });
  deepStrictEqual({ id, all, diagnostics }, {
    id: "built",
    all: ["new.yaml built", "rules/a.yaml base"],
    diagnostics: [],
  });
});

Deno.test("edited rule: a new one, with what it builds on in the same file", async () => {
  const { id, all } = await edit(`${BASE}---\n${BUILT}`, { "c.yaml": rule("other", "{ kind: process.end }") });
  deepStrictEqual({ id, all }, { id: "built", all: ["new.yaml base", "new.yaml built", "rules/c.yaml other"] });
});

Deno.test("edited rule: what is wrong with other files is not told, what is wrong with it is", async () => {
  deepStrictEqual((await edit(BASE, { "bad.yaml": "id: [", "worse.yaml": "id: x\n" })).diagnostics, []);
  const missing = await edit(BUILT, {});
  strictEqual(missing.id, undefined);
  deepStrictEqual(missing.diagnostics, [
    'error 4 Cannot load rule as "rule" must name one that is loaded: current value is "base"',
  ]);
});

Deno.test("edited rule: one that cannot be correlated is refused", async () => {
  const either =
    "any: [{ fact: a.count, operator: greaterThan, value: 5 }, { fact: b.count, operator: greaterThan, value: 5 }]";
  const ordered = "id: o\ntitle: o\nlevel: low\nselect: { a: { kind: process.start }, b: { kind: process.end } }\n" +
    `correlate: { timespan: 1m, ordered: true }\nwhen: { all: [${Array(12).fill(`{ ${either} }`).join(", ")}] }\n`;
  const { id, diagnostics } = await edit(ordered, {});
  strictEqual(id, undefined);
  strictEqual(diagnostics.length, 1);
  strictEqual(diagnostics[0]?.startsWith("error 1 Cannot load rule as "), true, diagnostics[0]);
});

Deno.test("edited rule: a file without one rule that stands by itself is a mistake of whoever names it", async () => {
  await rejects(edit(`${BASE}---\n${rule("second", "{ kind: process.end }")}`, {}), UsageError);
  await rejects(edit("# nothing\n", {}), UsageError);
});

Deno.test("edited rule: is tuned as its old version is, but not switched off", async () => {
  const tune = { built: ruleTuningSchema.parse({ enabled: false, level: "high", threshold: 9 }) };
  const { rule } = await edit(`${BASE}---\n${BUILT}`, {}, { ...NO_TUNING, tune });
  strictEqual(rule?.level, "high");
  strictEqual(rule?.silent, undefined);
  const when = rule?.correlation?.when;
  strictEqual(when?.type === "test" ? when.value : undefined, 9);
});
