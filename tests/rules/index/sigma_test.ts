/** The index over the community's rules, on the cases made for them. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { eventFromJson, type TelemetryEvent } from "../../../src/core/event.ts";
import { createMatcher, selectionAccepts } from "../../../src/rules/matcher.ts";
import type { Match, Rule } from "../../../src/rules/rule.ts";
import { Subject } from "../../../src/rules/subject.ts";
import { needing, recorded } from "../../recorded.ts";
import { loadSigma, readRuleFiles } from "../sigma/data.ts";

interface Case {
  readonly rule: string;
  readonly event: unknown;
  readonly match: boolean;
}

function readCases(): Case[] {
  const text = Deno.readTextFileSync(recorded("sigma/cases.ndjson"));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line) as Case);
}

function matchedIds(matcher: ReturnType<typeof createMatcher>, event: TelemetryEvent): string[] {
  const into: Match[] = [];
  matcher.match(event, into);
  return into.map(({ rule }) => rule.id);
}

/** One case in so many is held against trying every rule, which takes a thousand times as long. */
const BRUTE_FORCE_EVERY = 40;

Deno.test({
  ...needing("sigma", "all Sigma rules together give every case its verdict, routed and unrouted"),
  fn() {
    const { rules } = loadSigma(readRuleFiles());
    const matcher = createMatcher(rules);
    const byId = new Map(rules.map((rule): [string, Rule] => [rule.id, rule]));
    let compared = 0;
    for (const [i, { rule: id, event, match }] of readCases().entries()) {
      const foreign = eventFromJson(event, { id: String(i), timeMs: 0, observedMs: 0, host: "host" });
      strictEqual(matchedIds(matcher, foreign).includes(id), match, `case ${i + 1}, unrouted`);
      const selection = byId.get(id)?.selections[0];
      const kind = selection?.kinds?.[0];
      if (selection === undefined || kind === undefined) continue;
      const os = selection.os === undefined ? {} : { "host.os.type": selection.os };
      const routed = { ...foreign, kind, fields: { ...foreign.fields, ...os } };
      strictEqual(
        matchedIds(matcher, routed).includes(id),
        selectionAccepts(selection, new Subject(routed)),
        `case ${i + 1}, routed`,
      );
      if (i % BRUTE_FORCE_EVERY !== 0) continue;
      for (const one of [foreign, routed]) deepStrictEqual(matchedIds(matcher, one), bruteForce(rules, one));
      compared++;
    }
    strictEqual(compared > 300, true, `compared ${compared} with brute force`);
  },
});

function bruteForce(rules: readonly Rule[], event: TelemetryEvent): string[] {
  const subject = new Subject(event);
  return rules.filter(({ selections }) => selections.some((one) => one.rule === null && selectionAccepts(one, subject)))
    .map(({ id }) => id);
}
