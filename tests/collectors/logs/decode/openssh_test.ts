/** A real sshd log through the real command: the known crossings, counted by lines and by failures. */

import { deepStrictEqual, ok } from "node:assert/strict";
import { weir } from "../../../e2e/weir.ts";
import { needing, recorded } from "../../../recorded.ts";

const LOG = recorded("logs/OpenSSH_2k.log");

const rule = (id: string, select: string) =>
  `id: ${id}
title: Five failures in five minutes
level: high
select:
  failed: ${select}
correlate: { group-by: [source.ip], timespan: 300s }
when: { fact: failed.count, operator: greaterThanInclusive, value: 5 }
suppress: 0s
`;

/** By lines, as a program would that knows no kinds; and by what the lines tell of. */
const BY_LINES = rule("by-lines", "{ where: { fact: message, operator: startsWith, value: Failed password } }");
const BY_FAILURES = rule("by-failures", "{ kind: authentication.failure }");

/** That of the addresses which had five failures within 300 s. */
const BY_LINES_ADDRESSES = [
  "103.99.0.122",
  "112.95.230.3",
  "119.4.203.64",
  "123.235.32.19",
  "183.62.140.253",
  "185.190.58.151",
  "187.141.143.180",
  "5.188.10.180",
  "60.2.12.12",
];

Deno.test({
  ...needing(
    "logs",
    "a real sshd log by replay --format syslog: 10 crossings by lines, 12 by failures, repeats counted",
  ),
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/lines.yaml`, BY_LINES);
      await Deno.writeTextFile(`${folder}/failures.yaml`, BY_FAILURES);
      const run = async (emit: string) => {
        const { code, stdout, stderr } = await weir(
          ["replay", "--rules", folder, "--format", "syslog", "--input", LOG, "--emit", emit],
        );
        deepStrictEqual(code, 0, stderr);
        ok(stderr.includes("2000 lines, 2008 events, 0 could not be read"), stderr);
        return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
      };
      const [matches, detections] = await Promise.all([run("matches"), run("detections")]);
      const matchesOf = (id: string) => matches.filter(({ rule }) => rule === id).length;
      deepStrictEqual([matchesOf("by-lines"), matchesOf("by-failures")], [518, 528]);
      const addresses = (id: string) =>
        detections.filter((one) => one.rule === id).map(({ group }) => group["source.ip"] as string);
      const [byLines, byFailures] = [addresses("by-lines"), addresses("by-failures")];
      deepStrictEqual([byLines.length, byFailures.length], [10, 12]);
      deepStrictEqual([...new Set(byLines)].sort(), BY_LINES_ADDRESSES);
      deepStrictEqual(
        [...new Set(byFailures)].sort(),
        [...BY_LINES_ADDRESSES, "106.5.5.195", "5.36.59.76"].sort(),
      );
      ok(!byLines.concat(byFailures).includes("52.80.34.196"));
      // The line itself is what a match points at: five of them at the line that says it five times.
      const repeated = matches.filter((one) => one.rule === "by-failures" && one.line === 30);
      deepStrictEqual(repeated.length, 5);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
