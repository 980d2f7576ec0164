/** How a collector presents itself to the registry. */

import type { z } from "zod";
import type { Collector, KindDescription } from "../core/collector.ts";

/** A collector that can be configured: its folder's door exports one of these. */
export interface CollectorDefinition<Schema extends z.ZodObject = z.ZodObject> {
  /** Its key under `collectors:` in the configuration. */
  readonly name: string;
  /** One sentence, for the reference. */
  readonly description: string;
  /** Every kind of event it yields. */
  readonly kinds: readonly KindDescription[];
  /** Its configuration, each key with a description and a default; `enabled` is among them. */
  readonly schema: Schema;
  /** Why it has nothing to do as it is configured, and so is off although it is enabled; `undefined` when it has. */
  offReason?(config: z.output<Schema>): string | undefined;
  /** Makes it ready to run. Opens nothing yet. */
  create(config: z.output<Schema>): Collector;
}
