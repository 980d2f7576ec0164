import { deepStrictEqual } from "node:assert/strict";
import { parseRfc3339 } from "../../src/core/clock.ts";
import type { TelemetryEvent } from "../../src/core/event.ts";
import { needing, recorded } from "../recorded.ts";
import { atLeast, correlation, event, leaf, rule, run } from "./build.ts";

const LOG = recorded("logs/OpenSSH_2k.log");

const LINE = /^Dec (?<day>[ \d]\d) (?<time>[\d:]{8}) \S+ sshd\[\d+\]: (?:message repeated (?<times>\d+) times: \[ )?/;
const FAILURE = /Failed password for .* from (\S+) port/;

/** The failures of the log; one that says "message repeated" is so many, or one, as asked. */
function failures(countRepeats: boolean): TelemetryEvent[] {
  return Deno.readTextFileSync(LOG).split("\r\n").flatMap((line) => {
    const [head, address] = [LINE.exec(line)?.groups, FAILURE.exec(line)?.[1]];
    const day = head?.["day"]?.trim().padStart(2, "0");
    const timeMs = parseRfc3339(`2026-12-${day}T${head?.["time"]}Z`);
    if (head === undefined || address === undefined || timeMs === undefined) return [];
    const repeats = Number(head["times"] ?? 1);
    if (repeats > 1 && !countRepeats) return [];
    return Array.from({ length: repeats }, () => event(timeMs / 1000, "a", { "source.ip": address }));
  });
}

const FIVE = correlation(atLeast("a.count", 5), { groupBy: ["source.ip"], timespanMs: 300_000 });

for (
  const { name, countRepeats, events, crossings, addresses } of [
    { name: "by line", countRepeats: false, events: 518, crossings: 10, addresses: 9 },
    { name: "counting repeats", countRepeats: true, events: 528, crossings: 12, addresses: 11 },
  ]
) {
  Deno.test({
    ...needing(
      "logs",
      `five failures in 300 s in a real log, ${name}: the known crossings, at once and by the watermark`,
    ),
    fn() {
      const list = failures(countRepeats);
      deepStrictEqual(list.length, events);
      const eager = run([rule("five", { correlation: FIVE })], list);
      const when = { ...FIVE, when: leaf("a.count", "greaterThan", 4.5) };
      const between = { type: "all" as const, of: [when.when, leaf("a.count", "lessThan", 1e9)] };
      const settled = run([rule("five", { correlation: { ...FIVE, when: between } })], list);
      for (const fired of [eager, settled]) {
        const groups = new Set(fired.map(({ detection }) => detection.group["source.ip"]));
        deepStrictEqual([fired.length, groups.size, groups.has("52.80.34.196")], [crossings, addresses, false]);
      }
      deepStrictEqual(
        settled.map(({ detection }) => detection.timeMs).sort(),
        eager.map(({ detection }) => detection.timeMs).sort(),
      );
    },
  });
}
