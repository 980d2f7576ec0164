/** What turns documents into rules: one front end for each way of writing them. */

import type { Diagnostic, Place } from "../core/errors.ts";
import type { YamlDocument } from "../core/yaml_document.ts";
import type { Rule, Selection } from "./rule.ts";

/** What a front end is told of the world. */
export interface FrontEndContext {
  /** Kinds that some collector yields; absent: kinds are not checked. */
  readonly knownKinds?: ReadonlySet<string>;
  /** Lists of values by name: what `{list: name}` in native rules and placeholders in Sigma rules (`%name%`) stand for. */
  readonly valueLists?: ReadonlyMap<string, readonly (string | number)[]>;
}

/** A document read by itself. It is kept as long as its file stays as it is, so it should hold little but what it gives. */
export interface ReadDocument {
  /** The id it states, rightly or wrongly; `undefined` where it states none. */
  readonly id: string | undefined;
  /** The id of the rule it gives; `undefined` where it gives none: for an error in it, or as it only changes others. */
  readonly ruleId: string | undefined;
  /** What is wrong with it by itself. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What came of documents. A document with an error gives no rule; the others give theirs. */
export interface FrontEndResult {
  readonly rules: readonly Rule[];
  /** Of their being put together; those of the documents themselves may be among them. */
  readonly diagnostics: readonly Diagnostic[];
  /** Where selections name other rules, as far as the front end has not resolved the names itself. */
  readonly references: ReadonlyMap<Selection, Place>;
}

/** One way of writing rules. */
export interface FrontEnd<Read extends ReadDocument = ReadDocument> {
  readonly name: string;
  /** Whether a document is written this way. The first front end that says so gets it. */
  accepts(document: YamlDocument): boolean;
  /** Reads one document by itself. */
  read(document: YamlDocument, context: FrontEndContext): Read;
  /** Puts all documents of a load together, in order: they may refer to one another. */
  link(documents: readonly Read[]): FrontEndResult;
}

/** Keys that tell a Sigma document; native rules have `select` and `correlate`. */
const SIGMA_KEYS = ["detection", "correlation", "filter"];

/** Whether a document is written in Sigma. */
export function isSigma({ value }: YamlDocument): boolean {
  return typeof value === "object" && value !== null && SIGMA_KEYS.some((key) => Object.hasOwn(value, key));
}
