/** `weir rules coverage`: which of MITRE ATT&CK's techniques the rules look for. */

import type { Command } from "commander";
import { messageOf, UsageError } from "../core/errors.ts";
import { coveredTechniques, navigatorLayer } from "../rules/coverage.ts";
import { printLine, printTable, warnLine } from "./output.ts";
import { bookOf, FOLDERS_HELP } from "./rules_book.ts";
import { type SettingsFlags, withSettings } from "./settings.ts";

interface CoverageFlags extends SettingsFlags {
  readonly json?: boolean;
  readonly output?: string;
  readonly name: string;
}

export function addRulesCoverageCommand(rules: Command): void {
  withSettings(rules.command("coverage").argument("[dir...]", FOLDERS_HELP))
    .option("--json", "print a layer for ATT&CK Navigator (file format 4.5)")
    .option("--output <file>", "write that layer to a file")
    .option("--name <name>", "name of the layer", "Weir")
    .description("the techniques of MITRE ATT&CK that the rules in force look for, by their tags")
    .action(async (dirs: string[], flags: CoverageFlags) => await coverage(dirs, flags));
}

async function coverage(dirs: readonly string[], flags: CoverageFlags): Promise<void> {
  const { rules } = await bookOf(dirs, flags);
  const techniques = coveredTechniques(rules);
  const layer = JSON.stringify(navigatorLayer(techniques, flags.name), null, 2);
  if (flags.output !== undefined) await writeLayer(flags.output, layer);
  if (flags.json) printLine(layer);
  if (flags.json || flags.output !== undefined) return;
  printTable(
    ["TECHNIQUE", "RULES", "LEVEL", "WHICH"],
    techniques.map(({ id, rules, level }) => [id, String(rules.length), level, whichText(rules)]),
  );
  const tagged = new Set(techniques.flatMap(({ rules }) => rules)).size;
  warnLine(`${techniques.length} techniques; ${tagged} of ${rules.length} rules are tagged with one`);
}

/** How many rules a row of the table names. */
const RULES_SHOWN_MAX = 3;

function whichText(rules: readonly { readonly id: string }[]): string {
  const shown = rules.slice(0, RULES_SHOWN_MAX).map(({ id }) => id).join(", ");
  return rules.length > RULES_SHOWN_MAX ? `${shown}, \u2026` : shown;
}

async function writeLayer(path: string, layer: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, `${layer}\n`);
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${messageOf(error)}`);
  }
}
