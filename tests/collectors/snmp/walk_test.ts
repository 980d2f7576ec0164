import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { SnmpError } from "../../../src/collectors/snmp/failure.ts";
import { objectNamed } from "../../../src/collectors/snmp/objects.ts";
import { compareOids, rowOf } from "../../../src/collectors/snmp/oid.ts";
import type { Varbind } from "../../../src/collectors/snmp/varbind.ts";
import {
  newPace,
  readScalars,
  type Table,
  type WalkCounts,
  type WalkOptions,
  walkTable,
} from "../../../src/collectors/snmp/walk.ts";
import { type AgentManners, readRecording, recordedAgent } from "./recorded_agent.ts";

const named = (...names: string[]) =>
  names.map((name) => {
    const object = objectNamed(name);
    if (object === undefined) throw new Error(`Cannot test as there is no ${name}`);
    return object;
  });

const COLUMNS = named("ifDescr", "ifOperStatus", "ifInOctets");

/** Interfaces 1 to `rows`, with something before and behind the table. */
function interfaces(rows: number): Varbind[] {
  const lines = ["1.3.6.1.2.1.1.3.0|67|100", "1.3.6.1.2.1.2.2.1.99.1|2|1"];
  for (let i = 1; i <= rows; i++) {
    lines.push(`1.3.6.1.2.1.2.2.1.2.${i}|4|eth${i}`);
    lines.push(`1.3.6.1.2.1.2.2.1.8.${i}|2|1`);
    lines.push(`1.3.6.1.2.1.2.2.1.10.${i}|65|${i * 100}`);
  }
  return readRecording(lines.join("\n"));
}

interface Walked {
  readonly table: Table;
  readonly counts: WalkCounts;
  readonly options: WalkOptions;
  readonly requests: number;
}

async function walk(
  varbinds: readonly Varbind[],
  manners: AgentManners = {},
  more: Partial<WalkOptions> = {},
): Promise<Walked> {
  const session = recordedAgent(varbinds, manners);
  const options: WalkOptions = {
    session,
    version: manners.version ?? "2c",
    pace: newPace(),
    repetitionsMax: 50,
    counts: { valuesRead: 0, objectsAbsent: 0, objectsFailed: 0, walksDisordered: 0, walksCut: 0 },
    now: () => 7,
    isOver: () => false,
    ...more,
  };
  const table = await walkTable("interfaces", COLUMNS, options);
  return { table, counts: options.counts, options, requests: session.requests };
}

/** The rows as texts and numbers. */
function shown(table: Table): Record<string, unknown[]> {
  return Object.fromEntries(
    [...table.rows].map(([index, { values }]) => [
      index,
      COLUMNS.map(({ name }) => {
        const value = values.get(name)?.value;
        return value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
      }),
    ]),
  );
}

const whole = (rows: number) =>
  Object.fromEntries(Array.from({ length: rows }, (_, i) => [`${i + 1}`, [`eth${i + 1}`, 1, (i + 1) * 100]]));

for (const version of ["1", "2c", "3"] as const) {
  for (const rows of [0, 1, 9, 10, 11, 200]) {
    Deno.test(`walkTable: v${version}, ${rows} rows, joined by row`, async () => {
      const { table, counts } = await walk(interfaces(rows), { version });
      deepStrictEqual(shown(table), whole(rows));
      strictEqual(table.isPartial, false);
      const expected = { valuesRead: rows * 3, objectsAbsent: rows === 0 ? 3 : 0, objectsFailed: 0 };
      deepStrictEqual(counts, { ...expected, walksDisordered: 0, walksCut: 0 });
    });
  }
}

Deno.test("walkTable: a table that was seen before is read in one request", async () => {
  const first = await walk(interfaces(40));
  ok(first.requests > 1);
  const pace = first.options.pace.get("interfaces");
  ok(pace !== undefined && pace.repetitions >= 41, "it kept up, and may be asked for all of it");
  const again = await walk(interfaces(40), {}, { pace: first.options.pace });
  strictEqual(again.requests, 1);
  deepStrictEqual(shown(again.table), whole(40));
});

Deno.test("walkTable: an agent that gives less than was asked for is asked on from there", async () => {
  for (const valuesMax of [1, 2, 4, 7]) {
    const { table } = await walk(interfaces(30), { valuesMax });
    deepStrictEqual(shown(table), whole(30), `${valuesMax} values at most`);
  }
});

Deno.test("walkTable: an agent for which many rows are too many is asked for fewer, and later too", async () => {
  const meddle: AgentManners["meddle"] = (_oids, answer) => {
    if ((answer[0]?.length ?? 0) > 4) throw new SnmpError("too_big", "too much");
    return answer;
  };
  const { table, options } = await walk(interfaces(30), { meddle });
  deepStrictEqual(shown(table), whole(30));
  const repetitions = options.pace.get("interfaces")?.repetitions ?? 0;
  ok(repetitions >= 2 && repetitions <= 4, `${repetitions} at the end`);
});

Deno.test("walkTable: an agent that drops large answers is asked for fewer; one that is silent altogether ends the walk", async () => {
  const deafTo: AgentManners["meddle"] = (_oids, answer) => {
    if ((answer[0]?.length ?? 0) > 3) throw new SnmpError("silent", "no answer");
    return answer;
  };
  deepStrictEqual(shown((await walk(interfaces(20), { meddle: deafTo })).table), whole(20));
  let asked = 0;
  const dies: AgentManners["meddle"] = (_oids, answer) => {
    if (++asked > 1) throw new SnmpError("silent", "no answer");
    return answer;
  };
  const { table, counts } = await walk(interfaces(200), { meddle: dies });
  strictEqual(table.isPartial, true);
  strictEqual(counts.walksCut, 1);
  deepStrictEqual(shown(table), whole(10), "what came before is used");
});

Deno.test("walkTable: what an agent cannot answer is not asked again and again; what was lost once is asked for again in time", async () => {
  let silences = 0;
  const most = (rows: number) => (_oids: readonly string[], answer: Varbind[][]) => {
    if ((answer[0]?.length ?? 0) <= rows) return answer;
    silences++;
    throw new SnmpError("silent", "no answer");
  };
  const { table, options } = await walk(interfaces(300), { meddle: most(24) });
  deepStrictEqual(shown(table), whole(300));
  strictEqual(silences, 1, "40 rows did not come, 20 had come");
  for (let poll = 0; poll < 4; poll++) await walk(interfaces(300), { meddle: most(24) }, { pace: options.pace });
  strictEqual(silences, 1, "nor later");
  for (let poll = 0; poll < 40; poll++) await walk(interfaces(300), {}, { pace: options.pace });
  strictEqual(options.pace.get("interfaces")?.repetitions, 50, "a device that keeps up again is asked for all it can");
});

Deno.test("walkTable: a table that has grown since is read on as fast as before", async () => {
  const first = await walk(interfaces(24));
  const again = await walk(interfaces(100), {}, { pace: first.options.pace });
  deepStrictEqual(shown(again.table), whole(100));
  ok(again.requests <= 5, `${again.requests} requests`);
});

Deno.test("walkTable: ends when the time is over, with what came before", async () => {
  let looks = 0;
  const { table, counts } = await walk(interfaces(500), {}, { isOver: () => ++looks > 2 });
  strictEqual(table.isPartial, true);
  strictEqual(counts.walksCut, 1);
  deepStrictEqual(shown(table), whole(table.rows.size));
  ok(table.rows.size > 0 && table.rows.size < 500);
});

Deno.test("walkTable: identifiers that do not increase end a column, counted, and cost the others nothing", async () => {
  const loops: AgentManners["meddle"] = (oids, answer) =>
    answer.map((list, i) =>
      oids[i]?.startsWith("1.3.6.1.2.1.2.2.1.8")
        ? list.map((): Varbind => ({ oid: "1.3.6.1.2.1.2.2.1.8.3", type: "integer", value: 2 }))
        : list
    );
  const { table, counts, requests } = await walk(interfaces(30), { meddle: loops });
  strictEqual(counts.walksDisordered, 1);
  strictEqual(table.isPartial, true);
  ok(requests < 10);
  strictEqual(table.rows.size, 30);
  deepStrictEqual(shown(table)["3"], ["eth3", 2, 300]);
  deepStrictEqual(shown(table)["4"], ["eth4", undefined, 400]);
});

Deno.test("walkTable: a column that the agent stumbles over costs the others nothing", async () => {
  for (const version of ["1", "2c"] as const) {
    const stumbles: AgentManners["meddle"] = (oids, answer) => {
      if (oids.some((oid) => oid.startsWith("1.3.6.1.2.1.2.2.1.8"))) throw new SnmpError("refused", "genErr");
      return answer;
    };
    const { table, counts } = await walk(interfaces(5), { version, meddle: stumbles });
    deepStrictEqual([counts.objectsFailed, counts.objectsAbsent], [1, 0]);
    deepStrictEqual(shown(table)["5"], ["eth5", undefined, 500]);
    strictEqual(table.isPartial, false);
  }
});

Deno.test("walkTable: empty answers end it", async () => {
  const { table, counts, requests } = await walk(interfaces(5), { meddle: (oids) => oids.map(() => []) });
  strictEqual(table.rows.size, 0);
  strictEqual(counts.objectsFailed, 3);
  ok(requests <= 2);
});

Deno.test("walkTable: a table that changes while it is walked gives rows with what was there", async () => {
  const varbinds = interfaces(60);
  let asked = 0;
  const changes: AgentManners["meddle"] = (_oids, answer) => {
    // After the first answer interface 20 goes away and 61 comes.
    if (++asked === 1) {
      for (let i = varbinds.length - 1; i >= 0; i--) if (varbinds[i]?.oid.endsWith(".20")) varbinds.splice(i, 1);
      varbinds.push({ oid: "1.3.6.1.2.1.2.2.1.10.61", type: "counter32", value: 5 });
      varbinds.sort((a, b) => compareOids(a.oid, b.oid));
    }
    return answer;
  };
  const { table } = await walk(varbinds, { meddle: changes });
  strictEqual(table.isPartial, false);
  strictEqual(table.rows.has("20"), false);
  deepStrictEqual(shown(table)["61"], [undefined, undefined, 5]);
  strictEqual(table.rows.size, 60);
});

Deno.test("readScalars: what is not there is left out and counted, in v1 too, and one that fails costs the others nothing", async () => {
  const varbinds = readRecording("1.3.6.1.2.1.1.1.0|4|a switch\n1.3.6.1.2.1.1.3.0|67|5\n1.3.6.1.2.1.1.6.0|4|here");
  const objects = named("sysDescr", "sysUpTime", "sysContact", "sysName", "sysLocation");
  for (const version of ["1", "2c"] as const) {
    const { options } = await walk(varbinds, { version });
    const counts = { valuesRead: 0, objectsAbsent: 0, objectsFailed: 0, walksDisordered: 0, walksCut: 0 };
    const found = await readScalars(objects, { ...options, counts });
    deepStrictEqual([...found.keys()].sort(), ["sysDescr", "sysLocation", "sysUpTime"]);
    deepStrictEqual([counts.valuesRead, counts.objectsAbsent, counts.objectsFailed], [3, 2, 0]);
  }
  const meddle: AgentManners["meddle"] = (oids, answer) => {
    if (oids.includes("1.3.6.1.2.1.1.6.0")) throw new SnmpError("refused", "genErr");
    return answer;
  };
  const { options } = await walk(varbinds, { meddle });
  const counts = { valuesRead: 0, objectsAbsent: 0, objectsFailed: 0, walksDisordered: 0, walksCut: 0 };
  const found = await readScalars(objects, { ...options, counts });
  deepStrictEqual([...found.keys()].sort(), ["sysDescr", "sysUpTime"]);
  strictEqual(counts.objectsFailed, 1);
});

Deno.test("readScalars: a device that is silent, or turns us away, is not asked on", async () => {
  for (const code of ["silent", "authorization", "authentication", "unknown_user", "closed"] as const) {
    let asked = 0;
    const meddle: AgentManners["meddle"] = () => {
      asked++;
      throw new SnmpError(code, "no");
    };
    const { options } = await walk([], {});
    const session = recordedAgent([], { meddle });
    await rejects(readScalars(named("sysDescr", "sysName"), { ...options, session }), { code });
    strictEqual(asked, 1);
  }
});

Deno.test("oids: compared number by number, rows told by their column", () => {
  const oid = fc.array(fc.nat(300), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(oid, oid, (a, b) => {
    const difference = a.findIndex((arc, i) => arc !== b[i]);
    const expected = difference === -1
      ? a.length - b.length
      : b[difference] === undefined
      ? 1
      : (a[difference] ?? 0) - (b[difference] ?? 0);
    strictEqual(Math.sign(compareOids(a.join("."), b.join("."))), Math.sign(expected));
  }));
  strictEqual(rowOf("1.3.6", "1.3.6.7.8"), "7.8");
  strictEqual(rowOf("1.3.6", "1.3.60.7"), undefined);
  strictEqual(rowOf("1.3.6", "1.3.6"), undefined);
  strictEqual(rowOf("1.3.6", "1.3"), undefined);
});
