/** Rule files as documents, each read by itself, and documents put together into rules. */

import { compareDiagnostics, type Diagnostic, type Place } from "../core/errors.ts";
import { parseYaml, type YamlDocument, type YamlText } from "../core/yaml_document.ts";
import type { FrontEnd, FrontEndContext, ReadDocument } from "./front_end.ts";
import { type LinkedRules, linkRules } from "./link.ts";
import type { Rule, Selection } from "./rule.ts";

/** Size of the largest rule file read: bytes. */
export const RULE_FILE_BYTES_MAX = 1_048_576;

/** One document of a rule file. */
export interface RuleDocument {
  readonly path: string;
  /** Which one of its file, from 0. */
  readonly index: number;
  readonly frontEnd: FrontEnd;
  readonly read: ReadDocument;
}

/** What a rule file holds. */
export interface RuleFile {
  readonly path: string;
  /** Whether it could be read at all. */
  readonly isRead: boolean;
  /** Those that are YAML and of a known form. */
  readonly documents: readonly RuleDocument[];
  /** What is wrong with the file, and with what is no document of a rule. What is wrong with a rule is its document's. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What stands in the folders. */
export interface RuleFiles {
  /** In the order of the folders, sorted within each. One that could not be read has no documents, and says why. */
  readonly files: readonly RuleFile[];
  /** Folders that could not be read, and limits passed. */
  readonly diagnostics: readonly Diagnostic[];
}

/** What came of reading rules. */
export interface LoadedRules {
  /** Those without an error, in the order of their files and places. Every rule they refer to is among them. */
  readonly rules: readonly Rule[];
  /** Everything wrong, each at its place, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many files were read. */
  readonly files: number;
}

/** The documents of a text, whoever reads them; `path` is what diagnostics name it. */
export function parseRuleFile(path: string, text: string): YamlText {
  return parseYaml(path, text, { bytesMax: RULE_FILE_BYTES_MAX, multi: true });
}

/** Reads a file's documents, each by the first front end that takes it. */
export function readRuleFile(
  path: string,
  yaml: YamlText,
  frontEnds: readonly FrontEnd[],
  context: FrontEndContext,
): RuleFile {
  const diagnostics = [...yaml.diagnostics];
  const documents: RuleDocument[] = [];
  for (const document of yaml.documents) {
    const frontEnd = frontEnds.find((one) => one.accepts(document));
    if (frontEnd === undefined) diagnostics.push(notReadable(document, frontEnds));
    else documents.push({ path, index: documents.length, frontEnd, read: frontEnd.read(document, context) });
  }
  return { path, isRead: true, documents, diagnostics };
}

/** The rules of files, put together, and everything that is wrong with them. */
export function rulesIn({ files, diagnostics }: RuleFiles): LoadedRules {
  const documents = files.flatMap((file) => file.documents);
  const linked = linkDocuments(documents);
  const all = [
    ...diagnostics,
    ...files.flatMap((file) => file.diagnostics),
    ...documents.flatMap(({ read }) => read.diagnostics),
    ...linked.diagnostics,
  ];
  return {
    rules: linked.rules,
    diagnostics: all.sort(compareDiagnostics),
    files: files.filter(({ isRead }) => isRead).length,
  };
}

/**
 * Rules of all documents, in the order of their places, each left out that cannot run with the others. The diagnostics are
 * those of putting them together, in order; those of each document are its own.
 */
export function linkDocuments(documents: readonly RuleDocument[]): LinkedRules {
  const own = new Set(documents.flatMap(({ read }) => read.diagnostics));
  const diagnostics: Diagnostic[] = [];
  const rules: Rule[] = [];
  const references = new Map<Selection, Place>();
  for (const [frontEnd, accepted] of Map.groupBy(documents, (document) => document.frontEnd)) {
    const result = frontEnd.link(accepted.map(({ read }) => read));
    for (const rule of result.rules) rules.push(rule);
    for (const diagnostic of result.diagnostics) if (!own.has(diagnostic)) diagnostics.push(diagnostic);
    for (const [selection, place] of result.references) references.set(selection, place);
  }
  const linked = linkRules(rules.sort(byPlace), references);
  return { rules: linked.rules, diagnostics: [...diagnostics, ...linked.diagnostics].sort(compareDiagnostics) };
}

function byPlace(a: Rule, b: Rule): number {
  if (a.place.path !== b.place.path) return a.place.path < b.place.path ? -1 : 1;
  return a.place.line - b.place.line;
}

function notReadable(document: YamlDocument, frontEnds: readonly FrontEnd[]): Diagnostic {
  const names = frontEnds.map(({ name }) => name).join(" or ");
  const message = `Cannot load rule as it must be a ${names} one: current value is a document of another form`;
  return { severity: "error", place: document.place([], "value"), message };
}
