/** The command line: reads what was asked for, runs it, and turns what went wrong into an exit code. */

import { Command, CommanderError } from "commander";
import { DiagnosticError, formatDiagnostic, messageOf, UsageError } from "../core/errors.ts";
import { addConfigCommand } from "./config.ts";
import { EXIT_USAGE, EXIT_WRONG, WrongError } from "./exit.ts";
import { addHookCommand } from "./hook.ts";
import { addJournalCommand } from "./journal.ts";
import { escapeText, printLine, warnLine } from "./output.ts";
import { addProfilesCommand } from "./profiles.ts";
import { addQueryCommand } from "./query.ts";
import { addReplayCommand } from "./replay.ts";
import { addRulesCommand } from "./rules.ts";
import { addSimulateCommand } from "./simulate.ts";
import { addSnmpCommand } from "./snmp.ts";
import { addStartCommand } from "./start.ts";
import { VERSION } from "./version.ts";

/** Runs a command line and ends the program: 0; 1 when what was checked is wrong; 2 for usage or configuration. */
export async function main(args: readonly string[]): Promise<void> {
  Deno.exit(await run(args));
}

async function run(args: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    return tell(error);
  }
}

function createProgram(): Command {
  const program = new Command("weir")
    .description("Rule-driven stream processor for security telemetry")
    .version(VERSION)
    .showHelpAfterError("(see --help)")
    .exitOverride()
    .configureOutput({ writeOut: (text) => printLine(text.trimEnd()), writeErr: (text) => warnLine(text.trimEnd()) });
  for (
    const add of [
      addStartCommand,
      addReplayCommand,
      addRulesCommand,
      addProfilesCommand,
      addConfigCommand,
      addQueryCommand,
      addJournalCommand,
      addSimulateCommand,
      addSnmpCommand,
      addHookCommand,
    ]
  ) add(program);
  inheritSettings(program);
  return program;
}

/** Commander copies its settings to a subcommand only when told to. */
function inheritSettings(command: Command): void {
  for (const sub of command.commands) inheritSettings(sub.copyInheritedSettings(command));
}

function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE; // commander has said it already
  if (error instanceof WrongError) return EXIT_WRONG; // the command has said it already
  if (error instanceof DiagnosticError) {
    for (const diagnostic of error.diagnostics) warnLine(escapeText(formatDiagnostic(diagnostic)));
    return EXIT_USAGE;
  }
  warnLine(`weir: ${escapeText(messageOf(error))}`);
  if (error instanceof UsageError) return EXIT_USAGE;
  if (error instanceof Error && error.stack !== undefined) warnLine(error.stack);
  return EXIT_USAGE;
}
