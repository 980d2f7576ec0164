/** Small Sigma rules for tests, and whether an event meets them. */

import { formatDiagnostic } from "../../../src/core/errors.ts";
import { eventFromJson } from "../../../src/core/event.ts";
import { compileCondition, testsOf } from "../../../src/rules/compile.ts";
import type { Facts, Literal, Predicate, Test } from "../../../src/rules/condition.ts";
import type { Rule } from "../../../src/rules/rule.ts";
import { Subject } from "../../../src/rules/subject.ts";
import { type LoadedSigma, loadSigma } from "./data.ts";

export type Lists = ReadonlyMap<string, readonly (string | number)[]>;

/** A rule file with this detection section, indented by nothing. */
export function ruleText(detection: string, logsource = "category: test"): string {
  const indented = detection.trim().split("\n").map((line) => "  " + line).join("\n");
  return `title: Test\nid: test\nlogsource: {${logsource}}\ndetection:\n${indented}\nlevel: high\n`;
}

/** Loads one file named `rule.yml`. */
export function load(text: string, lists?: Lists): LoadedSigma {
  return loadSigma([{ path: "rule.yml", text }], lists);
}

/** The diagnostics of one file, as they are printed. */
export function complaints(text: string, lists?: Lists): string[] {
  return load(text, lists).diagnostics.map(formatDiagnostic);
}

/** Loads a file that must be right, and gives its rules. */
export function rulesOf(text: string, lists?: Lists): readonly Rule[] {
  const { rules, diagnostics } = load(text, lists);
  if (diagnostics.length > 0) throw new Error(diagnostics.map(formatDiagnostic).join("\n"));
  return rules;
}

export function predicateOf(rule: Rule | undefined): Predicate {
  const where = rule?.selections[0]?.where;
  if (where === undefined || where === null) throw new Error("Cannot test as the rule must have a condition");
  return compileCondition(where);
}

export function testsIn(rule: Rule | undefined): Test[] {
  const where = rule?.selections[0]?.where;
  return where === undefined || where === null ? [] : [...testsOf(where)];
}

/** A foreign event with these fields. */
export function foreign(fields: Record<string, unknown>): Subject {
  return new Subject(eventFromJson(fields, { id: "e", timeMs: 0, observedMs: 0, host: "here" }));
}

/** Whether foreign events meet a detection section, in order. */
export function verdicts(detection: string, events: readonly Record<string, unknown>[], lists?: Lists): boolean[] {
  const accepts = predicateOf(rulesOf(ruleText(detection), lists)[0]);
  return events.map((event) => accepts(foreign(event)));
}

/** Whether values of the field `f` meet `f|modifiers: value`; `undefined` leaves the field out. */
export function values(key: string, value: unknown, fields: readonly unknown[], lists?: Lists): boolean[] {
  const detection = `s:\n  ${JSON.stringify(key)}: ${JSON.stringify(value)}\ncondition: s`;
  return verdicts(detection, fields.map((field) => (field === undefined ? {} : { f: field })), lists);
}

/** Whether facts hold one of the texts of which a test says that they must. */
export function holdsWitness({ fields, witnesses }: Test, facts: Facts): boolean {
  const names = fields.length === 0 ? [...facts.names()] : fields;
  const texts = names.flatMap((name) => facts.folded(name) ?? []).map(String);
  return (witnesses ?? []).some((literal) => texts.some((text) => holds(literal, text)));
}

function holds({ how, text }: Literal, value: string): boolean {
  switch (how) {
    case "equals":
      return value === text;
    case "startsWith":
      return value.startsWith(text);
    case "endsWith":
      return value.endsWith(text);
    case "contains":
      return value.includes(text);
  }
}
