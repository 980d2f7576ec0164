/** Which objects a device is asked for: a profile, what users turn on and off, and what the chosen ones need. */

import { METRICS, metricsOfCategory, type ObjectDefinition, objectNamed } from "./objects.ts";
import { metricsOf, type Profile } from "./profile.ts";
import type { OwnObject } from "./schema.ts";

/** What users choose, once for all devices and once for each. */
export interface Choice {
  readonly profile?: Profile | undefined;
  /** Categories and metrics. A metric's name counts for more than its category. */
  readonly enable: readonly string[];
  readonly disable: readonly string[];
}

/** The event that an object of the configuration's own is told in. */
export const OWN_KIND = "snmp.object";

/** An object of the configuration's own as one of the metric list. */
export function ownObject(name: string, { oid, category, type, unit, table, label }: OwnObject): ObjectDefinition {
  const field = type.startsWith("counter") ? "snmp.object.per_second" : "snmp.object.value";
  return {
    name,
    oid,
    category,
    type,
    kind: OWN_KIND,
    shape: table ? "column" : "scalar",
    description: `${name} of the configuration`,
    ...(unit === undefined ? {} : { unit }),
    ...(label === undefined ? {} : { needs: [label] }),
    ...(type === "text"
      ? {}
      : { measure: { kind: OWN_KIND, field, only: { field: "snmp.object.name", values: [name] } } }),
  };
}

/** The configuration's own objects. */
export function ownObjects(objects: Readonly<Record<string, OwnObject>>): ObjectDefinition[] {
  return Object.entries(objects).map(([name, object]) => ownObject(name, object));
}

/**
 * Names of the chosen metrics, in the order of the metric list, the configuration's own last: what the profile has, with what
 * is enabled and without what is disabled, first for all devices, then for this one. `own`: on from the start.
 */
export function chosenMetrics(
  all: Choice & { readonly profile: Profile },
  device: Choice | undefined,
  own: readonly ObjectDefinition[],
): string[] {
  const metrics = [...METRICS, ...own];
  const chosen = new Set([...metricsOf(device?.profile ?? all.profile), ...own.map(({ name }) => name)]);
  const names = new Set(metrics.map(({ name }) => name));
  for (const choice of device === undefined ? [all] : [all, device]) {
    const under = (category: string) => [
      ...metricsOfCategory(category),
      ...own.filter((object) => object.category === category).map(({ name }) => name),
    ];
    const isCategory = (choice: string) => !names.has(choice);
    for (const category of choice.enable.filter(isCategory)) for (const name of under(category)) chosen.add(name);
    for (const category of choice.disable.filter(isCategory)) for (const name of under(category)) chosen.delete(name);
    for (const name of choice.enable) if (names.has(name)) chosen.add(name);
    for (const name of choice.disable) chosen.delete(name);
  }
  return metrics.filter(({ name }) => chosen.has(name)).map(({ name }) => name);
}

/** A table as it is walked: the columns that tell one kind of event. */
export interface TableSelection {
  readonly kind: string;
  readonly columns: readonly ObjectDefinition[];
}

/** What is asked for. */
export interface Selection {
  /** Metrics chosen; what else is in the lists is needed by one of them. */
  readonly metrics: ReadonlySet<string>;
  readonly scalars: readonly ObjectDefinition[];
  readonly tables: readonly TableSelection[];
}

/** Asked of every device: whether it started anew, and what it is called. */
const ALWAYS = ["sysUpTime", "sysName"];

/** The objects behind chosen metrics, with all that they need. */
export function selectionOf(metrics: readonly string[], own: readonly ObjectDefinition[]): Selection {
  const ownByName = new Map(own.map((object) => [object.name, object]));
  const objects = new Map<string, ObjectDefinition>();
  const add = (name: string) => {
    const object = objectNamed(name) ?? ownByName.get(name);
    if (object === undefined || objects.has(name)) return;
    objects.set(name, object);
    for (const needed of object.needs ?? []) add(needed);
  };
  for (const name of [...ALWAYS, ...metrics]) add(name);
  const columns = [...objects.values()].filter(({ shape }) => shape === "column");
  const tables = [...new Set(columns.map(tableOf))];
  return {
    metrics: new Set(metrics),
    scalars: [...objects.values()].filter(({ shape }) => shape === "scalar"),
    tables: tables.map((table) => ({
      kind: table.split(":")[0] ?? table,
      columns: columns.filter((column) => tableOf(column) === table),
    })),
  };
}

/** What tells tables apart: columns of one kind are one, those of the configuration's own go by what stands before their number. */
function tableOf({ kind, oid }: ObjectDefinition): string {
  return kind === OWN_KIND ? `${kind}:${oid.slice(0, oid.lastIndexOf("."))}` : kind;
}
