/** The community's rules, where the folder with them is there. */

import { pathToFileURL } from "node:url";
import type { Diagnostic } from "../../../src/core/errors.ts";
import { parseYaml, type YamlDocument } from "../../../src/core/yaml_document.ts";
import type { Rule } from "../../../src/rules/rule.ts";
import { sigmaFrontEnd } from "../../../src/rules/sigma/mod.ts";
import { recorded } from "../../recorded.ts";

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
  walk(pathToFileURL(recorded("sigma/rules/")));
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
