/** What the configuration says of rules, for whoever loads them. */

import type { LoadedConfig } from "../config/mod.ts";
import type { Tuning } from "../rules/tuning.ts";

/** `isPartial`: only some of the configured folders are looked at, so that it may speak of rules that are not there. */
export function tuningOf({ config, placeOf }: LoadedConfig, isPartial: boolean): Tuning {
  const { tune, lists } = config.rules;
  return {
    tune,
    lists: new Map(Object.entries(lists)),
    place: (path, which) => placeOf(["rules", ...path], which),
    isPartial,
  };
}
