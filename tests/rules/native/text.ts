/** Rules from a text, checked against a few kinds. */

import { type LoadedRules, parseRules } from "../../../src/rules/load.ts";

export function loadRulesFromText(text: string): LoadedRules {
  return parseRules("test.yaml", text, { knownKinds: ["process.start", "process.end", "process.exec"] });
}
