/** What correlation may hold at most, and how long it waits. */

import type { CorrelateConfig } from "./schema.ts";

/** Every maximum turns something away when it is met, and that is counted in the correlator's stats. */
export interface CorrelateLimits {
  /** How late an event may come against the newest of its source: milliseconds. */
  readonly latenessMs: number;
  /** Groups of all rules together. */
  readonly groupsMax: number;
  /** Events in one window. */
  readonly windowEventsMax: number;
  /** Events waiting to be decided, of all rules together. */
  readonly pendingMax: number;
  /** Whole events kept for evidence, of all rules together. */
  readonly heldEventsMax: number;
  /** Values learnt by rules that look for new ones, of all rules together. */
  readonly learntValuesMax: number;
  /** Groups with a history that values are held against, of all rules together. */
  readonly baselinesMax: number;
}

/** The limits that a configuration states. */
export function correlateLimits(config: CorrelateConfig): CorrelateLimits {
  return {
    latenessMs: config.lateness,
    groupsMax: config.groups_max,
    windowEventsMax: config.window_events_max,
    pendingMax: config.pending_max,
    heldEventsMax: config.held_events_max,
    learntValuesMax: config.learnt_values_max,
    baselinesMax: config.baselines_max,
  };
}
