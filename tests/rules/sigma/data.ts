/** The community's rules, where the folder with them is there. */

import type { Diagnostic } from "../../../src/core/errors.ts";
import { parseYaml, type YamlDocument } from "../../../src/core/yaml_document.ts";
import type { Rule } from "../../../src/rules/rule.ts";
import { sigmaFrontEnd } from "../../../src/rules/sigma/mod.ts";

/** From the root of the project. */
export const SIGMA_DATA = new URL("../../../../shared/data/sigma/", import.meta.url);

/** Why tests on the data are skipped; undefined when it is there. */
export function missingData(): string | undefined {
  try {
    Deno.statSync(SIGMA_DATA);
    return undefined;
  } catch {
    if (Deno.env.get("WEIR_REQUIRE_PEERS") === "1") {
      throw new Error(`Cannot test as ${SIGMA_DATA.pathname} must be there`);
    }
    return "../shared/data/sigma is not there";
  }
}

/** Every rule file's text by path, in order. */
export function readRuleFiles(): { path: string; text: string }[] {
  const files: { path: string; text: string }[] = [];
  const walk = (folder: URL) => {
    for (const entry of [...Deno.readDirSync(folder)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const url = new URL(entry.name + (entry.isDirectory ? "/" : ""), folder);
      if (entry.isDirectory) walk(url);
      else if (entry.name.endsWith(".yml")) files.push({ path: url.pathname, text: Deno.readTextFileSync(url) });
    }
  };
  walk(new URL("rules/", SIGMA_DATA));
  return files;
}

export interface LoadedSigma {
  readonly files: number;
  readonly rules: readonly Rule[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Loads texts as the Sigma front end does. */
export function loadSigma(
  files: readonly { path: string; text: string }[],
  valueLists?: ReadonlyMap<string, readonly (string | number)[]>,
): LoadedSigma {
  const diagnostics: Diagnostic[] = [];
  const documents: YamlDocument[] = [];
  for (const { path, text } of files) {
    const yaml = parseYaml(path, text, { multi: true });
    diagnostics.push(...yaml.diagnostics);
    documents.push(...yaml.documents);
  }
  const context = valueLists === undefined ? {} : { valueLists };
  const result = sigmaFrontEnd.link(documents.map((document) => sigmaFrontEnd.read(document, context)));
  return { files: files.length, rules: result.rules, diagnostics: [...diagnostics, ...result.diagnostics] };
}
