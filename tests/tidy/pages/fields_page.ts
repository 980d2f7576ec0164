/** The page of the field dictionary. */

import { FIELDS } from "../../../src/core/fields.ts";
import { cell, code, paragraph, table } from "./markdown.ts";

const HEAD = [
  `What rules may speak of. Names are Elastic Common Schema's where it has one. A field that is not known of an event is absent
   from it, never zero or empty. Percentages are 0 to 100 of the whole, except a process's CPU, where 100 is one core.`,
  "This page is made from `fields.ts`, by `deno run -A tests/tidy/generate.ts`.",
];

/** `src/core/FIELDS.md`. */
export function fieldsPage(): string {
  const groups = Map.groupBy(FIELDS, ({ name }) => name.split(".", 1)[0] ?? name);
  const parts = ["# Fields\n", ...HEAD.map(paragraph)];
  for (const [group, fields] of groups) {
    const rows = fields.map(({ name, type, unit, description }) => [code(name), type, unit ?? "", cell(description)]);
    parts.push(`## ${group}\n`, table(["Field", "Holds", "Unit", "What it is"], rows));
  }
  return parts.join("\n");
}
