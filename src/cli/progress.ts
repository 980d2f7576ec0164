/** How far collectors are with what they do once, as a bar on a terminal. */

import type { Clock } from "../core/clock.ts";
import type { Collector, Progress } from "../core/collector.ts";
import { escapeText, setStatusLine } from "./output.ts";

/** Time between looks: milliseconds. */
const INTERVAL_MS = 250;

const BAR_CHARACTERS = 30;

/** Shows a bar for as long as a collector says how far it is; until told to stop. */
export async function showProgress(collectors: readonly Collector[], clock: Clock, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const running = collectors.flatMap((collector) => collector.progress?.() ?? []);
    setStatusLine(running.length === 0 ? null : running.map(progressText).join("  "));
    await clock.sleep(INTERVAL_MS, stop);
  }
  setStatusLine(null);
}

/** `[########----------------------]  27 % taking stock of files: 5 of 18` */
export function progressText({ doing, done }: Progress): string {
  const share = Math.min(1, Math.max(0, done));
  const full = Math.round(share * BAR_CHARACTERS);
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `[${"#".repeat(full)}${"-".repeat(BAR_CHARACTERS - full)}] ${percent} % ${escapeText(doing)}`;
}
