/** From files, environment and command line to one checked configuration, or to everything that is wrong with it. */

import { compareDiagnostics, type Diagnostic, DiagnosticError, messageOf, type Place } from "../core/errors.ts";
import { parseYaml } from "../core/yaml_document.ts";
import { type ConfigAccess, systemAccess } from "./access.ts";
import { isMapping, type Layer, merge, type Merged, valueAt } from "./layers.ts";
import { isLoopback, parseListen } from "./listen.ts";
import { environmentLayer, flagLayer, unknownVariable } from "./overrides.ts";
import { complaint, diagnose, placeOf } from "./problems.ts";
import { configSchema, type WeirConfig } from "./schema.ts";
import { resolveSecrets } from "./secrets.ts";
import { type ConfigNode, configTree } from "./tree.ts";

/** Where the configuration is looked for when no file is named; the first that is there is taken. */
export const CONFIG_PATHS: readonly string[] = ["weir.yaml", "/etc/weir/weir.yaml"];

/** Size of the largest configuration file taken: bytes. */
export const CONFIG_BYTES_MAX = 1_048_576;

export interface LoadOptions {
  /** The file that must be there; without it {@linkcode CONFIG_PATHS} are tried, and none need be. */
  readonly path?: string | undefined;
  /** What command line flags set, by the key they set: `{ listen, data, profile }`. */
  readonly flags?: Readonly<Record<string, string | undefined>>;
  /** Folder of profiles: default `profiles`. */
  readonly profilesDirectory?: string;
  /** Default: this machine. */
  readonly access?: ConfigAccess;
}

export interface LoadedConfig {
  readonly config: WeirConfig;
  /** The files that were read, those that count less first. */
  readonly files: readonly string[];
  /** What was set, as it was written: secrets unresolved, defaults left out. */
  readonly written: Readonly<Record<string, unknown>>;
  /** Where a key's value came from: `weir.yaml:3`, `env:WEIR_LISTEN`, `--data`, or `default`. */
  originOf(path: readonly PropertyKey[]): string;
  /** Where a key, or its value, is written; of one that is not, where the nearest above it is. For what is found wrong later. */
  placeOf(path: readonly PropertyKey[], which: "key" | "value"): Place;
}

/** @throws {DiagnosticError} with everything that is wrong, in the order of the places. */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const access = options.access ?? systemAccess();
  const tree = configTree(configSchema);
  const problems: Diagnostic[] = [];
  const files: string[] = [];

  const file = readConfigFile(options.path, access, problems);
  const environment = environmentLayer(tree, access.env);
  const upper = [...(file === undefined ? [] : [file.layer]), environment.layer, flagLayer(tree, options.flags ?? {})];
  const profile = readProfile(tree, merge(tree, upper), options.profilesDirectory ?? "profiles", access, problems);
  for (const found of [profile, file]) if (found !== undefined) files.push(found.path);

  const merged = merge(tree, profile === undefined ? upper : [profile.layer, ...upper]);
  const resolved = resolveSecrets(tree, merged, access);
  for (const name of environment.unknown) {
    if (!resolved.variables.has(name)) problems.push(unknownVariable(tree, name));
  }
  const parsed = configSchema.safeParse(resolved.value);
  problems.push(...resolved.diagnostics, ...listenerProblems(tree, merged));
  if (!parsed.success) problems.push(...diagnose(tree, merged, parsed.error.issues));
  if (!parsed.success || problems.length > 0) throw new DiagnosticError(problems.sort(compareDiagnostics));
  return {
    config: { ...parsed.data, host: parsed.data.host ?? access.hostname() },
    files,
    written: merged.value,
    originOf: (path) => originOf(merged, path),
    placeOf: (path, which) => placeOf(merged, path, which),
  };
}

function originOf(merged: Merged, path: readonly PropertyKey[]): string {
  if (valueAt(merged.value, path) === undefined) return "default";
  const place = merged.layerOf(path)?.place(path, "key");
  if (place === undefined) return "default";
  return /^(?:env:|--)/.test(place.path) ? place.path : `${place.path}:${place.line}`;
}

interface FileLayer {
  readonly path: string;
  readonly layer: Layer;
}

function readConfigFile(path: string | undefined, access: ConfigAccess, problems: Diagnostic[]): FileLayer | undefined {
  for (const candidate of path === undefined ? CONFIG_PATHS : [path]) {
    const text = readText(candidate, access, problems, path !== undefined);
    if (text === undefined) continue;
    const layer = parseLayer(candidate, text, problems);
    return { path: candidate, layer };
  }
  return undefined;
}

/** `undefined` when the file is not there, or cannot be read, which is then among the problems. */
function readText(path: string, access: ConfigAccess, problems: Diagnostic[], required: boolean): string | undefined {
  try {
    return access.readTextFile(path, CONFIG_BYTES_MAX);
  } catch (error) {
    const absent = error instanceof Deno.errors.NotFound;
    if (absent && !required) return undefined;
    const message = `Cannot read the configuration as ${absent ? "the file must exist" : messageOf(error)}`;
    problems.push({ severity: "error", place: { path, line: 1, column: 1 }, message });
    return undefined;
  }
}

function parseLayer(path: string, text: string, problems: Diagnostic[]): Layer {
  const { documents, diagnostics } = parseYaml(path, text, { bytesMax: CONFIG_BYTES_MAX });
  problems.push(...diagnostics);
  const document = documents[0];
  if (document === undefined) return { value: {}, place: () => ({ path, line: 1, column: 1 }) };
  if (!isMapping(document.value)) {
    const message = "Cannot read the configuration as it must be keys and values: current value is " +
      (Array.isArray(document.value) ? "a list" : "a scalar");
    problems.push({ severity: "error", place: document.place([], "value"), message });
  }
  return document;
}

function readProfile(
  tree: ConfigNode,
  merged: Merged,
  directory: string,
  access: ConfigAccess,
  problems: Diagnostic[],
): FileLayer | undefined {
  const name = merged.value.profile;
  // Anything but a plain name is refused by the schema, and must not become a path here.
  if (!configSchema.shape.profile.safeParse(name).success || typeof name !== "string") return undefined;
  const path = `${directory}/${name}.yaml`;
  let text: string;
  try {
    text = access.readTextFile(path, CONFIG_BYTES_MAX);
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound ? `there is no "${path}"` : `"${path}": ${messageOf(error)}`;
    problems.push(complaint(tree, merged, ["profile"], "must name a profile that can be read", why));
    return undefined;
  }
  const layer = parseLayer(path, text, problems);
  if (valueAt(layer.value, ["profile"]) !== undefined) {
    const message = "Cannot read the profile as it must not name a profile itself";
    problems.push({ severity: "error", place: layer.place(["profile"], "key"), message });
  }
  return { path, layer };
}

/** Checked apart from the schema, whose checks across keys are not made when any single key is wrong. */
function listenerProblems(tree: ConfigNode, merged: Merged): Diagnostic[] {
  const listen = valueAt(merged.value, ["listen"]);
  const address = typeof listen === "string" ? parseListen(listen) : undefined;
  if (address === undefined || isLoopback(address) || valueAt(merged.value, ["api", "token"]) !== undefined) return [];
  return [complaint(tree, merged, ["listen"], "must be a loopback address unless api.token is set")];
}
