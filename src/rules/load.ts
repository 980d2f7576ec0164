/** Reads rules from folders: the one part of this folder that does I/O. */

import { compareDiagnostics, type Diagnostic, messageOf } from "../core/errors.ts";
import { linkDocuments, readRuleFile, RULE_FILE_BYTES_MAX, type RuleFile } from "./documents.ts";
import type { FrontEnd, FrontEndContext } from "./front_end.ts";
import { nativeFrontEnd } from "./native/mod.ts";
import type { ValueLists } from "./native/list_reader.ts";
import type { Rule } from "./rule.ts";
import { sigmaFrontEnd } from "./sigma/mod.ts";

export { RULE_FILE_BYTES_MAX } from "./documents.ts";

/** How many rule files are read. */
export const RULE_FILES_MAX = 100_000;

const RULE_FILE_NAME = /\.ya?ml$/;

/** What there is to read rules. */
export const FRONT_ENDS: readonly FrontEnd[] = [nativeFrontEnd, sigmaFrontEnd];

export interface LoadOptions {
  /** Kinds that some collector yields: another one in a rule is a warning. Absent: kinds are not checked. */
  readonly knownKinds?: Iterable<string>;
  /** Lists of values that rules may name. Absent: none. */
  readonly valueLists?: ValueLists;
  /** Default {@linkcode FRONT_ENDS}. */
  readonly frontEnds?: readonly FrontEnd[];
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

/** What stands in the folders. */
export interface RuleFiles {
  /** In the order of the folders, sorted within each. One that could not be read has no documents, and says why. */
  readonly files: readonly RuleFile[];
  /** Folders that could not be read, and limits passed. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads folders again and again; a file that has not changed since the last time is the same object as then. */
export type RuleReader = (directories: Iterable<string>) => Promise<RuleFiles>;

/**
 * Reads every `.yaml` and `.yml` file under these folders (or the file itself, where one is named), in sorted order; names that
 * start with a dot are passed by. Each document stands for itself: one with an error is left out, with a diagnostic at
 * every place that is wrong, and all else loads. Never throws for what it reads.
 */
export async function loadRules(directories: Iterable<string>, options: LoadOptions = {}): Promise<LoadedRules> {
  return together(await createRuleReader(options)(directories));
}

/** Reads the rules in one text; `path` is what diagnostics name it. */
export function parseRules(path: string, text: string, options: LoadOptions = {}): LoadedRules {
  const file = readRuleFile(path, text, options.frontEnds ?? FRONT_ENDS, contextOf(options));
  return together({ files: [file], diagnostics: [] });
}

function together({ files, diagnostics }: RuleFiles): LoadedRules {
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

function contextOf({ knownKinds, valueLists }: LoadOptions): FrontEndContext {
  return {
    ...(knownKinds === undefined ? {} : { knownKinds: new Set(knownKinds) }),
    ...(valueLists === undefined ? {} : { valueLists }),
  };
}

/** A file as it was read, and what told it apart then. */
interface KnownFile {
  readonly stamp: string;
  readonly file: RuleFile;
}

/** How many files are asked for at once, so that one is read while others are waited for. */
const READ_AHEAD = 16;

/** Makes a reader, which remembers what it read. Not to be called again before it is done. */
export function createRuleReader(options: LoadOptions = {}): RuleReader {
  const frontEnds = options.frontEnds ?? FRONT_ENDS;
  const context = contextOf(options);
  let known = new Map<string, KnownFile>();
  return async (directories) => {
    const listing: Listing = { found: new Map(), folders: new Set(), diagnostics: [] };
    for (const directory of directories) await listFiles(directory, listing);
    const read: typeof known = new Map();
    const found = [...listing.found];
    for (let i = 0; i < found.length; i += READ_AHEAD) {
      const files = found.slice(i, i + READ_AHEAD).map(async ([path, info]): Promise<[string, KnownFile]> => {
        const stamp = stampOf(info);
        const before = known.get(path);
        if (before?.stamp === stamp) return [path, before];
        return [path, { stamp, file: await readFile(path, info.size, frontEnds, context) }];
      });
      for (const [path, file] of await Promise.all(files)) read.set(path, file);
    }
    known = read;
    return { files: [...read.values()].map(({ file }) => file), diagnostics: listing.diagnostics };
  };
}

/** Changes whenever the file does, as far as a file system tells. */
function stampOf({ mtime, ctime, size, ino, dev }: Deno.FileInfo): string {
  return [mtime?.getTime(), ctime?.getTime(), size, ino, dev].join(" ");
}

async function readFile(
  path: string,
  size: number,
  frontEnds: readonly FrontEnd[],
  context: FrontEndContext,
): Promise<RuleFile> {
  const refused = (why: string) => ({
    path,
    isRead: false,
    documents: [],
    diagnostics: [atStartOf(path, `Cannot read rules as ${why}`)],
  });
  const tooLong = (bytes: number) => `a file must be at most ${RULE_FILE_BYTES_MAX} bytes: current value is ${bytes}`;
  if (size > RULE_FILE_BYTES_MAX) return refused(tooLong(size));
  try {
    const bytes = await Deno.readFile(path);
    if (bytes.length > RULE_FILE_BYTES_MAX) return refused(tooLong(bytes.length));
    return readRuleFile(path, new TextDecoder("utf-8", { fatal: true }).decode(bytes), frontEnds, context);
  } catch (error) {
    return refused(error instanceof TypeError ? "it must be UTF-8 text" : messageOf(error));
  }
}

/** Files found so far, and the folders looked into, by their real paths. */
interface Listing {
  readonly found: Map<string, Deno.FileInfo>;
  readonly folders: Set<string>;
  readonly diagnostics: Diagnostic[];
}

/**
 * Lists the rule files under a path. Links are followed, as configuration mounted into a container needs it, but no folder is
 * looked into twice.
 */
async function listFiles(path: string, listing: Listing, named = true): Promise<void> {
  const { found, folders, diagnostics } = listing;
  try {
    const info = await Deno.stat(path);
    if (info.isDirectory) {
      const real = await Deno.realPath(path);
      if (folders.has(real)) return;
      folders.add(real);
      for (const name of await namesIn(path)) await listFiles(`${path.replace(/\/+$/, "")}/${name}`, listing, false);
    } else if (named || (info.isFile && RULE_FILE_NAME.test(path))) {
      if (found.size === RULE_FILES_MAX && !found.has(path)) return tooMany(path, diagnostics);
      found.set(path, info);
    }
  } catch (error) {
    diagnostics.push(atStartOf(path, `Cannot read rules as ${messageOf(error)}`));
  }
}

/** Tells once, at the first file too many. */
function tooMany(path: string, diagnostics: Diagnostic[]): void {
  const message = `Cannot read rules as there must be at most ${RULE_FILES_MAX} files: current value is more`;
  if (!diagnostics.some((one) => one.message === message)) diagnostics.push(atStartOf(path, message));
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (!name.startsWith(".")) names.push(name);
  return names.sort();
}

function atStartOf(path: string, message: string): Diagnostic {
  return { severity: "error", place: { path, line: 1, column: 1 }, message };
}
