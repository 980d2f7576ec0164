/** The community's rules and the verdicts a reference gave on them. */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { formatDiagnostic } from "../../../src/core/errors.ts";
import { eventFromJson } from "../../../src/core/event.ts";
import { holdsWitness, type Lists, predicateOf, testsIn } from "./fixtures.ts";
import { Subject } from "../../../src/rules/subject.ts";
import { needing, recorded } from "../../recorded.ts";
import { type LoadedSigma, loadSigma, readRuleFiles } from "./data.ts";

const LISTS: Lists = new Map([["known_cdcs", ["dc1"]]]);

let loaded: LoadedSigma | undefined;
const community = (): LoadedSigma => loaded ??= loadSigma(readRuleFiles());

interface Case {
  readonly rule: string;
  readonly event: Record<string, unknown>;
  readonly match: boolean;
}

function* cases(): Generator<{ subject: Subject; expected: Case }> {
  const lines = Deno.readTextFileSync(recorded("sigma/cases.ndjson")).trimEnd().split("\n");
  for (const line of lines) {
    const expected = JSON.parse(line) as Case;
    const place = { id: "case", timeMs: 0, observedMs: 0, host: "here" };
    yield { subject: new Subject(eventFromJson(expected.event, place)), expected };
  }
}

Deno.test({
  ...needing("sigma", "Every community rule loads, or is refused for a placeholder at its place"),
  fn() {
    const { files, rules, diagnostics } = community();
    strictEqual(files, 1_868);
    strictEqual(rules.length, 1_855);
    const refused = new Set(diagnostics.map(({ place }) => place.path));
    strictEqual(refused.size, 13);
    for (const diagnostic of diagnostics) {
      strictEqual(diagnostic.severity, "error");
      ok(/^Cannot read "expand" as the placeholder %[^%]+% must have a list of values/.test(diagnostic.message));
      ok(diagnostic.place.line > 10 && diagnostic.place.column > 1, formatDiagnostic(diagnostic));
    }
    for (const path of refused) ok(Deno.readTextFileSync(path).includes("|expand"), path);
  },
});

Deno.test({
  ...needing("sigma", "A placeholder given values is no longer refused"),
  fn() {
    const [file] = readRuleFiles().filter(({ text }) => text.includes("%known_cdcs%"));
    ok(file !== undefined);
    strictEqual(loadSigma([file], LISTS).diagnostics.length, 0);
  },
});

Deno.test({
  ...needing("sigma", "All 14,368 cases give the reference's verdict"),
  fn() {
    const accepts = new Map(community().rules.map((rule) => [rule.id, predicateOf(rule)]));
    const wrong: Case[] = [];
    let count = 0;
    for (const { subject, expected } of cases()) {
      count++;
      if (accepts.get(expected.rule)?.(subject) !== expected.match) wrong.push(expected);
    }
    strictEqual(count, 14_368);
    deepStrictEqual(wrong.slice(0, 5), []);
  },
});

Deno.test({
  ...needing("sigma", "Whatever a test accepts holds one of its witnesses"),
  fn() {
    const tests = new Map(community().rules.map((rule) => [rule.id, testsIn(rule)]));
    let accepted = 0;
    for (const { subject, expected } of cases()) {
      for (const test of tests.get(expected.rule) ?? []) {
        if (test.witnesses === null || !test.accepts(subject)) continue;
        accepted++;
        ok(holdsWitness(test, subject), `${test.fact}|${test.operator}: ${JSON.stringify(expected.event)}`);
      }
    }
    ok(accepted > 10_000, `${accepted} acceptances seen`);
  },
});
