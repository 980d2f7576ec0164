/** An engine of its parts, for whoever drives one. */

import { correlateLimits, Correlator, Scoreboard } from "../correlate/mod.ts";
import type { CorrelateConfig, ScoreConfig } from "../correlate/schema.ts";
import { createMatcher, type Matcher } from "../rules/matcher.ts";
import type { Rule } from "../rules/rule.ts";
import { Engine } from "./engine.ts";

/** The part of the configuration that an engine goes by. */
export interface EngineConfig {
  readonly correlate: CorrelateConfig;
  readonly score: ScoreConfig;
}

/** An engine, with the parts of it that can be asked how they are doing. */
export interface Assembled {
  readonly engine: Engine;
  readonly correlator: Correlator;
  readonly scoreboard: Scoreboard;
}

/** Engines of the same rules can share a matcher: what it learns of events makes it answer faster, not otherwise. */
export function createEngine(
  rules: readonly Rule[],
  config: EngineConfig,
  matcher: Matcher = createMatcher(rules),
): Assembled {
  const correlator = new Correlator(rules, correlateLimits(config.correlate));
  const scoreboard = new Scoreboard({ halfLifeMs: config.score.half_life, entitiesMax: config.score.entities_max });
  const engine = new Engine({ matcher, correlator, scoreboard });
  return { engine, correlator, scoreboard };
}
