/** A poll as events: one for the device, one for each thing that scalars tell of, one for each row of a table. */

import { CounterMemory, isRestarted } from "./counter.ts";
import type { SnmpError } from "./failure.ts";
import type { Reading } from "./poll.ts";
import type { TellContext, Told } from "./sample.ts";
import { OWN_KIND, type Selection } from "./selection.ts";
import type { SocketCounts } from "./socket.ts";
import { type Scalars, tellCpu, tellDisks, tellLoad, tellMemory, tellStorage, tellSystem } from "./tell_host.ts";
import { tellInterfaces, tellOwnScalars, tellOwnTable, tellProcesses } from "./tell_rows.ts";
import { asNumber, asText, type Varbind } from "./varbind.ts";

/** What is remembered of a device from one poll to the next. */
export class DeviceMemory {
  readonly counters = new CounterMemory();
  /** Its sysUpTime, hundredths of a second, and when that was read. */
  #ticks: { readonly value: number; readonly atMs: number } | undefined;

  /** Whether its agent started anew since the last poll. */
  noteTicks(value: number | undefined, atMs: number): boolean {
    if (value === undefined) return false;
    const before = this.#ticks;
    this.#ticks = { value, atMs };
    return before !== undefined && isRestarted(before.value, value, atMs - before.atMs);
  }
}

/** What a poll says besides what the device is about: how the asking went. */
export interface Asking {
  readonly target: string;
  readonly version: string;
  readonly pollMs: number;
  readonly counts: Readonly<SocketCounts>;
  /** Polls in a row that failed, this one included. */
  readonly failures: number;
}

/** The events of a poll that found something, the device's own first, and the name that the device has for itself. */
export function tell(
  reading: Reading,
  selection: Selection,
  memory: DeviceMemory,
  asking: Asking,
): { readonly told: Told[]; readonly sysName: string | undefined } {
  const scalars: Scalars = { values: reading.scalars, atMs: reading.atMs };
  const ticks = ticksOf(reading.scalars.get("sysUpTime"));
  const restarted = memory.noteTicks(ticks, reading.atMs);
  const context: TellContext = {
    memory: memory.counters,
    isRestarted: restarted,
    metrics: selection.metrics,
    refused: 0,
  };
  const rows = [
    ...tellSystem(scalars, context),
    ...tellLoad(scalars, context),
    ...tellOwnScalars(scalars, selection.scalars, context),
    ...tellTables(reading, scalars, context),
  ];
  memory.counters.endPoll(unreadKinds(reading));
  const device = deviceEvent(asking, {
    "snmp.device.reachable": true,
    "snmp.device.restarted": restarted,
    ...(ticks === undefined ? {} : { "snmp.device.uptime.seconds": ticks / 100 }),
    "snmp.device.round_trip.seconds": reading.roundTripMs / 1000,
    "snmp.device.values.read": reading.counts.valuesRead,
    "snmp.device.values.refused": context.refused,
    "snmp.device.objects.absent": reading.counts.objectsAbsent,
    "snmp.device.objects.failed": reading.counts.objectsFailed,
    "snmp.device.walks.disordered": reading.counts.walksDisordered,
    "snmp.device.walks.cut": reading.counts.walksCut,
    "snmp.quality": reading.counts.walksCut > 0 ? "partial" : "good",
  });
  const target = asking.target;
  const named = [device, ...rows].map((row) => ({ ...row, fields: { "snmp.device.target": target, ...row.fields } }));
  const name = reading.scalars.get("sysName");
  return { told: named, sysName: name === undefined ? undefined : asText(name) };
}

/** The event of a poll that found nothing. */
export function tellFailure(error: SnmpError, asking: Asking): Told {
  return deviceEvent(asking, {
    "snmp.device.target": asking.target,
    "snmp.device.reachable": false,
    "snmp.device.failure": error.code,
    "snmp.device.message": error.message,
  });
}

function deviceEvent({ version, pollMs, counts, failures }: Asking, fields: Told["fields"]): Told {
  return {
    kind: "snmp.device",
    row: "",
    fields: {
      ...fields,
      "snmp.device.version": version,
      "snmp.device.failures.count": failures,
      "snmp.device.poll.seconds": pollMs / 1000,
      "snmp.device.requests.sent": counts.sent,
      "snmp.device.answers.received": counts.received,
      "snmp.device.answers.stray": counts.stray,
      "snmp.device.answers.garbage": counts.garbage,
    },
  };
}

function tellTables(reading: Reading, scalars: Scalars, context: TellContext): Told[] {
  const rows: Told[] = [];
  let hasStorage = false;
  for (const table of reading.tables) {
    switch (table.kind) {
      case "snmp.cpu":
        rows.push(...tellCpu(table, context));
        break;
      case "snmp.storage":
        hasStorage = true;
        rows.push(...tellStorage(table, scalars, context));
        break;
      case "snmp.disk":
        rows.push(...tellDisks(table, context));
        break;
      case "snmp.interface":
        rows.push(...tellInterfaces(table, context));
        break;
      case "snmp.process":
        rows.push(...tellProcesses(table, context));
        break;
      case OWN_KIND:
        rows.push(...tellOwnTable(table, table.columns, context));
    }
  }
  if (!hasStorage) rows.push(...tellMemory(scalars, [], false, context));
  return rows;
}

/** Tells keys of counters in tables that were not read to their end. */
function unreadKinds({ tables }: Reading): (key: string) => boolean {
  const unread = tables.filter(({ isPartial }) => isPartial).map(({ kind }) => `${kind}:`);
  return (key) => unread.some((kind) => key.startsWith(kind));
}

/** Hundredths of a second, or `undefined` where they are none. */
function ticksOf(varbind: Varbind | undefined): number | undefined {
  const ticks = varbind === undefined ? undefined : asNumber(varbind);
  return ticks === undefined || ticks < 0 ? undefined : ticks;
}
