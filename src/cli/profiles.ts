/** `weir profiles list | show | use | enable | disable`: what devices are asked for over SNMP, and the configuration file edited. */

import { basename, dirname } from "node:path";
import type { Command } from "commander";
import { CATEGORIES, METRICS } from "../collectors/snmp/objects.ts";
import { metricsOf, type Profile, PROFILES } from "../collectors/snmp/profile.ts";
import type { SnmpConfig } from "../collectors/snmp/schema.ts";
import { chosenMetrics, ownObjects } from "../collectors/snmp/selection.ts";
import { setInYaml } from "../config/edit.ts";
import { systemAccess } from "../config/access.ts";
import { CONFIG_PATHS, loadConfig } from "../config/load.ts";
import { type Diagnostic, DiagnosticError, messageOf, nameHint, quoteValue, UsageError } from "../core/errors.ts";
import { parseYaml } from "../core/yaml_document.ts";
import { printJson, printLine, printTable, warnLine } from "./output.ts";
import { type SettingsFlags, settingsOf } from "./settings.ts";
import { shippedFolder } from "./shipped.ts";

interface ProfilesFlags extends SettingsFlags {
  readonly json?: boolean;
}

export function addProfilesCommand(program: Command): void {
  const profiles = program.command("profiles").description(
    "what devices are asked for over SNMP: choose a profile, switch categories on and off",
  );
  const command = (words: string) => profiles.command(words).option("--config <file>", "configuration file");
  command("list").option("--json", "one object a line").description("the profiles there are")
    .action((flags: ProfilesFlags) => list(flags));
  command("show").argument("[name]", "a profile; by default what is on as things stand").option("--json", "as JSON")
    .description("what is on: metrics by category, and how much of what there is that covers")
    .action((name: string | undefined, flags: ProfilesFlags) => show(name, flags));
  command("use").argument("<name>", "a profile").description("write it into the configuration file")
    .action((name: string, flags: ProfilesFlags) => use(name, flags));
  command("enable").argument("<category...>", "categories, or single metrics")
    .description("switch them on in the configuration file")
    .action((names: string[], flags: ProfilesFlags) => choose(names, "enable", flags));
  command("disable").argument("<category...>", "categories, or single metrics")
    .description("switch them off in the configuration file")
    .action((names: string[], flags: ProfilesFlags) => choose(names, "disable", flags));
}

/** A profile as its file describes it. */
interface Listed {
  readonly name: string;
  /** Null where it is not about SNMP. */
  readonly metrics: number | null;
  readonly description: string;
  readonly inUse: boolean;
}

function list(flags: ProfilesFlags): void {
  const { config } = settingsOf(flags);
  const snmp = config.collectors.snmp as SnmpConfig;
  const others = otherProfiles();
  const listed = [...PROFILES, ...others].map((name): Listed => ({
    name,
    metrics: isSnmpProfile(name) ? metricsOf(name).length : null,
    description: firstComment(name),
    inUse: isSnmpProfile(name) ? snmp.profile === name : config.profile === name,
  }));
  if (flags.json) return listed.forEach(({ inUse, ...rest }) => printJson({ ...rest, in_use: inUse }));
  printTable(
    ["", "PROFILE", "METRICS", "WHAT"],
    listed.map((one) => [one.inUse ? "*" : "", one.name, String(one.metrics ?? "-"), one.description]),
  );
}

/** Profiles of the folder that are partial configurations about something else. */
function otherProfiles(): string[] {
  const names = [...Deno.readDirSync(shippedFolder("profiles"))].map(({ name }) => name);
  return names.filter((name) => name.endsWith(".yaml")).map((name) => name.slice(0, -".yaml".length))
    .filter((name) => !isSnmpProfile(name)).sort();
}

function isSnmpProfile(name: string): name is Profile {
  return (PROFILES as readonly string[]).includes(name);
}

function firstComment(name: string): string {
  const [line = ""] = Deno.readTextFileSync(`${shippedFolder("profiles")}/${name}.yaml`).split("\n", 1);
  return line.replace(/^#\s*/, "");
}

/** What is on, category by category. */
interface Shown {
  readonly category: string;
  readonly on: readonly string[];
  readonly off: readonly string[];
}

function show(name: string | undefined, flags: ProfilesFlags): void {
  if (name !== undefined && !isSnmpProfile(name)) throw unknownProfile(name, PROFILES);
  const snmp = settingsOf(flags).config.collectors.snmp as SnmpConfig;
  const own = name === undefined ? ownObjects(snmp.objects) : [];
  const shown = shownOf(name === undefined ? chosenMetrics(snmp, undefined, own) : metricsOf(name), own);
  const on = shown.reduce((sum, one) => sum + one.on.length, 0);
  const all = shown.reduce((sum, one) => sum + one.on.length + one.off.length, 0);
  const covered = shown.filter((one) => one.on.length > 0).length;
  if (flags.json) {
    const categories = Object.fromEntries(shown.map(({ category, on, off }) => [category, { on, off }]));
    return printJson({ profile: name ?? snmp.profile, metrics_on: on, metrics: all, categories });
  }
  printLine(`profile ${name ?? snmp.profile}${name === undefined ? besides(snmp) : ""}`);
  printTable(
    ["CATEGORY", "ON", "METRICS"],
    shown.map(({ category, on, off }) => [
      category,
      `${on.length} of ${on.length + off.length}`,
      [...on, ...off.map((metric) => `(${metric})`)].join(" "),
    ]),
  );
  printLine(
    `${on} of ${all} metrics on (${Math.round(on / all * 100)} %), in ${covered} of ${shown.length} categories`,
  );
  if (name === undefined) showDevices(snmp);
}

function shownOf(chosen: readonly string[], own: ReturnType<typeof ownObjects>): Shown[] {
  const on = new Set(chosen);
  const metrics = [...METRICS, ...own];
  const categories = [...new Set([...CATEGORIES, ...own.map(({ category }) => category)])];
  return categories.map((category) => {
    const names = metrics.filter((metric) => metric.category === category).map((metric) => metric.name);
    return { category, on: names.filter((name) => on.has(name)), off: names.filter((name) => !on.has(name)) };
  });
}

function besides({ enable, disable }: Pick<SnmpConfig, "enable" | "disable">): string {
  const parts = [...enable.map((name) => `with ${name}`), ...disable.map((name) => `without ${name}`)];
  return parts.length === 0 ? "" : `, ${parts.join(", ")}`;
}

/** Devices that are asked for something else than all. */
function showDevices(snmp: SnmpConfig): void {
  if (snmp.devices.length === 0) return warnLine("No device is configured: see weir snmp probe");
  const own = ownObjects(snmp.objects);
  const special = snmp.devices.filter(({ profile, enable, disable }) =>
    profile !== undefined || enable.length + disable.length > 0
  );
  if (special.length === 0) return;
  printLine("");
  printTable(
    ["DEVICE", "PROFILE", "METRICS"],
    special.map((device) => [
      device.name ?? device.host,
      `${device.profile ?? snmp.profile}${besides(device)}`,
      String(chosenMetrics(snmp, device, own).length),
    ]),
  );
}

function use(name: string, flags: ProfilesFlags): void {
  const names = [...PROFILES, ...otherProfiles()];
  if (!names.includes(name)) throw unknownProfile(name, names);
  const path = isSnmpProfile(name) ? ["collectors", "snmp", "profile"] : ["profile"];
  editFile(flags, (text) => setInYaml(text, path, name), `${path.join(".")}: ${name}`);
}

function unknownProfile(name: string, names: readonly string[]): UsageError {
  return new UsageError(
    `Cannot take the profile as it must be one there is: current value is ${quoteValue(name)} (${
      nameHint(name, names)
    })`,
  );
}

/** Moves names to one of the lists `enable` and `disable`, and out of the other. */
function choose(names: readonly string[], into: "enable" | "disable", flags: ProfilesFlags): void {
  const outOf = into === "enable" ? "disable" : "enable";
  const edit = (text: string, path: string) => {
    const snmp = snmpIn(path, text);
    for (const name of names) checkName(name, snmp.objects);
    const wanted = [...new Set([...textsOf(snmp[into]), ...names])];
    const before = textsOf(snmp[outOf]);
    const left = before.filter((name) => !names.includes(name));
    const edited = setInYaml(text, ["collectors", "snmp", into], wanted);
    return left.length === before.length ? edited : setInYaml(edited, ["collectors", "snmp", outOf], left);
  };
  editFile(flags, edit, `${into === "enable" ? "on" : "off"}: ${names.join(", ")}`);
}

/** The section about SNMP as it stands in the file. */
function snmpIn(path: string, text: string): Record<string, unknown> {
  const [document] = parseYaml(path, text).documents;
  const within = (value: unknown, key: string) =>
    typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined;
  const section = within(within(document?.value, "collectors"), "snmp");
  return typeof section === "object" && section !== null ? section as Record<string, unknown> : {};
}

/** The names in a list of the file, or the one that stands there without a list. */
function textsOf(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function checkName(name: string, objects: unknown): void {
  const own = typeof objects === "object" && objects !== null ? objects as Record<string, { category?: unknown }> : {};
  const ownNames = [...Object.keys(own), ...Object.values(own).map((object) => String(object?.category ?? "custom"))];
  const known = [...CATEGORIES, ...METRICS.map((metric) => metric.name), ...ownNames];
  if (known.includes(name)) return;
  throw new UsageError(
    `Cannot choose as it must be a category or a metric: current value is ${quoteValue(name)} (${
      nameHint(name, known)
    })`,
  );
}

/** Edits the file that `start` would take, or makes one; nothing is written that makes it wrong where it was not. */
function editFile(flags: ProfilesFlags, edit: (text: string, path: string) => string, done: string): void {
  const path = flags.config ?? CONFIG_PATHS.find(exists) ?? "weir.yaml";
  const before = exists(path) ? systemAccess().readTextFile(path, EDITED_BYTES_MAX) : "";
  const after = edit(before, path);
  if (after === before) return printLine(`${path} says so already: ${done}`);
  const known = new Set(diagnosticsOf(path, before).map(({ message }) => message));
  const made = diagnosticsOf(path, after).filter(({ message }) => !known.has(message));
  if (made.length > 0) throw new DiagnosticError(made);
  replaceFile(path, after);
  printLine(`Wrote ${path}: ${done}; it counts from the next start`);
}

/** Largest configuration file edited: bytes. */
const EDITED_BYTES_MAX = 1_048_576;

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw new UsageError(`Cannot read ${path}: ${messageOf(error)}`);
  }
}

/** What is wrong with a configuration file as if it said `text`. */
function diagnosticsOf(path: string, text: string): readonly Diagnostic[] {
  const system = systemAccess();
  const readTextFile = (asked: string, bytesMax: number) =>
    asked === path ? text : system.readTextFile(asked, bytesMax);
  try {
    loadConfig({ path, profilesDirectory: shippedFolder("profiles"), access: { ...system, readTextFile } });
    return [];
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics;
    throw error;
  }
}

/** Writes beside it and renames, so that it is never half there; a link is followed, owner and who may read it stay as they were. */
function replaceFile(path: string, text: string): void {
  try {
    const target = exists(path) ? Deno.realPathSync(path) : path;
    const before = exists(path) ? Deno.statSync(target) : undefined;
    const beside = Deno.makeTempFileSync({ dir: dirname(target), prefix: `.${basename(target)}-` });
    try {
      Deno.writeTextFileSync(beside, text);
      if (before !== undefined) {
        chownLike(beside, before);
        Deno.chmodSync(beside, (before.mode ?? 0o600) & 0o777);
      }
      Deno.renameSync(beside, target);
    } catch (error) {
      Deno.removeSync(beside);
      throw error;
    }
  } catch (error) {
    throw new UsageError(`Cannot write ${path}: ${messageOf(error)}`);
  }
}

/** Gives a file to another's owner and group, without which a Weir that runs as another user could not read it any more. */
function chownLike(path: string, { uid, gid }: Deno.FileInfo): void {
  const now = Deno.statSync(path);
  if (uid === null || gid === null || (now.uid === uid && now.gid === gid)) return;
  Deno.chownSync(path, uid, gid);
}
