/** `weir hook`: what a shell runs so that the commands typed into it are seen. */

import { dirname } from "node:path";
import { Argument, type Command } from "commander";
import { SPOOL_FOLDER } from "../collectors/commands/schema.ts";
import { messageOf, UsageError } from "../core/errors.ts";
import { HOOK_SHELLS, type HookShell, hookSnippet } from "./hook_snippets.ts";
import { escapeText, printLine, warnLine } from "./output.ts";

/** Around what is ours in a shell's start file. */
const BEGIN = "# >>> weir hook >>>";
const END = "# <<< weir hook <<<";

interface HookFlags {
  readonly folder: string;
  readonly rc?: string;
  readonly remove?: boolean;
}

export function addHookCommand(program: Command): void {
  const hook = program.command("hook").description("have the commands typed into shells seen");
  const shell = () => new Argument("<shell>", "the shell").choices(HOOK_SHELLS);
  const folder = ["--folder <folder>", "where the shell writes; also to be in collectors.commands.folders"] as const;
  hook.command("print")
    .description("print what a shell is to run at its start")
    .addArgument(shell())
    .option(...folder, SPOOL_FOLDER)
    .action((name: HookShell, flags: HookFlags) => printLine(snippet(name, flags).trimEnd()));
  hook.command("install")
    .description("put it at the end of the shell's start file; once, however often this is called")
    .addArgument(shell())
    .option(...folder, SPOOL_FOLDER)
    .option("--rc <file>", "the start file, if it is not the usual one")
    .option("--remove", "take it out again")
    .action(install);
}

function install(shell: HookShell, flags: HookFlags): void {
  const path = flags.rc ?? startFile(shell);
  const before = readStartFile(path);
  const block = `${BEGIN}\n${snippet(shell, flags)}${END}\n`;
  const after = flags.remove === true ? withoutBlock(before, path) : withBlock(before, block, path);
  if (after === before) {
    return warnLine(
      `${escapeText(path)}: ${flags.remove === true ? "the hook is not in it" : "the hook is in it already"}`,
    );
  }
  writeStartFile(path, after);
  warnLine(
    `${escapeText(path)}: the hook is ${
      flags.remove === true ? "out of it" : "in it"
    }; shells started from now on go by it`,
  );
}

function snippet(shell: HookShell, { folder }: HookFlags): string {
  if (/^(~\/|\/)[^\0\n]*$/.test(folder)) return hookSnippet(shell, folder);
  throw new UsageError(
    `Cannot make the hook as --folder must begin with "/" or "~/": current value is ${JSON.stringify(folder)}`,
  );
}

/** The file that an interactive shell reads at its start. */
function startFile(shell: HookShell): string {
  const home = Deno.env.get("HOME");
  if (home === undefined || home === "") throw new UsageError("Cannot find the shell's start file as HOME must be set");
  switch (shell) {
    case "bash":
      return `${home}/.bashrc`;
    case "zsh":
      return `${Deno.env.get("ZDOTDIR") ?? home}/.zshrc`;
    case "fish":
      return `${Deno.env.get("XDG_CONFIG_HOME") ?? `${home}/.config`}/fish/config.fish`;
  }
}

function readStartFile(path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Deno.readFileSync(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw new UsageError(`Cannot edit ${path}: ${messageOf(error)}`);
  }
}

function withBlock(text: string, block: string, path: string): string {
  const bare = withoutBlock(text, path);
  const isThere = text.includes(BEGIN);
  if (isThere && text.includes(block)) return text;
  return `${bare}${bare === "" || bare.endsWith("\n") ? "" : "\n"}${block}`;
}

function withoutBlock(text: string, path: string): string {
  const begin = text.indexOf(BEGIN);
  if (begin === -1) return text;
  const end = text.indexOf(END, begin);
  if (end === -1) throw new UsageError(`Cannot edit ${path} as "${BEGIN}" must be followed by "${END}"`);
  return text.slice(0, begin) + text.slice(end + END.length).replace(/^\n/, "");
}

/** Replaces the file at once, so that a shell that begins meanwhile reads the one or the other; what a link leads to is replaced. */
function writeStartFile(path: string, text: string): void {
  try {
    Deno.mkdirSync(dirname(path), { recursive: true });
    const real = realPath(path);
    const mode = modeOf(real);
    const temporary = `${real}.weir-${Deno.pid}`;
    Deno.writeTextFileSync(temporary, text, { mode, createNew: true });
    Deno.chmodSync(temporary, mode);
    Deno.renameSync(temporary, real);
  } catch (error) {
    throw new UsageError(`Cannot edit ${path}: ${messageOf(error)}`);
  }
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

function modeOf(path: string): number {
  try {
    return (Deno.statSync(path).mode ?? 0o644) & 0o777;
  } catch {
    return 0o644;
  }
}
