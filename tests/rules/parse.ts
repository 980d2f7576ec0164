/** Rules from a text, as they are read from a file. */

import { type LoadedRules, parseRuleFile, readRuleFile, type RuleFile, rulesIn } from "../../src/rules/documents.ts";
import type { FrontEnd, FrontEndContext } from "../../src/rules/front_end.ts";
import { nativeFrontEnd } from "../../src/rules/native/mod.ts";
import { sigmaFrontEnd } from "../../src/rules/sigma/mod.ts";

/** What there is to read rules. */
const FRONT_ENDS: readonly FrontEnd[] = [nativeFrontEnd, sigmaFrontEnd];

interface Options {
  readonly knownKinds?: Iterable<string>;
  readonly valueLists?: NonNullable<FrontEndContext["valueLists"]>;
  readonly frontEnds?: readonly FrontEnd[];
}

/** One file of a text; `path` is what diagnostics name it. */
export function parseFile(path: string, text: string, options: Options = {}): RuleFile {
  const { knownKinds, valueLists, frontEnds = FRONT_ENDS } = options;
  return readRuleFile(path, parseRuleFile(path, text), frontEnds, {
    ...(knownKinds === undefined ? {} : { knownKinds: new Set(knownKinds) }),
    ...(valueLists === undefined ? {} : { valueLists }),
  });
}

/** The rules of one. */
export function parseRules(path: string, text: string, options: Options = {}): LoadedRules {
  return rulesIn({ files: [parseFile(path, text, options)], diagnostics: [] });
}
