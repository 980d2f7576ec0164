/** Start-up: what the journal says of the recent past, put back into the engine and the host view. */

import { CORRELATE_SCOPE, lookbackMs, type PastMatch, SCORE_HALF_LIVES_KEPT } from "../correlate/mod.ts";
import type { Journal } from "../journal/mod.ts";
import type { Rule } from "../rules/rule.ts";
import type { EngineConfig } from "./assemble.ts";
import type { Engine } from "./engine.ts";

/**
 * Reads what windows, suppression and scores need, and no more. Returns how many matches and detections that was. How far back
 * matches go is counted from the newest of them: what a long stop cut off is gone on with where it was.
 */
export function rebuild(
  journal: Journal,
  engine: Engine,
  rules: readonly Rule[],
  config: EngineConfig,
  nowMs: number,
): { matches: number; detections: number } {
  const longestMs = rules.reduce((max, rule) => Math.max(max, lookbackMs(rule)), 0);
  const sinceMs = Math.min(nowMs, journal.lastMatchMs() ?? nowMs) - longestMs - 2 * config.correlate.lateness;
  const detections = new Map(
    [...journal.openDetections(), ...journal.detectionsSince(nowMs - SCORE_HALF_LIVES_KEPT * config.score.half_life)]
      .map((detection) => [detection.id, detection]),
  );
  const counted = { matches: 0, detections: detections.size };
  engine.rebuild({
    state: journal.state(CORRELATE_SCOPE),
    matches: recorded(journal, rules, sinceMs, () => counted.matches++),
    detections: [...detections.values()],
  }, nowMs);
  return counted;
}

/** Matches of rules that are still there and still have the selection. */
function* recorded(
  journal: Journal,
  rules: readonly Rule[],
  sinceMs: number,
  count: () => void,
): Iterable<PastMatch> {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  for (const { rule: id, selection: name, event } of journal.matchesSince(sinceMs)) {
    const rule = byId.get(id);
    const selection = rule?.selections.find((candidate) => candidate.name === name);
    if (rule === undefined || selection === undefined) continue;
    count();
    yield { event, match: { rule, selection }, sourceKey: event.source };
  }
}
