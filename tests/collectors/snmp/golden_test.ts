/**
 * Golden cases: what an agent holds at each poll, and the events that come of it. A case is a folder with `config.yaml` (keys of
 * `collectors.snmp`), `polls.snmprec` (a recording, of which `@ 10s` begins the next poll; what it does not name stays) and
 * `expected.jsonl` (an event a line). `WEIR_GOLDEN=write` writes the last, to be read before it is kept.
 */

import { strictEqual } from "node:assert/strict";
import { parse } from "yaml";
import { SimulatedClock } from "../../../src/core/clock.ts";
import { parseDuration } from "../../../src/core/duration.ts";
import { plansOf } from "../../../src/collectors/snmp/collect.ts";
import { compareOids } from "../../../src/collectors/snmp/oid.ts";
import { poll } from "../../../src/collectors/snmp/poll.ts";
import { snmpSchema } from "../../../src/collectors/snmp/schema.ts";
import { askedAs } from "../../../src/collectors/snmp/session.ts";
import { DeviceMemory, tell } from "../../../src/collectors/snmp/tell.ts";
import type { Varbind } from "../../../src/collectors/snmp/varbind.ts";
import { newPace } from "../../../src/collectors/snmp/walk.ts";
import { readRecording, recordedAgent } from "./recorded_agent.ts";

const folder = new URL("../../golden/snmp/", import.meta.url);

interface RecordedPoll {
  readonly atMs: number;
  readonly varbinds: readonly Varbind[];
}

function readPolls(text: string): RecordedPoll[] {
  const known = new Map<string, Varbind>();
  return text.split(/^@ /m).slice(1).map((part) => {
    const [at = "", ...lines] = part.split("\n");
    for (const varbind of readRecording(lines.join("\n"))) known.set(varbind.oid, varbind);
    const atMs = parseDuration(at.trim());
    if (atMs === undefined) throw new Error(`Cannot read a recording as "${at}" must be a duration`);
    return { atMs, varbinds: [...known.values()] };
  });
}

async function eventsOf(config: unknown, polls: readonly RecordedPoll[]): Promise<string> {
  const device = { host: "192.0.2.1", community: "golden" };
  const [plan] = plansOf(snmpSchema.parse({ ...(config as object), devices: [device] }));
  if (plan === undefined) throw new Error("Cannot test as there must be a plan");
  const clock = new SimulatedClock(1_700_000_000_000);
  const memory = new DeviceMemory();
  const pace = newPace();
  const lines: string[] = [];
  for (const { atMs, varbinds } of polls) {
    await clock.advance(atMs - clock.monotonic());
    const session = recordedAgent([...varbinds].sort(byOid));
    const reading = await poll({
      session,
      asked: askedAs(plan.access),
      selection: plan.selection,
      pace,
      repetitionsMax: plan.repetitionsMax,
      walksMax: 1,
      clock,
      untilMs: Infinity,
    });
    const asking = { target: "192.0.2.1:161", version: "2c", pollMs: 0, counts: session.counts, failures: 0 };
    for (const { kind, row, fields } of tell(reading, plan.selection, memory, asking).told) {
      // How the asking went is told by other tests; here it would tie each case to the number of requests.
      const told = Object.entries(fields).filter(([name]) =>
        !/^snmp\.device\.(?!restarted|values\.refused)/.test(name)
      );
      lines.push(JSON.stringify({ at: `${atMs / 1000}s`, kind, row, fields: Object.fromEntries(told) }));
    }
  }
  return lines.join("\n") + "\n";
}

const byOid = (a: Varbind, b: Varbind) => compareOids(a.oid, b.oid);

for (const { name } of [...Deno.readDirSync(folder)].sort((a, b) => (a.name < b.name ? -1 : 1))) {
  Deno.test(`golden: ${name}`, async () => {
    const read = (file: string) => Deno.readTextFile(new URL(`${name}/${file}`, folder));
    const actual = await eventsOf(parse(await read("config.yaml")), readPolls(await read("polls.snmprec")));
    if (Deno.env.get("WEIR_GOLDEN") === "write") {
      await Deno.writeTextFile(new URL(`${name}/expected.jsonl`, folder), actual);
    }
    strictEqual(actual, await read("expected.jsonl"));
  });
}
