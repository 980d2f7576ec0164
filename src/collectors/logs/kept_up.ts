/** A source of lines that is started again when it fails, the others going on. */

import type { CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import { messageOf } from "../../core/errors.ts";
import type { LogHealth } from "./health.ts";
import type { Portion } from "./portion.ts";

/** Before a source that failed is started again: this long, doubled with each failure in a row. */
const BACKOFF_MIN_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;

/** A source is made anew for each start. It is well once it has given something. */
export async function* keptUp(
  name: string,
  start: () => AsyncIterable<Portion>,
  health: LogHealth,
  { clock, signal }: Pick<CollectorContext, "clock" | "signal">,
): AsyncGenerator<readonly Portion[]> {
  let waitMs = BACKOFF_MIN_MS;
  while (!signal.aborted) {
    let trouble = "it ended by itself";
    try {
      for await (const portion of start()) {
        health.note(name, null);
        waitMs = BACKOFF_MIN_MS;
        yield [portion];
      }
    } catch (error) {
      trouble = messageOf(error);
    }
    if (signal.aborted) return;
    health.note(name, `Cannot read ${name}, trying again in ${formatDuration(waitMs)}: ${trouble}`);
    await clock.sleep(waitMs, signal);
    waitMs = Math.min(BACKOFF_MAX_MS, waitMs * 2);
  }
}
