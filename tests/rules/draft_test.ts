/** Whatever is done to rule files, in whatever order: what is right is in force, and what is broken is as it was last right. */
import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { RuleFile } from "../../src/rules/documents.ts";
import { draftRules, NOTHING_STANDS, putBack, standingOf } from "../../src/rules/draft.ts";
import { parseFile } from "./parse.ts";

/** What stands in a file: a right rule of some version, a wrong one, no YAML, or nothing, the file being gone. */
type State = { readonly is: "right"; readonly version: number } | { readonly is: "wrong" | "no YAML" | "gone" };

const state: fc.Arbitrary<State> = fc.oneof(
  fc.nat(3).map((version): State => ({ is: "right", version })),
  fc.constantFrom<State>({ is: "wrong" }, { is: "no YAML" }, { is: "gone" }),
);

const FILES = 4;

function fileOf(index: number, now: State): RuleFile | undefined {
  if (now.is === "gone") return undefined;
  const level = now.is === "wrong" ? "none" : "low";
  const title = now.is === "right" ? `version ${now.version}` : "wrong";
  const rule = `id: rule-${index}\ntitle: ${title}\nlevel: ${level}\nselect: { s: { kind: process.start } }\n`;
  return parseFile(`r${index}.yaml`, now.is === "no YAML" ? "id: [" : rule);
}

Deno.test("a rule in force is the one that stands in its file, else its last good version", () => {
  const history = fc.array(fc.array(state, { minLength: FILES, maxLength: FILES }), { maxLength: 12 });
  fc.assert(
    fc.property(history, (snapshots) => {
      let standing = NOTHING_STANDS;
      let expected: (number | undefined)[] = Array.from({ length: FILES });
      for (const states of snapshots) {
        const files = states.flatMap((now, index) => fileOf(index, now) ?? []);
        const draft = draftRules({ files, diagnostics: [] }, standing);
        standing = standingOf(draft);
        const before = expected;
        expected = states.map((now, i) => now.is === "right" ? now.version : now.is === "gone" ? undefined : before[i]);
        const wanted = expected.flatMap((version, i) =>
          version === undefined ? [] : [[`rule-${i}`, `version ${version}`]]
        );
        deepStrictEqual(draft.rules.map(({ id, title }) => [id, title]), wanted);
        const isBroken = ({ is }: State) => is === "wrong" || is === "no YAML";
        const kept = states.flatMap((now, i) => isBroken(now) && expected[i] !== undefined ? [`rule-${i}`] : []);
        deepStrictEqual([...draft.kept].sort(), kept);
        const places = new Set(draft.diagnostics.map(({ place }) => place.path));
        deepStrictEqual([...places], states.flatMap((now, i) => isBroken(now) ? [`r${i}.yaml`] : []));
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("what is put back is as it was, and out where it was not", () => {
  const at = (version: number) => [0, 1].flatMap((i) => fileOf(i, { is: "right", version }) ?? []);
  const first = draftRules({ files: at(1), diagnostics: [] }, NOTHING_STANDS);
  deepStrictEqual(putBack(first, new Set(["rule-0"]), []).rules.map(({ id }) => id), ["rule-1"]);
  const second = draftRules({ files: at(2), diagnostics: [] }, standingOf(first));
  const back = putBack(second, new Set(["rule-0"]), []);
  deepStrictEqual(back.rules.map(({ title }) => title), ["version 1", "version 2"]);
  deepStrictEqual(back.kept, ["rule-0"]);
  deepStrictEqual(putBack(second, new Set(), []), second);
});
