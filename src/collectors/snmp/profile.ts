/** Profiles: what devices are asked for, out of the metric list, by one name. */

import { CATEGORIES, metricsOfCategory } from "./objects.ts";

/** Their names. */
export const PROFILES = ["minimal", "standard", "full", "network", "performance"] as const;

export type Profile = (typeof PROFILES)[number];

const STANDARD_BESIDE_SYSTEM = [
  "hrProcessorLoad",
  "hrMemorySize",
  "hrStorageSize",
  "hrStorageUsed",
  "ifDescr",
  "ifOperStatus",
  "ifInOctets",
  "ifOutOctets",
];

/** Names of the metrics of a profile, in the order of the list. */
export function metricsOf(profile: Profile): string[] {
  switch (profile) {
    case "minimal":
      return metricsOfCategory("system");
    case "standard":
      return [...metricsOfCategory("system"), ...STANDARD_BESIDE_SYSTEM];
    case "full":
      return CATEGORIES.flatMap(metricsOfCategory);
    case "network":
      return ["system", "network_interfaces"].flatMap(metricsOfCategory);
    case "performance":
      return ["cpu", "memory", "system_load", "disk"].flatMap(metricsOfCategory);
  }
}
