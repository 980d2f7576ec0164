/** `weir rules ...`: what the author of rules needs. A file each. */

import type { Command } from "commander";
import { addRulesBacktestCommand } from "./rules_backtest.ts";
import { addRulesCheckCommand } from "./rules_check.ts";
import { addRulesCoverageCommand } from "./rules_coverage.ts";
import { addRulesExplainCommand } from "./rules_explain.ts";
import { addRulesFieldsCommand } from "./rules_fields.ts";
import { addRulesListCommand } from "./rules_list.ts";
import { addRulesSchemaCommand } from "./rules_schema.ts";
import { addRulesTestCommand } from "./rules_test.ts";

export function addRulesCommand(program: Command): void {
  const rules = program.command("rules")
    .description("rules: check them, run their tests, see why one fires and what a change would do");
  for (
    const add of [
      addRulesListCommand,
      addRulesCheckCommand,
      addRulesTestCommand,
      addRulesExplainCommand,
      addRulesBacktestCommand,
      addRulesFieldsCommand,
      addRulesCoverageCommand,
      addRulesSchemaCommand,
    ]
  ) add(rules);
}
