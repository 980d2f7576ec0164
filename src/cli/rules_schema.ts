/** `weir rules schema`: the form of rule files, for editors. */

import type { Command } from "commander";
import { KINDS } from "../pipeline/kinds.ts";
import { ruleFileSchema } from "../rules/file_schema/mod.ts";
import { printLine } from "./output.ts";

export function addRulesSchemaCommand(rules: Command): void {
  rules.command("schema")
    .description("JSON Schema of rule files; name it in a file's first line: # yaml-language-server: $schema=FILE")
    .action(() => printLine(JSON.stringify(ruleFileSchema(KINDS), null, 2)));
}
