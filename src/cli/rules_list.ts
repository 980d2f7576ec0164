/** `weir rules list`. */

import type { Command } from "commander";
import type { RuleBook } from "../pipeline/rule_book.ts";
import { printJson, printTable, warnLine } from "./output.ts";
import { bookOf, FOLDERS_HELP } from "./rules_book.ts";
import { type SettingsFlags, withSettings } from "./settings.ts";

interface ListFlags extends SettingsFlags {
  readonly json?: boolean;
}

export function addRulesListCommand(rules: Command): void {
  withSettings(rules.command("list").argument("[dir...]", FOLDERS_HELP).option("--json", "one object a line"))
    .description("the rules in force")
    .action(async (dirs: string[], flags: ListFlags) => list(await bookOf(dirs, flags), flags.json ?? false));
}

function list({ rules, diagnostics }: RuleBook, json: boolean): void {
  if (json) {
    for (const { id, title, level, weight, tags, format, place } of rules) {
      printJson({ id, title, level, weight, tags, format, path: place.path, line: place.line });
    }
    return;
  }
  printTable(["ID", "LEVEL", "WEIGHT", "TITLE"], rules.map((r) => [r.id, r.level, String(r.weight), r.title]));
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  if (errors > 0) warnLine(`${errors} ${errors === 1 ? "error" : "errors"}; see: weir rules check`);
}
