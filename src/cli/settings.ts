/** The configuration that a command goes by: the options it is named with, and how it is read. */

import type { Command } from "commander";
import { loadConfig, type LoadedConfig } from "../config/load.ts";
import { folderOrShipped, shippedFolder } from "./shipped.ts";

/** Values of the options of {@linkcode withSettings} and {@linkcode withData}. */
export interface SettingsFlags {
  readonly config?: string;
  readonly profile?: string;
  readonly data?: string;
  readonly listen?: string;
}

/** Adds the options that name a configuration. */
export function withSettings(command: Command): Command {
  return command.option("--config <file>", "configuration file").option("--profile <name>", "profile it is laid over");
}

/** Adds those, and the one that names the folder of the journal. */
export function withData(command: Command): Command {
  return withSettings(command).option("--data <dir>", "folder of the journal");
}

/** @throws {DiagnosticError} with everything that is wrong with the configuration. */
export function settingsOf({ config: path, profile, data, listen }: SettingsFlags): LoadedConfig {
  return loadConfig({ path, flags: { profile, data, listen }, profilesDirectory: shippedFolder("profiles") });
}

/** The folders of rules that are named, else those configured. */
export async function ruleFolders(named: readonly string[], loaded: LoadedConfig): Promise<readonly string[]> {
  return named.length > 0 ? named : await Promise.all(loaded.config.rules.directories.map(folderOrShipped));
}
