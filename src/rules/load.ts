/** Reads rules from folders: the one part of this folder that does I/O. */

import { compareDiagnostics, type Diagnostic, messageOf, type Place } from "../core/errors.ts";
import { parseYaml, type YamlDocument } from "../core/yaml_document.ts";
import type { FrontEnd, FrontEndContext } from "./front_end.ts";
import { linkRules } from "./link.ts";
import { nativeFrontEnd } from "./native/mod.ts";
import type { Rule, Selection } from "./rule.ts";
import { sigmaFrontEnd } from "./sigma/mod.ts";

/** Size of the largest rule file read: bytes. */
export const RULE_FILE_BYTES_MAX = 1_048_576;

/** How many rule files are read. */
export const RULE_FILES_MAX = 100_000;

const RULE_FILE_NAME = /\.ya?ml$/;

/** What there is to read rules. */
export const FRONT_ENDS: readonly FrontEnd[] = [nativeFrontEnd, sigmaFrontEnd];

export interface LoadOptions {
  /** Kinds that some collector yields: another one in a rule is a warning. Absent: kinds are not checked. */
  readonly knownKinds?: Iterable<string>;
  /** Default {@linkcode FRONT_ENDS}. */
  readonly frontEnds?: readonly FrontEnd[];
  /** Rules that stand in no file, to be put together with those read. */
  readonly made?: readonly Rule[];
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

/**
 * Reads every `.yaml` and `.yml` file under these folders (or the file itself, where one is named), in sorted order; names that
 * start with a dot are passed by. Each document stands for itself: one with an error is left out, with a diagnostic at
 * every place that is wrong, and all else loads. Never throws for what it reads.
 */
export async function loadRules(directories: Iterable<string>, options: LoadOptions = {}): Promise<LoadedRules> {
  const diagnostics: Diagnostic[] = [];
  const paths: string[] = [];
  const folders = new Set<string>();
  for (const directory of directories) await listFiles(directory, { paths, folders, diagnostics });
  const [first] = paths.splice(RULE_FILES_MAX);
  if (first !== undefined) {
    const message = `Cannot read rules as there must be at most ${RULE_FILES_MAX} files: current value is more`;
    diagnostics.push(atStartOf(first, message));
  }
  const texts: { path: string; text: string }[] = [];
  for (const path of new Set(paths)) {
    const text = await readText(path, diagnostics);
    if (text !== undefined) texts.push({ path, text });
  }
  const parsed = parseTexts(texts, options);
  return {
    rules: parsed.rules,
    diagnostics: [...diagnostics, ...parsed.diagnostics].sort(compareDiagnostics),
    files: texts.length,
  };
}

/** Reads the rules in one text; `path` is what diagnostics name it. */
export function parseRules(path: string, text: string, options: LoadOptions = {}): LoadedRules {
  return parseTexts([{ path, text }], options);
}

function parseTexts(texts: readonly { path: string; text: string }[], options: LoadOptions): LoadedRules {
  const frontEnds = options.frontEnds ?? FRONT_ENDS;
  const context: FrontEndContext = options.knownKinds === undefined ? {} : { knownKinds: new Set(options.knownKinds) };
  const diagnostics: Diagnostic[] = [];
  const documents = new Map<FrontEnd, YamlDocument[]>(frontEnds.map((frontEnd) => [frontEnd, []]));
  for (const { path, text } of texts) {
    const yaml = parseYaml(path, text, { bytesMax: RULE_FILE_BYTES_MAX, multi: true });
    diagnostics.push(...yaml.diagnostics);
    for (const document of yaml.documents) {
      const frontEnd = frontEnds.find((one) => one.accepts(document));
      if (frontEnd !== undefined) documents.get(frontEnd)?.push(document);
      else diagnostics.push(notReadable(document, frontEnds));
    }
  }
  const rules: Rule[] = [...options.made ?? []];
  const references = new Map<Selection, Place>();
  for (const [frontEnd, accepted] of documents) {
    const result = frontEnd.parse(accepted, context);
    for (const rule of result.rules) rules.push(rule);
    for (const diagnostic of result.diagnostics) diagnostics.push(diagnostic);
    for (const [selection, place] of result.references) references.set(selection, place);
  }
  const linked = linkRules(rules.sort(byPlace), references);
  return {
    rules: linked.rules,
    diagnostics: [...diagnostics, ...linked.diagnostics].sort(compareDiagnostics),
    files: texts.length,
  };
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

async function readText(path: string, diagnostics: Diagnostic[]): Promise<string | undefined> {
  try {
    const { size } = await Deno.stat(path);
    if (size <= RULE_FILE_BYTES_MAX) return new TextDecoder("utf-8", { fatal: true }).decode(await Deno.readFile(path));
    const message =
      `Cannot read rules as a file must be at most ${RULE_FILE_BYTES_MAX} bytes: current value is ${size}`;
    diagnostics.push(atStartOf(path, message));
  } catch (error) {
    const why = error instanceof TypeError ? "it must be UTF-8 text" : messageOf(error);
    diagnostics.push(atStartOf(path, `Cannot read rules as ${why}`));
  }
  return undefined;
}

/** Files found so far, and the folders looked into, by their real paths. */
interface Listing {
  readonly paths: string[];
  readonly folders: Set<string>;
  readonly diagnostics: Diagnostic[];
}

/**
 * Lists the rule files under a path. Links are followed, as configuration mounted into a container needs it, but no folder is
 * looked into twice.
 */
async function listFiles(path: string, listing: Listing, named = true): Promise<void> {
  const { paths, folders, diagnostics } = listing;
  try {
    const { isDirectory, isFile } = await Deno.stat(path);
    if (isDirectory) {
      const real = await Deno.realPath(path);
      if (folders.has(real)) return;
      folders.add(real);
      for (const name of await namesIn(path)) await listFiles(`${path.replace(/\/+$/, "")}/${name}`, listing, false);
    } else if (named || (isFile && RULE_FILE_NAME.test(path))) {
      paths.push(path);
    }
  } catch (error) {
    diagnostics.push(atStartOf(path, `Cannot read rules as ${messageOf(error)}`));
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (!name.startsWith(".")) names.push(name);
  return names.sort();
}

function atStartOf(path: string, message: string): Diagnostic {
  return { severity: "error", place: { path, line: 1, column: 1 }, message };
}
