/**
 * The metric list: every object that Weir polls over SNMP, in one place. Which of them a device is asked for is a profile, what
 * users enable and disable, and what the chosen ones need; `selection.ts` puts that together.
 */

import {
  ADMIN_STATUS,
  INTERFACE_TYPES,
  OPER_STATUS,
  RUN_STATUS,
  STORAGE_TYPES,
  STORAGE_TYPES_OF_FILES,
} from "./names.ts";

/** What a value is, whatever the agent's ASN.1 type says. */
export type ObjectType =
  | "text"
  /** A number, as it stands. */
  | "gauge"
  /** A number in a text, as UCD's load averages are. */
  | "decimal"
  /** Grows and wraps at 2^32. */
  | "counter32"
  /** Grows and wraps at 2^64. */
  | "counter64"
  /** Hundredths of a second. */
  | "ticks"
  /** An object identifier, shown by the name it has in {@linkcode ObjectDefinition.names}. */
  | "oid"
  /** A number, shown by the name it has in {@linkcode ObjectDefinition.names}. */
  | "choice";

/** What a threshold on a metric is held against. */
export interface Measure {
  /** The event and the field that are compared. */
  readonly kind: string;
  readonly field: string;
  /** What the row must be besides: field, and the values that will do. */
  readonly only?: { readonly field: string; readonly values: readonly string[] };
}

/** A limit that a metric comes with; whoever configures Weir can set others, for all devices or for one. */
export interface Threshold extends Measure {
  readonly warning: number;
  readonly critical: number;
}

/** One object of a management information base. */
export interface ObjectDefinition {
  /** Its name in the MIB. */
  readonly name: string;
  /** Of a scalar with its instance (`....0`), of a column without. */
  readonly oid: string;
  readonly shape: "scalar" | "column";
  readonly type: ObjectType;
  /** As the agent gives it: `KiB`, `units`, `bytes`, `bit/s`, `1/100 s`, ... */
  readonly unit?: string;
  readonly category: string;
  /** The event it is told in. Columns of one kind are one table, joined by their row. */
  readonly kind: string;
  readonly description: string;
  /** Names of the values of a `choice` or an `oid`. */
  readonly names?: Readonly<Record<string, string>>;
  /** Objects without which it says little: polled with it, and not counted. */
  readonly needs?: readonly string[];
  /** Polled for others only: no metric of its own. */
  readonly isHelper?: boolean;
  /** On only where it is named, whatever the profile or category. */
  readonly isOptIn?: boolean;
  readonly threshold?: Threshold;
  /** Of a metric without a threshold of its own, what one that is configured is held against. */
  readonly measure?: Measure;
}

/** The categories of the metric list, in the order they are told. */
export const CATEGORIES = [
  "system",
  "cpu",
  "memory",
  "disk",
  "network_interfaces",
  "processes",
  "system_load",
] as const;

type Row = Omit<ObjectDefinition, "category" | "kind" | "shape">;

function scalars(category: string, kind: string, rows: readonly Row[]): ObjectDefinition[] {
  return rows.map((row) => ({ ...row, category, kind, shape: "scalar" }));
}

function columns(category: string, kind: string, rows: readonly Row[]): ObjectDefinition[] {
  return rows.map((row) => ({ ...row, category, kind, shape: "column" }));
}

/** SNMPv2-MIB, RFC 3418. */
const SYSTEM = scalars("system", "snmp.system", [
  { name: "sysDescr", oid: "1.3.6.1.2.1.1.1.0", type: "text", description: "What the device is" },
  {
    name: "sysUpTime",
    oid: "1.3.6.1.2.1.1.3.0",
    type: "ticks",
    unit: "1/100 s",
    description: "Since the agent started",
  },
  { name: "sysContact", oid: "1.3.6.1.2.1.1.4.0", type: "text", description: "Whom to ask about it" },
  { name: "sysName", oid: "1.3.6.1.2.1.1.5.0", type: "text", description: "The name it has" },
  { name: "sysLocation", oid: "1.3.6.1.2.1.1.6.0", type: "text", description: "Where it stands" },
]);

/** HOST-RESOURCES-MIB, RFC 2790. */
const CPU = columns("cpu", "snmp.cpu", [
  {
    name: "hrProcessorLoad",
    oid: "1.3.6.1.2.1.25.3.3.1.2",
    type: "gauge",
    unit: "percent",
    description: "How busy a processor was over the last minute",
    threshold: { kind: "snmp.cpu", field: "snmp.cpu.percent", warning: 70, critical: 90 },
  },
]);

const MEMORY = [
  ...scalars("memory", "snmp.memory", [
    { name: "hrMemorySize", oid: "1.3.6.1.2.1.25.2.2.0", type: "gauge", unit: "KiB", description: "Main memory" },
  ]),
  ...columns("memory", "snmp.storage", [
    {
      name: "hrStorageType",
      oid: "1.3.6.1.2.1.25.2.3.1.2",
      type: "oid",
      names: STORAGE_TYPES,
      isHelper: true,
      description: "What a storage area is: ram, fixed_disk, ...",
    },
    {
      name: "hrStorageDescr",
      oid: "1.3.6.1.2.1.25.2.3.1.3",
      type: "text",
      needs: ["hrStorageType"],
      description: "Name of a storage area: a mount point, or a kind of memory",
    },
    {
      name: "hrStorageAllocationUnits",
      oid: "1.3.6.1.2.1.25.2.3.1.4",
      type: "gauge",
      unit: "bytes",
      needs: ["hrStorageType", "hrStorageDescr"],
      description: "What one unit of size and use is",
    },
    {
      name: "hrStorageSize",
      oid: "1.3.6.1.2.1.25.2.3.1.5",
      type: "gauge",
      unit: "units",
      needs: ["hrStorageType", "hrStorageDescr", "hrStorageAllocationUnits"],
      description: "Size of a storage area",
    },
    {
      name: "hrStorageUsed",
      oid: "1.3.6.1.2.1.25.2.3.1.6",
      type: "gauge",
      unit: "units",
      needs: ["hrStorageType", "hrStorageDescr", "hrStorageAllocationUnits", "hrStorageSize"],
      description: "What of it is in use",
      threshold: {
        kind: "snmp.storage",
        field: "snmp.storage.percent",
        warning: 80,
        critical: 95,
        only: { field: "snmp.storage.type", values: STORAGE_TYPES_OF_FILES },
      },
    },
  ]),
];

/** UCD-DISKIO-MIB, of Net-SNMP. */
const DISK = columns("disk", "snmp.disk", [
  { name: "diskIODevice", oid: "1.3.6.1.4.1.2021.13.15.1.1.2", type: "text", description: "Name of a block device" },
  {
    name: "diskIOReads",
    oid: "1.3.6.1.4.1.2021.13.15.1.1.5",
    type: "counter32",
    needs: ["diskIODevice", "sysUpTime"],
    description: "Reads from it",
    measure: { kind: "snmp.disk", field: "snmp.disk.reads_per_second" },
  },
  {
    name: "diskIOWrites",
    oid: "1.3.6.1.4.1.2021.13.15.1.1.6",
    type: "counter32",
    needs: ["diskIODevice", "sysUpTime"],
    description: "Writes to it",
    measure: { kind: "snmp.disk", field: "snmp.disk.writes_per_second" },
  },
]);

/** What tells which interface a row is, and what a counter of it needs. */
const INTERFACE_NAME = ["ifName", "ifDescr"];
const INTERFACE_COUNTER = [...INTERFACE_NAME, "sysUpTime", "ifCounterDiscontinuityTime"];
const INTERFACE_OCTETS = [...INTERFACE_COUNTER, "ifType", "ifSpeed", "ifHighSpeed"];

/** IF-MIB, RFC 2863: ifTable and ifXTable, which have their rows in common. */
const INTERFACES = columns("network_interfaces", "snmp.interface", [
  {
    name: "ifDescr",
    oid: "1.3.6.1.2.1.2.2.1.2",
    type: "text",
    needs: ["ifName"],
    description: "An interface in the maker's words",
  },
  {
    name: "ifType",
    oid: "1.3.6.1.2.1.2.2.1.3",
    type: "choice",
    names: INTERFACE_TYPES,
    needs: INTERFACE_NAME,
    description: "What it is: ethernet, loopback, ...",
  },
  {
    name: "ifSpeed",
    oid: "1.3.6.1.2.1.2.2.1.5",
    type: "gauge",
    unit: "bit/s",
    needs: [...INTERFACE_NAME, "ifHighSpeed"],
    description: "How fast it is",
  },
  {
    name: "ifAdminStatus",
    oid: "1.3.6.1.2.1.2.2.1.7",
    type: "choice",
    names: ADMIN_STATUS,
    isHelper: true,
    description: "What it should be",
  },
  {
    name: "ifOperStatus",
    oid: "1.3.6.1.2.1.2.2.1.8",
    type: "choice",
    names: OPER_STATUS,
    needs: [...INTERFACE_NAME, "ifAdminStatus"],
    description: "What it is: up, down, ...",
  },
  {
    name: "ifInOctets",
    oid: "1.3.6.1.2.1.2.2.1.10",
    type: "counter32",
    unit: "bytes",
    needs: [...INTERFACE_OCTETS, "ifHCInOctets"],
    description: "Bytes received",
    measure: { kind: "snmp.interface", field: "snmp.interface.in.bytes_per_second" },
  },
  {
    name: "ifInErrors",
    oid: "1.3.6.1.2.1.2.2.1.14",
    type: "counter32",
    needs: INTERFACE_COUNTER,
    description: "Packets received with errors",
    threshold: {
      kind: "snmp.interface",
      field: "snmp.interface.in.errors_increase",
      warning: 100,
      critical: 1_000,
    },
  },
  {
    name: "ifOutOctets",
    oid: "1.3.6.1.2.1.2.2.1.16",
    type: "counter32",
    unit: "bytes",
    needs: [...INTERFACE_OCTETS, "ifHCOutOctets"],
    description: "Bytes sent",
    measure: { kind: "snmp.interface", field: "snmp.interface.out.bytes_per_second" },
  },
  {
    name: "ifOutErrors",
    oid: "1.3.6.1.2.1.2.2.1.20",
    type: "counter32",
    needs: INTERFACE_COUNTER,
    description: "Packets that could not be sent",
    threshold: {
      kind: "snmp.interface",
      field: "snmp.interface.out.errors_increase",
      warning: 100,
      critical: 1_000,
    },
  },
  { name: "ifName", oid: "1.3.6.1.2.1.31.1.1.1.1", type: "text", isHelper: true, description: "Its short name" },
  {
    name: "ifHCInOctets",
    oid: "1.3.6.1.2.1.31.1.1.1.6",
    type: "counter64",
    unit: "bytes",
    isHelper: true,
    description: "Bytes received, in 64 bits",
  },
  {
    name: "ifHCOutOctets",
    oid: "1.3.6.1.2.1.31.1.1.1.10",
    type: "counter64",
    unit: "bytes",
    isHelper: true,
    description: "Bytes sent, in 64 bits",
  },
  {
    name: "ifHighSpeed",
    oid: "1.3.6.1.2.1.31.1.1.1.15",
    type: "gauge",
    unit: "Mbit/s",
    isHelper: true,
    description: "How fast it is, where that is past what ifSpeed can say",
  },
  {
    name: "ifCounterDiscontinuityTime",
    oid: "1.3.6.1.2.1.31.1.1.1.19",
    type: "ticks",
    unit: "1/100 s",
    isHelper: true,
    description: "When its counters last started again, by sysUpTime",
  },
]);

const PROCESSES = columns("processes", "snmp.process", [
  { name: "hrSWRunName", oid: "1.3.6.1.2.1.25.4.2.1.2", type: "text", description: "Name of a process" },
  {
    name: "hrSWRunPath",
    oid: "1.3.6.1.2.1.25.4.2.1.4",
    type: "text",
    needs: ["hrSWRunName"],
    description: "Where its program is",
  },
  {
    name: "hrSWRunParameters",
    oid: "1.3.6.1.2.1.25.4.2.1.5",
    type: "text",
    needs: ["hrSWRunName"],
    isOptIn: true,
    description: "Its arguments, in which secrets can stand",
  },
  {
    name: "hrSWRunStatus",
    oid: "1.3.6.1.2.1.25.4.2.1.7",
    type: "choice",
    names: RUN_STATUS,
    needs: ["hrSWRunName"],
    description: "running, runnable, not_runnable or invalid",
  },
  {
    name: "hrSWRunPerfCPU",
    oid: "1.3.6.1.2.1.25.5.1.1.1",
    type: "gauge",
    unit: "1/100 s",
    needs: ["hrSWRunName", "sysUpTime"],
    description: "CPU time it has had",
    measure: { kind: "snmp.process", field: "process.cpu.percent" },
  },
]);

/** UCD-SNMP-MIB, of Net-SNMP: rows 1, 2 and 3 of laTable. */
const LOAD = scalars("system_load", "snmp.load", [
  {
    name: "laLoad1",
    oid: "1.3.6.1.4.1.2021.10.1.3.1",
    type: "decimal",
    description: "Load average over 1 minute",
    threshold: { kind: "snmp.load", field: "snmp.load.1", warning: 4, critical: 8 },
  },
  {
    name: "laLoad5",
    oid: "1.3.6.1.4.1.2021.10.1.3.2",
    type: "decimal",
    description: "Load average over 5 minutes",
    measure: { kind: "snmp.load", field: "snmp.load.5" },
  },
  {
    name: "laLoad15",
    oid: "1.3.6.1.4.1.2021.10.1.3.3",
    type: "decimal",
    description: "Load average over 15 minutes",
    measure: { kind: "snmp.load", field: "snmp.load.15" },
  },
]);

/** Every object there is, helpers included. */
export const OBJECTS: readonly ObjectDefinition[] = [
  ...SYSTEM,
  ...CPU,
  ...MEMORY,
  ...DISK,
  ...INTERFACES,
  ...PROCESSES,
  ...LOAD,
];

const BY_NAME: ReadonlyMap<string, ObjectDefinition> = new Map(OBJECTS.map((object) => [object.name, object]));

/** An object of the list by its name, or `undefined`. */
export function objectNamed(name: string): ObjectDefinition | undefined {
  return BY_NAME.get(name);
}

/** The name of a value of an object that has names; `undefined` where it has none. What devices send may be any text. */
export function nameOfValue(object: ObjectDefinition | undefined, value: string): string | undefined {
  const names = object?.names;
  return names !== undefined && Object.hasOwn(names, value) ? names[value] : undefined;
}

/** What a threshold on an object is held against, or `undefined` when it is nothing that has one. */
export function measureOf({ threshold, measure }: ObjectDefinition): Measure | undefined {
  return threshold ?? measure;
}

/** Every metric: an object that can be chosen and is counted. */
export const METRICS: readonly ObjectDefinition[] = OBJECTS.filter(({ isHelper }) => isHelper !== true);

/** Names of a category's metrics that are on when the category is: all that are not on by name only. */
export function metricsOfCategory(category: string): string[] {
  return METRICS.filter((metric) => metric.category === category && metric.isOptIn !== true).map(({ name }) => name);
}
