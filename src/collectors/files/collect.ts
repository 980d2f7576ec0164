/** The collector of files at work: looks at everything once, then at what is touched, and at everything now and then. */

import type { Collector, CollectorContext } from "../../core/collector.ts";
import { formatDuration } from "../../core/duration.ts";
import type { TelemetryEvent } from "../../core/event.ts";
import { openInotify } from "./inotify.ts";
import { OWNER_FILES } from "./owners.ts";
import type { FilesConfig } from "./schema.ts";
import { type FilesSystem, Survey } from "./survey.ts";
import { SOURCE_NAME } from "./tell.ts";

/** After everything was looked at because something was lost, it is not again for that reason within: milliseconds. */
const LOST_AGAIN_MS = 5_000;

/** Time between looks for what has happened: milliseconds. */
const POLL_MS = 100;

const SYSTEM: FilesSystem = {
  openNotifier: openInotify,
  owners: OWNER_FILES,
  mounts: () => {
    try {
      return Deno.readTextFileSync("/proc/self/mountinfo");
    } catch {
      return "";
    }
  },
};

export function makeFilesCollector(config: FilesConfig, system: FilesSystem = SYSTEM): Collector {
  let survey: Survey | undefined;
  return {
    name: SOURCE_NAME,
    summary: `${config.paths.length} paths, everything every ${formatDuration(config.rescan_interval)}`,
    progress() {
      const taken = survey?.taken;
      if (taken === undefined || taken === null) return null;
      const { files, filesTotal, bytes, bytesTotal } = taken;
      const done = bytesTotal > 0 ? bytes / bytesTotal : 1;
      return { doing: `taking stock of files: ${files} of ${filesTotal}`, done };
    },
    async *collect(context) {
      if (context.signal.aborted) return;
      survey = new Survey(config, context, system);
      try {
        yield* survey.scan("start");
        yield* follow(survey, config, context);
      } finally {
        survey.close();
        survey = undefined;
      }
    },
  };
}

async function* follow(
  survey: Survey,
  config: FilesConfig,
  context: CollectorContext,
): AsyncGenerator<readonly TelemetryEvent[]> {
  const { clock, signal } = context;
  let scannedMs = clock.monotonic();
  while (!signal.aborted) {
    survey.poll();
    const intervalMs = survey.isPartlyBlind ? config.unwatched_rescan_interval : config.rescan_interval;
    const againMs = scannedMs + Math.min(intervalMs, config.rescan_interval);
    const scanMs = survey.dirty.lost === null ? againMs : Math.min(againMs, scannedMs + LOST_AGAIN_MS);
    if (clock.monotonic() >= scanMs) {
      const { lost } = survey.dirty;
      if (lost !== null) context.warn(`Looking at everything again, as ${lost}`);
      yield* survey.scan(lost === null ? "schedule" : "lost");
      scannedMs = clock.monotonic();
    } else if (clock.monotonic() >= survey.dirty.nextMs) yield* survey.lookAtTouched();
    else await clock.sleepTogether(Math.min(POLL_MS, scanMs - clock.monotonic()), signal);
  }
}
