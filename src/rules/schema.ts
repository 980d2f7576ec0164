/** What `weir.yaml` says of rules: where they are, and how whoever runs them tunes those that others wrote. */

import { z } from "zod";
import { LEVELS } from "../core/detection.ts";
import { optionalDurationSchema } from "../core/schema.ts";

/** How many exceptions a rule may be given. */
export const EXCEPTIONS_MAX = 1_000;

/** How many values a named list may hold. */
export const NAMED_LIST_MAX = 100_000;

/** Changes to one rule, all of them optional. */
export const ruleTuningSchema = z.strictObject({
  enabled: z.boolean().default(true)
    .describe("Whether it makes detections. A rule that others build on goes on feeding them."),
  level: z.enum(LEVELS).optional().describe("Its level, and its weight where that goes by the level."),
  weight: z.number().min(0).max(1).optional().describe("Its share of a score."),
  threshold: z.number().optional()
    .describe("The number of the one comparison that decides when it fires: of its when, else of its where.")
    .meta({ examples: [20] }),
  suppress: optionalDurationSchema({ max: "30d" })
    .describe("How long a group is silent after it fired.").meta({ examples: ["1h"] }),
  exceptions: z.array(z.record(z.string(), z.unknown())).max(EXCEPTIONS_MAX).default([])
    .describe("Conditions, as in rules: an event that meets one of them is none of the rule's.")
    .meta({ examples: [[{ fact: "process.name", operator: "equal", value: "backup" }]] }),
});

/** The section `rules`. */
export const rulesSchema = z.strictObject({
  directories: z.array(z.string().min(1)).default(["rules"])
    .describe("Folders whose .yaml and .yml files are read as rules, folders in them included.")
    .meta({ examples: [["rules", "/etc/weir/rules"]] }),
  watch: z.boolean().default(true)
    .describe("Whether rules that are changed, and what is said of them here under tune and lists, go live at once."),
  tune: z.record(z.string(), ruleTuningSchema).prefault({})
    .describe("Changes to rules by their ids, those of Sigma included.")
    .meta({ examples: [{ "rapid-process-spawning": { threshold: 200 } }] }),
  lists: z.record(z.string(), z.array(z.union([z.string(), z.number()])).max(NAMED_LIST_MAX)).default({})
    .describe("Lists of values that rules refer to by name: {list: NAME} in native rules, %NAME% in Sigma's.")
    .meta({ examples: [{ "known-processes": ["postgres", "nginx"] }] }),
});

export type RulesConfig = z.output<typeof rulesSchema>;
export type RuleTuning = z.output<typeof ruleTuningSchema>;
