/**
 * Golden cases of log decoders. A case is a folder with `config.yaml` (`format`, `time-zone`, and `now`, by which the year is told),
 * `input.log` and `expected.jsonl` (an event a line).
 * `WEIR_GOLDEN=write` writes the last, to be read before it is kept.
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { parseRfc3339 } from "../../../../src/core/clock.ts";
import { FOREIGN_KIND, toRfc3339 } from "../../../../src/core/event.ts";
import { isKnownField } from "../../../../src/core/fields.ts";
import { createDecoder, DECODED_KINDS, type DecodedEvent } from "../../../../src/collectors/logs/decode/decoder.ts";
import type { LogFormat } from "../../../../src/collectors/logs/decode/decoder.ts";

const folder = new URL("../../../golden/logs/", import.meta.url);

interface Config {
  readonly format: LogFormat;
  readonly "time-zone"?: string;
  readonly now: string;
}

function decode(config: Config, text: string): DecodedEvent[] {
  const nowMs = parseRfc3339(config.now) ?? NaN;
  const decoder = createDecoder(config.format, { timeZone: config["time-zone"] ?? "UTC", nowMs: () => nowMs });
  const into: DecodedEvent[] = [];
  for (const [i, line] of text.replace(/\n$/, "").split("\n").entries()) {
    decoder.decode({ text: line, at: i + 1, observedMs: nowMs }, into);
  }
  decoder.flush(Infinity, into);
  return into;
}

function lineOf({ at, index, kind, timeMs, host, fields }: DecodedEvent): string {
  return JSON.stringify({ line: at, ...(index === 0 ? {} : { index }), kind, time: toRfc3339(timeMs), host, fields });
}

/** Names that come out of a line itself: what is in structured data, and in an audit record that nobody foresaw. */
const FROM_THE_LINE = /^(log\.syslog\.structured_data|audit)\./;

const kinds = new Set([...DECODED_KINDS.map(({ kind }) => kind), FOREIGN_KIND]);
const seen = new Set<string>();

for (const { name } of [...Deno.readDirSync(folder)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
  Deno.test(`golden: ${name}`, async () => {
    const read = (file: string) => Deno.readTextFile(new URL(`${name}/${file}`, folder));
    const events = decode(parse(await read("config.yaml")), await read("input.log"));
    const actual = events.map(lineOf).join("\n") + "\n";
    if (Deno.env.get("WEIR_GOLDEN") === "write") {
      await Deno.writeTextFile(new URL(`${name}/expected.jsonl`, folder), actual);
    }
    strictEqual(actual, await read("expected.jsonl"));
    for (const { kind, fields } of events) {
      seen.add(kind);
      strictEqual(kinds.has(kind), true, kind);
      if (kind === FOREIGN_KIND) continue;
      const unknown = Object.keys(fields).filter((field) => !isKnownField(field) && !FROM_THE_LINE.test(field));
      deepStrictEqual(unknown, [], "the dictionary has every field");
    }
  });
}

Deno.test("golden: every kind of the decoders has a case", () => {
  deepStrictEqual([...kinds].filter((kind) => !seen.has(kind)), []);
});
