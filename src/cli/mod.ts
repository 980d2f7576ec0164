/** The command line: reads what was asked for, runs it, and turns what went wrong into an exit code. */

import { Command, CommanderError } from "commander";
import { DiagnosticError, formatDiagnostic, messageOf, UsageError } from "../core/errors.ts";
import { EXIT_USAGE, EXIT_WRONG, WrongError } from "./exit.ts";
import { escapeText, printLine, warnLine } from "./output.ts";
import { VERSION } from "./version.ts";

/** Adds a command to the program. */
type Add = (program: Command) => void;

/** Each command by its name. Only the one that is asked for is loaded: what runs for weeks holds nothing of the others. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  start: async () => (await import("./start.ts")).addStartCommand,
  replay: async () => (await import("./replay.ts")).addReplayCommand,
  rules: async () => (await import("./rules.ts")).addRulesCommand,
  profiles: async () => (await import("./profiles.ts")).addProfilesCommand,
  config: async () => (await import("./config.ts")).addConfigCommand,
  query: async () => (await import("./query.ts")).addQueryCommand,
  journal: async () => (await import("./journal.ts")).addJournalCommand,
  simulate: async () => (await import("./simulate.ts")).addSimulateCommand,
  snmp: async () => (await import("./snmp.ts")).addSnmpCommand,
  hook: async () => (await import("./hook.ts")).addHookCommand,
};

/** Runs a command line and ends the program: 0; 1 when what was checked is wrong; 2 for usage or configuration. */
export async function main(args: readonly string[]): Promise<void> {
  Deno.exit(await run(args));
}

async function run(args: readonly string[]): Promise<number> {
  try {
    const program = createProgram(await commandsFor(args[0]));
    await program.parseAsync([...args], { from: "user" });
    return 0;
  } catch (error) {
    return tell(error);
  }
}

/** The command that a command line begins with, else all of them: for help, and for a hint at what was meant. */
function commandsFor(first: string | undefined): Promise<Add[]> {
  const asked = first === undefined || !Object.hasOwn(COMMANDS, first) ? undefined : COMMANDS[first];
  return Promise.all((asked === undefined ? Object.values(COMMANDS) : [asked]).map((load) => load()));
}

function createProgram(commands: readonly Add[]): Command {
  const program = new Command("weir")
    .description("Rule-driven stream processor for security telemetry")
    .version(VERSION)
    .showHelpAfterError("(see --help)")
    .exitOverride()
    .configureOutput({ writeOut: (text) => printLine(text.trimEnd()), writeErr: (text) => warnLine(text.trimEnd()) });
  for (const add of commands) add(program);
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
