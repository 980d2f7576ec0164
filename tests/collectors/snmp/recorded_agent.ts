/** An agent out of a recording in snmpsim's form (`OID|tag|value` a line), asked in memory: no socket, no waiting. */

import { SnmpError } from "../../../src/collectors/snmp/failure.ts";
import { compareOids } from "../../../src/collectors/snmp/oid.ts";
import type { SnmpSession } from "../../../src/collectors/snmp/session.ts";
import type { Varbind, VarbindType } from "../../../src/collectors/snmp/varbind.ts";

const TYPES: Readonly<Record<string, VarbindType>> = {
  "2": "integer",
  "4": "octets",
  "6": "oid",
  "64": "ip",
  "65": "counter32",
  "66": "gauge",
  "67": "ticks",
  "70": "counter64",
};

/** Values in the order of walks. */
export function readRecording(text: string): Varbind[] {
  const varbinds = text.split("\n").filter((line) => /^[\d.]+\|/.test(line)).map((line): Varbind => {
    const [oid = "", tag = "", ...rest] = line.split("|");
    return { oid, ...valueOf(tag, rest.join("|")) };
  });
  return varbinds.sort((a, b) => compareOids(a.oid, b.oid));
}

function valueOf(tag: string, text: string): Omit<Varbind, "oid"> {
  const type = TYPES[tag.replace("x", "")] ?? "unknown";
  switch (type) {
    case "octets":
      return { type, value: tag.endsWith("x") ? hex(text) : new TextEncoder().encode(text) };
    case "oid":
    case "ip":
    case "unknown":
      return { type, value: text };
    case "counter64":
      return { type, value: BigInt(text) };
    default:
      return { type, value: Number(text) };
  }
}

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

/** What happens to requests on the way. */
export interface AgentManners {
  /** Version 1: what is not there is an error, and there is no getbulk. */
  readonly version?: "1" | "2c" | "3";
  /** Called for each request, with what is asked for; may throw, or give other values than the recording's. */
  meddle?(oids: readonly string[], answer: Varbind[][]): Varbind[][];
  /** Values in one answer at most. */
  readonly valuesMax?: number;
}

/** A session with the recording. */
export function recordedAgent(
  varbinds: readonly Varbind[],
  manners: AgentManners = {},
): SnmpSession & { requests: number } {
  const next = (oid: string): Varbind =>
    varbinds.find((varbind) => compareOids(varbind.oid, oid) > 0) ?? { oid, type: "end_of_mib_view", value: null };
  const meddled = (oids: readonly string[], answer: Varbind[][]) => manners.meddle?.(oids, answer) ?? answer;
  const absent = () => {
    throw new SnmpError("no_such_name", "an object is not there");
  };
  const agent = {
    requests: 0,
    counts: { sent: 0, received: 0, stray: 0, garbage: 0 },
    get(oids: readonly string[]): Promise<Varbind[]> {
      return answering(() =>
        meddled(oids, [oids.map((oid): Varbind => {
          const found = varbinds.find((varbind) => varbind.oid === oid);
          if (found === undefined && manners.version === "1") absent();
          return found ?? { oid, type: "no_such_instance", value: null };
        })])[0] ?? []
      );
    },
    getNext(oids: readonly string[]): Promise<Varbind[]> {
      return answering(() =>
        meddled(oids, [oids.map((oid) => {
          const found = next(oid);
          if (found.type === "end_of_mib_view" && manners.version === "1") absent();
          return found;
        })])[0] ?? []
      );
    },
    getBulk(oids: readonly string[], maxRepetitions: number): Promise<Varbind[][]> {
      return answering(() => {
        const lists: Varbind[][] = oids.map(() => []);
        let room = manners.valuesMax ?? Infinity;
        const at = [...oids];
        for (let i = 0; i < maxRepetitions; i++) {
          for (let j = 0; j < oids.length && room > 0; j++, room--) {
            const found = next(at[j] ?? "");
            lists[j]?.push(found);
            at[j] = found.oid;
          }
        }
        return meddled(oids, lists);
      });
    },
    close() {},
  };
  async function answering<T>(answer: () => T): Promise<T> {
    agent.requests++;
    agent.counts.sent++;
    await Promise.resolve();
    const value = answer();
    agent.counts.received++;
    return value;
  }
  return agent;
}
