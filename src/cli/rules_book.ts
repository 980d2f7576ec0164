/** Which rules a command of `weir rules` is about. */

import type { WeirConfig } from "../config/schema.ts";
import { nameHint, UsageError } from "../core/errors.ts";
import { loadRuleBook, type RuleBook } from "../pipeline/rule_book.ts";
import type { Rule } from "../rules/rule.ts";
import type { Tuning } from "../rules/tuning.ts";
import { ruleFolders, type SettingsFlags, settingsOf } from "./settings.ts";
import { tuningOf } from "./tuning.ts";

/** What an argument that names folders says of itself. */
export const FOLDERS_HELP = "folders or files of rules; by default those configured";

/** What the option that does says, where an argument has another meaning. */
export const RULES_HELP = "folder of rules, may be given several times; by default those configured";

/** Folders of rules, and how they are tuned. */
export interface RuleSettings {
  readonly config: WeirConfig;
  readonly folders: readonly string[];
  readonly tuning: Tuning;
}

/** The folders that are named, else those configured. */
export async function ruleSettings(dirs: readonly string[], flags: SettingsFlags): Promise<RuleSettings> {
  const loaded = settingsOf(flags);
  const folders = await ruleFolders(dirs, loaded);
  return { config: loaded.config, folders, tuning: tuningOf(loaded, dirs.length > 0) };
}

/** Their rules. */
export async function bookOf(dirs: readonly string[], flags: SettingsFlags): Promise<RuleBook> {
  const { config, folders, tuning } = await ruleSettings(dirs, flags);
  return await loadRuleBook(folders, config, tuning);
}

/** The rule in force of that id. @throws {UsageError} when there is none. */
export function ruleOf(id: string, { rules, disabled }: RuleBook): Rule {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule !== undefined) return rule;
  const hint = disabled.includes(id)
    ? "that one is switched off"
    : rules.length === 0
    ? "no rule is"
    : nameHint(id, rules.map((one) => one.id));
  throw new UsageError(`Cannot find rule as its id must be that of one in force: current value is "${id}" (${hint})`);
}
