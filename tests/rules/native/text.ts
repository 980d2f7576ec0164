/** Rules from a text, checked against a few kinds. */

import type { LoadedRules } from "../../../src/rules/documents.ts";
import { parseRules } from "../parse.ts";

export function loadRulesFromText(text: string): LoadedRules {
  return parseRules("test.yaml", text, { knownKinds: ["process.start", "process.end", "process.exec"] });
}
