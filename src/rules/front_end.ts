/** What turns documents into rules: one front end for each way of writing them. */

import type { Diagnostic, Place } from "../core/errors.ts";
import type { YamlDocument } from "../core/yaml_document.ts";
import type { Rule, Selection } from "./rule.ts";

/** What a front end is told of the world. */
export interface FrontEndContext {
  /** Kinds that some collector yields; absent: kinds are not checked. */
  readonly knownKinds?: ReadonlySet<string>;
  /** Lists of values that placeholders in Sigma rules (`%name%`) stand for, by name. */
  readonly valueLists?: ReadonlyMap<string, readonly (string | number)[]>;
}

/** What came of documents. A document with an error gives no rule; the others give theirs. */
export interface FrontEndResult {
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
  /** Where selections name other rules, as far as the front end has not resolved the names itself. */
  readonly references: ReadonlyMap<Selection, Place>;
}

/** One way of writing rules. */
export interface FrontEnd {
  readonly name: string;
  /** Whether a document is written this way. The first front end that says so gets it. */
  accepts(document: YamlDocument): boolean;
  /** All documents of a load at once, in order, so that they may refer to one another. */
  parse(documents: readonly YamlDocument[], context: FrontEndContext): FrontEndResult;
}

/** Keys that tell a Sigma document; native rules have `select` and `correlate`. */
const SIGMA_KEYS = ["detection", "correlation", "filter"];

/** Whether a document is written in Sigma. */
export function isSigma({ value }: YamlDocument): boolean {
  return typeof value === "object" && value !== null && SIGMA_KEYS.some((key) => Object.hasOwn(value, key));
}
