/** What a source of lines hands on: events, and the state that is true once they are committed. */

import type { TelemetryEvent } from "../../core/event.ts";

export interface Portion {
  /** 1 to `CHUNK_EVENTS_MAX` of them. */
  readonly events: readonly TelemetryEvent[];
  /** Keys of the collector's state to be set, or with null removed, right before the events are yielded. */
  readonly state: readonly (readonly [key: string, value: string | null])[];
}
