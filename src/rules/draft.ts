/**
 * What is to be in force of what stands in the files: a document that is broken keeps its last good version, where there is one,
 * and everything else goes live.
 *
 * Protocol: `draftRules` of the files and of what is in force; what then turns out to fail (its own tests, say) is put back by
 * `putBack`; `standingOf` the outcome is what the next draft is made against. Nothing here does I/O.
 */

import { compareDiagnostics, type Diagnostic, formatDiagnostic, quoteValue } from "../core/errors.ts";
import { linkDocuments, type RuleDocument, type RuleFile, type RuleFiles } from "./documents.ts";
import { referencesOf } from "./link.ts";
import type { Rule } from "./rule.ts";

/** The documents in force, by file. */
export type Standing = ReadonlyMap<string, readonly RuleDocument[]>;

/** Before anything is in force. */
export const NOTHING_STANDS: Standing = new Map();

/** One document of a file, and what stands for it. */
interface Choice {
  /** As it stands in the file; `undefined` where that cannot be read. */
  readonly found: RuleDocument | undefined;
  /** Its last good version; `undefined` where there is none. */
  readonly fallback: RuleDocument | undefined;
  /** What is in force of it; `undefined`: nothing. */
  readonly used: RuleDocument | undefined;
}

/** Rules that may go into force. */
export interface RuleDraft {
  readonly rules: readonly Rule[];
  /** Everything wrong with what stands in the files, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Ids of rules that are in force in their last good version, as what stands in the file has an error. */
  readonly kept: readonly string[];
  readonly choices: readonly Choice[];
}

/** Puts the documents of the files together, each that is broken replaced by its last good version. */
export function draftRules({ files, diagnostics }: RuleFiles, standing: Standing): RuleDraft {
  const choices = choicesOf(files, diagnostics, standing);
  const found = choices.flatMap((choice) => choice.found ?? []);
  const asFound = linkDocuments(found);
  const isMended = choices.some(({ found, used }) => used !== found);
  const asUsed = isMended ? linkDocuments(documentsIn(choices)) : asFound;
  // What a last good version does not get along with is no fault of what stands in the files, and the other way about.
  const known = new Set(asFound.diagnostics.map(formatDiagnostic));
  const linking = asUsed.diagnostics.filter((diagnostic) => known.has(formatDiagnostic(diagnostic)));
  const all = [
    ...diagnostics,
    ...files.flatMap((file) => file.diagnostics),
    ...found.flatMap(({ read }) => read.diagnostics),
    ...linking,
  ];
  return draftOf(withoutUnlinked(choices, asUsed.rules), all, new Set());
}

/**
 * The draft with the last good versions of these rules, left out where there is none; what builds on a rule that is left out
 * goes too, and is told. The diagnostics are about those that fail.
 */
export function putBack(draft: RuleDraft, failed: ReadonlySet<string>, diagnostics: readonly Diagnostic[]): RuleDraft {
  if (failed.size === 0) return draft;
  const lost = new Set<string>();
  for (const { used, fallback } of draft.choices) {
    const id = used?.read.ruleId;
    if (id !== undefined && failed.has(id) && fallback === undefined) lost.add(id);
  }
  const orphans = orphansOf(draft.rules, lost);
  const out = new Set([...failed, ...orphans.map(({ rule }) => rule)]);
  const choices = draft.choices.map((choice) => {
    const id = choice.used?.read.ruleId;
    return id !== undefined && out.has(id) ? { ...choice, used: choice.fallback } : choice;
  });
  const all = [...draft.diagnostics, ...diagnostics, ...orphans.map(({ diagnostic }) => diagnostic)];
  return draftOf(withoutUnlinked(choices, linkDocuments(documentsIn(choices)).rules), all, out);
}

/** The documents of which a draft has the rules, or which only change others. */
export function standingOf({ choices, rules }: RuleDraft): Standing {
  const isIn = membership(rules);
  const inForce = documentsIn(choices).filter((one) => one.read.ruleId === undefined ? !isBroken(one) : isIn(one));
  return Map.groupBy(inForce, ({ path }) => path);
}

function choicesOf(files: readonly RuleFile[], unread: readonly Diagnostic[], standing: Standing): Choice[] {
  const given = new Set(files.flatMap(({ documents }) => documents.flatMap(({ read }) => read.ruleId ?? [])));
  const isFree = ({ read }: RuleDocument) => read.ruleId === undefined || !given.has(read.ruleId);
  const choices = files.flatMap((file) => choicesOfFile(file, standing.get(file.path) ?? [], isFree));
  const listed = new Set(files.map(({ path }) => path));
  for (const [path, documents] of standing) {
    if (listed.has(path) || !unread.some(({ place }) => isWithin(path, place.path))) continue;
    for (const document of documents.filter(isFree)) choices.push(lastGood(document));
  }
  return choices;
}

/** `before`: the documents of the file that are in force. `isFree`: whether no document found gives the rule of this one. */
function choicesOfFile(
  file: RuleFile,
  before: readonly RuleDocument[],
  isFree: (document: RuleDocument) => boolean,
): Choice[] {
  const rest = new Set(before);
  const byName = new Map<RuleDocument, RuleDocument>();
  for (const found of file.documents) {
    const name = nameOf(found);
    const last = name === undefined ? undefined : [...rest].find((one) => nameOf(one) === name);
    if (last === undefined) continue;
    rest.delete(last);
    byName.set(found, last);
  }
  const choices = file.documents.map((found): Choice => {
    if (!isBroken(found)) return { found, fallback: byName.get(found), used: found };
    // One that has lost its id in being changed is known by where it stands.
    const last = byName.get(found) ?? [...rest].find(({ index }) => index === found.index);
    if (last !== undefined) rest.delete(last);
    const fallback = last !== undefined && isFree(last) ? last : undefined;
    return { found, fallback, used: fallback ?? found };
  });
  // Of a document that is no YAML nobody can tell which it was.
  const hasLost = file.diagnostics.some(({ severity }) => severity === "error");
  return hasLost ? [...choices, ...[...rest].filter(isFree).map(lastGood)] : choices;
}

function nameOf({ read }: RuleDocument): string | undefined {
  return read.ruleId ?? read.id;
}

function lastGood(document: RuleDocument): Choice {
  return { found: undefined, fallback: document, used: document };
}

function isBroken({ read }: RuleDocument): boolean {
  return read.diagnostics.some(({ severity }) => severity === "error");
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder.replace(/\/+$/, "")}/`);
}

function documentsIn(choices: readonly Choice[]): RuleDocument[] {
  return choices.flatMap(({ used }) => used ?? []);
}

/** Whether the rule of a document is among these. */
function membership(rules: readonly Rule[]): (document: RuleDocument) => boolean {
  const places = new Map(rules.map(({ id, place }) => [id, place.path]));
  return ({ path, read }) => read.ruleId !== undefined && places.get(read.ruleId) === path;
}

interface Linked {
  readonly choices: readonly Choice[];
  readonly rules: readonly Rule[];
}

/** The choices, each document that cannot run with the others replaced by its last good version. `rules`: those that can. */
function withoutUnlinked(choices: readonly Choice[], rules: readonly Rule[]): Linked {
  const isIn = membership(rules);
  const replaced = choices.map((choice) => {
    const { used, fallback } = choice;
    const isOut = used?.read.ruleId !== undefined && !isIn(used);
    return isOut && fallback !== undefined && fallback !== used ? { ...choice, used: fallback } : choice;
  });
  if (replaced.every((choice, i) => choice === choices[i])) return { choices, rules };
  return withoutUnlinked(replaced, linkDocuments(documentsIn(replaced)).rules);
}

/** `failed`: rules of which what stands in the file has been found wrong since. */
function draftOf(
  { choices, rules }: Linked,
  diagnostics: readonly Diagnostic[],
  failed: ReadonlySet<string>,
): RuleDraft {
  const isIn = membership(rules);
  const kept = choices.flatMap(({ found, used }) => {
    const id = used?.read.ruleId;
    const isKept = id !== undefined && (used !== found || failed.has(id));
    return isKept && used !== undefined && isIn(used) ? [id] : [];
  });
  return { rules, diagnostics: [...diagnostics].sort(compareDiagnostics), kept, choices };
}

/** Rules that build on one that is lost, directly or through others. */
function orphansOf(rules: readonly Rule[], lost: ReadonlySet<string>): { rule: string; diagnostic: Diagnostic }[] {
  const gone = new Set(lost);
  const orphans: { rule: string; diagnostic: Diagnostic }[] = [];
  for (let before = -1; before !== gone.size;) {
    before = gone.size;
    for (const { id, place, selections } of rules) {
      const missing = selections.flatMap(referencesOf).find((referred) => gone.has(referred));
      if (gone.has(id) || missing === undefined) continue;
      gone.add(id);
      const message = `Cannot load rule as it refers to ${quoteValue(missing)}, which is left out`;
      orphans.push({ rule: id, diagnostic: { severity: "error", place, message } });
    }
  }
  return orphans;
}
