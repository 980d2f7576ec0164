/** What the configuration says of rules, for whoever loads them. */

import type { LoadedConfig } from "../config/load.ts";
import { NO_TUNING, type Tuning } from "../rules/tuning.ts";
import { madeRules } from "./made_rules.ts";

/** `isPartial`: only some of the configured folders are looked at, so that it may speak of rules that are not there. */
export function tuningOf(loaded: LoadedConfig, isPartial: boolean): Tuning {
  const { config, placeOf } = loaded;
  const { tune, lists } = config.rules;
  return {
    tune,
    lists: new Map(Object.entries(lists)),
    made: isPartial ? NO_TUNING.made : madeRules(loaded),
    place: (path, which) => placeOf(["rules", ...path], which),
    isPartial,
  };
}
