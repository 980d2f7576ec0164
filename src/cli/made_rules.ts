/** The rules that the configuration makes, besides those that stand in files: thresholds on SNMP metrics. */

import type { SnmpConfig } from "../collectors/snmp/schema.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { Place } from "../core/errors.ts";
import { parseYaml } from "../core/yaml_document.ts";
import { thresholdRules } from "../pipeline/threshold_rules.ts";
import type { MadeRules } from "../rules/tuning.ts";
import { shippedFolder } from "./shipped.ts";

/** The rules of a configuration, each with the place where its threshold is set. */
export function madeRules(loaded: LoadedConfig): MadeRules {
  return thresholdRules(loaded.config.collectors.snmp as SnmpConfig, {
    setAt: (path) => placeOf(loaded.originOf(path)),
    inProfile: placeInProfile,
  });
}

/** `weir.yaml:12` as a place; `undefined` for a default. */
function placeOf(origin: string): Place | undefined {
  if (origin === "default") return undefined;
  const found = /^(.*):(\d+)$/.exec(origin);
  return { path: found?.[1] ?? origin, line: Number(found?.[2] ?? 1), column: 1 };
}

/** Where a profile that comes with Weir says a metric's threshold: the same figures that the metric list has. */
function placeInProfile(profile: string, metric: string): Place {
  const path = `${shippedFolder("profiles")}/${profile}.yaml`;
  const [document] = parseYaml(path, Deno.readTextFileSync(path)).documents;
  return document?.place(["collectors", "snmp", "thresholds", metric], "key") ?? { path, line: 1, column: 1 };
}
