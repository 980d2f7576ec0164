/** The configuration as JSON Schema, for editors. */

import { z } from "zod";
import { textForms } from "../core/schema.ts";
import { configSchema } from "./schema.ts";

/** What each form of text looks like as an ECMA-262 expression; the limits of each key are checked by Weir. */
const PATTERNS = {
  duration: "^(0|(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+)$",
  size: "^\\d+(\\.\\d+)? ?([Bb]|[KMGTkmgt][Ii]?[Bb])$",
  secret: "^.+$",
} as const;

/** JSON Schema (draft 2020-12) of `weir.yaml`. Name it in the file's first line: `# yaml-language-server: $schema=...`. */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(configSchema, {
    io: "input",
    override: ({ zodSchema, jsonSchema }) => {
      const text = textForms.get(zodSchema as z.ZodString);
      if (text !== undefined) jsonSchema.pattern = PATTERNS[text.form];
    },
  });
  return { ...schema, title: "Weir" };
}
