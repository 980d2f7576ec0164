/** Reads rules from folders: the one part of this folder that does I/O. */

import { type Diagnostic, messageOf } from "../core/errors.ts";
import type { YamlText } from "../core/yaml_document.ts";
import {
  type LoadedRules,
  parseRuleFile,
  readRuleFile,
  RULE_FILE_BYTES_MAX,
  type RuleFile,
  type RuleFiles,
  rulesIn,
} from "./documents.ts";
import { type FrontEnd, type FrontEndContext, isSigma } from "./front_end.ts";
import { nativeFrontEnd } from "./native/mod.ts";
import type { ValueLists } from "./native/list_reader.ts";

/** How many rule files are read. */
export const RULE_FILES_MAX = 100_000;

const RULE_FILE_NAME = /\.ya?ml$/;

export interface LoadOptions {
  /** Kinds that some collector yields: another one in a rule is a warning. Absent: kinds are not checked. */
  readonly knownKinds?: Iterable<string>;
  /** Lists of values that rules may name. Absent: none. */
  readonly valueLists?: ValueLists;
}

/** Reads folders again and again; a file that has not changed since the last time is the same object as then. */
export type RuleReader = (directories: Iterable<string>) => Promise<RuleFiles>;

/**
 * Reads every `.yaml` and `.yml` file under these folders (or the file itself, where one is named), in sorted order; names that
 * start with a dot are passed by. Each document stands for itself: one with an error is left out, with a diagnostic at
 * every place that is wrong, and all else loads. Never throws for what it reads.
 */
export async function loadRules(directories: Iterable<string>, options: LoadOptions = {}): Promise<LoadedRules> {
  return rulesIn(await createRuleReader(options)(directories));
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
        return [path, { stamp, file: await readFile(path, info.size, context) }];
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

async function readFile(path: string, size: number, context: FrontEndContext): Promise<RuleFile> {
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
    const yaml = parseRuleFile(path, new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return readRuleFile(path, yaml, await frontEndsFor(yaml), context);
  } catch (error) {
    return refused(error instanceof TypeError ? "it must be UTF-8 text" : messageOf(error));
  }
}

/** What reads these documents. Sigma's front end is loaded for the first that is written in it: many a host has none. */
async function frontEndsFor({ documents }: YamlText): Promise<readonly FrontEnd[]> {
  if (!documents.some(isSigma)) return [nativeFrontEnd];
  const { sigmaFrontEnd } = await import("./sigma/mod.ts");
  return [nativeFrontEnd, sigmaFrontEnd];
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
