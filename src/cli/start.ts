/** `weir start`: the main job. */

import type { Command } from "commander";
import { createApp, loopbackNames, serve } from "../api/mod.ts";
import { isLoopback } from "../config/listen.ts";
import type { LoadedConfig } from "../config/load.ts";
import type { WeirConfig } from "../config/schema.ts";
import { systemClock } from "../core/clock.ts";
import { type Diagnostic, formatDiagnostic } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { createRuleLibrary, type RuleBook } from "../pipeline/rule_book.ts";
import { Weir } from "../pipeline/weir.ts";
import type { Tuning } from "../rules/tuning.ts";
import { EXIT_WRONG, WrongError } from "./exit.ts";
import { createLog } from "./log.ts";
import { giveMemoryBack } from "./memory.ts";
import { escapeText, warnLine } from "./output.ts";
import { showProgress } from "./progress.ts";
import { ruleFolders, type SettingsFlags, settingsOf, withData } from "./settings.ts";
import { tuningOf } from "./tuning.ts";
import { VERSION } from "./version.ts";

interface StartFlags extends SettingsFlags {
  readonly strict?: boolean;
}

export function addStartCommand(program: Command): void {
  withData(program.command("start"))
    .description("watch this host: collect, match, correlate, score, keep and serve")
    .option("--listen <host:port>", "where the API listens")
    .option("--strict", `do not start when a rule has an error (exit code ${EXIT_WRONG})`)
    .action(start);
}

async function start(flags: StartFlags): Promise<void> {
  const loaded = settingsOf(flags);
  const { config } = loaded;
  const folders = await ruleFolders([], loaded);
  const library = createRuleLibrary(folders, config);
  const tuning = tuningOf(loaded, false);
  const book = await library.load(tuning);
  tellDiagnostics(book.diagnostics);
  if (flags.strict === true && errorsOf(book).length > 0) {
    warnLine(`weir: not started, as ${errorsOf(book).length} errors in rules were found and --strict was given`);
    throw new WrongError();
  }
  const log = createLog(config.log.level, config.log.format, systemClock);
  const readTuning = tuningReader(flags, loaded, tuning, log);
  const source = { library, paths: [...folders, ...loaded.files], readTuning };
  const rules = config.rules.watch ? { rules: { source, tuning } } : {};
  const weir = new Weir({ config, book, ...rules, clock: systemClock, log, version: VERSION, onQuiet: giveMemoryBack });
  const { hostname } = config.listen;
  const hostNames = isLoopback(config.listen) ? loopbackNames(hostname) : null;
  const api = serve(createApp(weir.apiDeps(), { token: config.api.token, hostNames }), config.listen);
  tellBanner(weir, book, folders, config, api.url);
  const stop = stopSignal();
  const showing = Deno.stderr.isTerminal() ? showProgress(weir.collectors, systemClock, stop) : undefined;
  await weir.run(stop);
  await showing;
  await api.close();
  warnLine("Stopped; everything that had arrived is committed");
}

/**
 * Reads what the configuration says of rules, which is live; of anything else that has changed in it, says that it is not. What
 * is wrong with it is thrown.
 */
function tuningReader(flags: StartFlags, atStart: LoadedConfig, first: Tuning, log: Log): () => Tuning {
  let [known, tuning, hasWarned] = [JSON.stringify(writtenIn(atStart)), first, false];
  return () => {
    const now = settingsOf(flags);
    const found = JSON.stringify(writtenIn(now));
    if (found === known) return tuning;
    const isOther = JSON.stringify(withoutTuning(now)) !== JSON.stringify(withoutTuning(atStart));
    if (isOther && !hasWarned) {
      log("warn", "config", "Of what has changed only rules.tune and rules.lists are live; start again for the rest");
    }
    hasWarned = isOther;
    [known, tuning] = [found, tuningOf(now, false)];
    return tuning;
  };
}

/** What is written, and where it stands as far as that is told of later. */
function writtenIn({ written, config, placeOf }: LoadedConfig): unknown {
  return [written, Object.keys(config.rules.tune).map((id) => placeOf(["rules", "tune", id], "key"))];
}

function withoutTuning({ written }: LoadedConfig): unknown {
  return { ...written, rules: { ...(written.rules ?? {}), tune: null, lists: null } };
}

/** Aborted at the first SIGINT or SIGTERM. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, () => stop.abort());
  return stop.signal;
}

/** Rule diagnostics shown one by one; of more, how many there are. */
const DIAGNOSTICS_SHOWN_MAX = 20;

function tellDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics.slice(0, DIAGNOSTICS_SHOWN_MAX)) {
    warnLine(escapeText(formatDiagnostic(diagnostic)));
  }
  const more = diagnostics.length - DIAGNOSTICS_SHOWN_MAX;
  if (more > 0) warnLine(`\u2026 and ${more} more; see: weir rules check`);
}

function errorsOf({ diagnostics }: RuleBook): readonly Diagnostic[] {
  return diagnostics.filter(({ severity }) => severity === "error");
}

/** What is watched, with what, where it is kept and served, and what is off and why. */
function tellBanner(weir: Weir, book: RuleBook, folders: readonly string[], config: WeirConfig, url: string): void {
  const refused = errorsOf(book).length;
  const { matches, detections } = weir.rebuilt;
  const resumed = weir.rows === 0
    ? "new"
    : `${weir.rows} rows; ${matches} matches and ${detections} detections taken up again`;
  const lines: [string, string][] = [
    ...weir.collectors.map(({ name, summary }): [string, string] => ["watching", `${name}, ${summary}`]),
    ...weir.off.map(({ name, reason }): [string, string] => ["off", `${name}: ${reason}`]),
    ["rules", `${book.rules.length} in force${refused > 0 ? `, ${refused} ERRORS` : ""}, from ${folders.join(", ")}`],
    ["journal", `${config.data}/weir.db, ${resumed}`],
    ["API", url],
  ];
  warnLine(`weir ${VERSION} on ${escapeText(config.host)}`);
  for (const [i, [label, text]] of lines.entries()) {
    warnLine(escapeText(`  ${(lines[i - 1]?.[0] === label ? "" : label).padEnd(9)} ${text}`));
  }
}
