/**
 * Log lines that another project collected for its rules, and what its rules say of them: a failure, a success, an error. Each line's
 * kind is held to that, and its fields to what anybody can see in the line. The tally of each file is held, right and wrong.
 */

import { deepStrictEqual } from "node:assert/strict";
import { createDecoder, type DecodedEvent } from "../../../../src/collectors/logs/decode/decoder.ts";
import { needing, recorded } from "../../../recorded.ts";

const folder = recorded("wazuh");

interface Sample {
  readonly rule: string;
  readonly text: string;
}

/** `[TITLE]`, then `log N pass = LINE` or `log N fail = LINE`, and `rule = NUMBER` for all of them. */
function samplesOf(ini: string): Sample[] {
  return ini.split(/^\[/m).flatMap((part) => {
    const rule = /^rule = (\d+)$/m.exec(part)?.[1];
    const lines = [...part.matchAll(/^log \d+ (?:pass|fail) = (.*)$/gm)];
    return rule === undefined ? [] : lines.map(([, text = ""]) => ({ rule, text }));
  });
}

/** What a rule's number says of a line, as a kind of ours. */
const KIND_OF_RULE: Readonly<Record<string, string>> = {
  31315: "authentication.failure",
  5301: "authentication.failure",
  5302: "authentication.failure",
  5305: "authentication.success",
  5501: "session.start",
  5502: "session.end",
  5503: "pam.failure",
  2502: "pam.failure",
  5504: "pam.user_unknown",
  5905: "user.create",
  2941: "log.line",
  2944: "log.line",
  2945: "log.line",
};

/** Where we say another thing on purpose, and why. */
const EXPLAINED: readonly { readonly line: RegExp; readonly reason: string }[] = [
  {
    line: /yadda (password mismatch|was not found in)/,
    reason: 'no server writes this: nginx names the user before it (user "NAME": password mismatch)',
  },
];

/** What is plain to see in a line, by field. */
function plainFields(text: string): Record<string, string> {
  const found: Record<string, string | undefined> = {
    host: /^[A-Z][a-z]{2} +\d+ [\d:]{8} (\S+) /.exec(text)?.[1],
    "process.name": /^[A-Z][a-z]{2} +\d+ [\d:]{8} \S+ ([\w-]+)/.exec(text)?.[1],
    "process.pid": /^[A-Z][a-z]{2} [^[]*\[(\d+)\]: |\[pid (\d+)\]|\] (\d+):\d+ /.exec(text)?.slice(1).find(Boolean),
    "source.ip": /\[client ([\d.]+)(?::\d+)?\]/.exec(text)?.[1] ?? /rhost=([\d.]+)/.exec(text)?.[1],
    "source.port": /\[client [\d.]+:(\d+)\]/.exec(text)?.[1],
    "log.level": /\[(?:\w*:)?(error|warn|notice|info|crit|yadda)\]/.exec(text)?.[1],
    "event.code": /\b(AH\d{5}):/.exec(text)?.[1],
    "pam.ruser": /ruser=(\S+)/.exec(text)?.[1],
    "user.name": / user=(\S+)|for user (\w+)|from (\w+) to|BAD SU (\w+) to|su: (\w+) to|user '(\w+)'/.exec(text)?.slice(
      1,
    )
      .find(Boolean),
    "user.effective.name": /su.* to (\w+)/.exec(text)?.[1],
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]),
  );
}

function decode(text: string): DecodedEvent[] {
  const decoder = createDecoder("auto", { timeZone: "UTC", nowMs: () => Date.UTC(2026, 0, 1) });
  const into: DecodedEvent[] = [];
  decoder.decode({ text, at: 0, observedMs: 0 }, into);
  return into;
}

function judge(samples: readonly Sample[], file: string) {
  const tally = { lines: 0, right: 0, explained: 0, fields: 0 };
  const wrong: string[] = [];
  for (const { rule, text } of samples) {
    tally.lines++;
    const [event, ...more] = decode(text);
    const kind = KIND_OF_RULE[rule] ?? "web.error";
    if (event?.kind === kind && more.length === 0) tally.right++;
    else if (EXPLAINED.some(({ line }) => line.test(text))) tally.explained++;
    else wrong.push(`${file}: ${text}: ${kind} is right, not ${event?.kind}`);
    for (const [name, value] of Object.entries(plainFields(text))) {
      const ours = name === "host" ? event?.host : event?.fields[name];
      tally.fields++;
      if (String(ours) !== value) wrong.push(`${file}: ${text}: ${name} is ${value}, not ${ours}`);
    }
  }
  return { tally, wrong };
}

Deno.test({
  ...needing("wazuh", "another project's samples: lines and fields, right and wrong, by file"),
  fn() {
    const table: Record<string, unknown> = {};
    const wrong: string[] = [];
    for (const file of ["apache", "nginx", "pam", "su", "syslog"]) {
      const judged = judge(samplesOf(Deno.readTextFileSync(`${folder}/${file}.ini`)), file);
      table[file] = judged.tally;
      wrong.push(...judged.wrong);
    }
    deepStrictEqual(wrong, []);
    deepStrictEqual(table, {
      apache: { lines: 12, right: 12, explained: 0, fields: 38 },
      nginx: { lines: 12, right: 10, explained: 2, fields: 23 },
      pam: { lines: 5, right: 5, explained: 0, fields: 21 },
      su: { lines: 5, right: 5, explained: 0, fields: 24 },
      syslog: { lines: 6, right: 6, explained: 0, fields: 13 },
    });
  },
});
