/** Writes every page that is made from the code: `deno run -A tests/tidy/generate.ts`. */

import { COLLECTORS } from "../../src/collectors/registry.ts";
import { fieldsPage } from "./pages/fields_page.ts";
import { collectorSection, referencePage } from "./pages/reference.ts";
import { KINDS } from "../../src/pipeline/kinds.ts";
import { ruleFileSchema } from "../../src/rules/file_schema/mod.ts";

/** One generated page: from the project's root, what it holds and what it should hold. */
export interface GeneratedPage {
  readonly path: string;
  readonly current: string;
  readonly expected: string;
}

const root = new URL("../../", import.meta.url);

const BEGIN = "<!-- generated: deno run -A tests/tidy/generate.ts -->";
const END = "<!-- end of generated -->";

/** Every generated page. A README is generated only between its two marks. */
export async function generatedPages(): Promise<GeneratedPage[]> {
  const pages = [
    await page("src/config/REFERENCE.md", () => referencePage()),
    await page("src/core/FIELDS.md", () => fieldsPage()),
    await page("src/rules/rule.schema.json", () => `${JSON.stringify(ruleFileSchema(KINDS), null, 2)}\n`),
  ];
  for (const { name } of COLLECTORS) {
    pages.push(await page(`src/collectors/${name}/README.md`, (text) => withSection(text, collectorSection(name))));
  }
  return pages;
}

async function page(path: string, make: (current: string) => string): Promise<GeneratedPage> {
  let current = "";
  try {
    current = await Deno.readTextFile(new URL(path, root));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return { path, current, expected: make(current) };
}

/** The text with its generated section renewed; at its end where it has none. */
function withSection(text: string, section: string): string {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  const before = begin === -1 || end < begin ? `${text.trimEnd()}\n\n` : text.slice(0, begin);
  const after = begin === -1 || end < begin ? "\n" : text.slice(end + END.length);
  return `${before}${BEGIN}\n\n${section}\n${END}${after}`;
}

if (import.meta.main) {
  for (const { path, current, expected } of await generatedPages()) {
    if (current !== expected) await Deno.writeTextFile(new URL(path, root), expected);
  }
}
