/** Correlation and scoring: synchronous, without I/O, driven by events and by the time it is told. */

export { Correlator, type CorrelatorStats, type PastMatch } from "./correlator.ts";
export type { Firing } from "./firing.ts";
export { type CorrelateLimits, correlateLimits } from "./limits.ts";
export type { Outcome } from "./outbox.ts";
export { CORRELATE_SCOPE } from "./learning_keys.ts";
export { correlationProblem, lookbackMs } from "./plan.ts";
export { type CorrelateConfig, correlateSchema, type ScoreConfig, scoreSchema } from "./schema.ts";
export { Scoreboard, type ScoreboardOptions, type ScoreboardStats } from "./scoreboard.ts";
export { SCORE_HALF_LIVES_KEPT, scoreEntity, type ScoringOptions } from "./scoring.ts";
