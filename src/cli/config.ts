/** `weir config init | validate | show | schema`. */

import type { Command } from "commander";
import { jsonSchema } from "../config/json_schema.ts";
import { configTemplate, showConfig } from "../config/written.ts";
import { UsageError } from "../core/errors.ts";
import { printLine } from "./output.ts";
import { type SettingsFlags, settingsOf, withSettings } from "./settings.ts";

export function addConfigCommand(program: Command): void {
  const config = program.command("config").description("the configuration: make one, check it, see what is in force");
  config.command("init")
    .description("write weir.yaml with every key, its default and what it means")
    .option("--config <file>", "where to write it", "weir.yaml")
    .action(({ config: path }: { config: string }) => init(path));
  config.command("validate")
    .argument("[file]", "the file; by default the one that start would take")
    .description("check a configuration: exit code 0, or 2 with everything that is wrong")
    .action((file?: string) => validate(file));
  withSettings(config.command("show"))
    .description("the configuration in force, and where each value comes from; secrets are masked")
    .action((flags: SettingsFlags) => printLine(showConfig(settingsOf(flags)).trimEnd()));
  config.command("schema")
    .description("JSON Schema of the configuration file, for editors")
    .action(() => printLine(JSON.stringify(jsonSchema(), null, 2)));
}

async function init(path: string): Promise<void> {
  try {
    await Deno.writeTextFile(path, configTemplate(), { createNew: true, mode: 0o600 });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      throw new UsageError(`Cannot write ${path} as it is there already; name another with --config`);
    }
    throw error;
  }
  printLine(`Wrote ${path}: every key stands there with its default, commented out`);
}

function validate(path?: string): void {
  const { files } = settingsOf(path === undefined ? {} : { config: path });
  printLine(files.length === 0 ? "No configuration file: the defaults are in force" : `${files.join(", ")}: in order`);
}
