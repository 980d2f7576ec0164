/** The rules in force while Weir runs: what changes in their files, and what is said of them in the configuration, goes live. */

import type { Clock } from "../core/clock.ts";
import { type Diagnostic, DiagnosticError, formatDiagnostic, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Rule } from "../rules/rule.ts";
import type { Tuning } from "../rules/tuning.ts";
import type { RuleBook, RuleLibrary } from "./rule_book.ts";
import { watchPaths } from "./watch.ts";

/** Where rules come from while Weir runs. */
export interface RuleSource {
  readonly library: RuleLibrary;
  /** Folders of rules and files of configuration that are watched. */
  readonly paths: readonly string[];
  /**
   * What the configuration says of rules now; the same object as long as that is the same.
   *
   * @throws {DiagnosticError} with what is wrong with the configuration.
   */
  readonly readTuning: () => Tuning;
}

export interface LiveRulesOptions {
  /** What is in force at the start. */
  readonly book: RuleBook;
  /** What is said of rules at the start. */
  readonly tuning: Tuning;
  readonly source: RuleSource;
  readonly clock: Clock;
  readonly log: Log;
  /** Goes on with other rules; resolves once that is so, or will never be as Weir stops. */
  readonly apply: (rules: readonly Rule[]) => Promise<void>;
}

/** Diagnostics logged one by one at a reload; of more, how many there are. */
const LOGGED_MAX = 20;

export class LiveRules {
  readonly #options: LiveRulesOptions;
  #loaded: RuleBook;
  #shown: RuleBook;
  #tuning: Tuning;
  #sinceMs: number;

  constructor(options: LiveRulesOptions) {
    this.#options = options;
    this.#loaded = this.#shown = options.book;
    this.#tuning = options.tuning;
    this.#sinceMs = options.clock.now();
  }

  /** The rules in force, with everything that was said about them. */
  get book(): RuleBook {
    return this.#shown;
  }

  /** Since when: milliseconds since the epoch. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** Follows changes until `stop` is aborted. */
  async run(stop: AbortSignal): Promise<void> {
    const { source: { paths }, clock, log } = this.#options;
    await watchPaths({ paths, clock, log, onChange: () => this.#reload() }, stop);
  }

  async #reload(): Promise<void> {
    const { source, clock, log, apply } = this.#options;
    const startedMs = clock.monotonic();
    try {
      const mistakes = this.#readTuning();
      const loaded = await source.library.load(this.#tuning);
      const shown = mistakes.length === 0 ? loaded : { ...loaded, diagnostics: [...mistakes, ...loaded.diagnostics] };
      if (loaded === this.#loaded && isSaidOf(shown, this.#shown)) return;
      if (!isSameRules(loaded.rules, this.#loaded.rules)) await apply(loaded.rules);
      this.#tell(this.#shown, shown, clock.monotonic() - startedMs);
      this.#loaded = loaded;
      this.#shown = shown;
      this.#sinceMs = clock.now();
    } catch (error) {
      log("error", "rules", `Cannot go on with changed rules, so that those before stay: ${messageOf(error)}`);
    }
  }

  /** What is wrong with the configuration: then what it said before stays. */
  #readTuning(): readonly Diagnostic[] {
    try {
      this.#tuning = this.#options.source.readTuning();
      return [];
    } catch (error) {
      if (error instanceof DiagnosticError) return error.diagnostics;
      throw error;
    }
  }

  #tell(before: RuleBook, now: RuleBook, tookMs: number): void {
    const { log } = this.#options;
    const errors = errorsOf(now);
    const told = new Set(errorsOf(before));
    const fresh = errors.filter((error) => !told.has(error));
    for (const error of fresh.slice(0, LOGGED_MAX)) log("error", "rules", error);
    if (fresh.length > LOGGED_MAX) log("error", "rules", `${fresh.length - LOGGED_MAX} more errors in rules`);
    const kept = now.kept.length === 0 ? "" : `, in their last good version: ${now.kept.join(", ")}`;
    const found = errors.length === 0 ? "no errors" : `${errors.length} ${errors.length === 1 ? "error" : "errors"}`;
    log("info", "rules", `Rules read anew in ${Math.round(tookMs)} ms: ${now.rules.length} in force, ${found}${kept}`);
  }
}

function errorsOf({ diagnostics }: RuleBook): string[] {
  return diagnostics.filter(({ severity }) => severity === "error").map(formatDiagnostic);
}

function isSaidOf(now: RuleBook, before: RuleBook): boolean {
  const said = ({ diagnostics }: RuleBook) => diagnostics.map(formatDiagnostic).join("\n");
  return said(now) === said(before);
}

function isSameRules(now: readonly Rule[], before: readonly Rule[]): boolean {
  return now.length === before.length && now.every((rule, i) => rule === before[i]);
}
