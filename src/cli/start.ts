/** `weir start`: the main job. */

import type { Command } from "commander";
import { createApp, loopbackNames, serve } from "../api/mod.ts";
import { isLoopback, type WeirConfig } from "../config/mod.ts";
import { systemClock } from "../core/clock.ts";
import { type Diagnostic, formatDiagnostic } from "../core/errors.ts";
import { loadRuleBook, type RuleBook } from "../pipeline/rule_book.ts";
import { Weir } from "../pipeline/weir.ts";
import { EXIT_WRONG, WrongError } from "./exit.ts";
import { createLog } from "./log.ts";
import { madeRules } from "./made_rules.ts";
import { escapeText, warnLine } from "./output.ts";
import { ruleFolders, type SettingsFlags, settingsOf, withData } from "./settings.ts";
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
  const book = await loadRuleBook(folders, config, madeRules(loaded));
  tellDiagnostics(book.diagnostics);
  if (flags.strict === true && errorsOf(book).length > 0) {
    warnLine(`weir: not started, as ${errorsOf(book).length} errors in rules were found and --strict was given`);
    throw new WrongError();
  }
  const log = createLog(config.log.level, config.log.format, systemClock);
  const weir = new Weir({ config, book, clock: systemClock, log, version: VERSION });
  const { hostname } = config.listen;
  const hostNames = isLoopback(config.listen) ? loopbackNames(hostname) : null;
  const api = serve(createApp(weir.apiDeps(), { token: config.api.token, hostNames }), config.listen);
  tellBanner(weir, book, folders, config, api.url);
  await weir.run(stopSignal());
  await api.close();
  warnLine("Stopped; everything that had arrived is committed");
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
  if (more > 0) warnLine(`… and ${more} more; see: weir rules check`);
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
